"""Columns in, tiles of every level out: the staircase of a pyramid, in constant memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from octolab.audio.tiles.grid import COLUMNS

Pool = Callable[[np.ndarray, np.ndarray], np.ndarray]
Emit = Callable[[int, int, np.ndarray], None]


class Ladder:
    """Gathers columns into tiles; two columns of a tile are pooled into one of the next level.

    Parameters
    ----------
    pool : callable
        ``pool(first, second)`` makes one column of each two neighbours, (n, …) each.
    emit : callable
        ``emit(level, index, columns)`` takes each tile: whole ones as they fill, the last
        of each level at the end, with the columns there are.
    """

    def __init__(self, pool: Pool, emit: Emit) -> None:
        self._pool = pool
        self._emit = emit
        self._waiting: list[list[np.ndarray]] = []
        self._counts: list[int] = []

    def push(self, columns: np.ndarray, level: int = 0) -> None:
        """Add columns, (n, …), to a level."""
        if level == len(self._counts):
            self._waiting.append([])
            self._counts.append(0)
        while len(columns):
            room = COLUMNS - self._counts[level] % COLUMNS
            some, columns = columns[:room], columns[room:]
            self._waiting[level].append(some.copy())
            self._counts[level] += len(some)
            if len(some) == room:
                self._step(level)

    def finish(self) -> None:
        """Emit what is left, up to the level that fits one tile."""
        for level, count in enumerate(self._counts):  # grows while it runs
            if self._waiting[level]:
                self._step(level)
            if count <= COLUMNS:
                return

    def _step(self, level: int) -> None:
        tile = np.concatenate(self._waiting[level])
        self._waiting[level].clear()
        self._emit(level, (self._counts[level] - 1) // COLUMNS, tile)
        even = len(tile) // 2 * 2
        pooled = self._pool(tile[0:even:2], tile[1:even:2])
        self.push(np.concatenate([pooled, tile[even:]]), level + 1)
