"""Which columns and rows the pictures of a sound have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from octolab.audio.spectra import mel_frequencies

COLUMNS: Final = 512
ROWS: Final = 128

_COLUMN_S: Final = 0.1707  # 16 hops of 512 samples at 48 kHz
_SHORTEST_WINDOW: Final = 256
_BINS_A_ROW: Final = 1.2


@dataclass(frozen=True, slots=True)
class Grid:
    """Window, hop and columns of the pyramid of a sound.

    Attributes
    ----------
    sr : int
        The sound's rate in Hz.
    n_fft, hop : int
        Samples of a window and between two.
    pool : int
        Windows that make up a column of level 0.
    """

    sr: int
    n_fft: int
    hop: int
    pool: int

    @property
    def column(self) -> int:
        """Samples of a column of level 0."""
        return self.hop * self.pool

    @property
    def base_s(self) -> float:
        """Seconds of a column of level 0."""
        return self.column / self.sr

    @property
    def gain(self) -> float:
        """Turns a row's mel power into mean power per bin, relative to a full-scale sine.

        Slaney's filters have an area of one over Hz: their output is a density.
        """
        return (self.sr / self.n_fft) * (4 / self.n_fft) ** 2

    def columns(self, frames: int) -> int:
        """Columns of level 0 for so many samples."""
        return max(1, -(-frames // self.column))

    def levels(self, frames: int) -> int:
        """Levels until the whole sound fits one tile."""
        tiles = -(-self.columns(frames) // COLUMNS)
        return 1 + (tiles - 1).bit_length()


@lru_cache(maxsize=32)
def grid_for(sr: int) -> Grid:
    """The grid for a rate in Hz: columns of about 171 ms, windows that resolve the rows.

    The window is the shortest power of two, 256 at least, whose bins are at most 1.2 times
    as wide as the narrowest row: 2048 samples at 48 kHz, 4096 at 192 kHz. A column is never
    shorter than a hop (a quarter of a window), which matters below some 400 Hz.
    """
    narrowest = float(np.diff(mel_rows(sr)).min())
    n_fft = max(_SHORTEST_WINDOW, 1 << math.ceil(math.log2(sr / narrowest / _BINS_A_ROW)))
    hop = n_fft // 4
    return Grid(sr, n_fft, hop, max(1, round(_COLUMN_S * sr / hop)))


def mel_rows(sr: int) -> np.ndarray:
    """The middles of the rows in Hz, lowest first, (128,)."""
    return mel_frequencies(ROWS + 2, 0.0, sr / 2)[1:-1]
