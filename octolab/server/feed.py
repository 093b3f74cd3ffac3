"""Live pictures for one viewer: only new ones, never more than it can take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from octolab.lab.live import LiveBatch
from octolab.model import Observed

if TYPE_CHECKING:
    from octolab.server.supervisor import Supervisor
    from octolab.server.watch import Watch

HEARTBEAT_S = 2.0


class Feed:
    """The cameras one viewer looks at; they stay open while the block runs.

    Parameters
    ----------
    supervisor : Supervisor
        Who owns the cameras.
    slugs : sequence of str, optional
        Which; all by default, also those added later.
    width : int
        Of the pictures, in pixels.
    """

    def __init__(self, supervisor: Supervisor, slugs: Sequence[str] | None, width: int) -> None:
        self._supervisor, self._width = supervisor, width
        self._slugs = None if slugs is None else [supervisor.watch(slug).slug for slug in slugs]
        self._watches: dict[str, Watch] = {}
        self._sent: dict[str, datetime | None] = {}
        self._states: dict[str, Observed] = {}
        self._sent_at = 0.0

    def __enter__(self) -> Self:
        self._follow(fresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for watch in self._watches.values():
            watch.look(-1)

    def next(self) -> LiveBatch | None:
        """What is new since the last time; None when nothing is and no sign of life is due."""
        self._follow()
        pictures: dict[str, bytes] = {}
        states: dict[str, Observed] = {}
        for slug, watch in self._watches.items():
            states[slug] = watch.observed()
            at, jpeg = watch.picture(self._width, unless=self._sent.get(slug))
            if jpeg is not None:
                pictures[slug] = jpeg
                self._sent[slug] = at
        plain = {slug: replace(s, at=None, last_frame_at=None) for slug, s in states.items()}
        now = time.monotonic()
        if not pictures and plain == self._states and now - self._sent_at < HEARTBEAT_S:
            return None
        self._states, self._sent_at = plain, now
        return LiveBatch(pictures, states)

    def _follow(self, *, fresh: bool = False) -> None:
        """Take up cameras that came, let go of those that went."""
        there = {watch.slug: watch for watch in self._supervisor.watches(fresh=fresh)}
        wanted = there.keys() if self._slugs is None else there.keys() & set(self._slugs)
        for slug in self._watches.keys() - wanted:
            self._watches.pop(slug).look(-1)
        for slug in wanted:
            if self._watches.get(slug) is not there[slug]:
                if slug in self._watches:
                    self._watches[slug].look(-1)
                self._watches[slug] = there[slug]
                there[slug].look(+1)
