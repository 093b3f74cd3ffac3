"""Stretches of rows that stand out, and events made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from octolab.audio.events.layout import Layout
from octolab.audio.events.settings import Settings
from octolab.model import Event

Overlap = Literal["join", "cut", "best"]

_LATE_S: Final = 0.1  # by which a span may begin before the rows it is found in
_BESIDE_DB: Final = 10.0  # bands that much below the loudest belong to an event


@dataclass(frozen=True)
class Span:
    """Rows `begin` to `end` (exclusive).

    ``loudest`` is the most that each band inside was above its floor while it stood out;
    minus infinity if it did not.
    """

    begin: int
    end: int
    score: float
    loudest: np.ndarray  # (bands,) dB

    def joined(self, other: Span) -> Span:
        """Put a later one to it, with all between them."""
        return Span(
            self.begin,
            max(self.end, other.end),
            max(self.score, other.score),
            np.maximum(self.loudest, other.loudest),
        )


def runs(
    unusual: np.ndarray, levels: np.ndarray, first: int, high: float, release: float
) -> Iterator[Span]:
    """Runs of rows whose most unusual value is above ``release * high`` and reaches `high`.

    Those at either end are given in any case: they may reach it beyond these rows.
    """
    score = unusual.max(axis=1)
    changes = np.flatnonzero(np.diff(np.concatenate([[False], score > release * high, [False]])))
    for begin, end in changes.reshape(-1, 2).tolist():
        peak = float(score[begin:end].max())
        if peak >= high or begin == 0 or end == len(score):
            out = unusual[begin:end] >= high
            loudest = np.where(out, levels[begin:end], -np.inf).max(axis=0)
            yield Span(first + begin, first + end, peak, loudest)


def peaks(score: np.ndarray, threshold: float) -> list[int]:
    """Rows that reach the threshold and are higher than their neighbours."""
    padded = np.pad(score, 1, constant_values=-np.inf)
    top = (score >= threshold) & (score > padded[:-2]) & (score >= padded[2:])
    found: list[int] = np.flatnonzero(top).tolist()
    return found


class Joiner:
    """Makes events of spans that come by time, and knows when one is done.

    Pieces of one run are put together, and so is what is closer than `merge_gap_s`. Of spans
    that have an end of their own, `overlap` says more: "cut" joins those that begin that
    close together and else cuts one off where the next begins; "best" keeps the best of
    those that overlap.
    """

    def __init__(self, lay: Layout, settings: Settings, overlap: Overlap) -> None:
        self._threshold = settings.threshold
        self._gap_rows = settings.merge_gap_s / lay.row_s
        self._late = round(_LATE_S / lay.row_s) if overlap == "cut" else 0
        self._overlap = overlap
        self._run: Span | None = None  # its end may not be known
        self._last: Span | None = None  # a neighbour may still join it
        self._begun = 0  # where the latest part of the last one begins

    def take(self, spans: Iterable[Span], known: int) -> list[Span]:
        """Add the spans of rows up to `known`; give those that nothing can change any more."""
        done: list[Span] = []
        for span in spans:
            if self._run is not None and self._overlap == "join" and span.begin == self._run.end:
                self._run = self._run.joined(span)
                continue
            done += self._end_run()
            self._run = span
        if self._run is not None and self._run.end < known:
            done += self._end_run()
        if self._last is not None and self._run is None and not self._near(known - self._late):
            done += self._end_last()
        return done

    def flush(self) -> list[Span]:
        """Give what is left, at the end."""
        return [*self._end_run(), *self._end_last()]

    def _end_run(self) -> list[Span]:
        run, self._run = self._run, None
        if run is None or run.score < self._threshold:
            return []
        done: list[Span] = []
        last = self._last
        if last is None or not self._near(run.begin):
            done = self._end_last()
            self._last = run
        elif self._overlap == "best":
            self._last = max(last, run, key=lambda one: one.score)
        elif self._overlap == "join" or run.begin - self._begun < self._gap_rows:
            self._last = last.joined(run)
        else:
            self._last = replace(last, end=min(last.end, run.begin))
            done = self._end_last()
            self._last = run
        self._begun = run.begin
        return done

    def _end_last(self) -> list[Span]:
        last, self._last = self._last, None
        return [] if last is None else [last]

    def _near(self, row: int) -> bool:
        assert self._last is not None
        if self._overlap == "join":
            return row - self._last.end < self._gap_rows
        return row < self._last.end or (
            self._overlap == "cut" and row - self._begun < self._gap_rows
        )


def events(
    spans: Iterable[Span], lay: Layout, settings: Settings, frames: int | None = None
) -> list[Event]:
    """Say in seconds and Hz what spans are, and leave out those too short or too long.

    ``frames`` is the length of the sound in samples; None if it goes on beyond them.
    """
    found = []
    look_s = lay.n_fft / lay.sr + settings.smooth_s if settings.method == "bands" else 0.0
    for span in spans:
        seconds = (span.end - span.begin) * lay.row_s
        longest = settings.max_duration_s
        if seconds < settings.min_duration_s or (longest is not None and seconds > longest):
            continue
        if seconds <= look_s and span.score < settings.threshold * settings.brief:
            continue
        end = span.end * lay.row_s
        end = end if frames is None else min(end, frames / lay.sr)
        found.append(_event(span, end, lay, settings))
    return found


def _event(span: Span, end: float, lay: Layout, settings: Settings) -> Event:
    levels = span.loudest
    hz = lay.hz[lay.inside.start : lay.inside.stop + 1]
    peak = int(levels.argmax())
    heard = levels >= levels[peak] - _BESIDE_DB
    near = np.flatnonzero(heard)
    loudest = float(levels[peak])
    if settings.fundamental:
        peak = _lowest_peak(levels, heard)
    start = span.begin * lay.row_s
    peak_hz = float((hz[peak] + hz[peak + 1]) / 2)
    label = next(
        (
            kind.label
            for kind in settings.kinds
            if end - start <= kind.longest_s and peak_hz <= kind.highest_hz
        ),
        settings.label,
    )
    return Event(
        start=round(start, 4),
        end=round(end, 4),
        label=label,
        score=round(span.score, 2),
        low_hz=round(float(hz[near[0]]), 1),
        high_hz=round(float(hz[near[-1] + 1]), 1),
        peak_hz=round(peak_hz, 1),
        snr_db=round(loudest, 1),
    )


def _lowest_peak(levels: np.ndarray, heard: np.ndarray) -> int:
    """The lowest band that is heard and louder than both its neighbours."""
    padded = np.pad(levels, 1, constant_values=-np.inf)
    top = heard & (levels >= padded[:-2]) & (levels >= padded[2:])
    return int(np.flatnonzero(top)[0])
