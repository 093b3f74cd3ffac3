"""The bodies of requests: none larger than it may be, none waited for without end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
from starlette.datastructures import Headers

from octolab.errors import TooLarge
from octolab.server.problems import TooSlow

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 5_000_000
SILENCE_S = 9
_KEY = "octolab.body"


class Bodies:
    """ASGI middleware that bounds the body of every request in size and in silence.

    A body is read into memory and parsed at once, so it may have `MOST_BYTES`; an upload,
    which goes to the disk as it comes, has limits of its own (see `unbound`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body bounded."""
        if scope["type"] == "http":
            receive = scope[_KEY] = _Body(receive, Headers(scope=scope).get("content-length", ""))
        await self._app(scope, receive, send)


def unbound(scope: Scope) -> None:
    """Let the body of this request have any size."""
    scope[_KEY].most = float("inf")


@dataclass
class _Body:
    """What comes of a body; after its end, whatever else the connection tells."""

    receive: Receive
    announced: str
    most: float = MOST_BYTES
    size: int = 0
    more: bool = True

    async def __call__(self) -> Message:
        if not self.more:
            return await self.receive()
        if self.announced.isdecimal():
            self._bound(int(self.announced))
        try:
            with anyio.fail_after(SILENCE_S):
                message = await self.receive()
        except TimeoutError:
            raise TooSlow(
                "nothing more of the request came for {seconds} s", seconds=SILENCE_S
            ) from None
        self.more = message.get("more_body", False)
        self.size += len(message.get("body", b""))
        self._bound(self.size)
        return message

    def _bound(self, size: int) -> None:
        if size > self.most:
            raise TooLarge(
                "the request is larger than the {limit} MB that this server takes",
                limit=self.most / 1e6,
            )
