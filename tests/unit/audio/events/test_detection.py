"""Finding events whose truth is known: synthetic tones in noise, and a bird's song."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from octolab.audio import detect_events, load, summary
from octolab.audio.energy import analyzer
from octolab.errors import BadInput
from octolab.model import Event, from_json, to_json
from octolab.plugins import run_analyzer

SR = 22050


def scene(
    snr_db: float, seed: int, *, seconds: float = 30.0, count: int = 10
) -> tuple[np.ndarray, list[tuple[float, float, float]]]:
    """Tones of 0.15 to 0.6 s in pink noise with slow gusts and a 50 Hz hum.

    The signal-to-noise ratio is that within a third of an octave around each tone.
    """
    rng = np.random.default_rng(seed)
    n = int(seconds * SR)
    frequencies = np.fft.rfftfreq(n, 1 / SR)
    spectrum = np.fft.rfft(rng.standard_normal(n)) / np.sqrt(np.maximum(frequencies, 30))
    noise = np.fft.irfft(spectrum, n)
    noise *= 0.05 / noise.std()
    times = np.arange(n) / SR
    knots = np.arange(0, seconds + 4, 4)
    noise *= np.interp(times, knots, 10 ** (rng.uniform(-2, 2, len(knots)) / 20))
    noise += 0.05 * np.sin(2 * np.pi * 50 * times)
    truth = []
    for i in range(count):
        hz, length = rng.uniform(800, 7000), rng.uniform(0.15, 0.6)
        start = (i + rng.uniform(0.1, 0.6)) * seconds / count
        begin, end = int(start * SR), int((start + length) * SR)
        near = (frequencies > hz * 0.89) & (frequencies < hz * 1.12)
        band_power = np.mean(np.fft.irfft(np.fft.rfft(noise) * near, n)[begin:end] ** 2)
        envelope = np.sin(np.pi * np.clip(np.arange(end - begin) / (0.02 * SR), 0, 0.5)) ** 2
        envelope *= envelope[::-1]
        wave = np.sin(2 * np.pi * hz * times[: end - begin]) * envelope
        noise[begin:end] += wave * np.sqrt(band_power * 10 ** (snr_db / 10) / np.mean(wave**2))
        truth.append((start, start + length, hz))
    return (noise / np.abs(noise).max() * 0.8).astype(np.float32), truth


def matched(events: list[Event], truth: list[tuple[float, ...]], collar: float = 0.2) -> int:
    """How many true events were found, each once: onset and offset within the collar."""
    rest = list(events)
    for start, end, *_ in truth:
        for event in rest:
            slack = max(collar, (end - start) / 2)
            if abs(event.start - start) <= collar and abs(event.end - end) <= slack:
                rest.remove(event)
                break
    return len(events) - len(rest)


@pytest.mark.parametrize(("snr_db", "least"), [(0, 0.75), (5, 0.9), (10, 0.95), (20, 0.95)])
def test_tones_in_noise_are_found(snr_db, least):
    found = hits = true = 0
    for seed in range(4):
        y, truth = scene(snr_db, seed)
        events = detect_events(y, SR)
        hits += matched(events, truth)
        found += len(events)
        true += len(truth)
    assert 2 * hits / (found + true) >= least


def test_an_event_knows_its_frequencies_and_its_prominence():
    y, truth = scene(20, 7)
    events = detect_events(y, SR)
    for start, _, hz in truth:
        event = min(events, key=lambda e: abs(e.start - start))
        assert event.low_hz <= hz <= event.high_hz
        assert event.peak_hz == pytest.approx(hz, rel=0.05)
        assert event.snr_db > 10
        assert event.score >= 4.5


@pytest.mark.parametrize("sr", [8000, 22050, 48000])
def test_there_is_nothing_in_mere_noise(sr):
    rng = np.random.default_rng(5)
    count = sum(
        len(detect_events(rng.normal(0, 0.1, sr * 60).astype(np.float32), sr)) for _ in range(3)
    )
    assert count == 0


def test_there_is_nothing_in_silence_or_a_steady_tone():
    assert detect_events(np.zeros(SR * 5, np.float32), SR) == []
    steady = np.sin(2 * np.pi * 600 * np.arange(SR * 20) / SR).astype(np.float32)
    assert detect_events(steady * 0.3, SR) == []
    assert detect_events(np.full(SR * 5, 0.25, np.float32), SR) == []


def test_a_beep_in_digital_silence_is_found():
    y = np.zeros(SR * 4, np.float32)
    y[SR : SR * 3 // 2] = 0.1 * np.sin(2 * np.pi * 900 * np.arange(SR // 2) / SR)
    (event,) = detect_events(y, SR)
    assert event.start == pytest.approx(1, abs=0.08)
    assert event.end == pytest.approx(1.5, abs=0.08)


def test_a_band_leaves_out_what_is_beyond_it():
    times = np.arange(SR * 10) / SR
    y = np.random.default_rng(2).normal(0, 0.01, len(times))
    for start, hz in ((2, 500), (6, 5000)):
        inside = (times >= start) & (times < start + 0.4)
        y[inside] += 0.2 * np.sin(2 * np.pi * hz * times[inside])
    y = y.astype(np.float32)
    assert [round(e.start) for e in detect_events(y, SR)] == [2, 6]
    assert [round(e.start) for e in detect_events(y, SR, band=(200, 1500))] == [2]
    assert [round(e.start) for e in detect_events(y, SR, band=(3000, 9000))] == [6]


def test_near_events_are_joined_and_short_ones_left_out():
    times = np.arange(SR * 10) / SR
    y = np.random.default_rng(4).normal(0, 0.01, len(times))
    for start in (3.0, 3.5):
        inside = (times >= start) & (times < start + 0.2)
        y[inside] += 0.2 * np.sin(2 * np.pi * 2000 * times[inside])
    y = y.astype(np.float32)
    assert len(detect_events(y, SR)) == 2
    (joined,) = detect_events(y, SR, merge_gap_s=0.5)
    assert joined.end - joined.start == pytest.approx(0.7, abs=0.15)
    assert detect_events(y, SR, min_duration_s=0.5) == []


def test_all_calls_of_a_hermit_are_found_where_an_expert_marked_them(shared):
    folder = shared / "data/audio/ohun"
    with (folder / "lbh1.Table.1.selections.txt").open() as table:
        truth = [
            (float(row["Begin Time (s)"]), float(row["End Time (s)"]))
            for row in csv.DictReader(table, delimiter="\t")
        ]
    events = detect_events(folder / "lbh1.wav", band=(1500, 9500))
    assert len(truth) == 10
    assert matched(events, truth, collar=0.12) == 10
    assert len(events) == 10


@pytest.mark.parametrize(
    ("name", "fewest", "most"),
    [
        ("opensoundscape/birds_10s.wav", 2, 15),
        ("opensoundscape/1min.wav", 10, 60),
        ("scikit-maad/spinetail.wav", 5, 25),
        ("scikit-maad/S4A03895_20190522_000000.wav", 0, 3),
        ("librosa-data/glacier-bay-humpback.hq.ogg", 15, 80),
    ],
)
def test_field_recordings_give_a_sensible_number(name, fewest, most, shared):
    y, sr = load(shared / "data/audio" / name)
    events = detect_events(y, sr)
    assert fewest <= len(events) <= most
    for event in events:
        assert 0 <= event.start < event.end <= len(y) / sr
        assert event.low_hz < event.high_hz <= sr / 2
    assert [e.start for e in events] == sorted(e.start for e in events)


@pytest.mark.parametrize("samples", [1, 10, 500, 1024, 5000])
def test_a_very_short_sound_is_no_trouble(samples):
    assert detect_events(np.full(samples, 0.1, np.float32), SR) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": (500, 100)}, "from a lower to a higher frequency"),
        ({"band": (100, 101)}, "too narrow"),
        ({"band": (20000, 30000)}, "too narrow or above half the sample rate"),
        ({"threshold": 0}, "threshold must be above 0"),
        ({"release": 2}, "release from 0 to 1"),
    ],
)
def test_wrong_parameters_are_told(options, message):
    with pytest.raises(BadInput, match=message):
        detect_events(np.zeros(SR, np.float32), SR, **options)


def test_samples_need_their_rate():
    with pytest.raises(BadInput, match="pass sr, in Hz"):
        detect_events(np.zeros(SR, np.float32))


# --- the analyzer ------------------------------------------------------------------------------


def test_a_summary_of_a_known_sound(tmp_path):
    import soundfile

    times = np.arange(SR * 4) / SR
    left = np.random.default_rng(1).normal(0, 0.001, len(times))
    left[SR : 2 * SR] += 0.5 * np.sin(2 * np.pi * 1000 * times[SR : 2 * SR])
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([left, left], axis=1), SR, subtype="FLOAT")
    analysis = summary(path)
    metrics = {name: metric.value for name, metric in analysis.metrics.items()}
    assert metrics["duration"] == 4
    assert (metrics["sample_rate"], metrics["channels"], metrics["events"]) == (SR, 2, 1)
    assert metrics["peak"] == pytest.approx(20 * np.log10(0.5), abs=0.1)
    assert metrics["rms"] == pytest.approx(10 * np.log10(0.5**2 / 2 / 4), abs=0.05)
    assert analysis.events[0].start == pytest.approx(1, abs=0.08)
    mel = analysis.data["mel"]
    assert len(mel["hz"]) == len(mel["mean_db"]) == len(mel["max_db"]) == 32
    assert mel["hz"][int(np.argmax(mel["mean_db"]))] == pytest.approx(1000, rel=0.1)


def test_silence_has_a_level_that_json_can_hold(tmp_path):
    import soundfile

    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), SR)
    analysis = summary(path)
    assert analysis.metrics["rms"].value == analysis.metrics["peak"].value == -120
    assert analysis.events == ()


def test_as_an_analyzer_it_takes_sounds_and_its_result_survives_json(shared):
    assert analyzer.kinds == {"sound"}
    analysis = run_analyzer(analyzer, shared / "data/audio/ohun/lbh1.wav", low_hz=1500)
    assert analysis.params == {"threshold": None, "low_hz": 1500, "high_hz": None}
    assert 8 <= len(analysis.events) <= 12
    kept = to_json(analysis)
    assert from_json(type(analysis), kept) == analysis
    assert len(str(kept)) < 10_000
