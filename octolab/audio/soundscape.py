"""Acoustic indices of a given spectrogram, each by itself; equal to scikit-maad's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from octolab.errors import BadInput

Band = tuple[float, float]

THRESHOLD_DB: Final = -50.0
ANTHROPOPHONY_HZ: Final = (0.0, 1000.0)
BIOPHONY_HZ: Final = (1000.0, 10000.0)


def acoustic_complexity(S: np.ndarray) -> float:
    """How much bands change from column to column, relative to what they hold (ACI).

    Parameters
    ----------
    S : ndarray (bins, columns)
        Amplitudes.

    Returns
    -------
    float
        Sum over bins; grows with their number. Bins without any sound count 0.

    References
    ----------
    Pieretti, Farina and Morri (2011), Ecological Indicators 11, 868-873.
    """
    change = np.zeros(S.shape[0])
    total = np.zeros(S.shape[0])
    for part, before in _parts(S):
        total += part.sum(axis=1, dtype=np.float64)
        change += np.abs(np.diff(part, axis=1, prepend=before)).sum(axis=1, dtype=np.float64)
    return float((change[total > 0] / total[total > 0]).sum())


def _parts(S: np.ndarray, size: int = 1024) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some columns at a time, and the column before them (the first before itself)."""
    for start in range(0, S.shape[1], size):
        first = max(0, start - 1)
        yield S[:, start : start + size], S[:, first : first + 1]


def acoustic_diversity(
    S: np.ndarray,
    hz: np.ndarray,
    *,
    fmin: float = 0.0,
    fmax: float = 20000.0,
    step_hz: float = 1000.0,
    threshold_db: float = THRESHOLD_DB,
) -> float:
    """How evenly bands are in use: Shannon's index of their shares of loud cells (ADI).

    Parameters
    ----------
    S : ndarray (bins, columns)
        Amplitudes.
    hz : ndarray (bins,)
        Frequencies of the bins.
    fmin, fmax, step_hz : float
        Bands of `step_hz` from `fmin` to `fmax`. Above half the sample rate the highest bin
        stands for each band, as in scikit-maad: give the same `fmax` to what you compare.
    threshold_db : float
        A cell is loud from this level below the loudest.

    Returns
    -------
    float
        In nats, up to the logarithm of the number of bands.

    References
    ----------
    Villanueva-Rivera et al. (2011), Landscape Ecology 26, 1233-1246.
    """
    shares = _loud_shares(S, hz, fmin, fmax, step_hz, threshold_db)
    return _entropy(shares) * float(np.log(len(shares)))


def acoustic_evenness(
    S: np.ndarray,
    hz: np.ndarray,
    *,
    fmin: float = 0.0,
    fmax: float = 20000.0,
    step_hz: float = 500.0,
    threshold_db: float = THRESHOLD_DB,
) -> float:
    """How unevenly bands are in use: Gini's coefficient of their shares of loud cells (AEI).

    Parameters
    ----------
    S, hz, fmin, fmax, step_hz, threshold_db
        As for `acoustic_diversity`.

    Returns
    -------
    float
        From 0 (all alike) towards 1 (one band alone).

    References
    ----------
    Villanueva-Rivera et al. (2011), Landscape Ecology 26, 1233-1246.
    """
    shares = np.sort(_loud_shares(S, hz, fmin, fmax, step_hz, threshold_db))
    count, total = len(shares), shares.sum()
    if total == 0:
        return 0.0
    ranks = np.arange(1, count + 1)
    return float((2 * (shares * ranks).sum() / total - (count + 1)) / count)


def _loud_shares(
    S: np.ndarray,
    hz: np.ndarray,
    fmin: float,
    fmax: float,
    step_hz: float,
    threshold_db: float,
) -> np.ndarray:
    """Share of loud cells in each band."""
    count = int((fmax - fmin) // step_hz) if step_hz > 0 else 0
    if count < 1:
        raise BadInput(
            "a band must go from a lower to a higher frequency, not {low} to {high}",
            low=fmin,
            high=fmax,
        )
    loudest = float(S.max())
    if loudest == 0:
        return np.zeros(count)
    least = loudest * 10 ** (threshold_db / 20)
    loud = sum((part >= least).sum(axis=1) for part, _ in _parts(S)) / S.shape[1]
    edges = [int(fmin + step_hz * number) for number in range(count)]
    return np.array([loud[_within(hz, edge, int(edge + step_hz))].mean() for edge in edges])


def soundscape_index(
    S: np.ndarray,
    hz: np.ndarray,
    *,
    anthropophony_hz: Band = ANTHROPOPHONY_HZ,
    biophony_hz: Band = BIOPHONY_HZ,
) -> float:
    """Whether animals or machines are louder, going by frequency alone (NDSI).

    Parameters
    ----------
    S : ndarray (bins, columns)
        Amplitudes.
    hz : ndarray (bins,)
        Frequencies of the bins.
    anthropophony_hz, biophony_hz : (low, high)
        Where each is taken to be. Power is gathered in bands as wide as the first; as in
        soundecology and scikit-maad the band that begins at an upper limit still belongs.

    Returns
    -------
    float
        From -1 (all below) to 1 (all above).

    References
    ----------
    Kasten et al. (2012), Ecological Informatics 12, 50-67.
    """
    width = anthropophony_hz[1] - anthropophony_hz[0]
    if not hz[1] - hz[0] <= width:
        raise BadInput(
            "a band must go from a lower to a higher frequency, not {low} to {high}",
            low=anthropophony_hz[0],
            high=anthropophony_hz[1],
        )
    power = _mean_power(S)
    edges = np.arange(hz[0], hz[-1] + width, width)
    bands = np.searchsorted(hz, edges)
    means = np.array([power[a:b].mean() for a, b in pairwise(bands)])
    animals = means[_within(edges[:-1], *biophony_hz)].sum()
    machines = means[_within(edges[:-1], *anthropophony_hz)].sum()
    return float((animals - machines) / (animals + machines)) if animals + machines else 0.0


def bioacoustic_index(S: np.ndarray, hz: np.ndarray, *, band_hz: Band = (2000.0, 15000.0)) -> float:
    """Area of the mean spectrum above its lowest point, where birds sing (BI).

    Parameters
    ----------
    S : ndarray (bins, columns)
        Amplitudes.
    hz : ndarray (bins,)
        Frequencies of the bins.
    band_hz : (low, high)
        Where to look.

    Returns
    -------
    float
        Decibels, summed over bins, by the distance of bins in Hz, as soundecology takes it.

    References
    ----------
    Boelman et al. (2007), Ecological Applications 17, 2137-2144.
    """
    mean = S.mean(axis=1, dtype=np.float64)[_within(hz, *band_hz)]
    if not mean.any():
        return 0.0
    levels = 20 * np.log10(np.maximum(mean / S.max(), np.finfo(float).tiny))
    return float((levels - levels.min()).sum() / (hz[1] - hz[0]))


def spectral_entropy(S: np.ndarray) -> float:
    """How evenly power is spread over frequencies (Hf).

    Parameters
    ----------
    S : ndarray (bins, columns)
        Amplitudes.

    Returns
    -------
    float
        From 0 (a single bin) to 1 (white noise).

    References
    ----------
    Sueur et al. (2008), PLoS ONE 3, e4065; of power, after Towsey (2017).
    """
    return _entropy(_mean_power(S))


def temporal_entropy(y: np.ndarray, *, frame_length: int = 512, mean: float = 0.0) -> float:
    """How evenly power is spread over time (Ht).

    Parameters
    ----------
    y : ndarray (n,) float
        Samples.
    frame_length : int
        The envelope is the peak of each so many samples.
    mean : float
        To be taken away from the samples first.

    Returns
    -------
    float
        From 0 (a single click) to 1 (steady noise).

    References
    ----------
    Sueur et al. (2008), PLoS ONE 3, e4065; of power, after Towsey (2017).
    """
    frames = y[: len(y) // frame_length * frame_length].reshape(-1, frame_length)
    peaks = np.maximum(frames.max(axis=1) - mean, mean - frames.min(axis=1))
    return _entropy(peaks.astype(np.float64) ** 2)


def _mean_power(S: np.ndarray) -> np.ndarray:
    power: np.ndarray = np.zeros(S.shape[0])
    for part, _ in _parts(S):
        power += np.square(part, dtype=np.float64).sum(axis=1)
    power /= S.shape[1]
    return power


def _entropy(values: np.ndarray) -> float:
    """Shannon's entropy of shares, 1 when all are alike."""
    if len(values) == 1:
        return 0.0
    if not values.any():
        return 1.0
    shares = values[values > 0] / values.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(values)))


def _within(hz: np.ndarray, low: float, high: float) -> slice:
    """From the frequency nearest to `low` to that nearest to `high`, both included."""
    return slice(int(np.abs(hz - low).argmin()), int(np.abs(hz - high).argmin()) + 1)
