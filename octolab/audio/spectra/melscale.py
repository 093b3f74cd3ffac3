"""The mel scale, in Slaney's form (the default) and in HTK's."""

from __future__ import annotations

from typing import Final

import numpy as np

# Slaney, Auditory Toolbox (1998): linear below 1 kHz, then 27 mels each time it grows 6.4 fold
_HZ_A_MEL: Final = 200 / 3
_KNEE_HZ: Final = 1000.0
_KNEE_MEL: Final = _KNEE_HZ / _HZ_A_MEL
_LOG_STEP: Final = np.log(6.4) / 27


def hz_to_mel(hz: np.ndarray | float, *, htk: bool = False) -> np.ndarray:
    """Frequencies in Hz on the mel scale."""
    hz = np.asarray(hz, float)
    if htk:
        return np.asarray(2595 * np.log10(1 + hz / 700))
    above = _KNEE_MEL + np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.where(hz < _KNEE_HZ, hz / _HZ_A_MEL, above)


def mel_to_hz(mel: np.ndarray | float, *, htk: bool = False) -> np.ndarray:
    """Mels as frequencies in Hz."""
    mel = np.asarray(mel, float)
    if htk:
        return np.asarray(700 * (10 ** (mel / 2595) - 1))
    above = _KNEE_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _KNEE_MEL) - _KNEE_MEL))
    return np.where(mel < _KNEE_MEL, mel * _HZ_A_MEL, above)


def mel_frequencies(
    n_mels: int = 128, fmin: float = 0.0, fmax: float = 11025.0, *, htk: bool = False
) -> np.ndarray:
    """Frequencies evenly spaced on the mel scale, as ``librosa.mel_frequencies``.

    The centres of `n_mels` bands are ``mel_frequencies(n_mels + 2, fmin, fmax)[1:-1]``.

    Parameters
    ----------
    n_mels : int
        How many.
    fmin, fmax : float
        The first and the last, in Hz.
    htk : bool
        Use HTK's formula, ``2595 * log10(1 + f / 700)``, instead of Slaney's.

    Returns
    -------
    ndarray (n_mels,) float64
        In Hz.
    """
    low, high = hz_to_mel(fmin, htk=htk), hz_to_mel(fmax, htk=htk)
    return mel_to_hz(np.linspace(low, high, n_mels), htk=htk)
