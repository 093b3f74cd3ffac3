"""Paired measurements: two things are run in turn, and the median of their ratios counts.

CPU time is that of this process with all its threads, plus children that have ended, so
that a busy machine changes little. Run benchmarks as scripts: this folder is then on the
import path.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Median seconds of both sides and the median of the ratios within each round."""

    ours_s: float
    reference_s: float
    ratio: float


def cpu_s() -> float:
    """CPU seconds used so far by this process and the children it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measure(run: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds one call takes by a clock; garbage is collected before, not during."""
    gc.collect()
    gc.disable()
    try:
        start = clock()
        run()
        return clock() - start
    finally:
        gc.enable()


def paired(
    ours: Callable[[], object],
    reference: Callable[[], object],
    *,
    rounds: int = 7,
    warmup: int = 1,
    clock: Callable[[], float] = time.process_time,
) -> Pair:
    """Run both in turn (the order swaps each round) and compare.

    ``clock`` is the CPU time of this process by default; pass `cpu_s` when the work is
    done in child processes (10 ms resolution), ``time.perf_counter`` for wall time.
    """
    for _ in range(warmup):
        ours()
        reference()
    mine, theirs = [], []
    for turn in range(rounds):
        if turn % 2:
            theirs.append(measure(reference, clock))
            mine.append(measure(ours, clock))
        else:
            mine.append(measure(ours, clock))
            theirs.append(measure(reference, clock))
    return Pair(
        statistics.median(mine),
        statistics.median(theirs),
        statistics.median(a / b for a, b in zip(mine, theirs, strict=True)),
    )


def median_s(
    run: Callable[[], object],
    *,
    rounds: int = 15,
    warmup: int = 2,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Median seconds of one call."""
    for _ in range(warmup):
        run()
    return statistics.median(measure(run, clock) for _ in range(rounds))


def report(name: str, figure: str, value: float, limit: float, unit: str = "x") -> None:
    """Print ``name: figure ratio (limit)`` with a word on whether the limit is kept."""
    verdict = "ok" if value <= limit else "OVER"
    print(f"{name}: {figure} {value:.3g}{unit} (limit {limit:g}{unit}) {verdict}", flush=True)
