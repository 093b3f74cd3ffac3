"""Compiling the inner loops ahead of the first sound."""

from __future__ import annotations

import numpy as np

from octolab.audio.events import detect_events
from octolab.audio.spectra import (
    melspectrogram,
    pcen,
    rms,
    spectral_centroid,
    zero_crossing_rate,
)


def warm() -> None:
    """Compile what the functions on sounds need, in single precision, and keep it on the disk.

    A new installation does so at its first sound, which takes some seconds of processor time;
    ``octolab`` and ``octolab lab`` do it in the background when they start. Later processes
    only load it. It is kept beside the package or, where that can't be written, in the user's
    cache folder; ``NUMBA_CACHE_DIR`` names another one.
    """
    sr = 22050
    y = np.zeros(sr, np.float32)
    for fft in (None, "scipy"):
        bands = melspectrogram(y, sr, fft=fft)
    pcen(bands, sr)
    spectral_centroid(y, sr)
    rms(y)
    zero_crossing_rate(y)
    detect_events(y, sr)
