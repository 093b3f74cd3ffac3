"""Who uses the server now, so that it can end by itself when nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """How many requests and connections are being served, and when the last of them ended."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._open = 0
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Somebody is connected, or has something done, while the block runs."""
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
                self._last = time.monotonic()

    @property
    def quiet_s(self) -> float:
        """For how long nobody has been served; 0 while somebody is."""
        return 0.0 if self._open else time.monotonic() - self._last
