"""HTTP cameras: MJPEG and streams from the ffmpeg program, stills from a web server."""

from __future__ import annotations

import io
import socket
import ssl
import struct
import subprocess
import time
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from octolab.capture import CameraReader, encode_jpeg, open_camera, snapshot
from octolab.errors import BadInput, OctolabError, Refused, TooLarge, Unavailable

USER, PASSWORD = "us@er", "p@ss:#?%w/ü"
GRADIENT = np.dstack([np.tile(np.arange(0, 240, 2, dtype=np.uint8), (90, 1))] * 3)
JPEG = encode_jpeg(GRADIENT)


def test_mjpeg_from_ffmpeg_is_passed_on_as_it_is(ffmpeg_camera: Callable[..., str]) -> None:
    url = ffmpeg_camera("-f", "mpjpeg", content_type="multipart/x-mixed-replace;boundary=ffmpeg")
    with open_camera(url) as stream:
        assert (stream.info.width, stream.info.height) == (640, 360)
        assert stream.info.codec == "mjpeg"
        frames = [stream.read() for _ in range(10)]
    assert all(f.jpeg is not None and f.jpeg[:2] == b"\xff\xd8" for f in frames)
    assert all(f.image.shape == (360, 640, 3) for f in frames)
    assert len({f.jpeg for f in frames}) == 10


def test_mjpeg_without_a_usable_content_type_is_recognised(
    ffmpeg_camera: Callable[..., str],
) -> None:
    url = ffmpeg_camera("-f", "mpjpeg", content_type="application/octet-stream")
    with open_camera(url) as stream:
        assert stream.info.codec == "mjpeg"
        assert stream.read().image.shape == (360, 640, 3)


def test_an_mpeg_stream_over_http_is_read_too(ffmpeg_camera: Callable[..., str]) -> None:
    output = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-bf", "0", "-f", "mpegts")
    url = ffmpeg_camera(*output, content_type="video/mp2t")
    with open_camera(url) as stream:
        assert stream.info.codec == "h264"
        assert stream.read().image.shape == (360, 640, 3)


def test_a_live_mjpeg_camera_has_many_takers(
    ffmpeg_camera: Callable[..., str], tmp_path: Path, recorded: Callable[..., None]
) -> None:
    url = ffmpeg_camera("-f", "mpjpeg", content_type="multipart/x-mixed-replace;boundary=ffmpeg")
    with CameraReader(url) as reader:
        reader.latest(60)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 2)
        small = reader.jpeg(width=320)
        full = reader.jpeg()
        clip = reader.stop_recording()
    assert small is not None
    assert full is not None
    assert Image.open(io.BytesIO(small)).size == (320, 180)
    assert Image.open(io.BytesIO(full)).size == (640, 360)
    assert (clip.width, clip.height) == (640, 360)
    assert clip.duration_s > 1.0


def test_a_still_that_changes_is_asked_for_again(web: Any) -> None:
    web.page("/still.jpg", JPEG, "image/jpeg")
    with open_camera(web.url("/still.jpg"), settings={"fps": 20}) as stream:
        assert stream.info.codec == "mjpeg"
        assert stream.read().jpeg == JPEG
        assert stream.read().jpeg == JPEG
    assert web.asked == ["/still.jpg"] * 2


def test_a_png_is_a_picture_too(web: Any) -> None:
    buffer = io.BytesIO()
    Image.fromarray(GRADIENT).save(buffer, "PNG")
    frame = snapshot(web.page("/still", buffer.getvalue(), "application/octet-stream"))
    assert frame.jpeg is None
    assert np.array_equal(frame.image, GRADIENT)


@pytest.mark.parametrize("kind", ["basic", "digest"])
def test_a_login_over_http(web: Any, kind: str, assert_keeps_secret: Callable[..., None]) -> None:
    web.page("/still.jpg", JPEG, "image/jpeg")
    url = web.locked("/still.jpg", kind)
    assert snapshot(url, user=USER, password=PASSWORD).jpeg == JPEG
    with pytest.raises(Refused, match="refuses this user and password") as told:
        snapshot(url, user=USER, password="t0p-secret")
    assert_keeps_secret(told.value, "t0p-secret")
    with pytest.raises(Refused, match="asks for a user and a password"):
        snapshot(url)


def test_credentials_do_not_follow_a_redirect_to_another_host(web: Any) -> None:
    headers: list[str | None] = []

    def spy(request: BaseHTTPRequestHandler) -> None:
        headers.append(request.headers.get("Authorization"))
        request.send_error(401)

    web.pages["/spy"] = spy
    web.redirect("/moved", f"http://localhost:{web.port}/spy")
    with pytest.raises(Refused):
        snapshot(web.url("/moved"), user=USER, password=PASSWORD)
    assert headers == [None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(web: Any, status: int) -> None:
    web.page("/still.jpg", JPEG, "image/jpeg")
    assert snapshot(web.redirect("/moved", "/still.jpg", status)).jpeg == JPEG


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_a_redirect_to_a_forbidden_address_is_refused(web: Any, to: str) -> None:
    with pytest.raises(Refused, match="never opened"):
        snapshot(web.redirect("/moved", to), purpose="snapshot")


def test_a_redirect_to_our_own_port_is_refused(web: Any, listen: Callable[..., Any]) -> None:
    own = listen("mute")
    with pytest.raises(Refused, match="OctoLab itself"):
        snapshot(web.redirect("/moved", f"http://localhost:{own.port}/"), own_ports={own.port})
    assert own.connections == []


def test_redirects_in_a_circle_end(web: Any) -> None:
    with pytest.raises(Unavailable, match="again and again"):
        snapshot(web.redirect("/moved", "/moved"))


def test_the_address_that_was_checked_is_the_one_connected_to(
    web: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere the second time (DNS rebinding) gains nothing."""
    web.page("/still.jpg", JPEG, "image/jpeg")
    answers = iter(["127.0.0.1", "169.254.169.254"])
    real = socket.getaddrinfo

    def fake(host: str, *rest: Any, **more: Any) -> Any:
        return real(next(answers) if host == "camera.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fake)
    assert snapshot(f"http://camera.example:{web.port}/still.jpg").jpeg == JPEG


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>please log in</html>", "text/html"),
        (b"root:x:0:0:root:/root:/bin/bash\n", "image/jpeg"),
        (b'{"AccessKeyId": "AKIA..."}', "application/json"),
        (b"", "image/jpeg"),
        (b"\xff\xd8\xff" + b"secret text" * 50, "image/jpeg"),
        (JPEG[:20], "image/jpeg"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/x.ts\n", "application/octet-stream"),
    ],
)
def test_only_a_picture_is_passed_on(web: Any, body: bytes, kind: str) -> None:
    with pytest.raises((Unavailable, BadInput)):
        snapshot(web.page("/still.jpg", body, kind), purpose="snapshot")
    assert web.asked == ["/still.jpg"]


def test_an_image_bomb_is_turned_away_before_it_is_decoded(web: Any) -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99)))
    with pytest.raises(TooLarge):
        snapshot(web.page("/still.png", bomb, "image/png"))


def test_a_body_without_end_is_cut_off(web: Any) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        request.end_headers()
        request.close_connection = True
        while True:
            request.wfile.write(JPEG + bytes(1_000_000))

    web.pages["/still.jpg"] = endless
    with pytest.raises(TooLarge, match="sends too much"):
        snapshot(web.url("/still.jpg"))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("fault", ["mute", "drip", "garbage", "hangs up"])
def test_a_broken_web_camera_is_told_in_time(
    listen: Callable[..., Any], fault: str, assert_keeps_secret: Callable[..., None]
) -> None:
    url = f"http://admin:t0p-secret@127.0.0.1:{listen(fault).port}/video?pwd=t0p-secret"
    with pytest.raises(Unavailable) as told:
        open_camera(url, open_timeout_s=2.0)
    assert_keeps_secret(told.value, "t0p-secret")


@pytest.mark.timeout(30)
def test_a_body_that_drips_ends_with_the_whole_time_limit(web: Any) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        request.send_header("Content-Length", str(len(JPEG)))
        request.end_headers()
        for byte in JPEG:
            request.wfile.write(bytes([byte]))
            time.sleep(0.2)

    web.pages["/still.jpg"] = drip
    with pytest.raises(Unavailable, match="did not answer within 2 s"):
        snapshot(web.url("/still.jpg"), timeout_s=2.0)


@pytest.mark.parametrize("missing", [0, 1000])
def test_an_mjpeg_camera_that_hangs_up_is_told_from_one_without_video(
    web: Any, missing: int
) -> None:
    part = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n--x\r\n"

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
        request.send_header("Content-Length", str(len(part) + missing))
        request.end_headers()
        request.wfile.write(part)
        request.close_connection = True

    web.pages["/live"] = answer
    with open_camera(web.url("/live")) as stream:
        assert stream.read().jpeg == JPEG
        with pytest.raises(Unavailable, match="closed the connection"):
            stream.read()


@pytest.mark.timeout(30)
def test_an_mjpeg_camera_that_stalls_is_noticed(web: Any) -> None:
    def stall(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=--cut")
        request.end_headers()
        for _ in range(3):
            request.wfile.write(b"--cut\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n")
        time.sleep(25)

    web.pages["/live"] = stall
    with open_camera(web.url("/live"), read_timeout_s=3.0) as stream:
        assert stream.read().jpeg == JPEG
        assert stream.read().jpeg == JPEG  # the third has no end before a boundary comes
        with pytest.raises(Unavailable, match="did not answer within 3 s"):
            stream.read()


def test_a_camera_that_signed_its_own_certificate_must_be_trusted_by_name(
    listen: Callable[..., Any], tmp_path: Path, assert_keeps_secret: Callable[..., None]
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=camera", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(4096)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
            secure.sendall(head % len(JPEG) + JPEG)

    url = f"https://admin:t0p-secret@127.0.0.1:{listen(serve).port}/still.jpg"
    with pytest.raises(Unavailable, match="check its certificate") as told:
        snapshot(url)
    assert_keeps_secret(told.value, "t0p-secret")
    assert snapshot(url, settings={"verify_tls": False}).jpeg == JPEG


def test_statuses_are_told_apart(web: Any) -> None:
    with pytest.raises(Unavailable, match="check the path"):
        snapshot(web.url("/nothing"))
    with pytest.raises(Refused, match="refuses access"):
        snapshot(web.page("/forbidden", b"", "text/plain", 403))
    with pytest.raises(Unavailable, match="HTTP 500"):
        snapshot(web.page("/broken", b"", "text/plain", 500))


def test_an_error_names_the_place_without_its_query(web: Any) -> None:
    with pytest.raises(OctolabError) as told:
        snapshot(web.url("/nothing?user=me&pwd=t0p-secret", login="me:t0p-secret@"))
    assert str(told.value) == f"http://127.0.0.1:{web.port}/nothing is not there: check the path"
