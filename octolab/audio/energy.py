"""A sound at a glance: length, level, where its energy lies, and when something is heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.audio.events import EventStream
from octolab.audio.events.following import followed
from octolab.audio.reading import open_sound
from octolab.audio.spectra import MelStream, mel_frequencies
from octolab.model import Analysis, Event, Metric
from octolab.plugins import Analyzer, Progress

_MELS: Final = 32
_N_FFT: Final = 2048
_SILENCE_DB: Final = -120.0


def summary(
    path: str | Path,
    *,
    threshold: float | None = None,
    low_hz: float | None = None,
    high_hz: float | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Describe a sound file of any length, in one pass and constant memory.

    Parameters
    ----------
    path : path
        The file.
    threshold : float, optional
        How far an event must stand out (see `octolab.audio.detect_events`).
    low_hz, high_hz : float, optional
        Frequencies to look for events in.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    Analysis
        Metrics ``duration``, ``sample_rate``, ``channels``, ``rms`` and ``peak`` (dB of
        full scale, all channels together) and ``events`` (their number); the events; and
        in ``data["mel"]`` the mean and highest power of 32 mel bands in dB with their
        frequencies in Hz.

    Raises
    ------
    BadInput, NotFound
        As `octolab.audio.open_sound`, or if the sample rate is below 100 Hz.
    """
    with open_sound(path) as sound:
        sr, channels = sound.sr, sound.channels
        band = None
        if low_hz is not None or high_hz is not None:
            band = (low_hz or 0.0, high_hz or sr / 2)
        stream = EventStream(sr, band=band, threshold=threshold)
        mel = _Mel(sr)
        found: list[Event] = []
        frames, square, peak = 0, 0.0, 0.0
        for block in followed(sound, None, progress, mono=False):
            # In double precision: the squares of an hour of samples do not add up well in single.
            square += float(np.square(block, dtype=np.float64).sum())
            peak = max(peak, float(np.abs(block).max()))
            frames += len(block)
            y = block.mean(axis=1)
            mel.add(y)
            found += stream.push(y)
        found += stream.flush()
    return Analysis(
        events=tuple(found),
        metrics={
            "duration": Metric(frames / sr, "s"),
            "sample_rate": Metric(float(sr), "Hz"),
            "channels": Metric(float(channels)),
            "rms": Metric(_db(square / (frames * channels)), "dBFS"),
            "peak": Metric(_db(peak**2), "dBFS"),
            "events": Metric(float(len(found))),
        },
        data={"mel": mel.result()},
    )


class _Mel:
    """Mean and highest power in mel bands of a stream."""

    def __init__(self, sr: int) -> None:
        self._sr = sr
        self._stream = MelStream(sr, n_fft=_N_FFT, n_mels=_MELS)
        self._total = np.zeros(_MELS)
        self._highest = np.zeros(_MELS)
        self._rows = 0

    def add(self, y: np.ndarray) -> None:
        self._count(self._stream.push(y))

    def _count(self, rows: np.ndarray) -> None:
        if len(rows):
            self._total += rows.sum(axis=0, dtype=np.float64)
            self._highest = np.maximum(self._highest, rows.max(axis=0))
            self._rows += len(rows)

    def result(self) -> dict[str, Any]:
        self._count(self._stream.flush())
        middles = mel_frequencies(_MELS + 2, fmin=0, fmax=self._sr / 2)[1:-1]
        return {
            "hz": [round(float(f), 1) for f in middles],
            "mean_db": [round(_db(p), 2) for p in self._total / max(self._rows, 1)],
            "max_db": [round(_db(p), 2) for p in self._highest],
        }


def _db(power: float) -> float:
    return 10 * float(np.log10(max(power, 10 ** (_SILENCE_DB / 10))))


analyzer = Analyzer(
    "sound-energy",
    run=summary,
    kinds=frozenset({"sound"}),
    version="2",
    title="Sound level and events",
    description="Length, level, the energy in 32 bands of pitch, and when something is heard.",
    params={"threshold": None, "low_hz": None, "high_hz": None},
)
