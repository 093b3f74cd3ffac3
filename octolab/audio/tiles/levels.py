"""Decibels as the grey of a picture, and the range that suits a sound.

Power is relative to a sine at full scale and per bin of the pyramid's own window, so that
noise is as grey in a detail, whatever its window, as in the overview.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

FLOOR_DB: Final = -127.5
STEP_DB: Final = 0.5
CODES: Final = 256

_LEAST_SPAN_DB: Final = 40.0
_MARGIN_DB: Final = 3.0
_QUIET: Final = 0.10  # share of a row's means, and of the rows, that may be black
_LOUD: Final = 0.999  # share of a row's peaks that must not be white
_LOUD_ROWS: Final = 0.90  # and the share of the rows


@dataclass(frozen=True, slots=True)
class Range:
    """Which decibels black and white are."""

    low: float
    high: float


def codes(power: np.ndarray) -> np.ndarray:
    """Power as a pack keeps it: uint8 in steps of 0.5 dB from -127.5 dB (or less) to 0 dB."""
    return _scaled(power, FLOOR_DB, 1 / STEP_DB)


def decibels(code: np.ndarray) -> np.ndarray:
    """What codes stand for, in dB, float32."""
    return np.asarray(FLOOR_DB + STEP_DB * code.astype(np.float32))


def greys(span: Range) -> np.ndarray:
    """The grey that each code becomes, (256,) uint8."""
    share = (decibels(np.arange(CODES)) - span.low) / (span.high - span.low)
    return np.asarray(np.rint(share.clip(0, 1) * 255).astype(np.uint8))


def grey(power: np.ndarray, span: Range) -> np.ndarray:
    """Power as grey, uint8."""
    return _scaled(power, span.low, 255 / (span.high - span.low))


def _scaled(power: np.ndarray, low: float, steps_a_db: float) -> np.ndarray:
    """Steps above `low`, 0 to 255; no power, and what is no number, are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log10(power, dtype=np.float32)
    steps *= np.float32(10 * steps_a_db)
    steps -= np.float32(low * steps_a_db)
    np.nan_to_num(steps, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.rint(steps, out=steps)
    return np.asarray(steps.clip(0, 255).astype(np.uint8))


class Tally:
    """How often each code occurs in each row: what the range of a sound is chosen by."""

    def __init__(self, rows: int) -> None:
        self._offsets = CODES * np.arange(rows, dtype=np.intp)
        self._means = np.zeros(CODES * rows, np.int64)
        self._peaks = np.zeros(CODES * rows, np.int64)

    def add(self, means: np.ndarray, peaks: np.ndarray) -> None:
        """Count columns, (n, rows) codes each."""
        for counts, some in ((self._means, means), (self._peaks, peaks)):
            counts += np.bincount((some + self._offsets).ravel(), minlength=len(counts))

    def range(self) -> Range:
        """A range in which both the background and what stands out can be seen.

        Black is 3 dB below the quietest tenth of the means in the quiet rows. White is 3 dB
        above all but a thousandth of the peaks in nine tenths of the rows: the rumble of
        the wind in a few rows does not darken the rest. They are 40 dB apart at least.
        Digital silence does not count.
        """
        low = np.quantile(_levels(self._means, _QUIET), _QUIET) - _MARGIN_DB
        high = np.quantile(_levels(self._peaks, _LOUD), _LOUD_ROWS) + _MARGIN_DB
        return Range(round(float(low), 1), round(max(float(high), float(low) + _LEAST_SPAN_DB), 1))


def _levels(counts: np.ndarray, share: float) -> np.ndarray:
    """The level in dB below which a share of each row's codes is, of rows with any sound."""
    rows = counts.reshape(-1, CODES).copy()
    rows[:, 0] = 0
    sums = rows.cumsum(axis=1)
    heard = sums[sums[:, -1] > 0]
    if not len(heard):
        return np.array([FLOOR_DB])
    return decibels((heard < share * heard[:, -1:]).sum(axis=1))
