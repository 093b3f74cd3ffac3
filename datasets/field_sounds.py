"""Sounds of the field whose truth is known: a hive, birds, right whales, knocks, and weather.

Each event is put into its noise at a given signal-to-noise ratio: the mean power of the
event over its duration against that of the noise in the event's own band, 10 % wider on
either side, during the same time. The truth beside each file (``NAME.truth.json``, and
``NAME.Table.1.selections.txt`` for Raven) holds start, end, band, label and that ratio.

    python datasets/field_sounds.py FOLDER [SEED]

What the sounds are modelled on:

- Hive: wingbeats of 190-250 Hz with harmonics. Toots open with one or two rising pulses of
  about 1 s and go on in pulses of .25 s at about 400 Hz, quacks last less than .2 s at about
  350 Hz (Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24).
  Before a swarm leaves, power rises near 110 Hz and then moves from 100-300 to 500-600 Hz
  (Ferrari et al. 2008, Comput. Electron. Agric. 64).
- Right whales: up-calls from 60-110 to 150-210 Hz in .7-1.3 s (Parks and Tyack 2005,
  J. Acoust. Soc. Am. 117).
- Finch: syllables of 40-200 ms with gaps of 20-60 ms, in motifs that are repeated (Zann 1996,
  The Zebra Finch).
- Birds, knocks, rain and gusts are free inventions of the usual sizes.
"""

from __future__ import annotations

import json
import sys
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

WINGBEAT_HZ = 220.0
QUIET_S = 0.3  # between one event and the next, at least


@dataclass(frozen=True)
class Event:
    """The truth about one event; the band is that of its fundamental, or of all it has."""

    start: float
    end: float
    low_hz: float
    high_hz: float
    label: str
    snr_db: float = 0.0


@dataclass(frozen=True)
class Voice:
    """A sound by itself, (n,) of any amplitude, and what is in it, from its own beginning."""

    y: np.ndarray
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Scene:
    """A recording, (n,) float32 within -1 to 1, and all that is to be heard in it."""

    y: np.ndarray
    sr: int
    truth: tuple[Event, ...]


# --- noises: (n,) of unit power -------------------------------------------------------------


def coloured(
    n: int, sr: int, rng: np.random.Generator, amplitude: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Gaussian noise whose spectrum has a given shape over frequency in Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum *= amplitude(np.fft.rfftfreq(n, 1 / sr))
    spectrum[0] = 0
    return unit(np.fft.irfft(spectrum, n))


def pink(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """Noise that falls by 3 dB an octave above 30 Hz."""
    return coloured(n, sr, rng, lambda hz: 1 / np.sqrt(np.maximum(hz, 30)))


def gusts(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """Pink noise that swells and ebbs by some decibels within seconds."""
    return pink(n, sr, rng) * 10 ** (slow(n, sr, rng, every_s=2.5) * 2 / 20)


def wind(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """A microphone in the wind: rumbling that falls by 9 dB an octave and gusts by 10 dB."""
    rumble = coloured(n, sr, rng, lambda hz: np.maximum(hz, 40) ** -1.5)
    blowing = 10 ** (slow(n, sr, rng, every_s=4) * 5 / 20)
    return unit(rumble * blowing + 0.1 * pink(n, sr, rng) * np.sqrt(blowing))


def rain(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """Steady rain: a hiss, and drops nearby that ring for milliseconds, 150 a second."""
    swell = 10 ** (slow(n, sr, rng, every_s=10) / 20)
    y = coloured(n, sr, rng, lambda hz: np.minimum(hz / 1500, 1) / (1 + hz / 8000))
    for hz in (1200, 2100, 3400, 5200):
        drops = np.zeros(n)
        count = rng.poisson(150 / 4 * n / sr)
        drops[rng.integers(n, size=count)] = rng.normal(size=count) * rng.lognormal(0, 0.7, count)
        t = np.arange(int(0.02 * sr)) / sr
        ring = np.exp(-t * hz / 3) * np.sin(2 * np.pi * hz * t)
        size = 1 << int(n + len(ring)).bit_length()
        y += unit(np.fft.irfft(np.fft.rfft(drops, size) * np.fft.rfft(ring, size), size)[:n])
    return unit(y * swell)


def mains(n: int, sr: int, rng: np.random.Generator, *, hz: float = 50.0) -> np.ndarray:
    """The hum of the mains and its harmonics."""
    t = np.arange(n) / sr
    phases = rng.uniform(0, 2 * np.pi, 3)
    tones = [
        np.sin(2 * np.pi * k * hz * t + p) / k**2 for k, p in zip((1, 2, 3), phases, strict=True)
    ]
    return unit(sum(tones))


def hive(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """The hum of thousands of calm bees."""

    def amplitude(hz: np.ndarray) -> np.ndarray:
        return sum(bump(hz, k * WINGBEAT_HZ, 0.06 * k * WINGBEAT_HZ) / k**2 for k in (1, 2, 3, 4))

    return unit(coloured(n, sr, rng, amplitude) + 0.15 * pink(n, sr, rng))


def swarm(n: int, sr: int, rng: np.random.Generator) -> np.ndarray:
    """What the hum of a colony that is about to swarm has besides: 110 Hz, then 500-600 Hz."""
    return coloured(n, sr, rng, lambda hz: 0.6 * bump(hz, 110, 8) + bump(hz, 550, 30))


def bump(hz: np.ndarray, middle: float, width: float) -> np.ndarray:
    """A Gaussian over frequency."""
    return np.exp(-0.5 * ((hz - middle) / width) ** 2)


def slow(n: int, sr: int, rng: np.random.Generator, *, every_s: float) -> np.ndarray:
    """A smooth random course of unit variance that changes within `every_s`."""
    knots = rng.standard_normal(int(n / sr / every_s) + 4)
    at = np.arange(n) / (sr * every_s) + 1
    i = at.astype(int)
    u = 0.5 - 0.5 * np.cos(np.pi * (at - i))
    return knots[i] * (1 - u) + knots[i + 1] * u


def unit(y: np.ndarray) -> np.ndarray:
    """Scale to unit power."""
    return y / np.sqrt(np.mean(y**2))


NOISES = {
    "pink": pink,
    "gusts": gusts,
    "wind": wind,
    "rain": rain,
    "mains": mains,
    "hive": hive,
    "swarm": swarm,
}


# --- voices ---------------------------------------------------------------------------------


def bird(sr: int, rng: np.random.Generator) -> Voice:
    """A whistle, a warble, a trill or a buzz of .08-.8 s between 1.8 and 8.5 kHz."""
    seconds = rng.uniform(0.08, 0.8)
    u = np.linspace(0, 1, int(seconds * sr))
    low, width = rng.uniform(1800, 6000), rng.uniform(300, 2500)
    kind = rng.integers(6)
    course = (
        u,
        1 - u,
        np.sin(np.pi * u),
        0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(8, 25) * seconds * u),
        (u * max(1, round(seconds * rng.uniform(12, 22)))) % 1,
        0.5 + 0.1 * u,
    )[kind]
    hz = low + width * course
    y = tone(hz, sr)
    if kind == 4:
        y *= np.sin(np.pi * course) ** 0.5
    if kind == 5:
        y *= 1 + np.sin(2 * np.pi * rng.uniform(40, 90) * seconds * u)
    if rng.random() < 0.4 and 2 * hz.max() < 0.45 * sr:
        y += 0.3 * tone(2 * hz, sr)
    return one(edged(y, sr, 0.01, 0.02), sr, hz.min(), hz.max(), "bird")


def finch(sr: int, rng: np.random.Generator) -> Voice:
    """A bout of song: four to eight times the same motif of four to seven syllables."""
    syllables = [_syllable(sr, rng) for _ in range(rng.integers(4, 8))]
    gaps = rng.uniform(0.02, 0.06, len(syllables))
    parts = []
    for _ in range(rng.integers(4, 9)):
        for (y, low, high), gap in zip(syllables, gaps, strict=True):
            parts.append((y * rng.uniform(0.8, 1.2), low, high, gap))
        parts[-1] = (*parts[-1][:3], rng.uniform(0.06, 0.25))
    return row(parts, sr, "syllable")


def _syllable(sr: int, rng: np.random.Generator) -> tuple[np.ndarray, float, float]:
    """A stack of harmonics, a sweep, or a high note."""
    u = np.linspace(0, 1, int(rng.uniform(0.04, 0.2) * sr))
    kind = rng.integers(3)
    if kind == 0:
        hz = rng.uniform(500, 800) * (1 + 0.1 * np.sin(np.pi * u))
        count = int(min(6000, 0.45 * sr) / hz.max())
        y = sum(tone(k * hz, sr) * rng.uniform(0.3, 1) for k in range(1, count + 1))
        low, high = hz.min(), count * hz.max()
    else:
        begin, end = (
            rng.uniform(1500, 7000, 2) if kind == 1 else rng.uniform(3000, 7000) * np.ones(2)
        )
        hz = begin + (end - begin) * u
        y, low, high = tone(hz, sr), hz.min(), hz.max()
    return unit(edged(y, sr, 0.005, 0.01)), low, high


def upcall(sr: int, rng: np.random.Generator) -> Voice:
    """The contact call of a right whale."""
    u = np.linspace(0, 1, int(rng.uniform(0.7, 1.3) * sr))
    low, high = rng.uniform(60, 110), rng.uniform(150, 210)
    hz = low + (high - low) * u ** rng.uniform(1.3, 2.2)
    return one(edged(tone(hz, sr), sr, 0.1, 0.1), sr, low, high, "upcall")


def toot(sr: int, rng: np.random.Generator) -> Voice:
    """The song of a queen that is free: one or two long rising pulses, then short ones."""
    hz = rng.uniform(380, 500)
    longs = [rng.uniform(0.8, 1.2) for _ in range(rng.integers(1, 3))]
    shorts = [rng.uniform(0.2, 0.3) for _ in range(rng.integers(3, 8))]
    return row([(*_pulse(s, hz, 0.06, sr), 0.15) for s in longs + shorts], sr, "toot")


def quack(sr: int, rng: np.random.Generator) -> Voice:
    """The answer of a queen still in her cell: short pulses."""
    hz = rng.uniform(300, 360)
    pulses = [rng.uniform(0.12, 0.19) for _ in range(rng.integers(5, 12))]
    return row([(*_pulse(s, hz, 0.0, sr), 0.15) for s in pulses], sr, "quack")


def _pulse(seconds: float, hz: float, rise: float, sr: int) -> tuple[np.ndarray, float, float]:
    u = np.linspace(0, 1, int(seconds * sr))
    course = hz * (1 - rise * np.maximum(0, 1 - 4 * u))
    amplitudes = enumerate((1, 0.6, 0.35, 0.15), start=1)
    y = sum(a * tone(k * course, sr) for k, a in amplitudes if k * hz < 0.45 * sr)
    return edged(y, sr, 0.02, 0.03), hz * (1 - rise), min(4 * hz, 0.45 * sr)


def knock(sr: int, rng: np.random.Generator) -> Voice:
    """A knock on wood: a few damped resonances within 60 ms."""
    t = np.arange(int(0.06 * sr)) / sr
    tones = rng.uniform(150, 1800, 4)
    y = sum(np.exp(-t / rng.uniform(0.006, 0.02)) * np.sin(2 * np.pi * hz * t) for hz in tones)
    return one(edged(y, sr, 0.0005, 0.01), sr, tones.min(), tones.max(), "knock")


VOICES = {
    "bird": bird, "finch": finch, "upcall": upcall, "toot": toot, "quack": quack, "knock": knock,
}  # fmt: skip


def tone(hz: np.ndarray, sr: int) -> np.ndarray:
    """A sine of changing frequency."""
    return np.sin(2 * np.pi * np.cumsum(hz) / sr)


def edged(y: np.ndarray, sr: int, attack_s: float, release_s: float) -> np.ndarray:
    """Let it swell and fade by half a cosine."""
    y = y.copy()
    for seconds, part in ((attack_s, slice(None)), (release_s, slice(None, None, -1))):
        n = min(len(y) // 2, int(seconds * sr))
        y[part][:n] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / max(n, 1))
    return y


def one(y: np.ndarray, sr: int, low: float, high: float, label: str) -> Voice:
    """A voice that is one event."""
    return Voice(y, (Event(0.0, len(y) / sr, float(low), float(high), label),))


def row(parts: Sequence[tuple[np.ndarray, float, float, float]], sr: int, label: str) -> Voice:
    """Events one after another, each with its band and the gap that follows it, in seconds."""
    pieces, events, at = [], [], 0
    for y, low, high, gap in parts:
        events.append(Event(at / sr, (at + len(y)) / sr, float(low), float(high), label))
        pieces += [y, np.zeros(int(gap * sr))]
        at += len(pieces[-2]) + len(pieces[-1])
    return Voice(np.concatenate(pieces[:-1]), tuple(events))


# --- scenes ---------------------------------------------------------------------------------


def scene(
    voices: Sequence[str] = ("bird",),
    *,
    seconds: float = 60.0,
    sr: int = 22050,
    count: int = 12,
    snr_db: float = 10.0,
    noises: Mapping[str, float] | None = None,
    pause_s: float = QUIET_S,
    seed: int = 0,
) -> Scene:
    """Put voices into noise.

    Parameters
    ----------
    voices : sequence of str
        Names of `VOICES`; each place takes one at random.
    seconds, sr
        Length, and sample rate in Hz.
    count : int
        How many voices, each in its own part of the time; fewer when they don't fit.
    snr_db : float
        Signal-to-noise ratio in the band of each event.
    noises : dict of str to float
        Names of `NOISES` and how loud each is, as amplitudes; gusts and mains by default.
    pause_s : float
        The least silence between voices.
    seed : int
        The same number makes the same scene.
    """
    rng = np.random.default_rng(seed)
    n = int(seconds * sr)
    noise = np.zeros(n)
    for name, amplitude in (noises or {"gusts": 1.0, "mains": 0.3}).items():
        noise += amplitude * NOISES[name](n, sr, rng)
    y = noise.copy()
    truth: list[Event] = []
    free = int(QUIET_S * sr)
    for i in range(count if voices else 0):
        voice = VOICES[voices[rng.integers(len(voices))]](sr, rng)
        begin = max(free, int((i + rng.uniform(0, 0.6)) * n / count))
        if begin + len(voice.y) > n - int(QUIET_S * sr):
            continue
        free = begin + len(voice.y) + int(pause_s * sr)
        for event in voice.events:
            first, last = round(event.start * sr), round(event.end * sr)
            part = voice.y[first:last]
            place = slice(begin + first, begin + last)
            power = band_power(noise, place, sr, 0.9 * event.low_hz, 1.1 * event.high_hz)
            y[place] += part * np.sqrt(power * 10 ** (snr_db / 10) / np.mean(part**2))
            start, end = (begin + first) / sr, (begin + last) / sr
            truth.append(replace(event, start=start, end=end, snr_db=snr_db))
    return Scene((0.8 * y / np.abs(y).max()).astype(np.float32), sr, tuple(truth))


def band_power(y: np.ndarray, place: slice, sr: int, low_hz: float, high_hz: float) -> float:
    """Mean power of a stretch of `y` within a band."""
    margin = sr // 4
    begin, end = max(0, place.start - margin), min(len(y), place.stop + margin)
    spectrum = np.fft.rfft(y[begin:end])
    hz = np.fft.rfftfreq(end - begin, 1 / sr)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    within = np.fft.irfft(spectrum, end - begin)[place.start - begin : place.stop - begin]
    return float(np.mean(within**2))


# --- files ----------------------------------------------------------------------------------


SCENES: dict[str, Callable[[int], Scene]] = {
    "hive_before": lambda seed: scene((), sr=16000, noises={"hive": 1.0}, seed=seed),
    "hive_after": lambda seed: scene(
        ("toot", "quack"), sr=16000, count=6, noises={"hive": 1.0, "swarm": 1.0}, seed=seed
    ),
    "birds": lambda seed: scene(("bird",), snr_db=15, seed=seed),
    "dense_song": lambda seed: scene(("finch",), count=20, snr_db=20, pause_s=0.4, seed=seed),
    "upcalls": lambda seed: scene(("upcall",), sr=2000, noises={"gusts": 1.0}, seed=seed),
    "knocks": lambda seed: scene(("knock",), count=20, snr_db=20, seed=seed),
    "rain": lambda seed: scene((), noises={"rain": 1.0}, seed=seed),
    "wind": lambda seed: scene((), noises={"wind": 1.0}, seed=seed),
}
"""A minute each; the last two hold no event."""


def make(folder: Path, seed: int = 1) -> None:
    """Write all `SCENES` as WAV files with their truth, and ``truth.json`` on all of them."""
    told = {name: write(build(seed), folder / f"{name}.wav") for name, build in SCENES.items()}
    (folder / "truth.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def write(made: Scene, path: Path) -> dict[str, object]:
    """Write a scene as 16-bit WAV, with its truth beside it as JSON and as a Raven table."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(made.sr)
        file.writeframes(np.round(made.y * 32767).astype("<i2").tobytes())
    told: dict[str, object] = {
        "sr": made.sr,
        "duration_s": len(made.y) / made.sr,
        "events": [asdict(event) for event in made.truth],
    }
    path.with_suffix(".truth.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    lines = [
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"
        "\tAnnotation"
    ]
    lines += [
        f"{i}\tSpectrogram 1\t1\t{one.start:.6f}\t{one.end:.6f}\t{one.low_hz:.1f}"
        f"\t{one.high_hz:.1f}\t{one.label}"
        for i, one in enumerate(made.truth, start=1)
    ]
    table = path.with_suffix(".Table.1.selections.txt")
    table.write_text("\n".join(lines) + "\n", "utf-8")
    return told


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    make(target, *map(int, sys.argv[2:3]))
