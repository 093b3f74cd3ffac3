"""Which addresses may be opened, and keeping credentials out of sight."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from octolab.capture import check_url, redact, split_credentials
from octolab.capture.addresses import place, resolve
from octolab.errors import BadInput, Refused, Unavailable


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names that resolve to what the test says; numbers go to the system as ever."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def fake(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host in known:
            return [e for to in known[host] for e in real(to, port, *rest, **more)]
        return real(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    return known


@pytest.mark.parametrize(
    ("url", "clean", "user", "password"),
    [
        ("rtsp://host/cam", "rtsp://host/cam", None, None),
        ("rtsp://me:word@host:8554/cam?x=1", "rtsp://host:8554/cam?x=1", "me", "word"),
        ("http://me@host/", "http://host/", "me", None),
        ("http://u%40x:p%3A%2F%23@host/", "http://host/", "u@x", "p:/#"),
        ("http://u:p@ss@host/", "http://host/", "u", "p@ss"),
        ("http://me:@[::1]:80/", "http://[::1]:80/", "me", ""),
        ("synthetic://plant?seed=3", "synthetic://plant?seed=3", None, None),
        # as people paste them
        ("rtsp://me:pa#ss@192.168.1.9/x", "rtsp://192.168.1.9/x", "me", "pa#ss"),
        ("rtsp://me:s3c/ret?@host:554/x", "rtsp://host:554/x", "me", "s3c/ret?"),
        ("rtsp://me:70000/1@host/x", "rtsp://host/x", "me", "70000/1"),
        ("rtsp://you me:two words@host/x", "rtsp://host/x", "you me", "two words"),
        ("http://host/cgi?mail=a@b", "http://host/cgi?mail=a@b", None, None),
        ("http://me@host/cgi?mail=a@b", "http://host/cgi?mail=a@b", "me", None),
        ("file:///C:/a/me@x.mp4", "file:///C:/a/me@x.mp4", None, None),
    ],
)
def test_credentials_are_taken_out_of_a_url(
    url: str, clean: str, user: str | None, password: str | None
) -> None:
    assert split_credentials(url) == (clean, user, password)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("rtsp://me:secret@host/cam failed", "rtsp://***@host/cam failed"),
        ("'http://me:se:cr@et@host'", "'http://***@host'"),
        ("http://host/v?user=me&pwd=secret&x=1", "http://host/v?user=***&pwd=***&x=1"),
        ("http://host/v?Token=secret", "http://host/v?Token=***"),
        ("rtsp://a:secret@one and RTSP://b:secret@two", "rtsp://***@one and RTSP://***@two"),
        ("nothing to hide: a@b.example", "nothing to hide: a@b.example"),
        ("no rtsp://me:it's a #secret/?@host/cam", "no rtsp://***@host/cam"),
        (
            "rtsp://host/user=admin_password=tl_Jwp_channel=1_stream=0.sdp",
            "rtsp://host/user=***_password=***_channel=1_stream=0.sdp",
        ),
        (
            "rtsp://host/user=admin&password=secret&channel=1",
            "rtsp://host/user=***&password=***&channel=1",
        ),
    ],
)
def test_credentials_in_a_text_are_hidden(text: str, safe: str) -> None:
    assert redact(text) == safe


def test_people_see_a_url_without_credentials_and_query() -> None:
    assert place("rtsp://me:secret@host:554/cam?auth=secret#x") == "rtsp://host:554/cam"
    assert place("rtsp://host/user=me_password=secret_channel=1") == (
        "rtsp://host/user=***_password=***_channel=1"
    )


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://admin:1234/secret@host",  # port 1234 of the host "admin", or a password?
        "rtsp://user:s3c@secret#pw@host",
        "http://user:secret@host/x?mail=a@b",
    ],
)
def test_a_password_that_may_end_in_two_places_is_to_be_given_apart(url: str) -> None:
    with pytest.raises(BadInput, match="user=, password=") as told:
        split_credentials(url)
    assert "secret" not in str(told.value)
    assert "1234" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://192.168.1.20:554/stream",
        "http://10.0.0.7/video.mjpg",
        "https://172.16.3.4/",
        "rtsps://[fd12:3456:789a::1]/cam",
        "http://127.0.0.1:8080/cam",
        "http://localhost:8080/cam",
        "http://[::1]:8080/cam",
        "http://93.184.216.34/cam",
    ],
)
def test_cameras_live_in_the_local_network_and_elsewhere(url: str) -> None:
    assert check_url(url, purpose="snapshot", own_ports={8000}) == url


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.1.2",
        "2852039166",  # 169.254.169.254 in one number
        "0xA9FEA9FE",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[::169.254.169.254]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "0",
        "[::]",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
        "240.0.0.1",
    ],
)
@pytest.mark.parametrize("purpose", ["camera", "snapshot"])
def test_link_local_metadata_and_special_addresses_are_never_opened(
    host: str, purpose: Any
) -> None:
    with pytest.raises(Refused, match="never opened"):
        check_url(f"http://{host}/latest/meta-data/", purpose=purpose)


def test_full_width_digits_are_digits() -> None:
    with pytest.raises((Refused, BadInput)):
        check_url("http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.8.9.10",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_our_own_ports_are_never_opened(host: str) -> None:
    with pytest.raises(Refused, match="OctoLab itself"):
        check_url(f"http://{host}:8000/", own_ports={8000, 8888})


def test_our_own_ports_count_on_every_address_of_this_machine() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells the address packets would leave by
        address = probe.getsockname()[0]
    with pytest.raises(Refused, match="OctoLab itself"):
        check_url(f"http://{address}:8000/", own_ports={8000})
    check_url(f"http://{address}:8001/", own_ports={8000})


def test_the_default_port_counts_too() -> None:
    with pytest.raises(Refused, match="OctoLab itself"):
        check_url("http://127.0.0.1/", own_ports={80})
    with pytest.raises(Refused, match="OctoLab itself"):
        check_url("rtsp://127.0.0.1/", own_ports={554})


def test_a_name_is_as_good_as_the_worst_address_it_leads_to(names: dict[str, list[str]]) -> None:
    names["metadata.example"] = ["169.254.169.254"]
    names["half.example"] = ["192.168.1.20", "fe80::1"]
    names["camera.example"] = ["192.168.1.20"]
    for host in ("metadata.example", "half.example"):
        with pytest.raises(Refused, match="never opened"):
            check_url(f"rtsp://{host}/")
    target = resolve("rtsp://me:word@camera.example/cam?x=1")
    assert target.addresses == ("192.168.1.20",)
    assert target.url == "rtsp://camera.example/cam?x=1"
    assert target.pinned("me", "w/d") == "rtsp://me:w%2Fd@192.168.1.20:554/cam?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "gopher://host/",
        "usb://0",
        "synthetic://plant",
        "data:image/png;base64,AAAA",
        "/etc/passwd",
        "host/cam",
        "",
        "javascript:alert(1)",
    ],
)
def test_a_snapshot_is_taken_by_rtsp_and_http_only(url: str) -> None:
    with pytest.raises(BadInput):
        check_url(url, purpose="snapshot")


@pytest.mark.parametrize("url", ["ftp://host/x", "gopher://host/", "dict://host/", "concat:a|b"])
def test_a_camera_is_none_of_these_either(url: str) -> None:
    with pytest.raises(BadInput, match="can't be opened here"):
        check_url(url)


@pytest.mark.parametrize("url", ["file:///clip.mp4", "usb://0", "synthetic://hive"])
def test_a_camera_may_be_a_file_a_device_or_drawn(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://good.example\\@169.254.169.254/",
        "http://host/a b",
        "http://host/\r\nX: y",
        "http://host:99999/",
        "http://[::1/",
        "http:///x",
        "rtsp://:554/x",
    ],
)
def test_a_url_that_can_be_read_in_two_ways_is_not_read_at_all(url: str) -> None:
    with pytest.raises(BadInput):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:secret@host name/",
        "rtsp://me:a\tsecret@host/",
        "rtsp://me:a#secret@host:99999/",
        "rtsp://me:a#secret@",
        "rtsp:me:secret@host/x",
        "me:secret@host/x",
        "me secret@host/x",
        "host/x?password=secret",
    ],
)
def test_an_error_about_a_url_hides_its_password(url: str) -> None:
    with pytest.raises(BadInput) as told:
        check_url(url)
    assert "secret" not in str(told.value) + repr(told.value)


def test_a_list_of_hosts_lets_only_those_through(names: dict[str, list[str]]) -> None:
    names["cam1.school.example"] = names["school.example"] = ["192.168.7.1"]
    names["evil-school.example"] = ["192.168.7.2"]
    allowed = ["*.school.example", "192.168.1.20", "10.1.0.0/16", "fd12::/16"]
    for host in (
        "cam1.school.example",
        "CAM1.School.example",
        "192.168.1.20",
        "10.1.2.3",
        "[fd12::5]",
    ):
        names.setdefault(host, names.get(host.lower(), [host.strip("[]")]))
        check_url(f"http://{host}/", allow_hosts=allowed)
    for host in ("evil-school.example", "school.example", "192.168.1.21", "10.2.0.1"):
        with pytest.raises(Refused, match="list of allowed hosts"):
            check_url(f"http://{host}/", allow_hosts=allowed)
    with pytest.raises(Refused, match="list of allowed hosts"):
        check_url("http://192.168.1.20/", allow_hosts=[])


def test_no_list_lifts_the_ban(names: dict[str, list[str]]) -> None:
    names["cam.example"] = ["169.254.169.254"]
    with pytest.raises(Refused, match="never opened"):
        check_url("http://cam.example/", allow_hosts=["cam.example", "169.254.169.254"])


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: go_on.wait(20) and [])
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"could not be looked up within 0\.2 s"):
        check_url("http://slow.example/", timeout_s=0.2)
    assert time.monotonic() - began < 10
    go_on.set()
