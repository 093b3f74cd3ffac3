"""RTSP: gst-rtsp-server as the camera, and servers that misbehave."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
import pytest

from octolab.capture import CameraReader, open_camera, snapshot
from octolab.errors import BadInput, OctolabError, Refused, Unavailable

USER, PASSWORD = "us@er", "p@ss:#?%w/ü"


def test_an_rtsp_camera_gives_pictures_with_their_time(rtsp: Callable[..., Any]) -> None:
    with open_camera(rtsp().url) as stream:
        assert (stream.info.width, stream.info.height) == (640, 360)
        assert (stream.info.fps, stream.info.codec, stream.info.has_audio) == (15.0, "h264", True)
        first, second = stream.read(), stream.read()
    assert first.image.shape == (360, 640, 3)
    assert first.image.dtype == "uint8"
    assert first.image.max() > 200
    assert first.at.utcoffset() == timedelta(0)
    assert first.at < second.at <= datetime.now(UTC)
    assert first.uncertainty_s is not None


def test_video_may_come_by_udp(rtsp: Callable[..., Any]) -> None:
    with open_camera(rtsp().url, settings={"rtsp_transport": "udp"}) as stream:
        assert stream.read().image.shape == (360, 640, 3)
    with pytest.raises(BadInput, match="tcp or udp"):
        open_camera("rtsp://127.0.0.1/cam", settings={"rtsp_transport": "pigeon"})


@pytest.mark.parametrize("kind", ["digest", "basic"])
def test_a_login_with_odd_characters_is_understood(rtsp: Callable[..., Any], kind: str) -> None:
    with open_camera(rtsp(kind).url, user=USER, password=PASSWORD) as stream:
        assert stream.read().image.shape == (360, 640, 3)


def test_credentials_in_the_url_do_as_well(rtsp: Callable[..., Any]) -> None:
    url = rtsp("digest").url.replace("//", "//us%40er:p%40ss%3A%23%3F%25w%2F%C3%BC@")
    with open_camera(url) as stream:
        assert PASSWORD not in repr(stream)
        assert "p%40ss" not in repr(stream)
        assert stream.read().image.shape == (360, 640, 3)


@pytest.mark.parametrize("kind", ["digest", "basic"])
def test_a_wrong_password_is_refused_and_not_told(
    rtsp: Callable[..., Any], kind: str, assert_keeps_secret: Callable[..., None]
) -> None:
    url = rtsp(kind).url
    with pytest.raises(Refused, match="refuses this user and password") as told:
        open_camera(url, user=USER, password="t0p-secret")
    assert_keeps_secret(told.value, "t0p-secret")
    with pytest.raises(Refused, match="asks for a user and a password"):
        open_camera(url)


def test_a_path_the_camera_does_not_know_is_said(rtsp: Callable[..., Any]) -> None:
    with pytest.raises(Unavailable, match="check the path"):
        open_camera(rtsp().url + "era-two")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("fault", "limit_s", "said"),
    [
        ("mute", 2.0, "did not answer within"),
        ("drip", 2.0, "did not answer within"),
        ("garbage", 20.0, "no video"),
        ("hangs up", 20.0, "no video"),
        ("web page", 20.0, "no video"),
        ("half an answer", 2.0, "did not answer within"),
        ("no packets", 2.0, "did not answer within|no video"),
    ],
)
def test_a_broken_server_is_told_in_time(
    listen: Callable[..., Any],
    fault: str,
    limit_s: float,
    said: str,
    assert_keeps_secret: Callable[..., None],
) -> None:
    url = f"rtsp://admin:t0p-secret@127.0.0.1:{listen(fault).port}/cam?token=t0p-secret"
    with pytest.raises(Unavailable, match=said) as told:
        open_camera(url, open_timeout_s=limit_s, read_timeout_s=1.0)
    assert_keeps_secret(told.value, "t0p-secret")


@pytest.mark.timeout(20)
def test_the_usual_limits_end_within_ten_seconds_too(
    listen: Callable[..., Any], assert_keeps_secret: Callable[..., None]
) -> None:
    with pytest.raises(Unavailable) as told:
        snapshot(f"rtsp://admin:t0p-secret@127.0.0.1:{listen('no packets').port}/cam")
    assert_keeps_secret(told.value, "t0p-secret")


@pytest.mark.timeout(30)
def test_a_port_where_nothing_listens_is_told(assert_keeps_secret: Callable[..., None]) -> None:
    with pytest.raises(Unavailable, match=r"nothing listens at rtsp://127\.0\.0\.1:1/cam") as told:
        open_camera("rtsp://admin:t0p-secret@127.0.0.1:1/cam")
    assert_keeps_secret(told.value, "t0p-secret")


@pytest.mark.timeout(30)
def test_a_host_that_swallows_everything_is_told(
    assert_keeps_secret: Callable[..., None],
) -> None:
    with pytest.raises(Unavailable) as told:  # 192.0.2.0/24 is for documentation: nobody is there
        open_camera("rtsp://admin:t0p-secret@192.0.2.1:554/cam", open_timeout_s=1.0)
    assert_keeps_secret(told.value, "t0p-secret")


@pytest.mark.timeout(30)
def test_a_name_that_does_not_exist_is_told(assert_keeps_secret: Callable[..., None]) -> None:
    with pytest.raises(Unavailable, match=r"the name nowhere\.invalid") as told:
        open_camera("rtsp://admin:t0p-secret@nowhere.invalid/cam")
    assert_keeps_secret(told.value, "t0p-secret")


def test_a_redirect_is_followed_only_where_the_camera_could_be(
    listen: Callable[..., Any], rtsp: Callable[..., Any]
) -> None:
    forbidden = listen(lambda connection: connection.recv(100))

    def redirect(to: str) -> str:
        answer = f"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: {to}\r\n\r\n".encode()

        def serve(connection: Any) -> None:
            connection.recv(4096)
            connection.sendall(answer)

        return f"rtsp://127.0.0.1:{listen(serve).port}/cam"

    def take(to: str) -> Any:
        own = {forbidden.port}
        return snapshot(redirect(to), purpose="snapshot", own_ports=own).image

    assert take(rtsp().url).shape == (360, 640, 3)
    with pytest.raises(Refused, match="never opened"):
        take("rtsp://169.254.169.254/latest")
    with pytest.raises(Refused, match="OctoLab itself"):
        take(f"rtsp://localhost:{forbidden.port}/")
    with pytest.raises(Refused, match="never opened"):
        take("http://127.0.0.1/")
    assert forbidden.connections == []


def test_a_redirect_that_libav_alone_is_given_is_not_followed_either(
    listen: Callable[..., Any],
) -> None:
    """The camera is kind to whoever begins with a DESCRIBE, as only a check of ours does."""
    forbidden = listen(lambda connection: connection.recv(100))

    def serve(connection: Any) -> None:
        while request := connection.recv(4096).decode():
            number = request.partition("CSeq: ")[2].partition("\r\n")[0]
            moved = "DESCRIBE" in request and number != "1"
            status = "302 Found" if moved else "200 OK"
            to = f"Location: rtsp://127.0.0.1:{forbidden.port}/x\r\n" if moved else ""
            connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{to}\r\n".encode())

    url = f"rtsp://127.0.0.1:{listen(serve).port}/cam"
    with pytest.raises(Refused, match="OctoLab itself"):
        snapshot(url, purpose="snapshot", own_ports={forbidden.port})
    assert forbidden.connections == []


def test_a_redirect_of_a_camera_that_was_added_is_checked_too(listen: Callable[..., Any]) -> None:
    forbidden = listen(lambda connection: connection.recv(100))

    def serve(connection: Any) -> None:
        connection.recv(4096)
        to = f"rtsp://127.0.0.1:{forbidden.port}/x"
        connection.sendall(f"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: {to}\r\n\r\n".encode())

    with pytest.raises(Refused, match="OctoLab itself"):
        open_camera(f"rtsp://127.0.0.1:{listen(serve).port}/cam", own_ports={forbidden.port})
    assert forbidden.connections == []


@pytest.mark.parametrize("purpose", ["camera", "snapshot"])
def test_credentials_do_not_follow_a_redirect_to_another_host(
    rtsp: Callable[..., Any], listen: Callable[..., Any], purpose: Any
) -> None:
    to = [rtsp("basic").url]

    def serve(connection: Any) -> None:
        connection.recv(4096)
        connection.sendall(f"RTSP/1.0 302 x\r\nCSeq: 1\r\nLocation: {to[0]}\r\n\r\n".encode())

    url = f"rtsp://127.0.0.1:{listen(serve).port}/cam"
    login = {"user": USER, "password": PASSWORD}
    assert snapshot(url, **login, purpose=purpose).image.shape == (360, 640, 3)
    to[0] = to[0].replace("127.0.0.1", "127.1")  # the same machine by another name
    with pytest.raises(Refused, match="asks for a user and a password"):
        snapshot(url, **login, purpose=purpose)


@pytest.mark.parametrize("kind", ["digest", "basic"])
def test_an_address_from_outside_opens_with_its_login(rtsp: Callable[..., Any], kind: str) -> None:
    taken = snapshot(rtsp(kind).url, user=USER, password=PASSWORD, purpose="snapshot")
    assert taken.image.shape == (360, 640, 3)


def test_an_address_from_outside_opens_over_a_secure_connection(
    rtsp: Callable[..., Any], listen: Callable[..., Any], tmp_path: Path
) -> None:
    certificate = tmp_path / "camera.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera"]
    command += ["-keyout", str(certificate), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", certificate)
    camera = urlsplit(rtsp().url)

    def serve(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as secure,
            socket.create_connection((camera.hostname, camera.port)) as plain,
        ):
            plain.settimeout(0.02)
            secure.settimeout(0.02)
            while True:
                for one, other in ((secure, plain), (plain, secure)):
                    try:
                        data = one.recv(65_536)
                    except TimeoutError:
                        continue
                    if not data:
                        return
                    other.sendall(data)

    url = f"rtsps://127.0.0.1:{listen(serve).port}{camera.path}"
    assert snapshot(url, purpose="snapshot").image.shape == (360, 640, 3)


@pytest.mark.timeout(60)
def test_a_camera_that_hangs_up_is_told_from_one_without_video(rtsp: Callable[..., Any]) -> None:
    camera = rtsp()
    with open_camera(camera.url) as stream:
        stream.read()
        camera.kill()

        def read_on() -> None:
            while True:
                stream.read()

        with pytest.raises(Unavailable, match="closed the connection"):
            read_on()


@pytest.mark.timeout(60)
def test_a_camera_that_stalls_is_noticed(rtsp: Callable[..., Any]) -> None:
    camera = rtsp()
    with open_camera(camera.url, read_timeout_s=4.0) as stream:
        stream.read()
        camera.say("stall")

        def read_on() -> None:
            while True:
                stream.read()

        with pytest.raises(Unavailable, match=r"did not answer within 4 s|no video"):
            read_on()


def test_a_reader_comes_back_after_a_stall_and_after_being_dropped(
    rtsp: Callable[..., Any],
) -> None:
    camera = rtsp()
    states: list[str] = []
    changed = threading.Condition()

    def note(state: Any) -> None:
        with changed:
            states.append(state.state)
            changed.notify_all()

    def wait_for(*wanted: str) -> None:
        with changed:
            assert changed.wait_for(lambda: tuple(states[-len(wanted) :]) == wanted, 30), states

    with CameraReader(camera.url, read_timeout_s=4.0, on_state=note) as reader:
        assert reader.latest(60).image.shape == (360, 640, 3)
        assert reader.error is None
        camera.say("stall")
        with changed:
            assert changed.wait_for(lambda: "stalled" in states, 60)
        camera.say("resume")
        with changed:
            assert changed.wait_for(lambda: states[-1] == "live", 60)
        count = states.count("live")
        camera.say("kick")
        with changed:
            assert changed.wait_for(lambda: states.count("live") > count, 60)
        assert reader.latest(60).image.shape == (360, 640, 3)
        assert reader.error is None
    wait_for("off")


def test_a_camera_is_recorded_without_decoding(
    rtsp: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    recorded: Callable[..., None],
) -> None:
    from octolab.capture import packets

    def never(self: Any, arrival: Any) -> None:
        raise AssertionError("decoded")

    with CameraReader(rtsp().url) as reader:
        reader.latest(60)
        reader._wanted_until = 0.0
        while reader._decoder is not None:
            reader._quit.wait(0.01)
        monkeypatch.setattr(packets.Decoder, "decode", never)
        asked = datetime.now(UTC)
        reader.start_recording(tmp_path / "clip.mp4")
        with pytest.raises(OctolabError, match="being recorded already"):
            reader.start_recording(tmp_path / "other.mp4")
        recorded(tmp_path / "clip.mp4", 4)
        clip = reader.stop_recording()
        lasted = datetime.now(UTC) - clip.started_at
    assert (clip.width, clip.height) == (640, 360)
    # it began with a keyframe, of which one comes each second unless the machine stalls
    assert abs(clip.started_at - asked) < timedelta(seconds=10)
    assert 3.0 < clip.duration_s < lasted.total_seconds() + 10
    with av.open(str(clip.path)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        assert film.streams.audio[0].codec_context.name == "aac"
        frames = list(film.decode(video=0))
        assert frames[0].key_frame
    times = [float(frame.pts * frame.time_base) for frame in frames]
    # RTSP may give the first picture, and only it, no time of its own: it is shown until the next
    untimed = times[1] - times[0] < 0.03
    assert len(times) - untimed == round(clip.duration_s * 15)


def test_a_recording_goes_on_when_the_camera_comes_back(
    rtsp: Callable[..., Any], tmp_path: Path, recorded: Callable[..., None]
) -> None:
    camera = rtsp()
    live = threading.Semaphore(0)
    with CameraReader(
        camera.url, on_state=lambda s: live.release() if s.state == "live" else None
    ) as reader:
        assert live.acquire(timeout=60)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 2)
        camera.say("kick")
        assert live.acquire(timeout=60)
        recorded(tmp_path / "clip.mp4", 5)
        clip = reader.stop_recording()
    with av.open(str(clip.path)) as film:
        times = [packet.dts for packet in film.demux(video=0) if packet.dts is not None]
    assert times == sorted(set(times))
    assert len(times) > 15
    assert clip.duration_s > 2.5
