"""http:// and https:// cameras: MJPEG, a still that changes, or a stream libav reads."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import av

from octolab.capture.addresses import Target
from octolab.capture.faults import Deadline, attempt, hung_up, no_video, within
from octolab.capture.fetching import Session
from octolab.capture.multipart import Splitter, boundary
from octolab.capture.packets import PacketStream
from octolab.capture.pictures import decode_picture, jpeg_size
from octolab.capture.settings import picture_rate
from octolab.capture.stream import CameraStream, CapturedFrame, StreamInfo
from octolab.model import utc_now

UNCERTAINTY_S = 1.0
_PICTURE_TYPES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"RIFF")
# Containers that are read from front to back and hold everything themselves: no playlists,
# which would send libav to other addresses.
_CONTAINERS = "mpegts,flv,matroska,webm,mov,mp4,mpjpeg,mjpeg,h264,hevc,avi,mpeg,ogg"


def open_http(
    target: Target,
    user: str | None,
    password: str | None,
    settings: Mapping[str, Any],
    deadline: Deadline,
    read_timeout_s: float,
    check: Callable[[str], Target],
) -> CameraStream:
    """Open a camera over HTTP by what it answers; see `octolab.capture.open_camera`.

    `check` checks the addresses that redirects lead to.
    """
    session = Session(target, user, password, settings, deadline, check)
    try:
        response = session.get()
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        chunks = session.chunks(response)
        if kind.startswith("multipart/"):
            mark = boundary(response.headers["content-type"])
            return MjpegStream(session, chunks, mark, read_timeout_s)
        if kind.startswith("text/") or "mpegurl" in kind:
            raise no_video(target.place)
        first = next(chunks, b"")
        while len(first) < 16 and (more := next(chunks, None)) is not None:
            first += more
        if kind.startswith("image/") or first.startswith(_PICTURE_TYPES):
            body = session.body(itertools.chain([first], chunks))
            return StillStream(session, body, settings, read_timeout_s)
        if first.startswith(b"--"):
            return MjpegStream(session, itertools.chain([first], chunks), b"", read_timeout_s)
        return _video(session, itertools.chain([first], chunks), read_timeout_s)
    except BaseException:
        session.close()
        raise


class MjpegStream(CameraStream):
    """One JPEG after the other over one connection; passed on as they are."""

    def __init__(
        self, session: Session, chunks: Iterator[bytes], mark: bytes, read_timeout_s: float
    ) -> None:
        self.place = session.target.place
        self._session, self._chunks, self._limit_s = session, chunks, read_timeout_s
        self._splitter = Splitter(mark)
        self._ready: list[bytes] = []
        self._begun = False
        first = self._next()  # still within the time limit of opening
        self._ready.insert(0, first)
        width, height = jpeg_size(first) or (0, 0)
        self.info = StreamInfo(width, height, None, "mjpeg")

    def read(self) -> CapturedFrame:
        """The next picture; when they come faster than they are read, the newest."""
        self._session.limit = Deadline(self._limit_s)
        if len(self._ready) > 3:
            del self._ready[:-1]
        return CapturedFrame(utc_now(), UNCERTAINTY_S, self._next())

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    def _next(self) -> bytes:
        while True:
            while self._ready:
                picture = self._ready.pop(0)
                if jpeg_size(picture) is not None:
                    self._begun = True
                    return picture
            chunk = next(self._chunks, None)
            if chunk is None:
                raise hung_up(self.place) if self._begun else no_video(self.place)
            self._ready += self._splitter.feed(chunk)


class StillStream(CameraStream):
    """A URL that gives one picture: asked again and again."""

    def __init__(
        self,
        session: Session,
        first: bytes,
        settings: Mapping[str, Any],
        read_timeout_s: float,
    ) -> None:
        self.place = session.target.place
        self._session, self._limit_s = session, read_timeout_s
        fps = picture_rate(settings)
        self._step, self._due = 1 / fps, time.monotonic()
        self._ready: CapturedFrame | None = self._frame(first)
        height, width = self._ready.image.shape[:2]
        codec = "mjpeg" if self._ready.jpeg is not None else "rgb"
        self.info = StreamInfo(width, height, fps, codec)

    def read(self) -> CapturedFrame:
        """The picture as it is now, not more often than ``fps``."""
        ready, self._ready = self._ready, None
        if ready is None:
            time.sleep(max(0.0, self._due - time.monotonic()))
            self._session.limit = Deadline(self._limit_s)
            response = self._session.get()
            ready = self._frame(self._session.body(self._session.chunks(response)))
        self._due = max(self._due + self._step, time.monotonic())
        return ready

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    def _frame(self, data: bytes) -> CapturedFrame:
        """Only a picture is passed on."""
        if jpeg_size(data) is not None:
            return CapturedFrame(utc_now(), UNCERTAINTY_S, data)
        return CapturedFrame(utc_now(), UNCERTAINTY_S, None, decode_picture(data))


class _Pipe:
    """A response body as the file libav reads; libav itself opens nothing."""

    def __init__(self, session: Session, chunks: Iterator[bytes], read_timeout_s: float) -> None:
        self._session, self._chunks, self._limit_s = session, chunks, read_timeout_s
        self._rest = b""
        self.opened = False

    def read(self, size: int) -> bytes:
        if self.opened:
            self._session.limit = Deadline(self._limit_s)
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def close(self) -> None:
        self._session.close()


class _PipedStream(PacketStream):
    """Packets out of an HTTP response."""

    def __init__(self, container: Any, session: Session, pipe: _Pipe, limit_s: float) -> None:
        super().__init__(container, session.target.place, read_timeout_s=limit_s)
        self._pipe = pipe

    def close(self) -> None:
        """End the connection."""
        super().close()
        self._pipe.close()


def _video(session: Session, chunks: Iterator[bytes], read_timeout_s: float) -> CameraStream:
    pipe = _Pipe(session, chunks, read_timeout_s)
    place, limit = session.target.place, session.limit
    options = {
        "format_whitelist": _CONTAINERS,
        "protocol_whitelist": "crypto",
        "analyzeduration": "500000",
    }
    container = attempt(
        lambda: within(limit.left(), lambda: av.open(pipe, options=options, io_open=_no_others)),
        place,
        seconds=limit.seconds,
    )
    if not container.streams.video:
        container.close()
        raise no_video(place)
    pipe.opened = True
    return _PipedStream(container, session, pipe, read_timeout_s)


def _no_others(url: str, flags: int, options: Mapping[str, Any]) -> Any:
    raise PermissionError
