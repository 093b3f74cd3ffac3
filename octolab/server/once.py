"""A log that is read later: what goes wrong again and again stands in it now and then."""

from __future__ import annotations

import logging
import time

AGAIN_S = 600.0


class Once(logging.Filter):
    """Lets the same line pass once in ten minutes, with the number of those left out."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line was not there lately."""
        line, now = record.getMessage(), time.monotonic()
        at, more = self._passed.get(line, (now - AGAIN_S, 0))
        if now - at < AGAIN_S:
            self._passed[line] = at, more + 1
            return False
        self._passed = {one: kept for one, kept in self._passed.items() if now - kept[0] < AGAIN_S}
        self._passed[line] = now, 0
        if more:
            record.msg, record.args = "%s (and %d times since)", (line, more)
        return True
