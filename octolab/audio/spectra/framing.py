"""From samples to spectra: a stream is cut into overlapping frames, blocks are transformed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from octolab.audio.spectra.transforms import Fft, Window, transform, window_of
from octolab.errors import BadInput

Precision = Literal["fast", "exact"]


def check_precision(precision: str) -> None:
    """Raise `BadInput` if it is none."""
    if precision not in ("fast", "exact"):
        raise BadInput("precision must be 'fast' or 'exact', not {value!r}", value=precision)


def check_count(value: Any) -> int:
    """A whole number of 1 or more, or `BadInput`."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise BadInput(
            "n_fft, hop_length and frame_length must be whole numbers of 1 or more, not {value!r}",
            value=value,
        )
    return int(value)


def hop_of(hop_length: int | None, n_fft: int, win_length: int | None) -> int:
    """From one frame to the next: as given, else a quarter of the window, as in librosa."""
    return (n_fft if win_length is None else win_length) // 4 if hop_length is None else hop_length


class Frames:
    """Where the frames of a stream lie, and what must be kept of it for the next ones.

    ``before`` is put in front of the stream; of a stream with nothing in front, the first
    ``skip`` samples may be left out.
    """

    def __init__(self, length: int, hop: int, before: np.ndarray, skip: int = 0) -> None:
        self.length = length
        self.hop = hop
        self._held = before
        self._skip = skip  # samples before the next frame begins

    def ready(self, more: int) -> int:
        """How many frames `more` samples would complete."""
        return max(0, (len(self._held) - self._skip + more - self.length) // self.hop + 1)

    def cut(self, x: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Contiguous samples and the number of frames to be taken from them, in order."""
        if self._skip:
            dropped = min(self._skip, len(x))
            self._skip -= dropped
            x = x[dropped:]
        held = self._held
        count = self.ready(len(x))
        inside = min(count, -(-len(held) // self.hop))  # frames that begin in what is held
        if inside:
            need = (inside - 1) * self.hop + self.length - len(held)
            yield np.concatenate([held, x[: max(0, need)]]), inside
        if count > inside:
            yield x[inside * self.hop - len(held) :], count - inside
        begin = count * self.hop - len(held)  # of the next frame, in x
        if begin < 0:
            self._held = np.concatenate([held[begin:], x])
        else:
            self._held = x[begin:].copy()
            self._skip += max(0, begin - len(x))


class Spectra:
    """Windowed frames of real samples and their spectra.

    Parameters
    ----------
    n_fft : int
        Length of a frame and of its transform.
    hop_length : int, optional
        From one frame to the next; a quarter of the window by default.
    win_length : int, optional
        Length of the window in the middle of a frame; `n_fft` by default.
    window : str, tuple, float or ndarray
        As ``scipy.signal.get_window`` takes it, or its values.
    precision : {"fast", "exact"}
        Transform in single or in double precision.
    fft : {"scipy", "mkl"}, optional
        Which transform; by default the faster one of those installed.
    """

    def __init__(
        self,
        n_fft: int,
        hop_length: int | None,
        *,
        win_length: int | None = None,
        window: Window = "hann",
        precision: Precision = "fast",
        fft: Fft | None = None,
    ) -> None:
        check_precision(precision)
        self.n_fft = check_count(n_fft)
        self.hop = check_count(hop_of(hop_length, n_fft, win_length))
        self.bins = 1 + n_fft // 2
        real = np.float32 if precision == "fast" else np.float64
        values = window_of(window, n_fft if win_length is None else win_length, n_fft)
        self.window = values.astype(real)
        self._transform = transform(self.window, fft)

    def blocks(self, samples: np.ndarray, count: int) -> Iterator[tuple[int, int, np.ndarray]]:
        """Spectra of the first `count` frames of `samples`, some at a time.

        Yields
        ------
        first, number : int
            Which frames.
        spectra : ndarray (at least `number`, at least 2 * bins) float32 or float64
            Their spectra, real and imaginary parts in turn, until the next are made. Rows
            beyond `number` and what follows the last bin hold nothing of use.

        Raises
        ------
        BadInput
            If there is NaN or infinity among the samples.
        """
        for first in range(0, count, self._transform.rows):
            number = min(self._transform.rows, count - first)
            yield first, number, self._transform(samples[first * self.hop :], self.hop, number)
