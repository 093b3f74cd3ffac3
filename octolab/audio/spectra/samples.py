"""What can be analysed: finite floats, one signal or several side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from octolab.errors import BadInput

_PIECE: Final = 1 << 20  # samples converted at a time
_CHECKED: Final = 1 << 16  # samples whose flags fit a processor's cache


def as_samples(y: Any) -> np.ndarray:
    """An array of floats, (..., n), or `BadInput` saying what is wrong with it."""
    samples = np.asarray(y)
    if samples.ndim < 1 or samples.dtype.kind != "f":
        raise BadInput(
            "samples must be an array of floats, (n,) or (channels, n); load() gives one"
        )
    if not samples.size:
        raise BadInput("there are no samples")
    return samples


def check_finite(signal: np.ndarray) -> None:
    """Raise `BadInput` if a signal (n,) holds NaN or infinity."""
    for start in range(0, len(signal), _CHECKED):
        if not np.isfinite(signal[start : start + _CHECKED]).all():
            raise not_finite()


def not_finite() -> BadInput:
    """The error of samples that hold NaN or infinity."""
    return BadInput("the samples hold NaN or infinity")


def pieces(signal: np.ndarray, real: np.dtype | type) -> Iterator[np.ndarray]:
    """A signal as contiguous values of a type; piece by piece if it has to be copied."""
    if signal.dtype == real and signal.flags.c_contiguous:
        yield signal
    else:
        for start in range(0, len(signal), _PIECE):
            yield np.ascontiguousarray(signal[start : start + _PIECE], real)


def signals(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Each signal (n,) of an array (..., n), in order."""
    yield from samples.reshape(-1, samples.shape[-1])
