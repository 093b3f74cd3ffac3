"""file://: a video, a picture or a folder of pictures, played over and over as a camera."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from octolab.capture.faults import attempt
from octolab.capture.pictures import decode_picture, jpeg_size
from octolab.capture.settings import picture_rate
from octolab.capture.stream import CameraStream, CapturedFrame, StreamInfo
from octolab.errors import BadInput, TooLarge, Unavailable
from octolab.model import utc_now

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
MAX_BYTES = 100_000_000


def open_file(url: str, settings: Mapping[str, Any]) -> CameraStream:
    """Open what a ``file://`` URL names."""
    path = file_path(url)
    if not path.exists():
        raise Unavailable("there is no file {name}", name=path.name)
    if path.is_dir() or path.suffix.lower() in PICTURES:
        return PictureFiles(path, settings)
    if path.stat().st_size == 0:
        raise BadInput("the file {name} is empty", name=path.name)
    from octolab.capture.packets import FileStream

    return FileStream(path, path.name)


def file_path(url: str) -> Path:
    """The path in a ``file://`` URL; ``file:///C:/x`` and percent-encoding included."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise BadInput("write file:///folder/name with three slashes")
    return Path(url2pathname(unquote(parts.path) if "%" not in parts.path else parts.path))


class PictureFiles(CameraStream):
    """Shows one picture, or those of a folder in the order of their names."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self.place = path.name
        self._paths = (
            sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES and p.is_file())
            if path.is_dir()
            else [path]
        )
        if not self._paths:
            raise Unavailable("there are no pictures in the folder {name}", name=path.name)
        fps = picture_rate(settings)
        self._step, self._index, self._due = 1 / fps, 0, time.monotonic()
        first = self._load(self._paths[0])
        height, width = first.image.shape[:2]
        codec = "mjpeg" if first.jpeg is not None else "rgb"
        self.info = StreamInfo(width, height, fps, codec)

    def read(self) -> CapturedFrame:
        """The next picture when its time has come."""
        time.sleep(max(0.0, self._due - time.monotonic()))
        self._due = max(self._due + self._step, time.monotonic())
        frame = self._load(self._paths[self._index % len(self._paths)])
        self._index += 1
        return frame

    def close(self) -> None:
        """Nothing is kept open."""

    def _load(self, path: Path) -> CapturedFrame:
        if attempt(path.stat, path.name).st_size > MAX_BYTES:
            raise TooLarge("the file {name} is too large for a picture", name=path.name)
        data = attempt(path.read_bytes, path.name)
        meta = {"file": path.name}
        if jpeg_size(data) is not None:
            return CapturedFrame(utc_now(), None, data, None, meta)
        return CapturedFrame(utc_now(), None, None, decode_picture(data), meta)
