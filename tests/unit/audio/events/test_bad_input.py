"""What is wrong is told in one sentence; what holds nothing gives nothing."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from octolab.audio import EventStream, detect_events
from octolab.audio.events import PRESETS
from octolab.errors import BadInput

SR = 8000
METHODS = ["bands", "energy", "onset", "pcen"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("length", [1, 2, 40, 1000, 5000])
def test_a_moment_holds_no_event(method, length):
    rng = np.random.default_rng(1)
    for y in (np.zeros(length), np.full(length, 0.3), rng.normal(0, 0.1, length)):
        assert detect_events(y.astype(np.float32), SR, method=method) == []


@pytest.mark.parametrize("preset", [None, *(one.name for one in PRESETS)])
def test_silence_a_steady_level_and_a_steady_tone_hold_no_event(preset):
    tone = 0.3 * np.sin(2 * np.pi * 300 * np.arange(30 * SR) / SR)
    for y in (np.zeros(30 * SR), np.full(30 * SR, 0.25), tone):
        assert detect_events(y.astype(np.float32), SR, preset=preset) == []


def test_a_clipped_sound_is_one_like_others():
    times = np.arange(20 * SR) / SR
    y = np.random.default_rng(2).normal(0, 0.05, len(times))
    y[10 * SR : 11 * SR] += 5 * np.sin(2 * np.pi * 700 * times[:SR])
    (event,) = detect_events(np.clip(y, -1, 1), SR)
    assert event.start == pytest.approx(10, abs=0.1)
    assert event.end == pytest.approx(11, abs=0.1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_told(value):
    y = np.zeros(20_000, np.float32)
    y[777] = value
    with pytest.raises(BadInput, match="NaN or infinity"):
        detect_events(y, SR)
    with pytest.raises(BadInput, match="NaN or infinity"):
        EventStream(SR).push(y)


@pytest.mark.parametrize("y", [np.zeros(0, np.float32), np.zeros((2, 9)), np.arange(9)])
def test_samples_must_be_floats_in_one_dimension(y):
    with pytest.raises(BadInput, match=r"no samples|one-dimensional array of floats"):
        detect_events(y, SR)


def test_a_stream_without_samples_holds_no_event():
    assert EventStream(SR).flush() == []


@pytest.mark.parametrize("sr", [1, 10, 49])
def test_at_very_low_rates_there_are_no_events(sr):
    with pytest.raises(BadInput, match=f"can't be found at {sr} Hz"):
        detect_events(np.zeros(1000, np.float32), sr)


@pytest.mark.parametrize("sr", [None, 0, -8000, 8000.5, float("nan")])
def test_a_rate_must_be_a_rate(sr):
    with pytest.raises(BadInput, match="pass sr, in Hz"):
        detect_events(np.zeros(1000, np.float32), sr)


def test_a_megahertz_is_no_trouble():
    sr = 1_000_000
    times = np.arange(3 * sr) / sr
    y = np.random.default_rng(3).normal(0, 0.01, len(times)).astype(np.float32)
    y[sr : sr + sr // 5] += 0.1 * np.sin(2 * np.pi * 90_000 * times[: sr // 5])
    (event,) = detect_events(y, sr)
    assert event.start == pytest.approx(1, abs=0.05)
    assert event.low_hz < 90_000 < event.high_hz


def test_a_band_that_reaches_beyond_the_half_rate_ends_there():
    rng = np.random.default_rng(4)
    y = rng.normal(0, 0.01, 20 * SR)
    y[8 * SR : 9 * SR] += 0.1 * np.sin(2 * np.pi * 3000 * np.arange(SR) / SR)
    (event,) = detect_events(y, SR, preset="bird")
    assert event.high_hz <= SR / 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": (500, 100)}, "from a lower to a higher frequency"),
        ({"band": (-5, 100)}, "from a lower to a higher frequency"),
        ({"band": 500}, "two frequencies in Hz"),
        ({"band": ("low", "high")}, "two frequencies in Hz"),
        ({"band": (100, 101)}, "too narrow"),
        ({"band": (5000, 6000)}, "above half the sample rate"),
        ({"threshold": 0}, "threshold must be above 0"),
        ({"threshold": float("nan")}, "threshold must be above 0"),
        ({"threshold": "high"}, "not the number it should be"),
        ({"release": 2}, "release from 0 to 1"),
        ({"min_duration_s": -1}, "can't be below 0"),
        ({"merge_gap_s": -1}, "can't be below 0"),
        ({"max_duration_s": 0.01}, "can't be below min_duration_s"),
        ({"hop_s": 0}, "hop_s must be above 0"),
        ({"smooth_s": 5}, "smooth_s must be above 0 and at most 1"),
        ({"floor_s": 0}, "floor_s must be above 0"),
        ({"floor_share": 1.5}, "floor_share must be above 0"),
        ({"n_fft": 7}, "n_fft must be from 32"),
        ({"n_fft": 1 << 20}, "n_fft must be from 32"),
        ({"method": "magic"}, "no detection method 'magic'; there are: bands, energy"),
    ],
)
def test_wrong_parameters_are_told(options, message):
    with pytest.raises(BadInput, match=message):
        detect_events(np.zeros(SR, np.float32), SR, **options)
    with pytest.raises(BadInput, match=message):
        EventStream(SR, **options)


def test_an_unknown_parameter_of_a_stream_is_told():
    with pytest.raises(BadInput, match="no parameter 'treshold'"):
        EventStream(SR, treshold=5)


def test_a_file_without_samples_is_told(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(0), SR)
    with pytest.raises(BadInput, match="no samples"):
        detect_events(tmp_path / "a.wav")


@pytest.mark.parametrize("example", [{"start": 1, "end": 2}, [], [{}], 7, [1, 2, 3], {}])
def test_what_is_no_example_is_told(example):
    y = np.random.default_rng(3).normal(0, 0.1, 5 * SR)
    with pytest.raises(BadInput, match="an example is a file, or start and end in seconds"):
        detect_events(y, SR, method="template", template=example)


@pytest.mark.parametrize("example", [{"start": 1, "end": 2}, [np.zeros(9)], (1, 2)])
def test_a_stream_takes_a_clip_only_as_an_example(example):
    with pytest.raises(BadInput, match="an example "):
        EventStream(SR, method="template", template=example)
