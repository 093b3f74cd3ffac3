"""How good a detector is: its events against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from octolab.errors import BadInput


class Timed(Protocol):
    """What has a beginning, an end and a name, such as `octolab.model.Event`."""

    @property
    def start(self) -> float:
        """Seconds."""

    @property
    def end(self) -> float:
        """Seconds."""

    @property
    def label(self) -> str:
        """What it is called."""


@dataclass(frozen=True)
class Scores:
    """How events agree with the truth.

    Attributes
    ----------
    truth, found, hits : int
        How many events there are, were found, and of those agree in onset and offset.
    onset_hits, overlap_hits : int
        How many agree in onset alone, and in overlap.
    duration_s : float, optional
        Of the sound.
    """

    truth: int
    found: int
    hits: int
    onset_hits: int
    overlap_hits: int
    duration_s: float | None = None

    @property
    def precision(self) -> float:
        """The share of what was found that is true; 1 if nothing was found."""
        return self.hits / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of the truth that was found; 1 if there is nothing to find."""
        return self.hits / self.truth if self.truth else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return self._f1(self.hits)

    @property
    def onset_f1(self) -> float:
        """F1 of onsets alone."""
        return self._f1(self.onset_hits)

    @property
    def overlap_f1(self) -> float:
        """F1 of events whose intersection is a given share of their union."""
        return self._f1(self.overlap_hits)

    @property
    def false_alarms(self) -> int:
        """How many were found that agree with nothing."""
        return self.found - self.hits

    @property
    def false_alarms_per_hour(self) -> float | None:
        """The same by hour; None if the duration is not known."""
        return None if self.duration_s is None else 3600 * self.false_alarms / self.duration_s

    def _f1(self, hits: int) -> float:
        return 2 * hits / (self.truth + self.found) if self.truth + self.found else 1.0

    def __add__(self, other: Scores) -> Scores:
        """The scores of two sounds together."""
        durations = (self.duration_s, other.duration_s)
        return Scores(
            self.truth + other.truth,
            self.found + other.found,
            self.hits + other.hits,
            self.onset_hits + other.onset_hits,
            self.overlap_hits + other.overlap_hits,
            None if None in durations else sum(s for s in durations if s is not None),
        )


def score_events(
    truth: Sequence[Timed],
    found: Sequence[Timed],
    *,
    collar_s: float = 0.2,
    offset_share: float = 0.5,
    overlap: float = 0.5,
    labels: bool = False,
    duration_s: float | None = None,
) -> Scores:
    """Compare found events with the truth; each counts once, as many as possible.

    Parameters
    ----------
    truth, found : sequence of Event
        Anything with ``start``, ``end`` and ``label``.
    collar_s : float
        How far onsets may be apart, in seconds.
    offset_share : float
        Ends may be as far apart as onsets, or by this share of the true duration if that
        is more.
    overlap : float
        For `Scores.overlap_f1`: the least intersection over union, above 0 to 1.
    labels : bool
        Whether labels must be the same.
    duration_s : float, optional
        Of the sound; needed for false alarms per hour.

    Returns
    -------
    Scores

    Raises
    ------
    BadInput
        If a parameter is out of range.

    Notes
    -----
    Events with a collar as in Mesaros et al. 2016, Metrics for polyphonic sound event
    detection (``sed_eval``, with ``percentage_of_length`` for `offset_share`). Pairs are a
    maximum matching of the bipartite graph of all that agree, so the order of events does
    not matter.
    """
    if collar_s < 0 or offset_share < 0 or not 0 < overlap <= 1:
        raise BadInput("collar_s and offset_share can't be below 0; overlap is above 0, up to 1")
    pairs = _Pairs(truth, found, labels)
    near = pairs.within(np.full(len(truth), collar_s))
    slack = np.maximum(collar_s, offset_share * (pairs.truth[:, 1] - pairs.truth[:, 0]))
    ends = np.abs(pairs.truth[near[0], 1] - pairs.found[near[1], 1]) <= slack[near[0]]
    # Events that overlap by that much begin no further apart than this.
    apart = (1 - overlap) / overlap * (pairs.truth[:, 1] - pairs.truth[:, 0])
    over = pairs.within(apart + 1e-9)
    return Scores(
        truth=len(truth),
        found=len(found),
        hits=pairs.matched(near, ends),
        onset_hits=pairs.matched(near, np.ones(len(near[0]), bool)),
        overlap_hits=pairs.matched(over, pairs.overlaps(over) >= overlap),
        duration_s=duration_s,
    )


class _Pairs:
    """Pairs of true and found events, by their numbers."""

    def __init__(self, truth: Sequence[Timed], found: Sequence[Timed], labels: bool) -> None:
        self.truth, self.found = _times(truth), _times(found)
        self._names = None
        if labels:
            self._names = [np.array([one.label for one in some], str) for some in (truth, found)]

    def within(self, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs whose beginnings are at most so far apart, given for each true event."""
        order = np.argsort(self.found[:, 0], kind="stable")
        starts = self.found[order, 0]
        first = np.searchsorted(starts, self.truth[:, 0] - apart, "left")
        last = np.searchsorted(starts, self.truth[:, 0] + apart, "right")
        left = np.repeat(np.arange(len(self.truth)), last - first)
        places = [np.arange(a, b) for a, b in zip(first, last, strict=True)]
        right = order[np.concatenate([np.empty(0, int), *places])]
        if self._names is not None:
            same = self._names[0][left] == self._names[1][right]
            left, right = left[same], right[same]
        return left, right

    def overlaps(self, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Intersection over union of each pair."""
        a, b = self.truth[pairs[0]], self.found[pairs[1]]
        inside = np.minimum(a[:, 1], b[:, 1]) - np.maximum(a[:, 0], b[:, 0])
        outside = np.maximum(a[:, 1], b[:, 1]) - np.minimum(a[:, 0], b[:, 0])
        return np.asarray(np.maximum(inside, 0) / np.maximum(outside, 1e-12))

    def matched(self, pairs: tuple[np.ndarray, np.ndarray], good: np.ndarray) -> int:
        """How many of the good pairs can be had at once."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import maximum_bipartite_matching

        if not good.any():
            return 0
        shape = (len(self.truth), len(self.found))
        graph = csr_array((np.ones(good.sum()), (pairs[0][good], pairs[1][good])), shape=shape)
        return int(np.count_nonzero(maximum_bipartite_matching(graph, perm_type="column") >= 0))


def _times(events: Sequence[Timed]) -> np.ndarray:
    return np.array([(one.start, one.end) for one in events], float).reshape(-1, 2)
