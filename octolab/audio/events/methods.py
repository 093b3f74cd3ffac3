"""The methods: how a stretch of sound is told from its background.

Each gives, for rows of power, values whose usual course in the background is known to
`octolab.audio.events.background`, and finds spans in how unusual those values are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from octolab.audio.events.background import Rows, common_db
from octolab.audio.events.layout import Layout
from octolab.audio.events.settings import Settings
from octolab.audio.events.spans import Overlap, Span, peaks, runs

Values = Callable[[Rows, np.ndarray, int, Layout, Settings], np.ndarray]
"""``values(power, excess, first, lay, settings)`` of the rows of `excess` from `first` on."""

Find = Callable[[np.ndarray, Rows, int, Layout, Settings], Iterable[Span]]
"""``find(unusual, excess, first, lay, settings)``; `excess` reaches 10 s beyond those rows."""

_COMMON_SHARE: Final = 0.6
_ONSET_S: Final = 0.03
_LONGEST_ATTACK_S: Final = 3.0
_ROSE_DB: Final = 6.0
_PCEN_GAIN, _PCEN_BIAS, _PCEN_POWER, _PCEN_S = 0.98, 2.0, 0.5, 0.4


@dataclass(frozen=True)
class Way:
    """One method: its values, the least spread of each, and how it finds spans."""

    values: Values
    least: float
    find: Find
    overlap: Overlap = "join"


def _alone(
    power: Rows, excess: np.ndarray, first: int, lay: Layout, settings: Settings
) -> np.ndarray:
    """Each band against all: what is common to them is no event."""
    if settings.common_db <= 0:
        return excess[:, lay.inside]
    common = common_db(excess, _COMMON_SHARE, settings.common_db)
    return np.asarray(excess[:, lay.inside] - common)


def _itself(
    power: Rows, excess: np.ndarray, first: int, lay: Layout, settings: Settings
) -> np.ndarray:
    return excess[:, lay.inside]


def _normalized(
    power: Rows, excess: np.ndarray, first: int, lay: Layout, settings: Settings
) -> np.ndarray:
    """Per-channel energy normalisation (Wang et al. 2017), smoothed.

    Its moving average starts afresh a page earlier, so that it is the same wherever one
    begins to listen.
    """
    from scipy.signal import lfilter

    begin = max(first - lay.page, power.begin)
    loud = power.view(begin, first + len(excess))[:, lay.inside].astype(np.float64)
    loud = np.sqrt(loud) * 2**31
    rate = 1 - np.exp(-lay.row_s / _PCEN_S)
    start = loud[: lay.step].mean(axis=0, keepdims=True)
    average, _ = lfilter([rate], [1, rate - 1], loud, axis=0, zi=(1 - rate) * start)
    even = (loud * (1e-6 + average) ** -_PCEN_GAIN + _PCEN_BIAS) ** _PCEN_POWER
    even -= _PCEN_BIAS**_PCEN_POWER
    padded = np.pad(even, ((lay.smooth - 1, 0), (0, 0)), mode="edge")
    total = np.zeros((len(excess), even.shape[1]))
    for shift in range(lay.smooth):
        total += padded[len(even) - len(excess) + shift :][: len(excess)]
    return (total / lay.smooth).astype(np.float32)


def _rising(
    power: Rows, excess: np.ndarray, first: int, lay: Layout, settings: Settings
) -> np.ndarray:
    """Spectral flux: by how many dB the eighth of the bands that rises most does in 30 ms."""
    lag = _lag(lay)
    rows = np.log10(np.maximum(power.view(first - lag, first + len(excess)), 1e-10))
    rows = np.float32(10) * rows[:, lay.inside]
    missing = len(excess) + lag - len(rows)
    rows = np.pad(rows, ((missing, 0), (0, 0)), mode="edge")
    rise: np.ndarray = np.maximum(rows[lag:] - rows[:-lag], 0)
    few = max(1, rise.shape[1] // 8)
    rise.partition(rise.shape[1] - few, axis=1)
    return np.asarray(rise[:, -few:].mean(axis=1, keepdims=True))


def _runs(
    unusual: np.ndarray, excess: Rows, first: int, lay: Layout, settings: Settings
) -> Iterable[Span]:
    levels = excess.view(first, first + len(unusual))[:, lay.inside]
    return runs(unusual, levels, first, settings.threshold, settings.release)


def _attacks(
    unusual: np.ndarray, excess: Rows, first: int, lay: Layout, settings: Settings
) -> Iterable[Span]:
    """From each peak until what rose there has fallen half-way."""
    score = unusual[:, 0]
    longest = round(_LONGEST_ATTACK_S / lay.row_s)
    lag = _lag(lay)
    for top in peaks(score, settings.threshold):
        begin = max(0, first + top - lag)
        after = excess.view(begin, begin + longest)[:, lay.inside]
        early = after[: 2 * lag + lay.smooth].max(axis=0)
        rose = early >= max(float(early.max()) - _ROSE_DB, 0)
        level = after[:, rose].mean(axis=1)
        peak = int(level[: 2 * lag + lay.smooth].argmax())
        fallen = np.flatnonzero(level[peak:] < level[peak] / 2)
        length = peak + int(fallen[0]) if len(fallen) else len(level)
        loudest = np.where(rose, after[:length].max(axis=0), -np.inf)
        yield Span(begin, begin + length, float(score[top]), loudest)


def _lag(lay: Layout) -> int:
    return max(1, round(_ONSET_S / lay.row_s))


WAYS: Final[dict[str, Way]] = {
    "bands": Way(_alone, 0.75, _runs),
    "energy": Way(_itself, 0.5, _runs),
    "pcen": Way(_normalized, 0.05, _runs),
    "onset": Way(_rising, 0.2, _attacks, "cut"),
}
