"""Sounds written to files, and pyramids made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from octolab.audio.tiles import Tiles, make_tiles, open_tiles

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path) -> Write:
    """Write samples as a float WAV, or whatever `form` says."""

    def written(y, sr: int = 48000, name: str = "hive.wav", subtype: str = "FLOAT") -> Path:
        path = tmp_path / name
        soundfile.write(path, y, sr, subtype=subtype)
        return path

    return written


@pytest.fixture
def pyramid(write, tmp_path):
    """The tiles of samples."""
    opened: list[Tiles] = []

    def made(y, sr: int = 48000, **options) -> Tiles:
        out = tmp_path / "hive.tiles"
        make_tiles(write(y, sr), out, **options)
        opened.append(open_tiles(out))
        return opened[-1]

    yield made
    for tiles in opened:
        tiles.close()


def noise(seconds: float, sr: int = 48000, loudness: float = 0.1) -> np.ndarray:
    made = np.random.default_rng(7).standard_normal(int(seconds * sr))
    return (loudness * made).astype(np.float32)


def tone(hz: float, seconds: float, sr: int = 48000, loudness: float = 0.1) -> np.ndarray:
    made = np.sin(2 * np.pi * hz * np.arange(int(seconds * sr)) / sr)
    return (loudness * made).astype(np.float32)
