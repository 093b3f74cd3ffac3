"""The inner loops, compiled by numba and kept compiled between processes.

Sums may be reordered so that they can be
done eight at a time; NaN and infinity keep their meaning, so that an overflow shows.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_long, sizeof
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from octolab.audio.spectra.filterbank import LANES, ROWS

F = TypeVar("F", bound=Callable[..., Any])


def _compiled(function: F) -> F:
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",
        "fastmath": {"reassoc", "contract", "nsz"},
    }
    try:
        return cast(F, numba.njit(cache=True, **options)(function))
    except RuntimeError:  # there is no folder to keep compiled code in
        return cast(F, numba.njit(**options)(function))


def _forward_code(context: Any, function: Any, plan: Any, source: Any, target: Any) -> Any:
    """Call MKL's ``long DftiComputeForward(plan, source, target, ...)``; all are addresses."""

    def call(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        form = ir.FunctionType(ir.IntType(8 * sizeof(c_long)), [pointer, pointer], var_arg=True)
        callee = builder.inttoptr(arguments[0], form.as_pointer())
        pointers = [builder.inttoptr(value, pointer) for value in arguments[1:]]
        return builder.sext(builder.call(callee, pointers), ir.IntType(64))

    return types.int64(types.intp, types.intp, types.intp, types.intp), call


_forward: Any = intrinsic(_forward_code)


@_compiled
def _finite(samples: np.ndarray, length: int) -> bool:
    zero = samples.dtype.type(0)
    nothing = zero
    for j in range(length):
        nothing += samples[j] * zero  # NaN of NaN and of infinity
    return bool(nothing == 0)


@_compiled
def _windowed(source: np.ndarray, window: np.ndarray, target: np.ndarray) -> None:
    for j in range(window.shape[0]):
        target[j] = source[j] * window[j]


@_compiled
def window_frames(
    samples: np.ndarray, window: np.ndarray, hop: int, count: int, frames: np.ndarray
) -> bool:
    """Cut `count` frames out of `samples` (n,) and multiply each by the window.

    Tells whether all samples up to the end of the last frame are finite.
    """
    length = window.shape[0]
    for i in range(count):
        _windowed(samples[i * hop : i * hop + length], window, frames[i])
    return _finite(samples, (count - 1) * hop + length)


@_compiled
def transform_frames(
    samples: np.ndarray,
    window: np.ndarray,
    hop: int,
    count: int,
    function: int,
    plan: int,
    frame: np.ndarray,
    spectra: np.ndarray,
) -> int:
    """As `window_frames`, and transform each by MKL while it is at hand.

    Returns -1 if not all samples are finite, else MKL's status: 0 when all went well.
    """
    length = window.shape[0]
    if not _finite(samples, (count - 1) * hop + length):
        return -1
    for i in range(count):
        _windowed(samples[i * hop : i * hop + length], window, frame)
        status = _forward(function, plan, frame.ctypes.data, spectra[i].ctypes.data)
        if status:
            return int(status)
    return 0


@_compiled
def _power(parts: np.ndarray, bins: int, power: float, out: np.ndarray) -> None:
    for j in range(bins):
        out[j] = parts[2 * j] * parts[2 * j] + parts[2 * j + 1] * parts[2 * j + 1]
    if power == 1:
        for j in range(bins):
            out[j] = np.sqrt(out[j])
    elif power != 2:
        for j in range(bins):
            out[j] = out[j] ** (power / 2)


@_compiled
def powers(spectra: np.ndarray, count: int, power: float, out: np.ndarray) -> None:
    """Magnitudes of spectra raised to a power.

    `spectra` has real and imaginary parts in turn, and perhaps more; `out` is (count, bins).
    """
    for i in range(count):
        _power(spectra[i], out.shape[1], power, out[i])


@_compiled
def filtered(
    spectra: np.ndarray,
    count: int,
    power: float,
    starts: np.ndarray,
    lengths: np.ndarray,
    places: np.ndarray,
    weights: np.ndarray,
    space: np.ndarray,
    out: np.ndarray,
) -> None:
    """Weigh powers of spectra by a bank of filters.

    Filter k covers `LANES` * ``lengths[k]`` bins from ``starts[k]``; its weights begin at
    ``places[k]``. `spectra` has its rows in whole groups of `ROWS`; `space` (ROWS,
    bins + LANES) is zero beyond the last bin; `out` is (count, filters).
    """
    zero = space.dtype.type(0)
    bins = space.shape[1] - LANES
    first, second, third, fourth = space[0], space[1], space[2], space[3]
    for i in range(0, count, ROWS):
        for row in range(ROWS):
            _power(spectra[i + row], bins, power, space[row])
        for k in range(starts.shape[0]):
            start = starts[k]
            length = LANES * lengths[k]
            a = first[start : start + length]
            b = second[start : start + length]
            c = third[start : start + length]
            d = fourth[start : start + length]
            weight = weights[places[k] : places[k] + length]
            sum_a, sum_b, sum_c, sum_d = zero, zero, zero, zero
            for j in range(length):
                sum_a += weight[j] * a[j]
                sum_b += weight[j] * b[j]
                sum_c += weight[j] * c[j]
                sum_d += weight[j] * d[j]
            out[i, k] = sum_a
            if i + 1 < count:
                out[i + 1, k] = sum_b
            if i + 2 < count:
                out[i + 2, k] = sum_c
            if i + 3 < count:
                out[i + 3, k] = sum_d


@_compiled
def band_means(
    spectra: np.ndarray, count: int, edges: np.ndarray, gain: float, out: np.ndarray
) -> None:
    """Mean power per bin between neighbouring edges, times `gain`; `out` is (count, bands)."""
    for i in range(count):
        parts = spectra[i]
        for k in range(edges.shape[0] - 1):
            inside = parts[2 * edges[k] : 2 * edges[k + 1]]
            total = inside.dtype.type(0)
            for j in range(inside.shape[0]):
                total += inside[j] * inside[j]
            out[i, k] = total * (gain / (edges[k + 1] - edges[k]))


@_compiled
def smoothed(
    values: np.ndarray, b: float, floor: float, state: np.ndarray, out: np.ndarray
) -> None:
    """Follow each column of `values` by a first-order low-pass and add `floor`."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            level = b * values[i, j] + state[j]
            state[j] = (1 - b) * level
            out[i, j] = level + floor


@_compiled
def frame_power(samples: np.ndarray, length: int, hop: int, count: int, out: np.ndarray) -> None:
    """Mean of squares of each of `count` frames."""
    for i in range(count):
        frame = samples[i * hop : i * hop + length]
        total = 0.0
        for j in range(length):
            total += np.float64(frame[j]) * frame[j]
        out[i, 0] = total / length


@_compiled
def frame_crossings(
    samples: np.ndarray,
    length: int,
    hop: int,
    count: int,
    threshold: float,
    zero_pos: bool,
    out: np.ndarray,
) -> None:
    """Share of samples of each of `count` frames whose sign is not that of the one before.

    What is within the threshold has the sign of what is above or, if not `zero_pos`, its own.
    """
    for i in range(count):
        frame = samples[i * hop : i * hop + length]
        changes = 0
        for j in range(1, length):
            change = (frame[j] < -threshold) != (frame[j - 1] < -threshold)
            if not zero_pos:
                change |= (frame[j] > threshold) != (frame[j - 1] > threshold)
            changes += change
        out[i, 0] = changes / length
