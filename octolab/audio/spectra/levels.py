"""Measures of frames of samples: level and zero crossings, as librosa takes them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from octolab.audio.spectra.framing import Frames, check_count
from octolab.audio.spectra.samples import check_finite
from octolab.audio.spectra.whole import columns
from octolab.errors import BadInput

Measure = Callable[[np.ndarray, int, int, int, np.ndarray], None]


def rms(
    y: np.ndarray | None = None,
    *,
    S: np.ndarray | None = None,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    pad_mode: str = "constant",
    dtype: type = np.float32,
) -> np.ndarray:
    """Root mean square of frames, as ``librosa.feature.rms``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    S : ndarray (..., 1 + frame_length // 2, columns), optional
        A magnitude spectrogram (of a rectangular window) instead.
    frame_length, hop_length : int
        In samples.
    center, pad_mode
        As for `spectrogram`.
    dtype : type
        Of the result, a float.

    Returns
    -------
    ndarray (..., 1, columns)
        Level of each frame, 1.0 for a square wave at full scale.

    Raises
    ------
    BadInput
        As for `spectrogram`; if `S` does not fit the length of a frame.
    """
    if S is not None:
        if S.shape[-2] != 1 + frame_length // 2:
            raise BadInput(
                "a spectrogram of {bins} bins is not of frames of {length} samples",
                bins=S.shape[-2],
                length=frame_length,
            )
        power = np.square(S, dtype=dtype)
        power[..., 0, :] /= 2
        if frame_length % 2 == 0:
            power[..., -1, :] /= 2
        total = power.sum(axis=-2, keepdims=True)
        return np.asarray(np.sqrt(2 * total / frame_length**2))

    def measure(samples: np.ndarray, length: int, hop: int, count: int, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import frame_power

        frame_power(samples, length, hop, count, out)
        np.sqrt(out, out=out)

    return columns(
        y,
        lambda real: _Measured(measure, frame_length, hop_length, real, dtype),
        center=center,
        pad_mode=pad_mode,
    )


def zero_crossing_rate(
    y: np.ndarray,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    threshold: float = 1e-10,
    pad: bool = False,
    zero_pos: bool = True,
) -> np.ndarray:
    """Share of samples at which the sign changes, as ``librosa.feature.zero_crossing_rate``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    frame_length, hop_length : int
        In samples.
    center : bool
        As for `spectrogram`; the outermost samples are held beyond the ends.
    threshold : float
        Samples no further from zero than this count as zero.
    pad : bool
        Count the first sample of each frame as a crossing.
    zero_pos : bool
        Take zero for positive; else it has a sign of its own.

    Returns
    -------
    ndarray (..., 1, columns) float64
        From 0 to 1.

    Raises
    ------
    BadInput
        As for `spectrogram`.
    """

    def measure(samples: np.ndarray, length: int, hop: int, count: int, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import frame_crossings

        frame_crossings(samples, length, hop, count, threshold, zero_pos, out)
        if pad:
            out += 1 / length

    return columns(
        y,
        lambda real: _Measured(measure, frame_length, hop_length, real, np.float64),
        center=center,
        pad_mode="edge",
    )


class _Measured:
    """One number from each frame of samples, as a stream."""

    width = 1

    def __init__(self, measure: Measure, length: int, hop: int, real: type, dtype: type) -> None:
        self.length = check_count(length)
        self.dtype = np.dtype(dtype)
        self._measure = measure
        self._real = real
        self._frames = Frames(length, check_count(hop), np.empty(0, real))

    def ready(self, more: int) -> int:
        return self._frames.ready(more)

    def fill(self, x: np.ndarray, out: np.ndarray) -> None:
        check_finite(x)
        done = 0
        for samples, count in self._frames.cut(np.ascontiguousarray(x, self._real)):
            part = out[done : done + count]
            self._measure(samples, self.length, self._frames.hop, count, part)
            done += count
