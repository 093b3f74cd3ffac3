"""Another sample rate, block by block, with the bits that one piece would give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from octolab.errors import BadInput

MAX_SR: Final = 1_000_000
_MAX_RATIO: Final = 1000  # beyond it soxr's filters take minutes to design


def check_rate(own: int, sr: int | None) -> None:
    """Refuse a rate that nothing can be resampled to."""
    if sr is not None and not 1 <= sr <= MAX_SR:
        raise BadInput(
            "a sample rate must be from 1 to {limit} Hz, not {value}", limit=MAX_SR, value=sr
        )
    if sr is not None and max(own, sr) > _MAX_RATIO * min(own, sr):
        raise BadInput(
            "a sound of {own} Hz can't be resampled to {sr} Hz: at most {ratio} times more or less",
            own=own,
            sr=sr,
            ratio=_MAX_RATIO,
        )


def resampled_length(length: int, own: int, sr: int) -> int:
    """How many samples a sound of `length` has at another rate, as in librosa."""
    return math.ceil(length * (sr / own))


def resampled(
    blocks: Iterator[np.ndarray], own: int, sr: int, channels: int
) -> Iterator[np.ndarray]:
    """Blocks at another rate: soxr at high quality, as in ``librosa.resample``.

    Parameters
    ----------
    blocks : iterator of ndarray (n,) or (n, channels) float32
        One sound, cut anywhere.
    own, sr : int
        Rates before and after, in Hz.
    channels : int
        1 for one-dimensional blocks.

    Yields
    ------
    ndarray (n,) or (n, channels) float32
        Altogether `resampled_length` samples, the same for any cuts.
    """
    import soxr

    stream = soxr.ResampleStream(own, sr, channels, dtype="float32", quality="HQ")
    taken = given = 0
    block = np.empty((0,) if channels == 1 else (0, channels), np.float32)
    for block in blocks:
        taken += len(block)
        made = stream.resample_chunk(np.ascontiguousarray(block))
        if len(made):
            given += len(made)
            yield made
    made = stream.resample_chunk(block[:0], last=True)
    missing = resampled_length(taken, own, sr) - given - len(made)
    rest = np.concatenate([made, np.zeros((max(0, missing), *made.shape[1:]), np.float32)])
    if len(rest):
        yield rest
