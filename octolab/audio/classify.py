"""What a sound model hears in a file of any length, window by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from octolab.audio.events.following import followed
from octolab.audio.reading import open_sound
from octolab.audio.spectra import melspectrogram
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Label, Metric
from octolab.models import Ear, SoundModel, fingerprint, load_sound_model
from octolab.models.sound import description_of
from octolab.plugins import Analyzer, Progress

_BATCH: Final = 16
_TOP: Final = 20


def classify_sound(
    path: str | Path,
    *,
    model: str | Path | Ear | None = None,
    threshold: float = 0.5,
    progress: Progress | None = None,
) -> Analysis:
    """Ask a model what is to be heard, in one pass and constant memory.

    Parameters
    ----------
    path : path
        A sound of any length and rate.
    model : str, Path or Ear
        The name of one that was added (`octolab.models.add_sound_model`), a description
        beside a model file, or one that is loaded.
    threshold : float
        The least score that counts, 0 to 1.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    Analysis
        An event for each stretch of windows with a label, with its highest score; the
        labels with their highest scores, best first, 20 at most; the number of
        ``windows``; and the sha256 of the model. The last window is filled up with silence.

    Raises
    ------
    BadInput
        If there is no sound in the file, or the model can't be used.
    NotFound
        If there is no such model.
    """
    if not 0 <= threshold <= 1:
        raise BadInput("threshold must be from 0 to 1, not {value}", value=threshold)
    ear = ear_of(model)
    ask = ear.model
    runs = _Runs(ask, threshold)
    with open_sound(path) as sound:
        pieces = windows(followed(sound, ask.rate, progress), ask.window, ask.hop)
        for starts, samples in _batches(pieces):
            runs.take(starts, ear.scores(prepared(ask, samples)))
        end_s = sound.duration_s
    best = np.argsort(runs.best)[::-1][:_TOP]
    return Analysis(
        events=tuple(runs.finish(end_s)),
        labels=tuple(
            Label(ask.labels[i], float(runs.best[i])) for i in best if runs.best[i] >= threshold
        ),
        metrics={"windows": Metric(float(runs.windows))},
        model=ask.sha256,
    )


def windows(
    blocks: Iterable[np.ndarray], length: int, hop: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Cut a stream into windows.

    Parameters
    ----------
    blocks : iterable of ndarray (n,)
        Samples.
    length, hop : int
        Samples in a window, and from one to the next.

    Yields
    ------
    (int, ndarray (length,) float32)
        The number of its first sample, and the window. The last one, filled up with
        zeros, is that in which the stream ends.
    """
    start, held = 0, np.zeros(0, np.float32)
    reached = 0  # how far windows have come
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= length:
            yield start, held[:length]
            reached = start + length
            held, start = held[hop:], start + hop
    if start + len(held) > reached:
        yield start, np.pad(held, (0, length - len(held)))


def prepared(model: SoundModel, samples: np.ndarray) -> np.ndarray:
    """Make of windows of samples (n, window) what a model wants: (n, *model.shape) float32."""
    mel = model.mel
    if mel is None:
        return samples
    power = melspectrogram(
        samples,
        model.rate,
        n_fft=mel.n_fft,
        hop_length=mel.hop_length,
        n_mels=mel.n_mels,
        fmin=mel.fmin,
        fmax=mel.fmax,
        power=mel.power,
        htk=mel.htk,
        norm=mel.norm,
        center=mel.center,
    )
    if mel.scale == "db":
        power = 10 * np.log10(np.maximum(power, mel.floor))
    elif mel.scale == "log":
        power = np.log(power + mel.floor)
    return power if mel.order == "mel-time" else power.swapaxes(1, 2)


class _Runs:
    """The stretches of windows in which each label scores high enough."""

    def __init__(self, model: SoundModel, threshold: float) -> None:
        self._model = model
        self._threshold = threshold
        self._open: dict[int, Event] = {}
        self._done: list[Event] = []
        self.best = np.zeros(len(model.labels), np.float32)
        self.windows = 0

    def take(self, starts: list[int], scores: np.ndarray) -> None:
        """Take the scores of the next windows."""
        rate, labels = self._model.rate, self._model.labels
        np.maximum(self.best, scores.max(axis=0), out=self.best)
        self.windows += len(starts)
        for row, first in zip(scores, starts, strict=True):
            start, end = first / rate, (first + self._model.window) / rate
            for i in map(int, np.flatnonzero(row >= self._threshold)):
                score, before = float(row[i]), self._open.get(i)
                if before is not None and before.end >= start:
                    start_s, score = before.start, max(before.score, score)
                else:
                    start_s = start
                    if before is not None:
                        self._done.append(before)
                self._open[i] = Event(start_s, end, labels[i], score)

    def finish(self, end_s: float) -> list[Event]:
        """All stretches, by time; none reaches beyond the end of the sound."""
        found = [*self._done, *self._open.values()]
        clipped = [Event(e.start, min(e.end, end_s), e.label, e.score) for e in found]
        return sorted(clipped, key=lambda e: (e.start, -e.score, e.label))


def _batches(
    pieces: Iterable[tuple[int, np.ndarray]],
) -> Iterator[tuple[list[int], np.ndarray]]:
    starts: list[int] = []
    held: list[np.ndarray] = []
    for start, samples in pieces:
        starts.append(start)
        held.append(samples)
        if len(held) == _BATCH:
            yield starts, np.stack(held)
            starts, held = [], []
    if held:
        yield starts, np.stack(held)


def ear_of(model: str | Path | Ear | None) -> Ear:
    """The model of that name or path, loaded once for as long as it is unchanged."""
    if model is None or model == "":
        raise BadInput("the analyzer needs the name of a model: pass model=")
    return model if isinstance(model, Ear) else _loaded(model)


def _loaded(model: str | Path) -> Ear:
    path = description_of(model)
    return _kept(path, fingerprint(path))


@lru_cache(maxsize=2)
def _kept(description: Path, sha256: str) -> Ear:
    return load_sound_model(description)


analyzer = Analyzer(
    "sound-model",
    run=classify_sound,
    kinds=frozenset({"sound", "clip"}),
    title="Sound model",
    description="What a model that you added hears, window by window.",
    params={"model": "", "threshold": 0.5},
)
