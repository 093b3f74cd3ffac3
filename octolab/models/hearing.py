"""Asking a sound model: from windows of sound to scores of 0 to 1, whatever its shapes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from octolab.errors import BadInput
from octolab.models.runners import Runner
from octolab.models.sound import SoundModel

BATCH: Final = 16
_AT_ONCE: Final = 1 << 22  # values; of long windows fewer go together


class Ear:
    """A sound model that is loaded; any thread may ask it.

    Attributes
    ----------
    model : SoundModel
        What it wants to hear.
    """

    def __init__(self, model: SoundModel, runner: Runner) -> None:
        self.model = model
        self._runner = runner
        self._shape, self._batch = _fitted(runner.shape, model.shape, model.file)
        self._output = model.output or runner.outputs[0]
        if self._output not in runner.outputs:
            raise BadInput(
                "the model {name} has no output {output!r}", name=model.file, output=self._output
            )

    def scores(self, windows: np.ndarray) -> np.ndarray:
        """How likely each label is in each window.

        Parameters
        ----------
        windows : ndarray (n, *model.shape) float32
            Samples or spectrograms, as the model wants them.

        Returns
        -------
        ndarray (n, labels) float32

        Raises
        ------
        BadInput
            If the model fails, or gives something else than a score for each label.
        """
        labels = len(self.model.labels)
        rows = []
        for size, given in self._answers(windows, self._output):
            if given.size != size * labels:
                raise BadInput(
                    "the model {name} gives {found} scores for each window, but has {labels} "
                    "labels",
                    name=self.model.file,
                    found=given.size // size,
                    labels=labels,
                )
            rows.append(given.reshape(size, labels))
        raw = np.concatenate(rows)
        if not np.isfinite(raw).all():
            raise BadInput(
                "the model {name} gives scores that are not numbers", name=self.model.file
            )
        return _activated(raw, self.model.activation)

    def embeddings(self, windows: np.ndarray) -> np.ndarray:
        """What each window is like: (n, d) float32, the output that the model declares.

        Raises
        ------
        BadInput
            If it declares none, or fails.
        """
        name = self.model.embedding
        if name is None:
            raise BadInput("the model {name} declares no embedding", name=self.model.file)
        rows = []
        for size, given in self._answers(windows, name):
            if not given.size or given.size % size:
                raise BadInput(
                    "the embedding of the model {name} is not one for each window",
                    name=self.model.file,
                )
            rows.append(given.reshape(size, -1))
        return np.concatenate(rows)

    def try_out(self) -> None:
        """Ask it about silence, to see whether it answers; raises what the others do."""
        silence = np.zeros((1, *self.model.shape), np.float32)
        self.scores(silence)
        if self.model.embedding is not None:
            self.embeddings(silence)

    def _answers(self, windows: np.ndarray, output: str) -> Iterator[tuple[int, np.ndarray]]:
        """What it says of some windows at a time, and of how many."""
        fitting = _AT_ONCE // max(1, math.prod(self.model.shape))
        asked = self._batch or min(BATCH, max(1, fitting))
        for begin in range(0, len(windows), asked):
            some = windows[begin : begin + asked]
            size = len(some)
            if self._batch and size < asked:  # it takes no fewer
                some = np.concatenate([some, np.zeros((asked - size, *some.shape[1:]), np.float32)])
            lead = () if len(self._shape) == len(self._runner.shape) else (len(some),)
            inputs = np.ascontiguousarray(some, np.float32).reshape(lead + self._shape)
            yield size, _first(self._runner(inputs, output), size, len(some))


def _first(found: np.ndarray, size: int, asked: int) -> np.ndarray:
    """Of an answer about several windows, what is about the first ones."""
    if size == asked or not found.shape or found.shape[0] != asked:
        return found
    return found[:size]


def _fitted(
    wanted: tuple[int | None, ...], shape: tuple[int, ...], file: str
) -> tuple[tuple[int, ...], int | None]:
    """How to lay out one window, and how many at a time; None for any number.

    A model may have axes of length 1 besides those of the window, and one for the windows
    in front.
    """
    inner = _laid(wanted[1:], shape)
    if wanted and inner is not None:
        return inner, wanted[0]
    inner = _laid(wanted, shape)
    if inner is not None:
        return inner, 1
    raise BadInput(
        "the model {name} takes an input of {wanted}, but its description makes one of {given}",
        name=file,
        wanted=" x ".join("?" if size is None else str(size) for size in wanted) or "0",
        given=" x ".join(map(str, shape)),
    )


def _laid(wanted: tuple[int | None, ...], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The sizes of a model's axes for a window of that shape; None if it doesn't fit."""
    if not wanted:
        return None if shape else ()
    if wanted[0] in (None, 1) and (rest := _laid(wanted[1:], shape)) is not None:
        return (1, *rest)
    if shape and wanted[0] in (None, shape[0]):
        rest = _laid(wanted[1:], shape[1:])
        return None if rest is None else (shape[0], *rest)
    return None


def _activated(raw: np.ndarray, activation: str) -> np.ndarray:
    if activation == "sigmoid":
        raw = 1 / (1 + np.exp(-np.clip(raw, -80, 80)))
    elif activation == "softmax":
        raw = np.exp(raw - raw.max(axis=1, keepdims=True))
        raw /= raw.sum(axis=1, keepdims=True)
    return raw
