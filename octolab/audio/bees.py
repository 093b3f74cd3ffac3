"""What a hive sounds like: the hum of wings, queens piping, and signs of a swarm to come.

These are indices with a definition, to be compared between days and hives. None of them is
a diagnosis: sources disagree on what bees under stress sound like, and microphones differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.audio.events import EventStream
from octolab.audio.events.following import followed
from octolab.audio.reading import open_sound
from octolab.audio.spectra import SpectrumStream
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Metric
from octolab.plugins import Analyzer, Progress

HUM_HZ: Final = (190.0, 250.0)
EARLY_HZ: Final = (100.0, 120.0)
LOW_HZ: Final = (100.0, 300.0)
HIGH_HZ: Final = (500.0, 600.0)

DEFINITIONS: Final = {
    "hum_level": (
        "Power between 190 and 250 Hz, where wings beat, in dB of full scale.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18",
    ),
    "hum_frequency": (
        "The frequency from 180 to 270 Hz that is loudest together with twice and three times it.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18",
    ),
    "early_swarm": (
        "Power per Hz near 110 Hz against that between 190 and 250 Hz, in dB: it is said to rise "
        "in the days before a swarm.",
        "Ferrari et al. 2008, Comput. Electron. Agric. 64",
    ),
    "swarm_shift": (
        "Power per Hz between 500 and 600 Hz against that between 100 and 300 Hz, in dB: it is "
        "said to rise when a swarm is about to leave.",
        "Ferrari et al. 2008, Comput. Electron. Agric. 64",
    ),
    "toots": (
        "Long pulses of queens that are free, at 370 to 600 Hz, found by the preset bee-piping; "
        "birds and machines that sound so count too.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24",
    ),
    "quacks": (
        "Short pulses of queens in their cells, at about 350 Hz, found by the preset bee-piping; "
        "birds and machines that sound so count too.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24",
    ),
}
"""What each index is, and where it comes from."""

_SILENCE: Final = 1e-12
_WINDOW_S: Final = 0.25
_LEAST_SR: Final = 2 * 1000
_HUM_SEARCH_HZ: Final = (180.0, 270.0)
_SERIES_S: Final = 1.0  # pulses that close together are of one queen
_OPENING_S: Final = 0.5  # the first pulse of a toot is longer


@dataclass(frozen=True)
class HiveState:
    """Indices of one recording of a hive; `DEFINITIONS` says what they are.

    Attributes
    ----------
    duration_s : float
        Of the recording.
    hum_level, hum_frequency : float, optional
        dB of full scale, and Hz; None where nothing is heard, as in silence.
    early_swarm, swarm_shift : float, optional
        dB; None where nothing is heard in one of the bands.
    toots, quacks : int
        How many pulses.
    """

    duration_s: float
    hum_level: float | None
    hum_frequency: float | None
    early_swarm: float | None
    swarm_shift: float | None
    toots: int
    quacks: int

    @property
    def piping_per_hour(self) -> float:
        """Toots and quacks by the hour."""
        return 3600 * (self.toots + self.quacks) / self.duration_s


@dataclass(frozen=True)
class HiveChange:
    """How a hive has changed: each index after, less that before.

    A level changes with the distance and gain of the microphone too; the others don't. None
    where one of the recordings has no such index.
    """

    hum_level: float | None
    hum_frequency: float | None
    early_swarm: float | None
    swarm_shift: float | None
    piping_per_hour: float


def hive_state(path: str | Path, *, progress: Progress | None = None) -> HiveState:
    """Measure one recording of a hive, of any length, in constant memory.

    Parameters
    ----------
    path : path
        The file.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    HiveState

    Raises
    ------
    BadInput
        If the file can't be read, or its sample rate is below 2000 Hz.
    """
    return _listen(path, progress)[0]


def compare_hives(before: str | Path | HiveState, after: str | Path | HiveState) -> HiveChange:
    """Tell how a hive has changed between two recordings.

    Parameters
    ----------
    before, after : path or HiveState
        Recordings, best made by the same microphone at the same place.

    Returns
    -------
    HiveChange
    """
    first, second = (
        one if isinstance(one, HiveState) else hive_state(one) for one in (before, after)
    )
    return HiveChange(
        hum_level=_difference(second.hum_level, first.hum_level),
        hum_frequency=_difference(second.hum_frequency, first.hum_frequency),
        early_swarm=_difference(second.early_swarm, first.early_swarm),
        swarm_shift=_difference(second.swarm_shift, first.swarm_shift),
        piping_per_hour=second.piping_per_hour - first.piping_per_hour,
    )


def name_piping(pulses: Sequence[Event]) -> list[Event]:
    """Name pulses "toot" or "quack" by the series they are in.

    Pulses less than a second apart are one queen's. She toots if one of them is longer than
    half a second; else what most of them are called, each by itself, decides.

    Parameters
    ----------
    pulses : sequence of Event
        By time, found by the preset ``bee-piping``.

    Returns
    -------
    list of Event
        The same with these labels.
    """
    named: list[Event] = []
    series: list[Event] = []
    for pulse in [*pulses, None]:
        if series and (pulse is None or pulse.start - series[-1].end > _SERIES_S):
            label = "toot" if _toots(series) else "quack"
            named += [replace(one, label=label) for one in series]
            series = []
        if pulse is not None:
            series.append(pulse)
    return named


def _toots(series: Sequence[Event]) -> bool:
    longest = max(pulse.end - pulse.start for pulse in series)
    quacks = sum(pulse.label == "quack" for pulse in series)
    return longest > _OPENING_S or 2 * quacks < len(series)


def analyse(path: str | Path, *, progress: Progress | None = None) -> Analysis:
    """Run `hive_state` as an analyzer.

    Returns
    -------
    Analysis
        The indices as metrics, those that silence has none of left out, and pulses of piping
        as events; in ``data["minutes"]`` the
        indices minute by minute, and in ``data["definitions"]`` what they are.
    """
    state, pulses, minutes = _listen(path, progress)
    units = {"duration_s": "s", "hum_level": "dBFS", "hum_frequency": "Hz"}
    units |= {"early_swarm": "dB", "swarm_shift": "dB"}
    metrics = {
        name.removesuffix("_s"): Metric(float(value), units.get(name, ""))
        for name, value in asdict(state).items()
        if value is not None
    }
    metrics["piping_per_hour"] = Metric(state.piping_per_hour, "1/h")
    return Analysis(
        events=tuple(pulses),
        metrics=metrics,
        data={
            "minutes": minutes,
            "definitions": {
                name: {"definition": text, "source": source}
                for name, (text, source) in DEFINITIONS.items()
            },
        },
    )


def _listen(
    path: str | Path, progress: Progress | None
) -> tuple[HiveState, list[Event], dict[str, list[Any]]]:
    with open_sound(path) as sound:
        if sound.sr < _LEAST_SR:
            raise BadInput(
                "hives sound up to 1000 Hz: {name} has only {sr} samples a second, and "
                "{least} are needed",
                name=sound.name,
                sr=sound.sr,
                least=_LEAST_SR,
            )
        spectra = _Spectra(sound.sr)
        piping = EventStream(sound.sr, preset="bee-piping")
        pulses: list[Event] = []
        frames = 0
        for block in followed(sound, None, progress):
            frames += len(block)
            spectra.add(block)
            pulses += piping.push(block)
        pulses = name_piping([*pulses, *piping.flush()])
        duration_s = frames / sound.sr
    labels = [pulse.label for pulse in pulses]
    state = HiveState(
        duration_s=duration_s,
        **_indices(spectra.mean(), spectra.hz),
        toots=labels.count("toot"),
        quacks=labels.count("quack"),
    )
    minutes: dict[str, list[Any]] = {
        name: [] for name in ("early_swarm", "hum_level", "swarm_shift")
    }
    for mean in spectra.minutes():
        found = _indices(mean, spectra.hz)
        for name, values in minutes.items():
            value = found[name]
            values.append(None if value is None else round(value, 2))
    minutes["piping"] = [0] * len(minutes["hum_level"])
    for pulse in pulses:
        minutes["piping"][min(int(pulse.start // 60), len(minutes["piping"]) - 1)] += 1
    return state, pulses, minutes


class _Spectra:
    """The mean power spectrum of a stream up to 1 kHz, minute by minute."""

    def __init__(self, sr: int) -> None:
        self._length = 1 << round(math.log2(_WINDOW_S * sr))
        self._stream = SpectrumStream(n_fft=self._length, hop_length=self._length, center=False)
        self._sr = sr
        hz = np.fft.rfftfreq(self._length, 1 / sr)
        self.hz = hz[hz <= _LEAST_SR / 2]
        # Of a Hann window: the mean square of a sound is the sum of its bins.
        self._gain = 2 / (self._length * self._length * 0.375)
        self._sums: list[np.ndarray] = []
        self._counts: list[int] = []
        self._rows = 0

    def add(self, y: np.ndarray) -> None:
        rows = self._stream.push(y)[:, : len(self.hz)]
        times = (self._rows + np.arange(len(rows))) * self._length / self._sr
        self._rows += len(rows)
        minutes = (times // 60).astype(int)
        for minute in np.unique(minutes):
            if minute == len(self._sums):
                self._sums.append(np.zeros(len(self.hz)))
                self._counts.append(0)
            of_it = rows[minutes == minute]
            self._sums[-1] += of_it.sum(axis=0, dtype=np.float64)
            self._counts[-1] += len(of_it)

    def mean(self) -> np.ndarray:
        """Of all."""
        total = np.sum([np.zeros(len(self.hz)), *self._sums], axis=0)
        return np.asarray(total * self._gain / max(sum(self._counts), 1))

    def minutes(self) -> Iterator[np.ndarray]:
        """Of each minute."""
        for total, count in zip(self._sums, self._counts, strict=True):
            yield total * self._gain / count


def _indices(power: np.ndarray, hz: np.ndarray) -> dict[str, float | None]:
    def density(band: tuple[float, float]) -> float | None:
        mean = float(power[(hz >= band[0]) & (hz <= band[1])].mean())
        return 10 * math.log10(mean) if mean > _SILENCE else None

    hum = density(HUM_HZ)
    bins = np.count_nonzero((hz >= HUM_HZ[0]) & (hz <= HUM_HZ[1]))
    return {
        "hum_level": None if hum is None else hum + 10 * math.log10(bins),
        "hum_frequency": None if hum is None else _hum_hz(power, hz),
        "early_swarm": _difference(density(EARLY_HZ), hum),
        "swarm_shift": _difference(density(HIGH_HZ), density(LOW_HZ)),
    }


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _hum_hz(power: np.ndarray, hz: np.ndarray) -> float:
    levels = np.log10(np.maximum(power, _SILENCE))
    tried = np.arange(*_HUM_SEARCH_HZ, 1.0)
    loud = sum(np.interp(k * tried, hz, levels) for k in (1, 2, 3))
    return float(tried[int(np.argmax(loud))])


analyzer = Analyzer(
    "hive-state",
    run=analyse,
    kinds=frozenset({"sound"}),
    title="State of a hive",
    description="The hum of wings, queens piping, and two indices that are said to rise before "
    "a swarm. To be compared between days and hives; no diagnosis.",
)
