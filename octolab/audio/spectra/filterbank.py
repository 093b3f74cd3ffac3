"""The bank of triangles that turns a spectrum into mel bands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from octolab.audio.spectra.melscale import mel_frequencies
from octolab.errors import BadInput

LANES: Final = 8  # a filter's length is brought to a multiple of this: no loop has a rest
ROWS: Final = 4  # spectra that are filtered together


@lru_cache(maxsize=16)
def mel_filters(
    sr: float,
    n_fft: int,
    *,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: str | float | None = "slaney",
    dtype: type = np.float32,
) -> np.ndarray:
    """A bank of overlapping triangles, as ``librosa.filters.mel``.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of the transform.
    n_mels : int
        Number of bands.
    fmin, fmax : float
        Where the first begins and the last ends, in Hz; `fmax` is sr / 2 by default.
    htk : bool
        Use HTK's mel scale instead of Slaney's.
    norm : {"slaney", None} or float
        Give all triangles the same area, or the same height of 1; a number divides each by
        its norm of that order (``numpy.linalg.norm``), `numpy.inf` by its highest weight.
    dtype : type
        Of the weights.

    Returns
    -------
    ndarray (n_mels, 1 + n_fft // 2)
        Read-only. A band that is narrower than the distance of two bins may hold none: it is
        zero throughout and so is what it measures (librosa warns of such, we don't: a
        look at ``bank.any(axis=1)`` tells).
    """
    fmax = sr / 2 if fmax is None else fmax
    if sr <= 0 or n_fft < 1 or n_mels < 1 or not 0 <= fmin < fmax:
        raise BadInput(
            "mel bands need sr > 0, n_mels of 1 or more, and fmin below fmax: not {low} to "
            "{high} Hz in {count} bands",
            low=fmin,
            high=fmax,
            count=n_mels,
        )
    order = None if norm == "slaney" else norm
    if isinstance(order, str):
        raise BadInput("norm must be 'slaney', a number or None, not {value!r}", value=norm)
    corners = mel_frequencies(n_mels + 2, fmin, fmax, htk=htk)
    away = corners[:, None] - np.fft.rfftfreq(n_fft, 1 / sr)
    width = np.diff(corners)[:, None]
    slopes = np.minimum(-away[:-2] / width[:-1], away[2:] / width[1:])
    bank: np.ndarray = np.maximum(0, slopes).astype(dtype)
    if norm == "slaney":
        bank *= (2 / (corners[2:] - corners[:-2]))[:, None]
    elif order is not None:
        lengths = np.linalg.norm(bank.astype(float), order, axis=1, keepdims=True)
        bank /= np.where(lengths < np.finfo(dtype).tiny, 1, lengths)
    bank.flags.writeable = False
    return bank


@dataclass(frozen=True, eq=False)
class Filters:
    """A bank without its zeros: of each filter the first bin, the length, the weights.

    Attributes
    ----------
    starts, lengths, places : ndarray (filters,) int64
        First bin; length in units of `LANES` bins; place of the first weight.
    weights : ndarray float32
        Of all filters one after the other, each filled up with zeros.
    """

    starts: np.ndarray
    lengths: np.ndarray
    places: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, bank: np.ndarray) -> Filters:
        """Pack a bank (filters, bins)."""
        starts = (bank != 0).argmax(axis=1)
        ends = bank.shape[1] - (bank[:, ::-1] != 0).argmax(axis=1)
        ends[~bank.any(axis=1)] = 0
        lengths = np.maximum(0, -(-(ends - starts) // LANES))
        places = np.concatenate([[0], np.cumsum(lengths * LANES)[:-1]])
        weights = np.zeros(int(lengths.sum()) * LANES, np.float32)
        for start, end, place, row in zip(starts, ends, places, bank, strict=True):
            weights[place : place + end - start] = row[start:end]
        return cls(starts, lengths, places, weights)
