"""Per-channel energy normalisation, as librosa computes it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from octolab.audio.spectra.framing import Precision
from octolab.audio.spectra.whole import need_rate
from octolab.errors import BadInput

_BLOCK: Final = 256  # columns


def pcen(
    S: np.ndarray,
    sr: float,
    *,
    hop_length: int = 512,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.400,
    eps: float = 1e-6,
    b: float | None = None,
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
    S : ndarray (..., bands, columns)
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
        If a parameter is out of range, or `S` is complex.
    """
    rate = need_rate(sr)
    if gain < 0 or bias < 0 or power < 0 or not eps > 0 or not time_constant > 0:
        raise BadInput("gain, bias and power must be 0 or more, eps and time_constant above 0")
    if b is None:
        columns = time_constant * rate / hop_length
        b = float((np.sqrt(1 + 4 * columns**2) - 1) / (2 * columns**2))
    if not 0 <= b <= 1:
        raise BadInput("b must be from 0 to 1, not {value}", value=b)
    if np.iscomplexobj(S) or np.ndim(S) < 2:
        raise BadInput("pcen takes magnitudes or powers, (bands, columns)")
    real = np.float32 if precision == "fast" else np.float64
    bands = np.swapaxes(S, -1, -2)
    out = np.empty(bands.shape, real)
    state = np.full((*bands.shape[:-2], bands.shape[-1]), 1 - b)
    if zi is not None:
        state[:] = zi[..., 0]
    for place in np.ndindex(bands.shape[:-2]):
        _normalise(bands[place], b, state[place], gain, bias, power, eps, out[place])
    result = np.swapaxes(out, -1, -2)
    return (result, state[..., None]) if return_zf else result


def _normalise(
    rows: np.ndarray,
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
        smoothed(values, b, eps, state, made)
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
