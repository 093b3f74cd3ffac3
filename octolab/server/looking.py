"""Live analysis: an analyzer that looks at a camera's newest picture some times a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import OctolabError
from octolab.model import Analysis, Source

if TYPE_CHECKING:
    from octolab.capture import CapturedFrame
    from octolab.lab import Lab
    from octolab.lab.artifacts import Frame

PAUSE_S = 5.0
WAITING_STILLS = 1000

Fault = str | Mapping[str, Any] | None  # a text, or one to be told in the reader's language


class Looker(threading.Thread):
    """Runs one analyzer on the live picture, and on the stills that are handed to it.

    What it finds in the live picture is only shown; what it finds in a still is kept with it.

    Attributes
    ----------
    wish : tuple
        The analyzer, its parameters, and how often a second.
    newest : Analysis or None
        What it last found in the live picture.
    """

    def __init__(
        self,
        lab: Lab,
        source: Source,
        wish: tuple[str, Mapping[str, Any], float],
        picture: Callable[[float], CapturedFrame],
    ) -> None:
        super().__init__(name=f"looks-{source.slug}", daemon=True)
        self.wish = wish
        self.newest: Analysis | None = None
        self._lab, self._source, self._picture = lab, source, picture
        self._stills: deque[Frame] = deque(maxlen=WAITING_STILLS)
        self._stopped = threading.Event()
        self._fault: Fault = None

    def also(self, still: Frame) -> None:
        """Look at a still as well, and keep what is found with it."""
        self._stills.append(still)

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def run(self) -> None:
        """Look until stopped."""
        name, params, fps = self.wish
        due = time.monotonic()
        while not self._stopped.is_set():
            fault = self._look(name, params, 2 / fps + 5)
            with suppress(Exception):  # the log may be what is full
                self._tell(fault)
            if fault:
                self._stopped.wait(PAUSE_S)
            due = max(due + 1 / fps, time.monotonic())
            self._stopped.wait(max(0.0, due - time.monotonic()))

    def _look(self, name: str, params: Mapping[str, Any], timeout_s: float) -> Fault:
        """Look once; what went wrong, or nothing."""
        try:
            while self._stills:
                self._stills.popleft().analyze(name, **params)
            frame = self._picture(timeout_s)
            self.newest = plugins.run_analyzer(plugins.analyzers.get(name), frame.image, **params)
        except OctolabError as error:
            return error.told
        except Exception as error:  # no memory, say: the next look tries again
            return type(error).__name__
        return None

    def _tell(self, fault: Fault) -> None:
        """Log a fault when it begins, not each time."""
        if fault and fault != self._fault:
            self._lab.log(
                "{camera}: live analysis with {analyzer} failed: {reason}",
                level="warning",
                camera=self._source.name,
                analyzer=self.wish[0],
                reason=fault,
            )
        self._fault = fault
