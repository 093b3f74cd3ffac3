"""Where sound sets in: how much louder bands have become, as librosa measures it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from octolab.audio.spectra.decibels import into_db, power_to_db
from octolab.audio.spectra.streams import MelStream
from octolab.audio.spectra.whole import SR, melspectrogram
from octolab.errors import BadInput

_BLOCK: Final = 1 << 12  # columns

Aggregate = Callable[..., Any]
Feature = Callable[..., np.ndarray]


def onset_strength(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    lag: int = 1,
    max_size: int = 1,
    ref: np.ndarray | None = None,
    detrend: bool = False,
    center: bool = True,
    feature: Feature | None = None,
    aggregate: Aggregate | None = None,
    top_db: float | None = 80.0,
    n_fft: int = 2048,
    hop_length: int = 512,
    **bands: Any,
) -> np.ndarray:
    """How strongly sound sets in, as ``librosa.onset.onset_strength``.

    The mean, over mel bands in decibels, of their rise from `lag` columns before.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    sr : float
        Sample rate in Hz.
    S : ndarray (..., bands, columns), optional
        A spectrogram in decibels, instead of that of `y`.
    lag : int
        Columns to look back.
    max_size : int
        Compare with the loudest of this many neighbouring bands (3 with a `lag` of 2 is
        Böck and Widmer's SuperFlux, DAFx 2013: it forgives vibrato).
    ref : ndarray of the shape of `S`, optional
        Compare with this, instead of the spectrogram itself.
    detrend : bool
        Take away the mean, slowly adapting.
    center : bool
        Shift by half a frame, so that a rise counts where it is seen.
    feature : callable, optional
        ``feature(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **bands)``, whose power is
        looked at instead of that of `melspectrogram`.
    aggregate : callable, optional
        ``aggregate(rises, axis=...)`` over bands, the mean by default; ``numpy.median`` is
        less easily led.
    top_db : float or None
        Lift what is more than this below the loudest of the whole sound. With None what is
        measured does not depend on what comes later, as `OnsetStream` needs it.
    n_fft, hop_length : int
        As for `melspectrogram`.
    **bands
        Further parameters of `melspectrogram`, or of `feature`.

    Returns
    -------
    ndarray (..., columns) float32
        At the times of the columns of `melspectrogram`.

    Raises
    ------
    BadInput
        As for `melspectrogram`; if `lag` or `max_size` is below 1, or `ref` is of another
        shape than the spectrogram.
    """
    if lag < 1 or max_size < 1:
        raise BadInput("lag and max_size must be at least 1")
    if S is None:
        listen = feature or melspectrogram
        S = listen(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **bands)
        if feature is not None:  # what is not ours may be complex, or kept by the caller
            S = np.abs(S)
        into_db(S, top_db=top_db)
    levels = np.swapaxes(np.atleast_2d(S), -1, -2)
    others = levels if ref is None else np.swapaxes(np.atleast_2d(ref), -1, -2)
    if others.shape != levels.shape:
        raise BadInput("ref must have the shape of the spectrogram")
    if ref is not None:
        max_size = 1
    aggregate = aggregate or np.mean
    count = levels.shape[-2]
    shift = lag + (n_fft // (2 * hop_length) if center else 0)
    out = np.zeros((*levels.shape[:-2], count + shift), levels.dtype)
    for start in range(0, count - lag, _BLOCK):
        stop = min(start + _BLOCK, count - lag)
        before = _loudest(others[..., start:stop, :], max_size)
        rises = levels[..., start + lag : stop + lag, :] - before
        np.maximum(rises, 0, out=rises)
        out[..., shift + start : shift + stop] = aggregate(rises, axis=-1)
    if detrend:
        from scipy.signal import lfilter

        out = lfilter([1.0, -1.0], [1.0, -0.99], out, axis=-1)
    return np.ascontiguousarray(out[..., :count])


def _loudest(levels: np.ndarray, size: int) -> np.ndarray:
    if size == 1:
        return levels
    from scipy.ndimage import maximum_filter1d

    return np.asarray(maximum_filter1d(levels, size, axis=-1))


class OnsetStream:
    """How strongly sound sets in, of a stream: `onset_strength` with ``top_db=None``.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    lag : int
        Rows to look back.
    n_fft, hop_length : int
        As for `MelStream`.
    **bands
        Further parameters of `MelStream`.
    """

    def __init__(
        self, sr: float, *, lag: int = 1, n_fft: int = 2048, hop_length: int = 512, **bands: Any
    ) -> None:
        if lag < 1:
            raise BadInput("lag and max_size must be at least 1")
        self._bands = MelStream(sr, n_fft=n_fft, hop_length=hop_length, **bands)
        self._lag = lag
        self._before = np.empty((0, self._bands.width), np.float32)
        self._waiting = np.zeros(lag + n_fft // (2 * hop_length), np.float32)

    def push(self, x: np.ndarray) -> np.ndarray:
        """Take samples (n,) and give the strengths they complete, (k,) float32."""
        return self._rises(self._bands.push(x))

    def flush(self) -> np.ndarray:
        """Give the strengths that the end of the stream completes."""
        return self._rises(self._bands.flush())

    def _rises(self, power: np.ndarray) -> np.ndarray:
        levels = np.concatenate([self._before, power_to_db(power, top_db=None)])
        self._before = levels[max(0, len(levels) - self._lag) :]
        rises = np.maximum(levels[self._lag :] - levels[: -self._lag], 0).mean(axis=1)
        made = np.concatenate([self._waiting, rises])
        self._waiting = made[len(power) :]
        return made[: len(power)]
