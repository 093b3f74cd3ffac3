"""A whole sound as one array."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.audio.reading import faults
from octolab.audio.reading.reader import SoundReader, open_sound
from octolab.audio.reading.resample import resampled_length
from octolab.errors import BadInput

MAX_SAMPLES: Final = 1 << 28  # 1 GiB of float32: 93 minutes at 48 kHz in mono


def load(path: str | Path, sr: int | None = None, mono: bool = True) -> tuple[np.ndarray, int]:
    """Read a whole sound at once.

    Parameters
    ----------
    path : path
        The file, of any format that `open_sound` takes.
    sr : int, optional
        Sample rate to convert to, in Hz; the file's own by default.
    mono : bool
        Mix the channels into one.

    Returns
    -------
    y : ndarray (n,) or, when there are several, (channels, n) float32
        Samples, 1.0 at full scale.
    sr : int
        Their rate in Hz.

    Raises
    ------
    BadInput
        If it is empty, holds no samples, NaN or infinity, is not a sound, or ends before its
        header says.
    TooLarge
        If it has more than 2**28 samples; read it with `open_sound` then.
    NotFound
        If there is no such file.

    Notes
    -----
    The numbers are those of ``librosa.load(path, sr=sr, mono=mono)``: mixing before
    resampling, soxr at high quality.
    """
    with open_sound(path) as sound:
        flat = mono or sound.channels == 1
        blocks = sound.blocks(mono=flat, sr=sr)
        rate = sr or sound.sr
        if sound.known_frames is not None:
            _check_length(sound, sound.known_frames, rate)
        likely = resampled_length(sound.likely_frames, sound.sr, rate)
        likely = min(likely, MAX_SAMPLES // sound.channels)
        y = np.empty((likely,) if flat else (sound.channels, likely), np.float32)
        length = 0
        for block in blocks:
            end = length + len(block)
            if end > y.shape[-1]:
                _check_length(sound, end, sound.sr)
                y = _grown(y, end)
            y[..., length:end] = block.T
            length = end
    if not length:
        raise faults.no_samples(sound.name)
    return y if length == y.shape[-1] else np.ascontiguousarray(y[..., :length]), rate


def _check_length(sound: SoundReader, frames: int, rate: int) -> None:
    if max(frames, resampled_length(frames, sound.sr, rate)) * sound.channels > MAX_SAMPLES:
        raise faults.too_long(sound.name, MAX_SAMPLES)


def _grown(y: np.ndarray, needed: int) -> np.ndarray:
    """The same samples with room for more, twice as much so that it seldom happens."""
    bigger = np.empty((*y.shape[:-1], max(needed, 2 * y.shape[-1])), np.float32)
    bigger[..., : y.shape[-1]] = y
    return bigger


def check_samples(y: Any) -> np.ndarray:
    """A mono signal as float32, or `BadInput` saying what is wrong with it."""
    samples = np.asarray(y)
    if samples.ndim != 1 or samples.dtype.kind != "f":
        raise BadInput("samples must be a one-dimensional array of floats; load() gives one")
    if not samples.size:
        raise BadInput("there are no samples")
    if not np.isfinite(samples).all():
        raise BadInput("the samples hold NaN or infinity")
    return samples.astype(np.float32, copy=False)
