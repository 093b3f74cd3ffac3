"""Spectra of ten minutes at 48 kHz against librosa and against their bare transforms.

Run with ``python tests/benchmarks/bench_spectra.py [rounds]``. CPU time on one thread; in
each round everything is run once, and medians of the ratios within rounds count.
"""

# ruff: noqa: E402  (threads are limited before numpy is loaded)
from __future__ import annotations

import os

for library in ("OPENBLAS", "OMP", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec

import librosa
import numpy as np
import scipy.fft
from _measure import measure

from octolab.audio import spectra

SR = 48_000
SECONDS = 600
FASTER = {  # than librosa, at least
    ("mel", "fast", "scipy"): 6,
    ("mel", "exact", "scipy"): 3.5,
    ("mel", "fast", "mkl"): 9,
    ("mel", "exact", "mkl"): 5,
    ("mfcc", "fast", "scipy"): 6,
    ("onset", "fast", "scipy"): 6,
    ("pcen", "fast", "scipy"): 6,
}
OVER_BARE = 1.5  # times the transforms alone, at most
FIRST_CALL_S = 1.0

FIRST_CALL = """
import time
import numpy as np
from octolab.audio import spectra
before = time.process_time()
spectra.melspectrogram(np.zeros(48000, np.float32), 48000)
print(time.process_time() - before, time.process_time())
"""
NUMBA = """
import time
import numpy as np
before = time.process_time()
import numba
from numba.core.registry import cpu_target
cpu_target.typing_context.refresh(), cpu_target.target_context.refresh()
print(time.process_time() - before, time.process_time())
"""


def interleaved(runs: dict[object, Callable[[], object]], rounds: int) -> dict[object, list[float]]:
    """Seconds of every run in every round; the order turns round each time."""
    times: dict[object, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):  # the first warms up
        for name in sorted(runs, key=str, reverse=turn % 2 == 1):
            seconds = measure(runs[name])
            if turn:
                times[name].append(seconds)
    return times


def over(times: dict[object, list[float]], name: object, reference: object) -> float:
    return statistics.median(a / b for a, b in zip(times[name], times[reference], strict=True))


def verdict(text: str, value: float, limit: float, *, least: bool) -> None:
    kept = value >= limit if least else value <= limit
    word = "at least" if least else "at most"
    print(f"{text} {value:.2f} ({word} {limit:g}) {'ok' if kept else 'MISSED'}", flush=True)


def of_librosa(y: np.ndarray) -> dict[str, Callable[[], object]]:
    mel = librosa.feature.melspectrogram
    return {
        "mel": lambda: mel(y=y, sr=SR),
        "mfcc": lambda: librosa.feature.mfcc(y=y, sr=SR),
        "onset": lambda: librosa.onset.onset_strength(y=y, sr=SR),
        "pcen": lambda: librosa.pcen(mel(y=y, sr=SR, power=1) * np.float32(2**31), sr=SR),
    }


def ours(name: str, y: np.ndarray, precision: str, fft: str) -> Callable[[], object]:
    how = {"precision": precision, "fft": fft}
    if name == "mel":
        return lambda: spectra.melspectrogram(y, SR, **how)
    if name == "mfcc":
        return lambda: spectra.mfcc(y, SR, **how)
    if name == "onset":
        return lambda: spectra.onset_strength(y, SR, **how)

    def pcen() -> object:
        bands = spectra.melspectrogram(y, SR, power=1, **how)
        bands *= np.float32(2**31)
        return spectra.pcen(bands, SR, precision=precision)

    return pcen


def bare(precision: str, fft: str, frames: int) -> Callable[[], object]:
    if fft == "mkl":
        from mkl_fft import rfft
    else:
        rfft = scipy.fft.rfft
    real = np.float32 if precision == "fast" else np.float64
    block = np.random.default_rng(0).standard_normal((64, 2048)).astype(real)

    def run() -> None:
        for _ in range(frames // len(block)):
            rfft(block)

    return run


def speed(y: np.ndarray, rounds: int) -> None:
    frames = 1 + len(y) // 512
    backends = ["scipy", "mkl"] if find_spec("mkl_fft") else ["scipy"]
    for name, run in of_librosa(y).items():
        variants = [
            (precision, fft)
            for fft in backends
            for precision in ("fast", "exact")
            if name == "mel" or precision == "fast"
        ]
        mine: dict[object, Callable[[], object]] = {v: ours(name, y, *v) for v in variants}
        against = interleaved({"librosa": run, **mine}, rounds)
        alone = interleaved({**mine, **{("bare", *v): bare(*v, frames) for v in variants}}, rounds)
        usual = statistics.median(against["librosa"]) / frames * 1e6
        print(f"{name}: librosa {usual:.1f} us a frame")
        for variant in variants:
            text = f"  {' '.join(variant)}: "
            text += f"{statistics.median(against[variant]) / frames * 1e6:.2f} us;"
            limit = FASTER.get((name, *variant), 6)
            verdict(f"{text} faster", 1 / over(against, variant, "librosa"), limit, least=True)
            by = over(alone, variant, ("bare", *variant))
            if name == "mel":
                verdict(f"{text} of its transforms", by, OVER_BARE, least=False)
            else:
                print(f"{text} of its transforms {by:.2f}")


def memory() -> None:
    """What is held beyond the output at most, of a minute and of ten."""
    spectra.melspectrogram(np.zeros(SR, np.float32), SR)  # imports and loads
    for seconds in (60, 600):
        y = np.zeros(seconds * SR, np.float32)
        tracemalloc.start()
        out = spectra.melspectrogram(y, SR)
        peak = tracemalloc.get_traced_memory()[1] - out.nbytes
        tracemalloc.stop()
        print(f"memory beyond the output, {seconds} s: {peak / 2**20:.2f} MiB")


def first_call() -> None:
    """CPU time of a fresh process, with the loops compiled by a process before it."""
    for name, code in (("first call", FIRST_CALL), ("of which numba itself", NUMBA)):
        found = []
        for _ in range(6):
            run = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            found.append([float(seconds) for seconds in run.stdout.split()])
        part, whole = np.median(found[1:], axis=0)
        if code is FIRST_CALL:
            verdict(f"{name}: CPU s", part, FIRST_CALL_S, least=False)
            print(f"with interpreter and numpy: {whole:.2f} CPU s")
        else:
            print(f"{name}: {part:.2f} CPU s")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    first_call()
    memory()
    y = np.random.default_rng(0).standard_normal(SECONDS * SR).astype(np.float32) * 0.1
    speed(y, rounds)


if __name__ == "__main__":
    main()
