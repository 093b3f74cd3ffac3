"""Stills that were not taken: told when an outage begins and ends, counted in between."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from octolab.errors import OctolabError
from octolab.model import Source

if TYPE_CHECKING:
    from octolab.lab import Lab

TELL_S = 600.0


class Misses:
    """Tells of stills that were not taken: the first at once, the rest counted."""

    def __init__(self, lab: Lab, source: Source) -> None:
        self.source = source
        self._lab = lab
        self._count = 0
        self._told_at = 0.0

    def missed(self, error: OctolabError) -> None:
        """A still could not be taken."""
        self._count += 1
        if self._count == 1 or time.monotonic() - self._told_at > TELL_S:
            self._told_at = time.monotonic()
            self._lab.log(
                "{camera}: stills missed: {count} ({reason})",
                level="warning",
                camera=self.source.name,
                count=self._count,
                reason=error.told,
            )

    def skipped(self, count: int) -> None:
        """Ticks passed while the one before was still being worked on."""
        self._lab.log(
            "{camera}: {count} ticks of the clock were missed",
            level="warning",
            camera=self.source.name,
            count=count,
        )

    def kept(self) -> None:
        """A still was taken."""
        if self._count:
            self._lab.log(
                "{camera}: stills come again after {count} that were missed",
                camera=self.source.name,
                count=self._count,
            )
        self._count = 0
