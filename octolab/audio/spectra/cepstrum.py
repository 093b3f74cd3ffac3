"""Mel-frequency cepstral coefficients and their change in time, as librosa makes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from octolab.audio.spectra.decibels import into_db
from octolab.audio.spectra.framing import Precision
from octolab.audio.spectra.transforms import Fft, Window
from octolab.audio.spectra.whole import SR, melspectrogram
from octolab.errors import BadInput

_BLOCK: Final = 1 << 12  # columns


def mfcc(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    n_mfcc: int = 20,
    dct_type: int = 2,
    norm: str | None = "ortho",
    lifter: float = 0.0,
    n_fft: int = 2048,
    hop_length: int | None = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    mel_norm: str | float | None = "slaney",
    precision: Precision = "fast",
    fft: Fft | None = None,
) -> np.ndarray:
    """Mel-frequency cepstral coefficients, as ``librosa.feature.mfcc``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    sr : float
        Sample rate in Hz.
    S : ndarray (..., n_mels, columns), optional
        Mel bands in decibels, instead of those of `y`.
    n_mfcc : int
        Number of coefficients.
    dct_type, norm
        Kind of cosine transform (1 to 4) and its scaling (see ``scipy.fft.dct``).
    lifter : float
        Weigh coefficient i by ``1 + lifter / 2 * sin(pi * (i + 1) / lifter)``; 0 for none.
    n_fft, hop_length, win_length, window, center, pad_mode, power, precision, fft
        As for `spectrogram`.
    n_mels, fmin, fmax, htk, mel_norm
        The bands, as for `mel_filters`.

    Returns
    -------
    ndarray (..., n_mfcc, columns) float32
        Coefficients. float64 if `precision` is ``"exact"`` and `y` is.

    Raises
    ------
    BadInput
        As for `spectrogram`.

    Notes
    -----
    Bands are cut off 80 dB below the highest of the whole sound, so all of them are held at
    once: n_mels / hop_length of the size of `y`.
    """
    if lifter < 0:
        raise BadInput("lifter must be 0 or more, not {value}", value=lifter)
    if S is None:
        S = melspectrogram(
            y,
            sr,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            power=power,
            n_mels=n_mels,
            fmin=fmin,
            fmax=fmax,
            htk=htk,
            norm=mel_norm,
            precision=precision,
            fft=fft,
        )
        into_db(S)
    basis = _basis(S.shape[-2], n_mfcc, dct_type, norm, lifter)
    bands = np.swapaxes(S, -1, -2)
    real = np.float32 if S.dtype == np.float32 else np.float64
    out = np.empty((*bands.shape[:-1], basis.shape[1]), real)
    if precision == "fast":
        basis = basis.astype(real)
    for start in range(0, bands.shape[-2], _BLOCK):
        part = np.s_[..., start : start + _BLOCK, :]
        out[part] = bands[part] @ basis
    return np.swapaxes(out, -1, -2)


@lru_cache(maxsize=8)
def _basis(n_mels: int, n_mfcc: int, kind: int, norm: str | None, lifter: float) -> np.ndarray:
    """Cosines to multiply rows of bands by, (n_mels, n_mfcc)."""
    from scipy.fft import dct

    try:
        basis: np.ndarray = dct(np.eye(n_mels), axis=1, type=kind, norm=norm)[:, :n_mfcc]
    except ValueError:
        raise BadInput(
            "there is no cosine transform of type {kind} scaled {norm!r}", kind=kind, norm=norm
        ) from None
    if lifter:
        basis = basis * (1 + lifter / 2 * np.sin(np.pi * np.arange(1, 1 + n_mfcc) / lifter))
    return np.ascontiguousarray(basis)


def delta(
    data: np.ndarray,
    *,
    width: int = 9,
    order: int = 1,
    axis: int = -1,
    mode: str = "interp",
    **kwargs: Any,
) -> np.ndarray:
    """How features change: local estimate of a derivative, as ``librosa.feature.delta``.

    Parameters
    ----------
    data : ndarray
        Features, such as those of `mfcc`.
    width : int
        Columns over which a polynomial is fitted (Savitzky-Golay); odd, 3 or more.
    order : int
        1 for the change, 2 for the change of the change.
    axis : int
        Along which to differentiate; time by default.
    mode : str
        What to do at the ends (see ``scipy.signal.savgol_filter``).
    **kwargs
        Further arguments of ``scipy.signal.savgol_filter``.

    Returns
    -------
    ndarray of the shape of `data`
        The derivative, per column.

    Raises
    ------
    BadInput
        If `width` is even, below 3, or (in the mode ``"interp"``) above the number of
        columns; if `order` is below 1.
    """
    from scipy.signal import savgol_filter

    data = np.atleast_1d(data)
    if width < 3 or width % 2 == 0:
        raise BadInput("width must be odd and 3 or more, not {value}", value=width)
    if order < 1:
        raise BadInput("order must be 1 or more, not {value}", value=order)
    if mode == "interp" and width > data.shape[axis]:
        raise BadInput(
            "width is {width} but there are only {count} columns; pass mode='nearest'",
            width=width,
            count=data.shape[axis],
        )
    polynomial = {"polyorder": order, **kwargs}
    return np.asarray(savgol_filter(data, width, deriv=order, axis=axis, mode=mode, **polynomial))
