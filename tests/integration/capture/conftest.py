"""Real cameras to capture from (gst-rtsp-server, ffmpeg, web servers), and broken ones."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import free_port

PEERS = Path(__file__).parent.parent / "peers"
USER, PASSWORD = "us@er", "p@ss:#?%w/ü"


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments], check=True)


VIDEO = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000")
X264 = (
    *("-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-bf", "0", "-g", "15"),
    *("-x264-params", "sliced-threads=0:slices=1", "-pix_fmt", "yuv420p"),
)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 640x360 at 15 fps, H.264 with a keyframe each second, and a tone in AAC."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    ffmpeg(*VIDEO, *TONE, "-t", "4", *X264, "-c:a", "aac", "-b:a", "48k", "-ac", "1", str(path))
    return path


@dataclass
class RtspPeer:
    """A running RTSP camera."""

    url: str
    process: subprocess.Popen[str]

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture(scope="module")
def rtsp(clip: Path) -> Iterator[Callable[..., RtspPeer]]:
    """Starts RTSP cameras: ``rtsp()``, ``rtsp("digest")``, ``rtsp("basic")``."""
    running: list[subprocess.Popen[str]] = []

    def start(login: str | None = None, film: Path = clip) -> RtspPeer:
        command = ["/usr/bin/python3", str(PEERS / "rtsp_server.py"), str(film)]
        if login:
            command += ["--login", login, "--user", USER, "--password", PASSWORD]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        return RtspPeer(f"rtsp://127.0.0.1:{int(process.stdout.readline())}/cam", process)

    yield start
    for process in running:
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


# --- broken servers --------------------------------------------------------------------------


def _mute(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(60)


def _drip(connection: socket.socket) -> None:
    connection.recv(4096)
    for byte in b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nX-Padding: " + b"a" * 10_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.3)


def _garbage(connection: socket.socket) -> None:
    connection.recv(4096)
    for _ in range(50):
        connection.sendall(os.urandom(4096))


def _hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


def _web_page(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def _sequence(request: bytes) -> bytes:
    found = re.search(rb"CSeq: *(\d+)", request, re.IGNORECASE)
    return b"CSeq: " + (found[1] if found else b"1") + b"\r\n"


def _half_answer(connection: socket.socket) -> None:
    while request := connection.recv(4096):
        head = b"RTSP/1.0 200 OK\r\n" + _sequence(request)
        if request.startswith(b"OPTIONS"):
            connection.sendall(head + b"Public: DESCRIBE, SETUP, PLAY\r\n\r\n")
        else:
            connection.sendall(
                head + b"Content-Type: application/sdp\r\nContent-Length: 5000\r\n\r\nv=0\r\n"
            )


SDP = (
    b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    b"a=rtpmap:96 H264/90000\r\na=control:track1\r\n"
)


def _no_packets(connection: socket.socket) -> None:
    """Says yes to everything and then sends no video."""
    while request := connection.recv(4096):
        head = b"RTSP/1.0 200 OK\r\n" + _sequence(request)
        if request.startswith(b"OPTIONS"):
            head += b"Public: DESCRIBE, SETUP, PLAY\r\n\r\n"
        elif request.startswith(b"DESCRIBE"):
            head += b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP) + SDP
        elif request.startswith(b"SETUP"):
            head += b"Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
        else:
            head += b"Session: 1\r\n\r\n"
        connection.sendall(head)


BROKEN: dict[str, Callable[[socket.socket], None]] = {
    "mute": _mute,
    "drip": _drip,
    "garbage": _garbage,
    "hangs up": _hang_up,
    "web page": _web_page,
    "half an answer": _half_answer,
    "no packets": _no_packets,
}


@dataclass
class Listener:
    """A TCP server on a port of its own, one thread a connection."""

    serve: Callable[[socket.socket], None]
    seen: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()


@pytest.fixture
def listen() -> Iterator[Callable[[Callable[[socket.socket], None] | str], Listener]]:
    """Starts a server of bytes: ``listen("mute")``, or ``listen(function of a socket)``."""
    running: list[Listener] = []

    def start(serve: Callable[[socket.socket], None] | str) -> Listener:
        listener = Listener(BROKEN[serve] if isinstance(serve, str) else serve)
        running.append(listener)
        return listener

    yield start
    for listener in running:
        listener.close()


# --- HTTP ----------------------------------------------------------------------------------------


def wait_until_listening(port: int) -> None:
    """Without connecting: ffmpeg serves one client only."""
    for _ in range(1200):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return
        time.sleep(0.05)
    pytest.fail("the peer does not listen")


@pytest.fixture
def ffmpeg_camera() -> Iterator[Callable[..., str]]:
    """The ffmpeg program as a camera over HTTP; gives its URL."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*output: str, content_type: str) -> str:
        port = free_port()
        url = f"http://127.0.0.1:{port}/live"
        command = [
            *("ffmpeg", "-nostdin", "-loglevel", "quiet", "-re", *VIDEO, *output),
            *("-listen", "1", "-content_type", content_type, url),
        ]
        running.append(subprocess.Popen(command))
        wait_until_listening(port)
        return url

    yield start
    for process in running:
        process.kill()
        process.wait(10)


@dataclass
class WebCamera:
    """A web server whose pages a test fills in."""

    port: int
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]]
    asked: list[str]

    def url(self, path: str, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}{path}"

    def page(self, path: str, body: bytes, kind: str, status: int = 200) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Type", kind)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = answer
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Location", to)
            request.send_header("Content-Length", "0")
            request.end_headers()

        self.pages[path] = answer
        return self.url(path)

    def locked(self, path: str, kind: str) -> str:
        """Put an existing page behind basic or digest authentication."""
        inner = self.pages[path]
        challenge = {
            "basic": 'Basic realm="camera"',
            "digest": 'Digest realm="camera", nonce="n0nce", qop="auth", algorithm=MD5',
        }[kind]

        def answer(request: BaseHTTPRequestHandler) -> None:
            if _knows(kind, request.headers.get("Authorization", ""), path):
                inner(request)
                return
            request.send_response(401)
            request.send_header("WWW-Authenticate", challenge)
            request.send_header("Content-Length", "0")
            request.end_headers()

        self.pages[path] = answer
        return self.url(path)


def _knows(kind: str, header: str, path: str) -> bool:
    if kind == "basic":
        return header == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', header))
    if said.get("username") != USER or said.get("uri") != path:
        return False

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    middle = f"n0nce:{said['nc']}:{said['cnonce']}:auth"
    want = md5(f"{md5(f'{USER}:camera:{PASSWORD}')}:{middle}:{md5(f'GET:{path}')}")
    return said["response"] == want


@pytest.fixture
def web() -> Iterator[WebCamera]:
    """The standard library's web server."""
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked.append(self.path)
            path = urlsplit(self.path).path
            try:
                if path in pages:
                    pages[path](self)
                else:
                    self.send_error(404)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield WebCamera(server.server_address[1], pages, asked)
    server.shutdown()
    server.server_close()


# --- recordings ----------------------------------------------------------------------------------


@pytest.fixture
def recorded() -> Callable[[Path, int], None]:
    """Waits until a recording has so many fragments, each from one keyframe to the next."""

    def wait(path: Path, fragments: int) -> None:
        end = time.monotonic() + 60
        while not path.exists() or path.read_bytes().count(b"moof") < fragments:
            assert time.monotonic() < end, "the recording does not grow"
            time.sleep(0.05)

    return wait


# --- secrets -------------------------------------------------------------------------------------


@pytest.fixture
def assert_keeps_secret() -> Callable[[BaseException, str], None]:
    """Asserts that an error and all it drags along hold no part of a secret."""

    def check(error: BaseException, secret: str) -> None:
        assert error.__cause__ is None
        assert error.__context__ is None
        told = [*traceback.format_exception_only(error), repr(error), repr(error.__dict__)]
        assert secret not in str(told)

    return check
