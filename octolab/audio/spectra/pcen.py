"""Per-channel energy normalisation, as librosa computes it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from octolab.audio.spectra.framing import Precision, check_count
from octolab.audio.spectra.whole import SR, need_rate
from octolab.errors import BadInput

_BLOCK: Final = 256  # columns


def pcen(
    S: np.ndarray,
    sr: float = SR,
    *,
    hop_length: int = 512,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.400,
    eps: float = 1e-6,
    b: float | None = None,
    max_size: int = 1,
    ref: np.ndarray | None = None,
    axis: int = -1,
    max_axis: int | None = None,
    zi: np.ndarray | None = None,
    return_zf: bool = False,
    precision: Precision = "fast",
) -> Any:
    """Divide each band by its own recent energy, as ``librosa.pcen``.

    ``(S / (eps + M) ** gain + bias) ** power - bias ** power``, where M follows S as a first
    order low-pass does. A hum fades, an onset stands out (Wang et al., ICASSP 2017;
    parameters for outdoor sound in Lostanlen et al., IEEE SPL 2019).

    Parameters
    ----------
    S : ndarray (..., bands, columns) or (columns,)
        Magnitude or power in bands, 0 or more. librosa's advice: magnitudes of samples of
        full scale 2**31.
    sr : float
        Sample rate in Hz.
    hop_length : int
        Of `S`, in samples.
    gain, bias, power, eps : float
        As in the formula.
    time_constant : float
        Of the low-pass, in seconds.
    b : float, optional
        Its coefficient, 0 to 1, instead of the time constant.
    max_size : int
        Follow the loudest of so many neighbouring bands (see `onset_strength`).
    ref : ndarray of the shape of `S`, optional
        Follow this instead of `S`.
    axis, max_axis : int
        Along which time runs and, for `max_size`, the bands.
    zi : ndarray (..., bands, 1), optional
        Its state before the first column; librosa's by default.
    return_zf : bool
        Also return the state after the last column: given on as `zi`, a stream in pieces
        gets the same numbers as in one.
    precision : {"fast", "exact"}
        Logarithms and roots in single or in double precision.

    Returns
    -------
    ndarray of the shape of `S`, float32 or (exact) float64
        The normalised bands; with `return_zf` a tuple of these and the state.

    Raises
    ------
    BadInput
        If a parameter is out of range, `S` is complex, or `ref` of another shape.
    """
    rate = need_rate(sr)
    if gain < 0 or bias < 0 or power < 0 or not eps > 0 or not time_constant > 0:
        raise BadInput("gain, bias and power must be 0 or more, eps and time_constant above 0")
    if b is None:
        columns = time_constant * rate / check_count(hop_length)
        b = float((np.sqrt(1 + 4 * columns**2) - 1) / (2 * columns**2))
    if not 0 <= b <= 1:
        raise BadInput("b must be from 0 to 1, not {value}", value=b)
    S = np.asarray(S)
    if np.iscomplexobj(S) or not -S.ndim <= axis < S.ndim:
        raise BadInput("pcen takes magnitudes or powers, (bands, columns)")
    real = np.float32 if precision == "fast" else np.float64
    ref = _loudest(S, max_size, axis, max_axis) if ref is None else np.asarray(ref)
    if ref.shape != S.shape:
        raise BadInput("ref must have the shape of the spectrogram")
    by_time = np.moveaxis(S, axis, 0)
    rows = by_time.reshape(len(by_time), math.prod(by_time.shape[1:]))
    followed = rows if ref is S else np.moveaxis(ref, axis, 0).reshape(rows.shape)
    state = np.full(rows.shape[1], 1 - b)
    if zi is not None:
        last = np.broadcast_to(zi, [1 if k == axis % S.ndim else n for k, n in enumerate(S.shape)])
        state[:] = np.moveaxis(last, axis, 0).reshape(-1)
    out = np.empty(rows.shape, real)
    _normalise(rows, followed, b, state, gain, bias, power, eps, out)
    result = np.moveaxis(out.reshape(by_time.shape), 0, axis)
    if not return_zf:
        return result
    return result, np.moveaxis(state.reshape(1, *by_time.shape[1:]), 0, axis)


def _loudest(S: np.ndarray, size: int, axis: int, across: int | None) -> np.ndarray:
    """The highest of some neighbouring bands, for each."""
    if not isinstance(size, int | np.integer) or size < 1 or (size > 1 and S.ndim < 2):
        raise BadInput("max_size must be at least 1, and 1 where there is only one band")
    if size == 1:
        return S
    if across is None and S.ndim > 2:
        raise BadInput("max_size needs max_axis, the axis of the bands, of several spectrograms")
    from scipy.ndimage import maximum_filter1d

    return np.asarray(maximum_filter1d(S, size, axis=(1 - axis) % 2 if across is None else across))


def _normalise(
    rows: np.ndarray,
    followed: np.ndarray,
    b: float,
    state: np.ndarray,
    gain: float,
    bias: float,
    power: float,
    eps: float,
    out: np.ndarray,
) -> None:
    from octolab.audio.spectra.kernels import smoothed

    for start in range(0, len(rows), _BLOCK):
        made = out[start : start + _BLOCK]
        values = np.ascontiguousarray(rows[start : start + _BLOCK], made.dtype)
        heard = followed[start : start + _BLOCK]
        source = values if followed is rows else np.ascontiguousarray(heard, made.dtype)
        smoothed(source, b, eps, state, made)
        np.log(made, out=made)
        made *= -gain
        if bias == 0 and power:  # the root of a product: in logarithms throughout
            with np.errstate(divide="ignore"):
                made += np.log(values)
            made *= power
            np.exp(made, out=made)
            continue
        np.exp(made, out=made)
        made *= values
        if power == 0:
            np.log1p(made, out=made)
        elif power == 0.5:  # sqrt(x + bias) - sqrt(bias), without its cancellation
            made /= np.sqrt(made + bias) + bias**0.5
        else:
            made /= bias
            np.log1p(made, out=made)
            made *= power
            np.expm1(made, out=made)
            made *= bias**power
