"""Decibels, as librosa makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from octolab.errors import BadInput

# The natural logarithm is the one numpy does several of at a time on every processor.
_DB_A_NEPER: Final = 10 / float(np.log(10))
_BLOCK: Final = 1 << 16

Reference = float | Callable[[np.ndarray], Any]


def power_to_db(
    S: np.ndarray,
    *,
    ref: Reference = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> np.ndarray:
    """Power in decibels, ``10 * log10(S / ref)``, as ``librosa.power_to_db``.

    Parameters
    ----------
    S : ndarray
        Power, of any shape.
    ref : float or callable
        What 0 dB is; a function such as ``numpy.max`` is given `S`.
    amin : float
        Power below which all is the same.
    top_db : float or None
        Lift what is more than this below the highest value of all.

    Returns
    -------
    ndarray of the shape of `S`
        Decibels; float32 if `S` is, else float64.

    Raises
    ------
    BadInput
        If `amin` is not above 0, `top_db` below 0, or `S` complex.
    """
    power = np.asarray(S)
    if np.iscomplexobj(power):
        raise BadInput("decibels are made of magnitudes or powers: pass abs(S)")
    reference = abs(ref(power) if callable(ref) else ref)
    out = np.array(power, np.float32 if power.dtype == np.float32 else np.float64)
    into_db(out, ref=reference, amin=amin, top_db=top_db)
    return out


def amplitude_to_db(
    S: np.ndarray,
    *,
    ref: Reference = 1.0,
    amin: float = 1e-5,
    top_db: float | None = 80.0,
) -> np.ndarray:
    """Amplitude in decibels, ``20 * log10(abs(S) / ref)``, as ``librosa.amplitude_to_db``.

    Parameters
    ----------
    S : ndarray
        Amplitude, of any shape; may be complex.
    ref : float or callable
        What 0 dB is; a function such as ``numpy.max`` is given ``abs(S)``.
    amin, top_db
        As for `power_to_db`.

    Returns
    -------
    ndarray of the shape of `S`
        Decibels.
    """
    magnitude = np.abs(S)
    reference = abs(ref(magnitude) if callable(ref) else ref)
    return power_to_db(magnitude**2, ref=reference**2, amin=amin**2, top_db=top_db)


def into_db(
    power: np.ndarray,
    *,
    ref: float = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> None:
    """Turn power into decibels in its place; the parameters are those of `power_to_db`."""
    if not amin > 0:
        raise BadInput("amin must be above 0, not {value}", value=amin)
    if top_db is not None and top_db < 0:
        raise BadInput("top_db must be 0 or more, not {value}", value=top_db)
    zero_db = 10 * float(np.log10(max(amin, ref)))
    flat = power.ravel(order="K")
    for start in range(0, len(flat), _BLOCK):
        part = flat[start : start + _BLOCK]
        np.maximum(part, amin, out=part)
        np.log(part, out=part)
        part *= _DB_A_NEPER
        if zero_db:
            part -= zero_db
    if top_db is not None and len(flat):
        np.maximum(power, power.max() - top_db, out=power)
