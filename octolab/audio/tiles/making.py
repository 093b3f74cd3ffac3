"""Making the pyramid of a sound: one pass, constant memory, written whole or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from octolab.audio.reading import open_sound
from octolab.audio.spectra import MelStream, mel_filters
from octolab.audio.spectra.transforms import window_of
from octolab.audio.tiles.grid import ROWS, Grid, grid_for, mel_rows
from octolab.audio.tiles.ladder import Ladder
from octolab.audio.tiles.levels import Range, Tally, codes
from octolab.audio.tiles.pack import PackWriter, TilesInfo
from octolab.audio.tiles.sharing import SharedSound, check_channel
from octolab.content import atomic_file
from octolab.errors import BadInput

_BLOCK: Final = 1 << 18  # samples read at a time: 1 MiB a channel
_GUESSES: Final = 8
_CROSSING: Final = 2  # windows that begin before the sound: their click is no sound of it


def make_tiles(
    path: str | Path,
    out: str | Path,
    *,
    channel: int | None = None,
    progress: Callable[[float, float | None], object] | None = None,
) -> None:
    """Make the pyramid of a sound.

    Parameters
    ----------
    path : path
        The sound, of any length.
    out : path
        The pack to write; it appears when it is whole.
    channel : int, optional
        One channel, from 0; the mean of all by default.
    progress : callable, optional
        ``progress(done_s, total_s)``; what it raises ends the work. The total is None for
        files that do not tell their length.

    Raises
    ------
    BadInput, NotFound
        If the sound can't be read, holds no samples or has no such channel. Of a file that
        is cut short, what there is is shown.
    LabError
        If the disk is full.
    """
    with open_sound(path, tolerant=True) as sound, atomic_file(out, sync=False) as file:
        check_channel(channel, sound.channels)
        making = _Making(grid_for(sound.sr), PackWriter(file))
        total = sound.known_frames
        for block in sound.blocks(_BLOCK, mono=channel is None):
            making.push(block if channel is None else block[:, channel])
            if progress is not None:
                progress(making.frames / sound.sr, total and total / sound.sr)
        if not making.frames:
            raise BadInput("{name} holds no samples", name=Path(path).name)
        making.finish()


def estimate(sound: SharedSound) -> TilesInfo:
    """What the pyramid of a sound will be; range and peak are guessed from parts of it."""
    grid = grid_for(sound.sr)
    tally, peak = Tally(ROWS), 0.0
    length = min(sound.frames, 8 * grid.column)
    last = min(sound.frames - length, math.inf if sound.told else _GUESSES * length)
    for start in np.linspace(0, last, _GUESSES).astype(int).tolist():
        y = sound.read(start, start + length)
        peak = max(peak, float(np.abs(y).max(initial=0)))
        power = _guessed(y, grid) * np.float32(grid.gain)
        power = power[_CROSSING:-_CROSSING] if len(power) > 2 * _CROSSING else power
        tally.add(codes(power.mean(axis=0))[None], codes(power.max(axis=0))[None])
    return _info(grid, sound.frames, tally.range(), peak)


def _guessed(y: np.ndarray, grid: Grid) -> np.ndarray:
    """About what `_stream` gives, by numpy alone: compiled code takes a second to load."""
    window = window_of("hann", grid.n_fft, grid.n_fft).astype(np.float32)
    padded = np.pad(y, grid.n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, grid.n_fft)[:: grid.hop]
    spectra = np.fft.rfft(frames * window)
    power: np.ndarray = np.abs(spectra) ** 2 @ mel_filters(grid.sr, grid.n_fft, n_mels=ROWS).T
    return power.astype(np.float32)


class _Making:
    """Samples in; columns into two staircases, of pictures and of waves; tiles into the pack."""

    def __init__(self, grid: Grid, pack: PackWriter) -> None:
        self.frames = 0
        self._grid = grid
        self._pack = pack
        self._stream = _stream(grid)
        self._power = np.empty((0, ROWS), np.float32)  # of the column that is not complete
        self._last = np.empty((0, ROWS), np.float32)  # the newest row
        self._samples = np.empty(0, np.float32)
        self._columns = 0
        self._tally = Tally(ROWS)
        self._peak = 0.0
        self._pictures = Ladder(_pool_power, self._emit)
        self._waves = Ladder(_pool_wave, pack.wave)

    def push(self, block: np.ndarray) -> None:
        power = self._stream.push(block)
        if not len(self._last) and len(power) > _CROSSING:
            power[:_CROSSING] = power[_CROSSING]
        self._spectra(power)
        self._envelope(np.concatenate([self._samples, block]), self._grid.column)
        self.frames += len(block)

    def finish(self) -> None:
        power = self._stream.flush()
        if len(self._last):
            power[:] = self._last
        self._spectra(power)
        if self._columns < self._grid.columns(self.frames):
            self._pictures.push(_columns(self._power[None]))
        if len(self._samples):
            self._envelope(self._samples, len(self._samples))
        self._pictures.finish()
        self._waves.finish()
        self._pack.finish(_info(self._grid, self.frames, self._tally.range(), self._peak))

    def _spectra(self, power: np.ndarray) -> None:
        if len(power):
            self._last = power[-1:].copy()
        power = np.concatenate([self._power, power * np.float32(self._grid.gain)])
        count = len(power) // self._grid.pool
        whole = count * self._grid.pool
        self._pictures.push(_columns(power[:whole].reshape(count, self._grid.pool, ROWS)))
        self._columns += count
        self._power = power[whole:].copy()

    def _envelope(self, samples: np.ndarray, size: int) -> None:
        whole = len(samples) // size * size
        parts = samples[:whole].reshape(-1, size)
        columns = np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1)
        self._peak = max(self._peak, float(np.abs(columns).max(initial=0)))
        self._waves.push(columns)
        self._samples = samples[whole:].copy()

    def _emit(self, level: int, index: int, columns: np.ndarray) -> None:
        tile = codes(columns)
        if level == 0:
            self._tally.add(tile[:, 0], tile[:, 1])
        picture = tile[:, :, ::-1].transpose(1, 2, 0).reshape(2 * ROWS, -1)
        self._pack.picture(level, index, picture)


def _stream(grid: Grid) -> MelStream:
    return MelStream(grid.sr, n_fft=grid.n_fft, hop_length=grid.hop, n_mels=ROWS)


def _columns(power: np.ndarray) -> np.ndarray:
    """Mean and highest power of each column; (n, windows, rows) to (n, 2, rows)."""
    return np.stack([power.mean(axis=1), power.max(axis=1)], axis=1)


def _pool_power(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    pooled: np.ndarray = np.maximum(first, second)
    pooled[:, 0] = (first[:, 0] + second[:, 0]) / 2
    return pooled


def _pool_wave(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    pooled: np.ndarray = np.maximum(first, second)
    pooled[:, 0] = np.minimum(first[:, 0], second[:, 0])
    return pooled


def _info(grid: Grid, frames: int, span: Range, peak: float) -> TilesInfo:
    return TilesInfo(
        sr=grid.sr,
        frames=frames,
        base_s=grid.base_s,
        levels=grid.levels(frames),
        row_hz=tuple(round(hz, 2) for hz in mel_rows(grid.sr).tolist()),
        db_low=span.low,
        db_high=span.high,
        peak=peak,
    )
