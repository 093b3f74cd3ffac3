"""What events sound like, as vectors that can be compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from octolab.audio.classify import ear_of, prepared
from octolab.audio.reading import check_samples, open_sound
from octolab.audio.reading.resample import resampled
from octolab.audio.spectra import mel_frequencies, melspectrogram
from octolab.errors import BadInput
from octolab.model import Event
from octolab.models import Ear

TIMES: Final = 8
BANDS: Final = 24
SCALARS: Final = 3  # duration, peak frequency, bandwidth: the last of a vector
MAX_S: Final = 10.0  # of a longer event its middle
LOWEST_HZ: Final = 50.0
_HIGHEST_HZ: Final = 500_000.0
_CONTEXT_S: Final = 0.25
_RANGE_DB: Final = 30.0
_WAVES: Final = 24  # of the lowest frequency in a window
_LONGEST_S, _SHORTEST_S = 0.128, 0.0116
_EMPTY: Final = 1e-12

Read = Callable[[float, float], np.ndarray]  # samples from a second to a second


def embed(
    sound: str | Path | np.ndarray,
    events: Sequence[Event],
    *,
    sr: int | None = None,
    band: Sequence[float] | None = None,
    model: str | Path | Ear | None = None,
) -> np.ndarray:
    """Describe events by vectors: the more alike two sound, the closer they are.

    Parameters
    ----------
    sound : path or ndarray (n,) float
        A file of any length, of which only the events are read, or samples.
    events : sequence of Event
        Where to listen.
    sr : int, optional
        Sample rate of an array, in Hz.
    band : (low, high), optional
        Frequencies to listen to, in Hz: by default from 50 Hz to half the sample rate.
        Vectors can be compared only if made with the same band.
    model : str, Path or Ear, optional
        Take the embedding of a model that declares one, over a window about the middle of
        each event.

    Returns
    -------
    ndarray (events, d) float32
        Without a model, of an event: how its level in 24 mel bands, above that just before
        and after it and within 30 dB of its loudest, goes through 8 equal parts of its
        time; the mean and standard deviation in each band; the middle of its frequencies
        in each part; its duration, peak frequency and bandwidth, on logarithmic scales.

    Raises
    ------
    BadInput
        If an event lies outside the sound, or the band makes no sense.
    """
    if isinstance(sound, str | Path):
        with open_sound(sound) as opened:
            rate = opened.sr

            def read(start: float, end: float) -> np.ndarray:
                return opened.read(max(0, round(start * rate)), max(0, round(end * rate)))

            return _vectors(read, rate, events, band, model)
    y = check_samples(sound)
    if sr is None:
        raise BadInput("samples need their rate: pass sr, in Hz")
    rate = sr
    return _vectors(
        lambda start, end: y[max(0, round(start * rate)) : max(0, round(end * rate))],
        rate,
        events,
        band,
        model,
    )


def similar(query: np.ndarray, vectors: np.ndarray, k: int = 10) -> list[tuple[int, float]]:
    """Find the vectors that are most like one.

    Parameters
    ----------
    query : ndarray (d,)
        A vector of `embed`.
    vectors : ndarray (n, d)
        Where to look.
    k : int
        How many to give.

    Returns
    -------
    list of (int, float)
        The row and the cosine of the angle between the two, the most alike first.

    Raises
    ------
    BadInput
        If their lengths differ.
    """
    one, many = np.asarray(query, np.float32), np.asarray(vectors, np.float32)
    if one.ndim != 1 or many.ndim != 2 or many.shape[1] != len(one):
        raise BadInput("vectors to compare must be of one length")
    cosine = unit(many) @ unit(one[None])[0]
    best = np.argsort(-cosine, kind="stable")[: max(0, k)]
    return [(int(i), float(cosine[i])) for i in best]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, d) of length 1; those of length 0 stay."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, _EMPTY))


def _vectors(
    read: Read,
    sr: int,
    events: Sequence[Event],
    band: Sequence[float] | None,
    model: str | Path | Ear | None,
) -> np.ndarray:
    if model is not None:
        return _answers(read, sr, events, ear_of(model))
    low, high = (LOWEST_HZ, sr / 2) if band is None else map(float, band)
    if not 0 <= low < high <= _HIGHEST_HZ or low >= sr / 2:
        raise BadInput(
            "a band must go from a lower to a higher frequency, not {low} to {high}",
            low=low,
            high=high,
        )
    found = np.empty((len(events), size()), np.float32)
    # in the order of time, which is that of the file
    for i in sorted(range(len(events)), key=lambda i: events[i].start):
        found[i] = _picture(read, sr, events[i], low, high)
    return found


def size() -> int:
    """The length of a vector made without a model."""
    return TIMES * BANDS + 2 * BANDS + TIMES + SCALARS


def _picture(read: Read, sr: int, event: Event, low: float, high: float) -> np.ndarray:
    start, end = _middle(event, MAX_S)
    begin = max(0.0, start - _CONTEXT_S)
    y = read(begin, end + _CONTEXT_S)
    if len(y) <= (start - begin) * sr:
        raise _outside(event)
    if sr < 2 * high:  # what the file can't hold is silent
        wide = math.ceil(2 * high)
        y, sr = np.concatenate([*resampled(iter([y]), sr, wide, 1)]), wide
    window_s = min(_LONGEST_S, max(_SHORTEST_S, _WAVES / max(low, 1.0)))
    n_fft = 1 << max(4, round(math.log2(sr * window_s)))
    hop = n_fft // 4
    power = melspectrogram(y, sr, n_fft=n_fft, hop_length=hop, n_mels=BANDS, fmin=low, fmax=high)
    level = 10 * np.log10(power.T + _EMPTY)  # (columns, bands)
    first = round((start - begin) * sr / hop)
    last = max(first + 1, min(len(level), round((end - begin) * sr / hop) + 1))
    inside = level[first:last]
    around = np.concatenate([level[:first], level[last:]])
    floor = np.median(around, axis=0) if len(around) else inside.min(axis=0)
    above = np.maximum(inside - floor, 0)
    loudest = above.max()
    shown = np.maximum(above - max(loudest - _RANGE_DB, 0), 0) / max(min(loudest, _RANGE_DB), 1e-3)
    cells = _parts(shown, TIMES)
    weight = cells**2 + 1e-6
    course = (weight @ np.linspace(-1, 1, BANDS)) / weight.sum(axis=1)
    middles = mel_frequencies(BANDS + 2, fmin=low, fmax=high)[1:-1]
    loud = shown.mean(axis=0)
    heard = middles[loud >= loud.max() / 2]
    return np.concatenate(
        [
            cells.ravel(),
            2 * shown.mean(axis=0),
            2 * shown.std(axis=0),
            2 * course,
            [
                math.log2(max(event.end - event.start, 1e-3)),
                2 * math.log2(max(float(middles[loud.argmax()]), 1.0) / LOWEST_HZ) - 8,
                math.log2(max(float(heard[-1] - heard[0]), 10.0) / 100),
            ],
        ]
    )


def _answers(read: Read, sr: int, events: Sequence[Event], ear: Ear) -> np.ndarray:
    """The embedding that a model makes of a window about the middle of each event."""
    model = ear.model
    rows: list[np.ndarray] = []
    for event in events:
        middle = (event.start + event.end) / 2
        start = max(0.0, middle - model.window_s / 2)
        y = read(start, start + model.window_s)
        if not len(y):
            raise _outside(event)
        y = np.concatenate([*resampled(iter([y]), sr, model.rate, 1)])[: model.window]
        filled = np.pad(y, (0, model.window - len(y)))
        rows.append(ear.embeddings(prepared(model, filled[None]))[0])
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)


def _middle(event: Event, most_s: float) -> tuple[float, float]:
    """Where an event is, or its middle if it lasts longer than `most_s`."""
    if not 0 <= event.start <= event.end:
        raise _outside(event)
    spare = max(0.0, event.end - event.start - most_s) / 2
    return event.start + spare, event.end - spare


def _parts(rows: np.ndarray, count: int) -> np.ndarray:
    """The means of `count` equal parts of rows, cut anywhere: (count, bands)."""
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    cuts = np.linspace(0, len(rows), count + 1)
    below = np.minimum(cuts.astype(int), len(rows) - 1)
    at = total[below] + (cuts - below)[:, None] * rows[below]
    return np.asarray(np.diff(at, axis=0) * (count / len(rows)))


def _outside(event: Event) -> BadInput:
    return BadInput(
        "an event from {start} to {end} s is not within the sound",
        start=round(event.start, 3),
        end=round(event.end, 3),
    )
