"""One sound of which other tests make files of every format with ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

SR = 48000


@pytest.fixture(scope="session")
def ffmpeg():
    program = shutil.which("ffmpeg")
    if not program:
        pytest.fail("these tests need ffmpeg: sudo apt-get install ffmpeg")

    def run(*arguments: object, feed: bytes | None = None) -> bytes:
        command = [program, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
        if feed is not None:
            command.remove("-nostdin")
        return subprocess.run(command, input=feed, capture_output=True, check=True).stdout

    return run


@pytest.fixture(scope="session")
def chirp(tmp_path_factory) -> Path:
    """Seven seconds of a rising tone in noise, in stereo, no two moments alike."""
    rng = np.random.default_rng(0)
    t = np.arange(7 * SR) / SR
    left = 0.3 * np.sin(2 * np.pi * (300 + 200 * t) * t) + 0.05 * rng.normal(size=len(t))
    path = tmp_path_factory.mktemp("chirp") / "chirp.wav"
    soundfile.write(path, np.stack([left, 0.5 * np.roll(left, 777)], axis=1), SR)
    return path


@pytest.fixture(scope="session")
def converted(ffmpeg, chirp, tmp_path_factory):
    """Make a file of the chirp: arguments for ffmpeg, the last its name; once for each."""
    folder, made = tmp_path_factory.mktemp("converted"), {}

    def convert(*arguments: str) -> Path:
        if arguments not in made:
            made[arguments] = folder / str(len(made)) / arguments[-1]
            made[arguments].parent.mkdir()
            ffmpeg("-i", chirp, *arguments[:-1], made[arguments])
        return made[arguments]

    return convert
