"""Measures of the shape of a spectrum, as librosa takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from octolab.audio.spectra.framing import Precision, Spectra, check_count, check_precision
from octolab.audio.spectra.streams import Stream
from octolab.audio.spectra.transforms import Fft, Window
from octolab.audio.spectra.whole import SR, columns, need_rate, spectrogram
from octolab.errors import BadInput

# from magnitudes (k, bins) to one number for each row
Measure = Callable[[np.ndarray], np.ndarray]


def spectral_centroid(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    freq: np.ndarray | None = None,
    **frames: Any,
) -> np.ndarray:
    """Mean frequency, weighed by magnitude, as ``librosa.feature.spectral_centroid``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    sr : float
        Sample rate in Hz.
    S : ndarray (..., bins, columns), optional
        A magnitude spectrogram instead.
    freq : ndarray (bins,), optional
        Frequencies of the bins, when they are not those of a Fourier transform.
    **frames
        ``n_fft``, ``hop_length``, ``win_length``, ``window``, ``center``, ``pad_mode``,
        ``precision`` and ``fft``, as for `spectrogram`.

    Returns
    -------
    ndarray (..., 1, columns) float64
        In Hz; 0 for silence.

    Raises
    ------
    BadInput
        As for `spectrogram`.
    """
    hz = _frequencies(need_rate(sr), S, freq, frames)
    return _measured(y, S, lambda rows: _centroid(rows, hz), frames)


def spectral_bandwidth(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    freq: np.ndarray | None = None,
    centroid: np.ndarray | None = None,
    norm: bool = True,
    p: float = 2.0,
    **frames: Any,
) -> np.ndarray:
    """Spread of frequencies about their mean, as ``librosa.feature.spectral_bandwidth``.

    Parameters
    ----------
    y, sr, S, freq, **frames
        As for `spectral_centroid`.
    centroid : ndarray (..., 1, columns), optional
        Frequencies to deviate from, in Hz; those of `spectral_centroid` by default.
    norm : bool
        Weigh by the share of the magnitude rather than by the magnitude.
    p : float
        Power to raise deviations to; 2 gives a standard deviation.

    Returns
    -------
    ndarray (..., 1, columns) float64
        In Hz.

    Raises
    ------
    BadInput
        As for `spectrogram`.
    """
    hz = _frequencies(need_rate(sr), S, freq, frames)

    def measure(rows: np.ndarray, means: np.ndarray | None = None) -> np.ndarray:
        means = _centroid(rows, hz) if means is None else means
        deviation = np.abs(hz - means[:, None]) ** p
        weights = rows / _totals(rows)[:, None] if norm else rows
        return np.asarray((weights * deviation).sum(axis=1) ** (1 / p))

    if centroid is None:
        return _measured(y, S, measure, frames)
    if S is None:
        S = spectrogram(np.asarray(y), power=1.0, **frames)
    means = np.asarray(centroid, float)
    if means.shape != (*S.shape[:-2], 1, S.shape[-1]):
        raise BadInput("centroid must have one frequency for each column of the spectrum")
    return _of_spectrum(S, lambda rows, place: measure(rows, means[place][0]))


def spectral_rolloff(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    freq: np.ndarray | None = None,
    roll_percent: float = 0.85,
    **frames: Any,
) -> np.ndarray:
    """Frequency below which most of the magnitude lies, as ``librosa.feature.spectral_rolloff``.

    Parameters
    ----------
    y, sr, S, freq, **frames
        As for `spectral_centroid`.
    roll_percent : float
        How much is most, between 0 and 1.

    Returns
    -------
    ndarray (..., 1, columns) float64
        In Hz; always that of a bin.

    Raises
    ------
    BadInput
        As for `spectrogram`; if `roll_percent` is not between 0 and 1.
    """
    if not 0 < roll_percent < 1:
        raise BadInput("roll_percent must be between 0 and 1, not {value}", value=roll_percent)
    hz = _frequencies(need_rate(sr), S, freq, frames)

    def measure(rows: np.ndarray) -> np.ndarray:
        sums = np.cumsum(rows, axis=1)
        return np.asarray(hz[(sums >= roll_percent * sums[:, -1:]).argmax(axis=1)])

    return _measured(y, S, measure, frames)


def spectral_flatness(
    y: np.ndarray | None = None,
    *,
    S: np.ndarray | None = None,
    amin: float = 1e-10,
    power: float = 2.0,
    **frames: Any,
) -> np.ndarray:
    """How alike to noise a spectrum is, as ``librosa.feature.spectral_flatness``.

    The geometric mean of its power over the arithmetic one.

    Parameters
    ----------
    y, S, **frames
        As for `spectral_centroid`.
    amin : float
        Power below which all is the same.
    power : float
        Of the magnitude.

    Returns
    -------
    ndarray (..., 1, columns) float64
        From 0 (a tone) to 1 (silence); white noise lies at about 0.56.

    Raises
    ------
    BadInput
        As for `spectrogram`; if `amin` is not above 0.

    Notes
    -----
    The faintest bins weigh as much as the loudest, so that single precision can't keep the
    promise of ``"fast"``: spectra are transformed in double precision for both.
    """
    check_precision(frames.pop("precision", "exact"))
    if not amin > 0:
        raise BadInput("amin must be above 0, not {value}", value=amin)

    def measure(rows: np.ndarray) -> np.ndarray:
        powers = np.maximum(rows**power, amin)
        geometric = np.exp(np.log(powers).mean(axis=1, dtype=np.float64))
        return np.asarray(geometric / powers.mean(axis=1, dtype=np.float64))

    return _measured(y, S, measure, {**frames, "precision": "exact"})


def _totals(rows: np.ndarray) -> np.ndarray:
    """Sum of each row; 1 where there is nothing to divide."""
    totals = rows.sum(axis=1, dtype=np.float64)
    totals[totals < np.finfo(rows.dtype).tiny] = 1
    return np.asarray(totals)


def _centroid(rows: np.ndarray, hz: np.ndarray) -> np.ndarray:
    return np.asarray(rows @ hz / _totals(rows))


def _frequencies(
    sr: float,
    S: np.ndarray | None,
    freq: np.ndarray | None,
    frames: dict[str, Any],
) -> np.ndarray:
    n_fft = check_count(frames.get("n_fft", 2048)) if S is None else 2 * (S.shape[-2] - 1)
    if freq is None:
        return np.fft.rfftfreq(n_fft, 1 / sr)
    hz = np.asarray(freq, float)
    if hz.shape != (1 + n_fft // 2,):
        raise BadInput("freq must have one frequency for each of {bins} bins", bins=1 + n_fft // 2)
    return hz


def _measured(
    y: np.ndarray | None,
    S: np.ndarray | None,
    measure: Measure,
    frames: dict[str, Any],
) -> np.ndarray:
    if S is None:
        return _of_sound(y, measure, **frames)
    return _of_spectrum(S, lambda rows, _: measure(rows))


def _of_spectrum(
    S: np.ndarray, measure: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]
) -> np.ndarray:
    """As `_measured`, of magnitudes; which of several spectra it is is told too."""
    if np.iscomplexobj(S) or np.ndim(S) < 2 or (S < 0).any():
        raise BadInput("a spectrum must be of magnitudes, (bins, columns), 0 or more")
    rows = np.swapaxes(S, -1, -2)
    out = np.empty((*rows.shape[:-1], 1))
    for place in np.ndindex(rows.shape[:-2]):
        out[place][:, 0] = measure(rows[place], place)
    return np.swapaxes(out, -1, -2)


def _of_sound(
    y: np.ndarray | None,
    measure: Measure,
    *,
    n_fft: int = 2048,
    hop_length: int | None = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    precision: Precision = "fast",
    fft: Fft | None = None,
) -> np.ndarray:
    def stream(real: type) -> Stream:
        spectra = Spectra(
            n_fft,
            hop_length,
            win_length=win_length,
            window=window,
            precision=precision,
            fft=fft,
        )
        return _Shape(spectra, measure, real)

    return columns(y, stream, precision=precision, center=center, pad_mode=pad_mode)


class _Shape(Stream):
    """One number from each spectrum of a stream."""

    def __init__(self, spectra: Spectra, measure: Measure, real: type) -> None:
        super().__init__(spectra, 1, center=False, real=real)
        self.dtype = np.dtype(np.float64)
        self._measure = measure

    def _rows(self, spectra: np.ndarray, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import powers

        magnitudes = np.empty((len(out), self.spectra.bins), self.real)
        powers(spectra, len(out), 1.0, magnitudes)
        out[:, 0] = self._measure(magnitudes)
