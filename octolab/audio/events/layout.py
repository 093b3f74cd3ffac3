"""How sound is cut: into rows of 10 ms or so, and into bands of frequency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from octolab.audio.events.settings import Settings
from octolab.errors import BadInput

PAGE_S: Final = 10.0  # statistics are taken at multiples of this time

_BANDS: Final = 80
_BINS_A_BAND: Final = 2
_LOWEST_HZ: Final = 50.0
_STEP_S: Final = 1.0  # from one floor to the next
_NOTICE_S: Final = 60.0  # how much sound tells what the background usually does


@dataclass(frozen=True)
class Layout:
    """Rows and bands; all counts are of rows but for ``n_fft`` and ``hop``, of samples.

    ``edges`` are bins of the spectrum, one more than there are bands, ``hz`` their
    frequencies; ``inside`` are the bands to listen to. The others tell what the
    background does.
    """

    sr: int
    n_fft: int
    hop: int
    edges: np.ndarray
    hz: np.ndarray
    inside: slice
    smooth: int
    floor: int
    step: int
    page: int
    notice: int

    @property
    def row_s(self) -> float:
        """Seconds from one row to the next."""
        return self.hop / self.sr

    @property
    def lead(self) -> int:
        """Rows at the beginning whose window would begin before the sound."""
        return math.ceil(self.n_fft // 2 / self.hop)


def layout(sr: int, settings: Settings) -> Layout:
    """Lay out rows and bands for a sample rate.

    Raises
    ------
    BadInput
        If the rate is too low for rows that short, or the band holds no two bins.
    """
    hop = round(settings.hop_s * sr)
    n_fft = settings.n_fft or 1 << max(5, round(math.log2(settings.window_s * sr)))
    if hop < 1:
        raise BadInput("events can't be found at {sr} Hz: the sample rate is too low", sr=sr)
    if not 32 <= n_fft <= max(32, sr):
        raise BadInput("n_fft must be from 32 to one second of samples, not {value}", value=n_fft)
    low, high = settings.band or (_LOWEST_HZ, sr / 2)
    low, high = max(low, sr / n_fft), min(high, sr / 2)
    edges = np.array([0])
    if low < high:
        edges = _edges(sr / n_fft, low, high, sr / 2, alone=settings.method == "energy")
    first, last = np.searchsorted(edges * (sr / n_fft), (low - sr / n_fft / 2, high))
    if len(edges) < 2 or last <= first:
        band = settings.band or (_LOWEST_HZ, math.inf)
        raise BadInput(
            "the band {low} to {high} Hz is too narrow or above half the sample rate",
            low=band[0],
            high=band[1],
        )

    def rows(seconds: float) -> int:
        return max(1, round(seconds * sr / hop))

    step = rows(_STEP_S)
    page = step * round(PAGE_S / _STEP_S)
    return Layout(
        sr,
        n_fft,
        hop,
        edges,
        edges * (sr / n_fft),
        slice(int(first), int(min(last, len(edges) - 1))),
        rows(settings.smooth_s),
        rows(settings.floor_s),
        step,
        page,
        page * round(_NOTICE_S / PAGE_S),
    )


def _edges(bin_hz: float, low: float, high: float, nyquist: float, *, alone: bool) -> np.ndarray:
    """Bins at which bands meet: even steps of pitch, with edges at `low` and `high`."""
    first, last = round(low / bin_hz), math.ceil(high / bin_hz)
    if last - first < _BINS_A_BAND:
        return np.array([first])
    if alone:
        return np.array([first, last])
    bottom = min(low, _LOWEST_HZ)
    wanted = np.geomspace(max(bottom, bin_hz), nyquist, _BANDS + 1) / bin_hz
    edges = [first]
    for bin_number in np.ceil(wanted).astype(int).tolist():
        if bin_number - edges[-1] >= _BINS_A_BAND and last - bin_number >= _BINS_A_BAND:
            edges.append(bin_number)
    edges.append(last)
    for bin_number in np.ceil(wanted).astype(int).tolist():
        if bin_number - edges[-1] >= _BINS_A_BAND:
            edges.append(bin_number)
    below = [first]
    for bin_number in np.floor(wanted[::-1]).astype(int).tolist():
        if below[-1] - bin_number >= _BINS_A_BAND:
            below.append(bin_number)
    return np.array([*below[:0:-1], *edges])
