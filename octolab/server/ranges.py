"""Files over HTTP, whole or in ranges, so that a player can jump in a long clip."""

from __future__ import annotations

from fastapi.responses import FileResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from octolab.server.problems import RangeNotSatisfiable


class Ranged(FileResponse):
    """A file that comes whole when the range asked for can't be read, as HTTP wants it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, leaving a range that is none aside."""
        wanted = Headers(scope=scope).get("range")
        if wanted is not None and read_range(wanted) is None:
            headers = [header for header in scope["headers"] if header[0] != b"range"]
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, send)


def read_range(header: str) -> list[int] | None:
    """Where the ranges of a Range header begin (below 0: counted from the end); None if unreadable.

    >>> read_range("bytes=0-99, 200-, -50")
    [0, 200, -50]
    >>> read_range("bytes=9-2") is None
    True
    """
    unit, _, wanted = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    starts = []
    for part in wanted.split(","):
        first, dash, last = (text.strip() for text in part.partition("-"))
        if not dash or not (first or last) or not all(t.isdecimal() for t in (first, last) if t):
            return None
        if first and last and int(last) < int(first):
            return None
        starts.append(int(first) if first else -int(last))
    return starts


def check_range(header: str | None, size: int) -> None:
    """Refuse ranges that all lie behind the end of the file.

    Raises
    ------
    RangeNotSatisfiable
    """
    starts = read_range(header or "")
    if starts and all(start >= size for start in starts):
        raise RangeNotSatisfiable("the range lies behind the {size} bytes of the file", size=size)
