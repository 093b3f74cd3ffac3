"""The panel that follows the lab's log."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from octolab.model import LogEntry
from octolab.widgets.panel import Panel, action

if TYPE_CHECKING:
    from octolab.lab import Lab

SHOWN = 2000


class Logs(Panel):
    """Sends the log, in the language of the views, and goes on as it grows."""

    name = "logs"
    topics = frozenset({"log"})

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._lock = threading.Lock()
        self._last = 0

    @action
    def read(self) -> dict[str, Any]:
        """The newest entries, oldest first."""
        with self._lock:
            entries: list[LogEntry] = []
            last = 0
            while page := self.lab.catalog.logs(last, None, SHOWN):
                entries = [*entries, *page][-SHOWN:]
                last = page[-1].id
            self._last = last
        return {"entries": [self._line(entry) for entry in entries]}

    def refresh(self, topics: frozenset[str]) -> None:
        """Send what was added since."""
        with self._lock:
            fresh = self.lab.catalog.logs(self._last, None, SHOWN)
            if not fresh or not self._last:
                return
            self._last = fresh[-1].id
        self.push("entries", {"entries": [self._line(entry) for entry in fresh]})

    def _line(self, entry: LogEntry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "at": entry.at,
            "level": entry.level,
            "text": self.text(entry.message, **entry.values),
            "origin": entry.origin,
        }
