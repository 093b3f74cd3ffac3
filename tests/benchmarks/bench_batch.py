"""A folder of sounds on two processors against one, and killed half-way.

``python tests/benchmarks/bench_batch.py [FILES] [ANALYZER]``: 1,000 sounds of a minute by
default, most of them hard links to some dozens. The command line does the work, as it would
for a user. Wall time counts here, so nothing else should run; the load is printed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from _measure import cpu_s

from octolab.audio.tables import read_table

SR = 24_000
DISTINCT = 36
LEAST = 1.8


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    analyzer = sys.argv[2] if len(sys.argv) > 2 else "sound-events"
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} processors", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        card = make_card(root / "card", count)
        run(analyzer, card, root / "warm.csv", 1, few=2)
        one, cpu_one = run(analyzer, card, root / "one.parquet", 1)
        two, cpu_two = run(analyzer, card, root / "two.parquet", 2)
        ratio = one / two
        verdict = "ok" if ratio >= LEAST else "UNDER"
        print(f"{count} files: one {one:.1f} s, two {two:.1f} s")
        print(f"CPU: one {cpu_one:.1f} s, two {cpu_two:.1f} s")
        print(f"two processors: {ratio:.2f} x one (at least {LEAST}) {verdict}")
        apart = halves(analyzer, card, root)
        print(f"two runs of half the files each, apart: {one / apart:.2f} x one")
        again, known = killed(analyzer, card, root / "killed.parquet", count // 2)
        tables = [read_table(root / f"{name}.parquet") for name in ("one", "two", "killed")]
        same = tables[0] == tables[1] == tables[2]
        events = sum(len(sheet.marks) for sheet in tables[0])
        print(f"killed after {known} files, then {again} more: {known + again} of {count}")
        print(f"the same table of {events} events: {'ok' if same else 'NO'}")
    print(f"load {os.getloadavg()[0]:.1f}")


def make_card(folder: Path, count: int) -> Path:
    """Noise with some calls; the names say when, so that no two are the same recording."""
    folder.mkdir()
    for number in range(count):
        path = (
            folder / f"202605{1 + number // 1440:02}_{number // 60 % 24:02}{number % 60:02}00.WAV"
        )
        if number >= DISTINCT:
            path.hardlink_to(first[number % DISTINCT])
            continue
        rng = np.random.default_rng(number)
        samples = rng.normal(0, 0.005, 60 * SR)
        for start in rng.uniform(1, 58, 8):
            at = int(start * SR)
            tone = np.sin(2 * np.pi * rng.uniform(800, 8000) * np.arange(SR // 4) / SR)
            samples[at : at + SR // 4] += 0.1 * tone * np.hanning(SR // 4)
        soundfile.write(path, samples, SR, subtype="PCM_16")
        first.append(path)
    return folder


first: list[Path] = []


def command(analyzer: str, places: list[Path], out: Path, jobs: int) -> list[str]:
    words = [sys.executable, "-m", "octolab.cli", "analyze", analyzer, *map(str, places)]
    return [*words, "-o", str(out), "--jobs", str(jobs), "--json"]


def run(analyzer: str, card: Path, out: Path, jobs: int, few: int = 0) -> tuple[float, float]:
    """Wall and CPU seconds of a whole run on so many processors, from start to end."""
    places = sorted(card.iterdir())[:few] if few else [card]
    start, cpu = time.perf_counter(), cpu_s()
    words = command(analyzer, places, out, jobs)
    processors = set(sorted(os.sched_getaffinity(0))[:jobs])
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        os.sched_setaffinity(process.pid, processors)
        if process.wait():
            raise SystemExit("it failed")
    return time.perf_counter() - start, cpu_s() - cpu


def halves(analyzer: str, card: Path, root: Path) -> float:
    """Wall seconds of two runs at once, each on its own processor: what the machine can do."""
    files = sorted(card.iterdir())
    start = time.perf_counter()
    runs = []
    for part, processor in enumerate(sorted(os.sched_getaffinity(0))[:2]):
        words = command(analyzer, files[part::2], root / f"half{part}.parquet", 1)
        runs.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        os.sched_setaffinity(runs[-1].pid, {processor})
    if sum(process.wait() for process in runs):
        raise SystemExit("it failed")
    return time.perf_counter() - start


def killed(analyzer: str, card: Path, out: Path, after: int) -> tuple[int, int]:
    """Kill a run after so many files and do it again; what the second did, and what it knew."""
    words = command(analyzer, [card], out, 2)
    ledger = out.with_name(f"{out.name}.ledger")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        while not ledger.exists() or ledger.read_bytes().count(b"\n") <= after:
            time.sleep(0.02)
            if process.poll() is not None:
                raise SystemExit("it ended before it could be killed")
        os.kill(process.pid, signal.SIGKILL)
    if out.exists():
        raise SystemExit("half a table was written")
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    return result["analysed"], result["known"]


if __name__ == "__main__":
    main()
