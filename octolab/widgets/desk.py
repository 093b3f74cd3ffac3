"""The panel every widget has: heartbeats, jobs, and what to announce."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from octolab.errors import NotFound
from octolab.jobs import settled
from octolab.model import JobRecord, LogEntry, utc_now
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
        self._seen = False
        self._last_log = 0

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

    def looked_at(self) -> None:
        """What went wrong while nobody looked stands in the log: say only how much there is."""
        if not self._announce:
            return
        with self._lock:
            count = sum(1 for _ in self._troubles()) if self._seen else 0
            self._last_log, self._seen = _newest(self.lab), True
        if count:
            self.push("missed", {"count": count})

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell of jobs that moved and of log entries worth a toast."""
        with self._lock:
            if "job" in topics:
                self._jobs()
            if "log" in topics and self._seen:
                for entry in self._troubles():
                    text = self.text(entry.message, **entry.values)
                    self.push("toast", {"text": text, "kind": entry.level})

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

    def _troubles(self) -> Iterator[LogEntry]:
        """Warnings and errors since the last look at the log."""
        for entry in self.lab.catalog.logs(self._last_log, "warning", 200):
            self._last_log = entry.id
            yield entry


def _light(result: Any) -> Any:
    """Leave out what a view has no use for, such as a thousand CIDs; of errors one is enough."""
    if not isinstance(result, dict):
        return result
    light = {k: v for k, v in result.items() if not isinstance(v, dict | list)}
    if errors := result.get("errors"):
        light["error"] = next(iter(errors.values()))
    return light


def _newest(lab: Lab) -> int:
    return max((entry.id for entry in lab.catalog.logs(limit=1)), default=0)
