"""A piece of a sound as a WAV that browsers play."""

from __future__ import annotations

import struct

import numpy as np


def wav_segment(y: np.ndarray, sr: int, *, peak: float = 1.0) -> bytes:
    """Mono samples as a 16-bit WAV that does not clip.

    Parameters
    ----------
    y : ndarray (n,) float32
        Samples, 1.0 at full scale.
    sr : int
        Their rate in Hz.
    peak : float
        The largest sample of the whole sound. When it is above 1 all pieces are made
        quieter by it alike.

    Returns
    -------
    bytes
    """
    highest = max(1.0, peak, float(np.abs(y).max(initial=0)))
    samples = np.rint(y * (32767 / highest)).astype("<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sr, 2 * sr, 2, 16)
    body = form + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body
