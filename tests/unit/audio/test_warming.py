"""What is compiled once for an installation is only loaded afterwards."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

WARM = "import octolab.audio; octolab.audio.warm()"
USED = """
import numpy as np
import octolab.audio as audio
from octolab.audio.spectra import kernels

y = np.random.default_rng(0).normal(0, 0.1, 30_000).astype(np.float32)
bands = audio.melspectrogram(np.stack([y, y]), sr=48000)
audio.spectrogram(y, power=1)
audio.mfcc(y, sr=48000)
audio.pcen(bands, sr=48000)
audio.onset_strength(y, sr=48000)
audio.spectral_rolloff(y, sr=48000)
audio.rms(y)
audio.zero_crossing_rate(y)
audio.detect_events(y, 48000)
audio.melspectrogram(y, sr=48000, fft="scipy")
functions = [one for one in vars(kernels).values() if hasattr(one, "stats")]
print({one.__name__: dict(one.stats.cache_misses) for one in functions if one.stats.cache_misses})
"""
GUESSED = """
import sys
from octolab.audio.tiles import SharedSound, estimate

print(estimate(SharedSound(sys.argv[1])).frames, "numba" in sys.modules)
"""


def run(code: str, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    made = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


@pytest.mark.timeout(600)
def test_after_warming_nothing_is_compiled(tmp_path):
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    run(WARM, **cache)
    assert run(USED, **cache) == "{}"


def test_what_a_sound_will_look_like_is_guessed_without_compiled_code(tmp_path):
    path = tmp_path / "hive.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 100_000), 48000)
    assert run(GUESSED, str(path)) == "100000 False"
