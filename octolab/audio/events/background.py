"""What the background does, near a moment: its floor, and how much it usually wavers.

All is laid on an absolute grid of rows: statistics belong to places at whole steps (1 s)
and pages (10 s) from the beginning of the sound and are taken of a fixed stretch around
them. So they are the same whether a sound comes in blocks, in one piece, or in parts.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from octolab.audio.events.layout import Layout

_SILENCE: Final = 1e-10  # power a floor can't be below: -100 dB of full scale
_LEAST_DB: Final = -30.0
_EVERY: Final = 4  # rows overlap: of statistics, every fourth is enough
_MOST_SKEW: Final = 1.3
_TO_DEVIATION: Final = np.float32(1.4826)  # of a median deviation, in Gaussian noise


class Rows:
    """Rows by their absolute number; old ones can be forgotten."""

    def __init__(self, width: int, begin: int = 0) -> None:
        self._parts = [np.empty((0, width), np.float32)]
        self.begin = begin
        self.end = begin

    def append(self, rows: np.ndarray) -> None:
        """Add what comes next."""
        self._parts.append(rows)
        self.end += len(rows)

    def view(self, begin: int, end: int) -> np.ndarray:
        """Rows by number; none before the first or after the last."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0][max(begin - self.begin, 0) : max(end - self.begin, 0)]

    def around(self, place: int, count: int) -> np.ndarray:
        """`count` rows around a place, moved to lie within the sound; fewer if it is short."""
        begin = max(self.begin, min(place - count // 2, self.end - count))
        return self.view(begin, begin + count)

    def forget(self, before: int) -> None:
        """Let go of rows before a number."""
        if before > self.begin:
            self._parts = [self.view(before, self.end).copy()]
            self.begin = before


def excess_db(power: Rows, begin: int, end: int, lay: Layout, share: float) -> np.ndarray:
    """How far each band stands above its floor, (end - begin, bands) in dB, smoothed.

    The floor of a band is the `share` quantile of its power within ``lay.floor`` rows
    around each step, and in between on the line from one step to the next. Smoothing
    means decibels, not powers, so that a click counts for little.
    """
    half = lay.smooth // 2
    first, last = max(power.begin, begin - half), min(power.end, end + lay.smooth - half)
    above = np.log10(np.maximum(power.view(first, last), _SILENCE))
    above *= np.float32(10)
    above -= _floor_db(power, first, last, lay, share)
    np.maximum(above, np.float32(_LEAST_DB), out=above)
    before, after = half - (begin - first), end + lay.smooth - half - 1 - last
    above = np.pad(above, ((before, max(after, 0)), (0, 0)), mode="edge")
    count = end - begin
    total = above[:count].copy()
    for shift in range(1, lay.smooth):
        total += above[shift : shift + count]
    total /= np.float32(lay.smooth)
    return total


def _floor_db(power: Rows, begin: int, end: int, lay: Layout, share: float) -> np.ndarray:
    places = range(begin // lay.step, (end - 1) // lay.step + 2)
    floors = np.empty((len(places), power.view(begin, begin + 1).shape[1]), np.float32)
    for floor, place in zip(floors, places, strict=True):
        near = power.around(place * lay.step, lay.floor)[::_EVERY]
        rank = int(share * (len(near) - 1))
        floor[:] = np.partition(near, rank, axis=0)[rank]
    floors = np.float32(10) * np.log10(np.maximum(floors, _SILENCE))
    return _between(floors, np.arange(begin, end), lay.step, places.start)


def _between(values: np.ndarray, rows: np.ndarray, step: int, first: int) -> np.ndarray:
    """Go in straight lines from the value of one place to that of the next."""
    places, rest = np.divmod(rows, step)
    share = (rest / step).astype(np.float32)[:, None]
    left = values[places - first]
    return np.asarray(left + share * (values[places - first + 1] - left))


def common_db(excess: np.ndarray, share: float, limit_db: float) -> np.ndarray:
    """What all frequencies do together, (rows, 1) in dB: gusts, drops of rain, clicks.

    It is what `share` of the bands stay below, from 0 to a limit: a sound louder than that
    at all frequencies is one to be found.
    """
    rank = int(share * (excess.shape[1] - 1))
    level = np.partition(excess, rank, axis=1)[:, rank : rank + 1]
    return np.clip(level, 0, np.float32(limit_db))


def usual(values: Rows, place: int, lay: Layout, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Median and spread of each column near a place: what is usual in the background.

    The spread is the median deviation from the median, scaled to a standard deviation; where
    the lower half deviates less, as among many events, that of the lower half, but not much.
    """
    near = np.sort(values.around(place, lay.notice)[::_EVERY], axis=0)
    middle = len(near) // 2
    median = near[middle]
    both = np.partition(np.abs(near - median), middle, axis=0)[middle]
    lower = median - near[len(near) // 4]
    spread = np.minimum(both, np.maximum(lower, both / np.float32(_MOST_SKEW)))
    return median, np.maximum(spread * _TO_DEVIATION, np.float32(least))
