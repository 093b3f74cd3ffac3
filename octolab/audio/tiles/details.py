"""Pictures and waves finer than the pyramid's, made from the file when somebody zooms in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from octolab.audio.tiles.grid import COLUMNS, grid_for
from octolab.audio.tiles.levels import Range, grey
from octolab.audio.tiles.pictures import webp
from octolab.audio.tiles.sharing import SharedSound
from octolab.errors import BadInput

LONGEST_S: Final = 60.0

_SHORTEST_WINDOW: Final = 64
_LONGEST_WINDOW: Final = 1 << 15
_FINEST: Final = 8  # how often a short window's spectrum is sampled within a bin
_AT_ONCE: Final = 1 << 18  # numbers of the spectra that are in memory at a time


def detail_tile(
    sound: SharedSound,
    start_s: float,
    end_s: float,
    low_hz: float,
    high_hz: float,
    *,
    columns: int = 512,
    rows: int = 256,
    db_low: float,
    db_high: float,
    peaks: bool = False,
) -> bytes:
    """A picture of a part of a sound, linear in frequency, as a grey WebP.

    Parameters
    ----------
    sound, start_s, end_s, low_hz, high_hz, columns, rows, peaks
        As for `detail_power`.
    db_low, db_high : float
        What black and white are, in dB of a full-scale sine.

    Returns
    -------
    bytes
        Row 0 is the highest frequency.
    """
    power = detail_power(
        sound, start_s, end_s, low_hz, high_hz, columns=columns, rows=rows, peaks=peaks
    )
    return webp(grey(power[::-1], Range(db_low, db_high)))


def detail_power(
    sound: SharedSound,
    start_s: float,
    end_s: float,
    low_hz: float,
    high_hz: float,
    *,
    columns: int = 512,
    rows: int = 256,
    peaks: bool = False,
) -> np.ndarray:
    """The power of a part of a sound by frequency and time.

    Parameters
    ----------
    sound : SharedSound
        The sound.
    start_s, end_s : float
        The part, in seconds, up to 60 long; it may reach past the ends of the sound.
    low_hz, high_hz : float
        The frequencies, in Hz; they may go past half the rate.
    columns, rows : int
        How finely to divide time and frequency.
    peaks : bool
        Where several windows fall into a column, take the highest instead of the mean.

    Returns
    -------
    ndarray (rows, columns) float32
        Mean power per bin of the pyramid's window, relative to a full-scale sine; the
        lowest frequency first. Zero past the ends.

    Raises
    ------
    BadInput
        If the part is longer than 60 s or turned around.

    Notes
    -----
    The window blurs as many rows as columns: its length is ``2 sqrt(column_s / row_hz)``,
    brought to a power of two. Windows lie within the sound: at its ends the outermost
    stand in. Where a row is narrower than a bin, spectra are sampled more finely.
    """
    if not (0 < end_s - start_s <= LONGEST_S and 0 <= low_hz < high_hz):
        raise BadInput(
            "a detail covers up to {limit} s and goes from a lower to a higher frequency",
            limit=int(LONGEST_S),
        )
    column_s, row_hz = (end_s - start_s) / columns, (high_hz - low_hz) / rows
    n_fft = window_length(sound.sr, column_s, row_hz)
    several = max(1, math.ceil(column_s * sound.sr / (n_fft / 2)))
    share = (np.arange(columns * several) + 0.5) / (columns * several)
    centres = np.rint((start_s + share * (end_s - start_s)) * sound.sr).astype(np.int64)
    heard = (centres >= 0) & (centres < sound.frames)
    power = np.zeros((columns, rows), np.float32)
    if not heard.any():
        return power.T
    windows, starts = _windows(sound, centres, heard, n_fft)
    shape = np.hanning(n_fft + 1)[:-1].astype(np.float32)
    shape *= 4 / math.sqrt(n_fft * grid_for(sound.sr).n_fft)
    boxes = _Boxes.of(sound.sr, n_fft, np.linspace(low_hz, high_hz, rows + 1))
    some = max(1, _AT_ONCE // (several * boxes.size))
    for i in range(0, columns, some):
        spectra = boxes.spectra(windows[starts[i * several : (i + some) * several]] * shape)
        spectra = spectra.reshape(-1, several, spectra.shape[1])
        power[i : i + some] = boxes.rows(spectra.max(axis=1) if peaks else spectra.mean(axis=1))
    power[~heard.reshape(columns, several).any(axis=1)] = 0
    return power.T


def window_length(sr: int, column_s: float, row_hz: float) -> int:
    """Samples of the window that suits columns of so many seconds and rows of so many Hz."""
    wanted = 2 * math.sqrt(column_s / row_hz) * sr
    return int(min(_LONGEST_WINDOW, max(_SHORTEST_WINDOW, 2 ** round(math.log2(wanted)))))


def _windows(
    sound: SharedSound, centres: np.ndarray, heard: np.ndarray, n_fft: int
) -> tuple[np.ndarray, np.ndarray]:
    """All windows of the part of the sound, and which of them each centre has."""
    inside = centres[heard]
    last_start = max(0, sound.frames - n_fft)
    first = min(max(0, int(inside[0]) - n_fft // 2), last_start)
    stop = min(max(int(inside[-1]) + n_fft // 2, first + n_fft), sound.frames)
    y = sound.read(first, stop)
    missing = max(0, n_fft - len(y))
    y = np.pad(y, (missing // 2, missing - missing // 2))
    windows = np.lib.stride_tricks.sliding_window_view(y, n_fft)
    return windows, (centres - n_fft // 2 - first).clip(0, len(windows) - 1)


@dataclass(frozen=True)
class _Boxes:
    """Rows of equal height laid over the bins of a spectrum.

    ``size`` is the length of the transform, ``first`` and ``last`` the bins that are
    needed; ``edges`` are where rows meet, counted in bins from the lower end of ``first``.
    """

    size: int
    first: int
    last: int
    edges: np.ndarray

    @classmethod
    def of(cls, sr: int, n_fft: int, hz: np.ndarray) -> _Boxes:
        size = n_fft
        while size < _FINEST * n_fft and sr / size > hz[1] - hz[0]:
            size *= 2
        bins = hz * (size / sr) + 0.5  # bin k reaches from k to k + 1
        first = min(int(bins[0]), size // 2)
        last = min(math.ceil(bins[-1]), size // 2 + 1)
        return cls(size, first, max(last, first + 1), bins - first)

    def spectra(self, frames: np.ndarray) -> np.ndarray:
        """Power of the bins needed, (n, last - first)."""
        import scipy.fft

        spectrum = scipy.fft.rfft(frames, n=self.size, axis=1)[:, self.first : self.last]
        return np.asarray(spectrum.real**2 + spectrum.imag**2)

    def rows(self, spectra: np.ndarray) -> np.ndarray:
        """The mean power in each row; a row past half the rate has none."""
        count = spectra.shape[1]
        sums = np.zeros((len(spectra), count + 1))
        np.cumsum(spectra, axis=1, dtype=np.float64, out=sums[:, 1:])
        at = self.edges.clip(0, count)
        below = at.astype(np.intp).clip(0, count - 1)
        up_to = sums[:, below] + (at - below) * spectra[:, below]
        return np.asarray(np.diff(up_to, axis=1) / np.diff(self.edges))


def detail_wave(sound: SharedSound, level: int, index: int) -> np.ndarray | None:
    """The lowest and highest sample of columns finer than the pyramid's.

    Parameters
    ----------
    sound : SharedSound
        The sound.
    level : int
        0 or below: columns are ``base_s * 2**level`` long; where that is less than a
        sample, neighbours repeat it.
    index : int
        Which 512 columns.

    Returns
    -------
    ndarray (n, 2) float32 or None
        None past the end.
    """
    step = grid_for(sound.sr).column * 2.0**level
    edges = np.floor((index * COLUMNS + np.arange(COLUMNS + 1)) * step).astype(np.int64)
    starts = edges[:-1][edges[:-1] < sound.frames]
    if index < 0 or not len(starts):
        return None
    y = sound.read(int(starts[0]), max(int(edges[-1]), int(starts[-1]) + 1))
    starts = (starts - starts[0])[starts - starts[0] < len(y)]
    if not len(starts):
        return None
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.stack([low, high], axis=1)
