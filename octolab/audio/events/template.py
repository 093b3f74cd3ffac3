"""Looking for what sounds like an example: correlation of spectrograms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from octolab.audio.events.background import Rows
from octolab.audio.events.layout import PAGE_S, Layout
from octolab.audio.events.settings import Settings
from octolab.audio.events.spans import Span, peaks
from octolab.errors import BadInput

_FLOOR_SHARE: Final = 0.1
_HIGHEST_DB: Final = 40.0
_NOISE_DB: Final = 2.0


@dataclass(frozen=True)
class Template:
    """The shape of an example: how far each band is above its floor, (rows, some bands) in dB.

    ``looked_at`` tells of all bands of a `Layout` which those are.
    """

    levels: np.ndarray
    looked_at: np.ndarray

    @property
    def rows(self) -> int:
        """How long the example is."""
        return len(self.levels)


def make_template(
    power: np.ndarray, begin: int, end: int, lay: Layout, band: tuple[float, float]
) -> Template:
    """Take rows `begin` to `end` of some power, (rows, bands), as an example.

    Raises
    ------
    BadInput
        If that is less than three rows, more than 10 s, or without any shape.
    """
    if not 3 <= end - begin <= PAGE_S / lay.row_s:
        raise BadInput("an example must last from 0.03 to 10 seconds")
    levels = np.float32(10) * np.log10(np.maximum(power, 1e-10))
    rank = int(_FLOOR_SHARE * (len(levels) - 1))
    levels -= np.partition(levels, rank, axis=0)[rank]
    looked_at = (lay.hz[1:] > band[0]) & (lay.hz[:-1] < band[1])
    looked_at &= np.isin(np.arange(len(looked_at)), np.arange(len(looked_at))[lay.inside])
    kept = _shaped(_smoothed(levels, lay)[begin:end, looked_at])
    if not kept.size or not kept.std() > 0:
        raise BadInput("the example is silent")
    return Template(kept, looked_at)


def likeness(template: Template, excess: np.ndarray, count: int) -> np.ndarray:
    """How like the example each of `count` stretches is, from -1 to 1.

    Stretch i begins at row i of `excess`. It is Pearson's correlation of the two
    spectrograms, but with a variance of at least some dB, or a trace of noise could be as
    like as a song. Where less than the example's length is left, it is 0.
    """
    from scipy.signal import fftconvolve

    score = np.zeros(count, np.float32)
    loud = _shaped(excess[: count + template.rows - 1, template.looked_at]).astype(np.float64)
    places = len(loud) - template.rows + 1
    if places < 1:
        return score
    shape = template.levels - template.levels.mean(dtype=np.float64)
    product = fftconvolve(loud, shape[::-1], mode="valid", axes=0).sum(axis=1)
    sums = [np.cumsum(np.pad(part, (1, 0))) for part in (loud.sum(1), (loud**2).sum(1))]
    total, square = (part[template.rows :] - part[: -template.rows] for part in sums)
    variance = np.maximum(square - total**2 / shape.size, 0) + shape.size * _NOISE_DB**2
    score[:places] = product / np.sqrt(variance * (shape**2).sum())
    return score


def matches(
    template: Template, score: np.ndarray, excess: Rows, first: int, lay: Layout, settings: Settings
) -> Iterable[Span]:
    """Where the likeness is highest and reaches the threshold."""
    for top in peaks(score, settings.threshold):
        begin = first + top
        levels = excess.view(begin, begin + template.rows)[:, lay.inside]
        loudest = np.where(template.looked_at[lay.inside], levels.max(axis=0), -np.inf)
        yield Span(begin, begin + template.rows, float(score[top]), loudest)


def _smoothed(levels: np.ndarray, lay: Layout) -> np.ndarray:
    kernel = np.ones(lay.smooth) / lay.smooth
    return np.stack([np.convolve(band, kernel, "same") for band in levels.T], axis=1)


def _shaped(levels: np.ndarray) -> np.ndarray:
    """What is below the floor is all the same, and so is what is very loud."""
    return np.asarray(np.clip(levels, 0, np.float32(_HIGHEST_DB)), np.float32)
