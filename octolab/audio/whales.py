"""The up-call of right whales: a tone that rises from about 80 to about 180 Hz in a second.

Events of the preset ``whale-upcall`` are looked at again: the loudest frequency of each
moment must rise steadily. Humpbacks, seismic surveys and ships make rising tones too: what
is found are candidates for a listener.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from octolab.audio.events import detect_in, settings_of
from octolab.audio.reading import SoundReader, open_sound
from octolab.audio.spectra import spectrogram
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Metric
from octolab.plugins import Analyzer, Progress

DEFINITIONS: Final = {
    "upcalls": (
        "Sounds of 0.5 to 2 s between 50 and 350 Hz whose loudest frequency rises steadily, by "
        "30 to 250 Hz, from below 160 Hz.",
        "Parks and Tyack 2005, J. Acoust. Soc. Am. 117; the contour after Gillespie 2004, "
        "Can. Acoust. 32",
    ),
}
"""What each index is, and where it comes from."""

_BAND_HZ: Final = (50.0, 350.0)
_LEAST_SR: Final = 800
_WINDOW_S: Final = 0.128
_HOP_S: Final = 0.02
_BEFORE_S: Final = 1.0  # of background that is heard with each event
_LOUD_SHARE: Final = 0.75  # of the rows, the loudest, that make the contour
_RISE_HZ: Final = (30.0, 250.0)
_HIGHEST_START_HZ: Final = 160.0
_LEAST_FIT: Final = 0.7


@dataclass(frozen=True)
class Contour:
    """How the loudest frequency of an event goes.

    Attributes
    ----------
    start_hz, end_hz : float
        At its two ends, on the straight line that fits best.
    fit : float
        How well it does: the correlation of time and frequency, -1 to 1.
    """

    start_hz: float
    end_hz: float
    fit: float

    @property
    def is_upcall(self) -> bool:
        """Whether it rises as `DEFINITIONS` says."""
        rise = self.end_hz - self.start_hz
        return (
            _RISE_HZ[0] <= rise <= _RISE_HZ[1]
            and self.start_hz < _HIGHEST_START_HZ
            and self.fit >= _LEAST_FIT
        )


def contour(y: np.ndarray, sr: int, start_s: float, end_s: float) -> Contour:
    """Follow the loudest frequency between 50 and 350 Hz from `start_s` to `end_s`.

    Parameters
    ----------
    y : ndarray (n,) float
        Samples of the event with a second or so of background around it.
    sr : int
        Their rate in Hz.
    start_s, end_s : float
        Where the event lies in `y`.

    Returns
    -------
    Contour
    """
    n_fft = 1 << round(math.log2(_WINDOW_S * sr))
    hop = max(1, round(_HOP_S * sr))
    hz = np.fft.rfftfreq(n_fft, 1 / sr)
    inside = (hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1])
    power = spectrogram(y, n_fft=n_fft, hop_length=hop)[inside]
    levels = 10 * np.log10(np.maximum(power, 1e-12))
    levels -= np.median(levels, axis=1, keepdims=True)
    times = np.arange(levels.shape[1]) * hop / sr
    during = (times >= start_s) & (times <= end_s)
    levels, times = levels[:, during], times[during]
    if levels.shape[1] < 5:
        return Contour(0.0, 0.0, 0.0)
    top = levels.max(axis=0)
    loud = top >= np.quantile(top, 1 - _LOUD_SHARE)
    t, f = times[loud], hz[inside][levels.argmax(axis=0)][loud]
    if np.ptp(f) == 0:
        return Contour(float(f[0]), float(f[0]), 0.0)
    slope, offset = np.polyfit(t, f, 1)
    fit = float(np.corrcoef(t, f)[0, 1])
    ends = offset + slope * np.array([t[0], t[-1]])
    return Contour(float(ends[0]), float(ends[1]), fit)


def whale_upcalls(
    path: str | Path, *, threshold: float | None = None, progress: Progress | None = None
) -> Analysis:
    """Find right whales' up-calls in a recording of any length.

    Parameters
    ----------
    path : path
        The file; at least 800 samples a second.
    threshold : float, optional
        How far a call must stand out (see `octolab.audio.detect_events`).
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    Analysis
        The calls, ``low_hz`` to ``high_hz`` along their contour; metrics ``upcalls``,
        ``upcalls_per_hour`` and ``other`` (events that don't rise as they should); in
        ``data["definitions"]`` what is counted.

    Raises
    ------
    BadInput
        If the file can't be read or its sample rate is too low.
    """
    with open_sound(path) as sound:
        if sound.sr < _LEAST_SR:
            raise BadInput(
                "up-calls reach 400 Hz: {name} needs {least} samples a second or more and has {sr}",
                name=sound.name,
                least=_LEAST_SR,
                sr=sound.sr,
            )
        settings = settings_of("whale-upcall", threshold=threshold)
        found = detect_in(sound, settings, progress=progress)
        hours = sound.duration_s / 3600
        calls = [call for event in found if (call := _upcall(sound, event)) is not None]
    return Analysis(
        events=tuple(calls),
        metrics={
            "upcalls": Metric(float(len(calls))),
            "upcalls_per_hour": Metric(len(calls) / hours, "1/h"),
            "other": Metric(float(len(found) - len(calls))),
        },
        data={
            "definitions": {
                name: {"definition": text, "source": source}
                for name, (text, source) in DEFINITIONS.items()
            }
        },
    )


def _upcall(sound: SoundReader, event: Event) -> Event | None:
    begin_s = max(0.0, event.start - _BEFORE_S)
    y = sound.read(
        round(begin_s * sound.sr), min(round((event.end + _BEFORE_S) * sound.sr), sound.frames)
    )
    heard = contour(y, sound.sr, event.start - begin_s, event.end - begin_s)
    if not heard.is_upcall:
        return None
    return replace(event, low_hz=round(heard.start_hz, 1), high_hz=round(heard.end_hz, 1))


analyzer = Analyzer(
    "whale-upcalls",
    run=whale_upcalls,
    kinds=frozenset({"sound"}),
    title="Right whale up-calls",
    description="Tones that rise from about 80 to about 180 Hz within a second: candidates for a "
    "listener.",
    params={"threshold": None},
)
