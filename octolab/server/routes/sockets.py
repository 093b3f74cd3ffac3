"""WebSockets: what changes, and live pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, WebSocket
from starlette.websockets import WebSocketDisconnect

from octolab.lab import Lab
from octolab.lab.live import pack_batch
from octolab.model import to_json
from octolab.server.changes import Changes
from octolab.server.deps import LARGEST, in_thread
from octolab.server.feed import Feed
from octolab.server.supervisor import Supervisor

router = APIRouter()

TOO_SLOW = 1013


@router.websocket("/events")
async def events(
    socket: WebSocket, after_log: Annotated[int | None, Query(ge=0, le=LARGEST)] = None
) -> None:
    """Tell what changes, as JSON.

    First ``{"type": "revisions", "revisions": {topic: number}}`` with all topics, then
    ``{"type": "changed", "revisions": ...}`` with those that changed and ``{"type": "log",
    "entry": ...}`` for each new entry of the log; with ``after_log`` also for those after it.
    """
    lab: Lab = socket.app.state.lab
    changes: Changes = socket.app.state.changes
    await socket.accept()

    async def tell() -> None:
        async with changes.listen() as queue:
            if after_log is not None:
                for entry in await in_thread(lab.catalog.logs, after_log):
                    await socket.send_json({"type": "log", "entry": to_json(entry)})
            while (message := await queue.get()) is not None:
                await socket.send_json(message)
        await socket.close(TOO_SLOW, "too slow to be told everything; connect again")

    await _until_gone(socket, tell)


@router.websocket("/live")
async def live(
    socket: WebSocket,
    cameras: Annotated[str | None, Query(max_length=4000)] = None,
    width: Annotated[int, Query(ge=16, le=4096)] = 480,
    fps: Annotated[float, Query(ge=0.1, le=30)] = 10.0,
) -> None:
    """Send live pictures: binary messages, see `octolab.lab.live.unpack_batch`.

    Only pictures that are new are sent, never faster than the viewer takes them, so a slow
    line sees fewer pictures and not older ones.
    """
    supervisor: Supervisor = socket.app.state.supervisor
    slugs = None if cameras is None else [slug for slug in cameras.split(",") if slug]
    feed = await in_thread(Feed, supervisor, slugs, width)
    await socket.accept()

    async def show() -> None:
        await in_thread(feed.__enter__)
        try:
            while supervisor.running:
                due = anyio.current_time() + 1 / fps
                batch = await in_thread(feed.next)
                if batch is not None:
                    await socket.send_bytes(pack_batch(batch))
                await anyio.sleep(max(0.0, due - anyio.current_time()))
        finally:
            feed.__exit__(None, None, None)
        await socket.close(1001)

    await _until_gone(socket, show)


async def _until_gone(socket: WebSocket, work: Callable[[], Awaitable[None]]) -> None:
    """Work until it ends or the other side goes away."""

    async def listen() -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
        group.cancel_scope.cancel()

    async def run() -> None:
        try:
            await work()
        except (WebSocketDisconnect, RuntimeError):  # sent to one that has just gone
            pass
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        group.start_soon(run)
