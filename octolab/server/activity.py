"""Who uses the server now, so that it can end by itself when nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """The moment of the last request, and how many connections are held open."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._open = 0
        self._lock = threading.Lock()

    def touch(self) -> None:
        """Somebody asked something."""
        self._last = time.monotonic()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Somebody is connected while the block runs."""
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
            self.touch()

    @property
    def quiet_s(self) -> float:
        """For how long nobody has asked; 0 while somebody is connected."""
        return 0.0 if self._open else time.monotonic() - self._last
