"""Cutting an MJPEG stream into its pictures, without decoding them."""

from __future__ import annotations

import re

from octolab.errors import TooLarge

MAX_HEAD = 65_536
MAX_PICTURE = 20_000_000

_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,12})\s*$", re.IGNORECASE | re.MULTILINE)
_START, _END = b"\xff\xd8", b"\xff\xd9"


def boundary(content_type: str) -> bytes:
    """The boundary a multipart content type names; empty when it names none."""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2] or "").encode("latin-1").lstrip(b"-") if found else b""


class Splitter:
    """Takes bytes as they come and gives whole JPEGs.

    Cameras take liberties: the boundary with or without its dashes, no or a wrong
    Content-Length. A length is believed when the picture ends where it says; else the
    picture goes on to its end marker before the next boundary.
    """

    def __init__(self, mark: bytes = b"") -> None:
        self._mark = b"--" + mark if mark else b"\r\n--"
        self._data = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The pictures that are whole now."""
        self._data += data
        pictures = []
        while (picture := self._next()) is not None:
            pictures.append(picture)
        if len(self._data) > MAX_PICTURE + MAX_HEAD:
            raise TooLarge("the camera sends pictures that are too large")
        return pictures

    def _next(self) -> bytes | None:
        data = self._data
        while True:
            start = data.find(_START)
            if start < 0:
                if len(data) > MAX_HEAD:
                    del data[: -len(_START)]
                return None
            length = self._length(start)
            if length is not None:
                end = start + length
                if len(data) < end:
                    return None
                last = data.rfind(_END, max(start, end - 64), end)
                if last >= 0:
                    return self._cut(start, last + 2)
            mark = data.find(self._mark, start)
            if mark < 0:
                return None
            end = data.rfind(_END, start, mark)
            if end >= 0 and not data[end + 2 : mark].strip(b"\r\n\0 "):
                return self._cut(start, end + 2)
            del data[:mark]  # the camera cut this one short

    def _length(self, start: int) -> int | None:
        """The Content-Length in the part's head, which ends where the picture starts."""
        found = _LENGTH.search(bytes(self._data[:start][-MAX_HEAD:]).replace(b"\r", b""))
        return int(found[1]) if found and 4 < int(found[1]) <= MAX_PICTURE else None

    def _cut(self, start: int, end: int) -> bytes:
        picture = bytes(self._data[start:end])
        del self._data[:end]
        return picture
