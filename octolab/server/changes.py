"""What changes in the lab, told to all who listen, from one look at the catalog."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from octolab.lab import Lab
from octolab.model import to_json

LOOK_S = 0.3
WAITING = 200
NEWEST = 1 << 62


class Changes:
    """Looks at the catalog's revisions while anybody listens."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._listeners: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._revisions: dict[str, int] = {}
        self._last_log = 0

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[dict[str, Any] | None]]:
        """A queue of messages; None in it means that this listener was too slow."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(WAITING)
        if not self._listeners:
            await anyio.to_thread.run_sync(self._look)
            self._task = asyncio.create_task(self._watch())
        self._listeners.add(queue)
        queue.put_nowait({"type": "revisions", "revisions": dict(self._revisions)})
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for message in await anyio.to_thread.run_sync(self._look):
                for queue in list(self._listeners):
                    self._put(queue, message)

    def _put(self, queue: asyncio.Queue[dict[str, Any] | None], message: dict[str, Any]) -> None:
        if queue.qsize() < WAITING - 1:
            queue.put_nowait(message)
        elif not queue.full():
            queue.put_nowait(None)

    def _look(self) -> list[dict[str, Any]]:
        now = self._lab.catalog.revisions()
        changed = {topic: n for topic, n in now.items() if self._revisions.get(topic) != n}
        first, self._revisions = not self._revisions, now
        if not changed:
            return []
        messages: list[dict[str, Any]] = []
        if "log" in changed:
            if first:
                self._last_log = newest_log(self._lab)
            for entry in self._lab.catalog.logs(self._last_log):
                messages.append({"type": "log", "entry": to_json(entry)})
                self._last_log = max(self._last_log, entry.id)
        return [{"type": "changed", "revisions": changed}, *messages]


def newest_log(lab: Lab) -> int:
    """The number of the newest log entry."""
    entries = lab.catalog.logs(0, None, 1)
    return entries[-1].id if entries else 0
