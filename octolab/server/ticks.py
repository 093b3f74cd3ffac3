"""The clock of interval capture: a grid that does not drift.

Ticks are the whole multiples of the interval since 1970, so a still every 60 s comes on the
minute, before and after a restart alike. A tick that could not be kept is counted, never
made up for.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any

logger = logging.getLogger("octolab.server")

LONGEST_NAP_S = 1.0


def tick_after(now: float, interval_s: float) -> int:
    """The number of the first tick after a moment (seconds since 1970)."""
    return math.floor(now / interval_s + 1e-9) + 1


class Ticker(threading.Thread):
    """Calls something at every tick until it is stopped.

    Parameters
    ----------
    interval_s : float
        From tick to tick.
    take : callable
        Called in this thread with the moment of the tick.
    missed : callable
        Called with how many ticks were skipped, because `take` took longer than the interval
        or the machine slept.
    at_once : bool
        Take one now, before the first tick.
    clock : callable
        Seconds since 1970.
    """

    def __init__(
        self,
        interval_s: float,
        take: Callable[[float], None],
        missed: Callable[[int], None],
        *,
        at_once: bool = False,
        name: str = "ticks",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.interval_s = interval_s
        self._take, self._missed = take, missed
        self._at_once = at_once
        self._clock = clock
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Take no more; a take that runs ends first."""
        self._stopped.set()

    def run(self) -> None:
        """Tick until stopped."""
        if self._at_once and not self._stopped.is_set():
            self._guarded(self._take, self._clock())
        wanted = tick_after(self._clock(), self.interval_s)
        while (tick := self._await(wanted)) is not None:
            newest = max(tick, tick_after(self._clock(), self.interval_s) - 1)
            if newest > tick:
                self._guarded(self._missed, newest - tick)
            self._guarded(self._take, newest * self.interval_s)
            wanted = newest + 1

    def _guarded(self, call: Callable[[Any], None], value: float) -> None:
        """Whatever goes wrong at one tick (a full disk, say), the next one comes."""
        try:
            call(value)
        except Exception as error:
            logger.error("%s: %s", self.name, error)

    def _await(self, tick: int) -> int | None:
        """Sleep until a tick has come; None when stopped. Follows a clock that is set back."""
        while not self._stopped.is_set():
            now = self._clock()
            left = tick * self.interval_s - now
            if left <= 0:
                return tick
            if left > self.interval_s + LONGEST_NAP_S:
                tick = tick_after(now, self.interval_s)
            else:
                self._stopped.wait(min(left, LONGEST_NAP_S))
        return None
