"""Which artifacts of a query are chosen: kept here, so that 100,000 can be."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Selection:
    """A set of artifact ids that several panels share."""

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, number: object) -> bool:
        return number in self._ids

    def set(self, ids: Iterable[int], on: bool) -> None:
        """Choose these, or choose them no more."""
        with self._lock:
            if on:
                self._ids.update(ids)
            else:
                self._ids.difference_update(ids)

    def clear(self) -> None:
        """Choose nothing."""
        with self._lock:
            self._ids.clear()

    def ids(self) -> list[int]:
        """All of them, in ascending order."""
        with self._lock:
            return sorted(self._ids)
