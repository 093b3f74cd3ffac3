"""What a day of sound costs: one pass for the pyramid, and each tile that a view asks for.

Run with ``python tests/benchmarks/bench_tiles.py [hours]``; 24 by default. The sounds are
made in a temporary folder (a sparse WAV and a FLAC of 3 GB) and removed at the end.
"""

from __future__ import annotations

import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from _measure import measure, report

from octolab.audio.tiles import (
    COLUMNS,
    SharedSound,
    Tiles,
    detail_tile,
    detail_wave,
    make_tiles,
    open_tiles,
    wav_segment,
)

SR = 48_000
HOUR = 3600 * SR
PASS_S, PASS_MIB, TILE_MS, TILE_KIB = 150, 64, 60, 15
"""The limits for 24 hours at 48 kHz."""


def chirp(loudness: float) -> np.ndarray:
    t = np.arange(SR) / SR
    wave = loudness * np.sin(2 * np.pi * (2000 + 1500 * t) * t) * np.hanning(SR)
    return wave.astype("<i2")


def sparse_wav(path: Path, hours: int) -> None:
    """An RF64 of silence with one chirp an hour."""
    size = 2 * HOUR * hours
    with path.open("wb") as file:
        file.write(b"RF64" + struct.pack("<I4s", 0xFFFFFFFF, b"WAVE"))
        file.write(struct.pack("<4sIQQQI", b"ds64", 28, size + 72, size, HOUR * hours, 0))
        file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SR, 2 * SR, 2, 16))
        file.write(struct.pack("<4sI", b"data", 0xFFFFFFFF))
        start = file.tell()
        file.truncate(start + size)
        for hour in range(hours):
            file.seek(start + 2 * (hour * HOUR + HOUR // 2))
            file.write(chirp(8000).tobytes())


def noisy_flac(path: Path, hours: int) -> None:
    """A FLAC of faint noise with a chirp each ten minutes."""
    noise = (np.random.default_rng(0).standard_normal(HOUR // 6) * 40).astype("<i2")
    with soundfile.SoundFile(path, "w", SR, 1, "PCM_16", format="FLAC") as file:
        for part in range(6 * hours):
            block = noise.copy()
            at = part * 4001 % 500 * SR
            block[at : at + SR] += chirp(6000)
            file.write(block)


def peak_mib() -> float:
    """The most memory this process has had since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def forget_peak() -> float:
    """Let the peak be what there is now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mib()


def one_pass(name: str, sound: Path, out: Path, hours: int) -> None:
    before = forget_peak()
    seconds = measure(lambda: make_tiles(sound, out))
    more = peak_mib() - before
    report(f"{name}, {hours} h, one pass", "CPU", seconds, PASS_S * hours / 24, " s")
    report(f"{name}, one pass", "memory above the baseline", more, PASS_MIB, " MiB")
    share = out.stat().st_size / sound.stat().st_size
    print(f"{name}: the pack has {out.stat().st_size / 1e6:.1f} MB, {share:.1%} of the file")


def each(name: str, made: list[Callable[[], bytes]]) -> None:
    """CPU and size of pictures: the median and the worst."""
    made[0]()  # imports what encodes pictures
    milliseconds = [measure(make) * 1000 for make in made]
    kib = [len(make()) / 1024 for make in made]
    report(f"{name}, median of {len(made)}", "CPU", float(np.median(milliseconds)), TILE_MS, " ms")
    print(f"{name}, worst: CPU {max(milliseconds):.1f} ms")
    report(f"{name}, median", "size", float(np.median(kib)), TILE_KIB, " KiB")
    report(f"{name}, worst", "size", max(kib), TILE_KIB, " KiB")


def tiles_of(name: str, tiles: Tiles) -> None:
    columns = -(-tiles.info.frames // round(tiles.info.base_s * tiles.info.sr))
    places = [
        (level, index)
        for level in range(tiles.info.levels)
        for index in np.unique(np.linspace(0, columns // COLUMNS >> level, 12).astype(int)).tolist()
    ]
    made = [lambda level=level, index=index: tiles.tile(level, index) for level, index in places]
    each(f"{name}, a tile", made)


def details_of(name: str, sound: SharedSound, tiles: Tiles) -> None:
    info = tiles.info
    random = np.random.default_rng(1)
    made = []
    for k in range(1, 11):
        span = info.base_s * COLUMNS / 2**k
        for j in range(3):
            start = span * random.integers(0, int(info.duration_s / span))
            band = info.high_hz / 2**j
            made.append(
                lambda start=start, span=span, band=band: detail_tile(
                    sound, start, start + span, 0, band, db_low=info.db_low, db_high=info.db_high
                )
            )
    each(f"{name}, a detail", made)
    middle = info.duration_s / 2
    at = int(middle * info.sr)
    for what, make in (
        ("87 s of wave from the file", lambda: detail_wave(sound, 0, int(middle / 87.4))),
        ("30 s to play", lambda: wav_segment(sound.read(at, at + 30 * SR), SR)),
    ):
        print(f"{name}: {what}: {measure(make) * 1000:.1f} ms CPU")


def main() -> None:
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm.wav"
        soundfile.write(warm, np.random.default_rng(0).normal(0, 0.1, 5 * SR), SR)
        make_tiles(warm, warm.with_suffix(".tiles"))
        for name, make, suffix in (("RF64", sparse_wav, "wav"), ("FLAC", noisy_flac, "flac")):
            sound, out = Path(folder) / f"day.{suffix}", Path(folder) / f"{suffix}.tiles"
            make(sound, hours)
            one_pass(name, sound, out, hours)
            print(
                f"{name}: opened in {measure(lambda out=out: open_tiles(out).close()) * 1e3:.1f} ms"
            )
            shared = SharedSound(sound)
            with open_tiles(out) as tiles:
                tiles_of(name, tiles)
                details_of(name, shared, tiles)
            shared.close()
            sound.unlink()


if __name__ == "__main__":
    main()
