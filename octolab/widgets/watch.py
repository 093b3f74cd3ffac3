"""Noticing what other processes change, and whether anybody looks."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from octolab import plugins

if TYPE_CHECKING:
    from octolab.lab import Lab

logger = logging.getLogger("octolab.widgets")

POLL_S = 0.5
LEASE_S = 50.0
GRACE_S = 20.0

Listener = Callable[[frozenset[str]], None]


class Watcher:
    """Polls the revisions of a lab's catalog in one thread while anybody listens."""

    def __init__(self, lab: Lab) -> None:
        self._lab = weakref.ref(lab)
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the topics that change from now on; returns how to stop that.

        Besides those of the catalog there is ``plugin``: what is registered in this process.
        """
        with self._lock:
            self._listeners.append(listener)
            if self._thread is None:
                self._wake.clear()
                seen = _revisions(self._lab())
                self._thread = threading.Thread(
                    target=self._run, args=(seen,), name="octolab-watch", daemon=True
                )
                self._thread.start()

        def remove() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)
                if not self._listeners:
                    self._wake.set()

        return remove

    def _run(self, seen: dict[str, int]) -> None:
        while True:
            lab = self._lab()
            with self._lock:
                listeners = list(self._listeners)
                if lab is None or not listeners:
                    self._thread = None
                    return
            now = {**seen, **_revisions(lab), "plugin": _plugins()}
            del lab
            changed = frozenset(topic for topic, n in now.items() if seen.get(topic, n) != n)
            if changed:
                for listener in listeners:
                    listener(changed)
            seen = now
            self._wake.wait(POLL_S)


def _revisions(lab: Lab | None) -> dict[str, int]:
    """Those of the catalog; none when the lab is closed, or its disk away."""
    try:
        return lab.catalog.revisions() if lab is not None else {}
    except Exception as error:
        logger.debug("revisions: %s", error)
        return {}


def _plugins() -> int:
    """Changes when an analyzer or storage is registered, as a notebook cell may."""
    known = [*plugins.analyzers.all(), *plugins.storages.all()]
    return hash(tuple((one.name, id(one)) for one in known))


_watchers: weakref.WeakKeyDictionary[Lab, Watcher] = weakref.WeakKeyDictionary()
_watchers_lock = threading.Lock()


def watcher(lab: Lab) -> Watcher:
    """The one watcher of a lab in this process."""
    with _watchers_lock:
        return _watchers.setdefault(lab, Watcher(lab))


class Lease:
    """Whether a view is there: held while heartbeats come.

    While the main thread runs a long cell no heartbeat gets through; so before a lease is
    given up the event loop is asked, and only a loop that answers counts as free.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = False
        self._answered_at: float | None = None

    def renew(self) -> bool:
        """A view spoke; whether the lease had lapsed before."""
        lapsed = not self.held()
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            pass
        self._asked, self._answered_at = False, None
        self._until = self._clock() + LEASE_S
        return lapsed

    def held(self) -> bool:
        """Whether to go on sending."""
        now = self._clock()
        if now < self._until:
            return True
        if self._until == 0.0 or self._loop is None or self._loop.is_closed():
            return False
        if not self._asked:
            self._asked = True
            self._loop.call_soon_threadsafe(self._answer)
        return self._answered_at is None or now < self._answered_at + GRACE_S

    def _answer(self) -> None:
        self._answered_at = self._clock()
