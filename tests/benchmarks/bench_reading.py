"""Reading: ``load`` against librosa's, blocks against soundfile's, a day in little memory."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import librosa
import numpy as np
import soundfile
from _measure import cpu_s, measure, paired, report

from octolab.audio import load, open_sound

SR = 48000
MINUTES = 5
DAY_S = 24 * 3600


def main() -> None:
    """Print CPU ratios for every format, and the peak memory of a pass over a day."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(Path(folder))
        for name, path in files.items():
            limit = 1.0 if path.suffix == ".wav" else 2.0
            read = paired(
                lambda p=path: load(p, mono=False),
                lambda p=path: librosa.load(p, sr=None, mono=False),
                clock=cpu_s,  # librosa has ffmpeg decode what soundfile can't
            )
            report(f"load of {name}", "CPU against librosa", read.ratio, limit)
            if path.suffix not in (".m4a", ".webm"):
                passed = paired(lambda p=path: ours(p), lambda p=path: theirs(p))
                report(f"blocks of {name}", "CPU against soundfile", passed.ratio, limit)
            speed = MINUTES * 60 / read.ours_s
            print(f"load of {name}: {1e3 * read.ours_s:.0f} ms, {speed:.0f} x real time")
            seek(name, path)
        day(Path(folder) / "day.wav")


def make_files(folder: Path) -> dict[str, Path]:
    """Noise that swells and fades, in the formats of field recorders and of the web."""
    rng = np.random.default_rng(0)
    n = MINUTES * 60 * SR
    noise = (0.1 * rng.normal(size=n) * (1 + np.sin(np.arange(n) / 50_000))).astype(np.float32)
    files = {"WAV of 16 bits": folder / "a.wav"}
    soundfile.write(files["WAV of 16 bits"], noise, SR)
    for name, options, file in (
        ("WAV of 24 bits", ("-c:a", "pcm_s24le"), "24.wav"),
        ("WAV in stereo", ("-ac", "2"), "2.wav"),
        ("FLAC", (), "a.flac"),
        ("Vorbis", ("-c:a", "libvorbis"), "a.ogg"),
        ("MP3", (), "a.mp3"),
        ("M4A", (), "a.m4a"),
        ("WebM", ("-c:a", "libopus"), "a.webm"),
    ):
        files[name] = folder / file
        made = ["ffmpeg", "-v", "error", "-i", folder / "a.wav", *options, files[name]]
        subprocess.run(made, check=True)
    return files


def ours(path: Path) -> float:
    """One pass over our blocks."""
    with open_sound(path) as sound:
        return sum(float(block[0]) for block in sound.blocks())


def theirs(path: Path) -> float:
    """The same over soundfile's."""
    blocks = soundfile.blocks(path, 1 << 16, dtype="float32", always_2d=True)
    return sum(float(block[0, 0]) for block in blocks)


def seek(name: str, path: Path) -> None:
    """Print what one second from anywhere costs, once the file is open."""
    with open_sound(path) as sound:
        opened_s = measure(lambda: sound.frames)
        places = np.random.default_rng(1).integers(0, sound.frames - SR, 50)
        spent = measure(lambda: [sound.read(int(at), int(at) + SR) for at in places])
    print(f"seek in {name}: {1e3 * spent / 50:.1f} ms a second, length in {1e3 * opened_s:.1f} ms")


def day(path: Path) -> None:
    """Print CPU and peak memory of a pass over 24 h, in a fresh process."""
    length = 2 * DAY_S * SR
    with path.open("wb") as file:
        file.write(b"RF64\xff\xff\xff\xffWAVEds64")
        file.write(struct.pack("<IQQQI", 28, length + 72, length, length // 2, 0))
        file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SR, 2 * SR, 2, 16))
        file.write(b"data\xff\xff\xff\xff")
        file.truncate(file.tell() + length)
    done = subprocess.run(
        [sys.executable, "-c", _PASS, str(path)], capture_output=True, text=True, check=True
    )
    cpu_s, extra_mib = map(float, done.stdout.split())
    report("24 h of RF64", "CPU", cpu_s, 30, " s")
    report("24 h of RF64", "memory above the start", extra_mib, 8, " MiB")


_PASS = """
import resource, sys, time
from octolab.audio import open_sound
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with open_sound(sys.argv[1]) as sound:
    blocks = sound.blocks()
    next(blocks)
    before, start = peak(), time.process_time()
    assert 65536 + sum(len(block) for block in blocks) == 24 * 3600 * 48000
    print(time.process_time() - start, peak() - before)
"""


if __name__ == "__main__":
    main()
