"""The panel every widget has: heartbeats, jobs, and what to announce."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from octolab.errors import NotFound
from octolab.jobs import settled
from octolab.model import JobRecord, utc_now
from octolab.widgets.panel import Panel, action

if TYPE_CHECKING:
    from octolab.lab import Lab

RECENT = 30
SHOWN_AFTER = timedelta(seconds=0.7)


class Desk(Panel):
    """Follows the lab's jobs; with `announce`, tells of warnings and errors in its log."""

    name = "desk"
    topics = frozenset({"job", "log"})

    def __init__(self, lab: Lab, *, announce: bool = False) -> None:
        super().__init__(lab)
        self._announce = announce
        self._lock = threading.Lock()
        self._told: dict[str, JobRecord] = {}
        self._started = utc_now()
        self._last_log = _newest(lab) if announce else 0

    @action
    def alive(self) -> None:
        """A view is there; the bridge has already noted it."""

    @action
    def job(self, id: str) -> dict[str, Any]:
        """One job as it stands."""
        try:
            return {"job": self._spoken(self.lab.job(id).record)}
        except NotFound:
            return {"job": None}

    @action
    def cancel(self, id: str) -> None:
        """Ask a job to stop."""
        self.lab.catalog.request_cancel(id)

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell of jobs that moved and of log entries worth a toast."""
        with self._lock:
            if "job" in topics:
                self._jobs()
            if "log" in topics and self._announce:
                self._log()

    def _spoken(self, record: JobRecord) -> JobRecord:
        return replace(record, title=self.word(record.title), result=_light(record.result))

    def _jobs(self) -> None:
        now = utc_now()
        for kept in reversed(self.lab.catalog.jobs(RECENT)):
            record = settled(self.lab.catalog, kept)
            running = record.state in ("queued", "running")
            if self._told.get(record.id) == record:
                continue
            if record.id not in self._told:
                begun_before = record.created_at < self._started
                if (begun_before and not running) or (now - record.created_at < SHOWN_AFTER):
                    if not running:
                        self._told[record.id] = record
                        self.push("job", self._spoken(record))
                    continue
            self._told[record.id] = record
            self.push("job", self._spoken(record))
        while len(self._told) > 10 * RECENT:
            self._told.pop(next(iter(self._told)))

    def _log(self) -> None:
        for entry in self.lab.catalog.logs(self._last_log, None, 200):
            self._last_log = entry.id
            if entry.level in ("warning", "error"):
                text = self.text(entry.message, **entry.values)
                self.push("toast", {"text": text, "kind": entry.level})


def _light(result: Any) -> Any:
    """Leave out what a view has no use for, such as a thousand CIDs."""
    if isinstance(result, dict):
        return {k: v for k, v in result.items() if not isinstance(v, dict | list)}
    return result


def _newest(lab: Lab) -> int:
    newest = 0
    while entries := lab.catalog.logs(newest, None, 5000):
        newest = entries[-1].id
    return newest
