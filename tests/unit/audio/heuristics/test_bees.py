"""A hive's state: known hum, known piping, and what changes before a swarm."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from octolab import resources
from octolab.audio.bees import DEFINITIONS, analyzer, compare_hives, hive_state, name_piping
from octolab.errors import BadInput
from octolab.i18n import messages
from octolab.model import Event, from_json, to_json
from octolab.plugins import analyzers, following, run_analyzer


@pytest.fixture
def write(tmp_path):
    def write(y, sr=16000, name="a.wav"):
        soundfile.write(tmp_path / name, y, sr, subtype="FLOAT")
        return tmp_path / name

    return write


def tones(seconds: float, *parts: tuple[float, float], sr: int = 16000) -> np.ndarray:
    t = np.arange(int(seconds * sr)) / sr
    noise = np.random.default_rng(1).normal(0, 1e-4, len(t))
    return noise + sum(a * np.sin(2 * np.pi * hz * t) for hz, a in parts)


def test_the_hum_has_its_level_and_frequency(write):
    state = hive_state(write(tones(30, (231, 0.1), (462, 0.05), (693, 0.02))))
    assert state.duration_s == 30
    assert state.hum_level == pytest.approx(10 * np.log10(0.1**2 / 2), abs=0.3)
    assert state.hum_frequency == pytest.approx(231, abs=2)
    assert (state.toots, state.quacks) == (0, 0)


def test_the_indices_are_ratios_of_power_by_hertz(write):
    """White noise has the same power in each hertz: both indices are 0."""
    y = np.random.default_rng(2).normal(0, 0.1, 60 * 16000)
    state = hive_state(write(y))
    assert state.early_swarm == pytest.approx(0, abs=0.5)
    assert state.swarm_shift == pytest.approx(0, abs=0.3)
    louder = hive_state(write(3 * y, name="b.wav"))
    assert louder.hum_level - state.hum_level == pytest.approx(20 * np.log10(3), abs=0.01)
    assert louder.swarm_shift == pytest.approx(state.swarm_shift, abs=0.01)


def test_a_hive_near_its_swarm_is_told_from_a_calm_one(field, tmp_path):
    for seed in (1, 2):
        calm = field.scene((), sr=16000, seconds=60, noises={"hive": 1.0}, seed=seed)
        near = field.scene(
            ("toot", "quack"),
            sr=16000,
            seconds=60,
            count=5,
            noises={"hive": 1.0, "swarm": 1.0},
            seed=seed + 50,
        )
        for made, name in ((calm, "before"), (near, "after")):
            field.write(made, tmp_path / f"{name}.wav")
        before, after = (hive_state(tmp_path / f"{name}.wav") for name in ("before", "after"))
        change = compare_hives(before, tmp_path / "after.wav")
        assert change.swarm_shift > 10
        assert change.early_swarm > 10
        assert change.piping_per_hour == after.piping_per_hour > 0
        assert (before.toots, before.quacks) == (0, 0)
        labels = [event.label for event in near.truth]
        assert after.toots == pytest.approx(labels.count("toot"), abs=2)
        assert after.quacks == pytest.approx(labels.count("quack"), abs=2)
        assert before.hum_frequency == pytest.approx(field.WINGBEAT_HZ, abs=8)


def test_two_calm_recordings_of_a_hive_do_not_differ(field, tmp_path):
    for seed in (3, 4):
        made = field.scene((), sr=16000, seconds=60, noises={"hive": 1.0}, seed=seed)
        field.write(made, tmp_path / f"{seed}.wav")
    change = compare_hives(tmp_path / "3.wav", tmp_path / "4.wav")
    assert abs(change.swarm_shift) < 1
    assert abs(change.early_swarm) < 1
    assert change.piping_per_hour == 0


def test_the_teaching_hive_pipes_as_its_truth_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = resources.dataset("hive-sound")
    truth = json.loads((folder / "truth.json").read_text())["events"]
    pulses = run_analyzer(analyzer, folder / "hive.wav").events
    assert [one.label for one in pulses] == [one["label"] for one in truth]
    for one, known in zip(pulses, truth, strict=True):
        assert one.start == pytest.approx(known["start"], abs=0.05)
        assert one.peak_hz == pytest.approx(known["peak_hz"], rel=0.08)


def test_a_series_of_pulses_is_one_queens():
    def pulse(start, length, label):
        return Event(start, start + length, label)

    # a quack that lasted too long, and a toot's short pulses after its long one
    quacks = [pulse(0, 0.15, "quack"), pulse(0.3, 0.23, "toot"), pulse(0.7, 0.15, "quack")]
    toots = [pulse(5, 1.0, "toot"), pulse(6.2, 0.2, "quack"), pulse(6.6, 0.2, "quack")]
    named = name_piping([*quacks, *toots])
    assert [one.label for one in named] == ["quack"] * 3 + ["toot"] * 3
    assert [one.start for one in named] == [0, 0.3, 0.7, 5, 6.2, 6.6]
    assert name_piping([]) == []


def test_as_an_analyzer_it_says_what_it_measures(field, tmp_path):
    assert analyzers.get("hive-state") is analyzer
    made = field.scene(("toot",), sr=8000, seconds=150, count=6, noises={"hive": 1.0}, seed=6)
    field.write(made, tmp_path / "a.wav")
    told = []
    with following(lambda done, total, message: told.append(done / total)):
        analysis = run_analyzer(analyzer, tmp_path / "a.wav")
    assert told[-1] == 1
    assert set(analysis.data["definitions"]) == set(DEFINITIONS) <= set(analysis.metrics)
    minutes = analysis.data["minutes"]
    assert len(minutes["hum_level"]) == len(minutes["swarm_shift"]) == 3
    assert sum(minutes["piping"]) == len(analysis.events) == analysis.metrics["toots"].value
    assert analysis.metrics["piping_per_hour"].unit == "1/h"
    assert from_json(type(analysis), to_json(analysis)) == analysis


def test_definitions_are_there_in_both_languages():
    texts = [text for text, _ in DEFINITIONS.values()] + [analyzer.title, analyzer.description]
    assert not set(texts) - set(messages("ru"))


@pytest.mark.parametrize("level", [0.0, 0.5])
def test_silence_and_a_steady_level_have_indices_that_json_can_hold(write, level):
    analysis = run_analyzer(analyzer, write(np.full(16000, level)))
    assert all(np.isfinite(metric.value) for metric in analysis.metrics.values())
    json.dumps(to_json(analysis), allow_nan=False)


@pytest.mark.parametrize("y", [np.zeros(16000), np.full(16000, 0.5), np.full(1, 0.1)])
def test_nothing_heard_is_no_index(write, y):
    state = hive_state(write(y))
    assert (state.hum_level, state.hum_frequency) == (None, None)
    assert (state.early_swarm, state.swarm_shift) == (None, None)
    assert (state.duration_s, state.toots, state.quacks) == (len(y) / 16000, 0, 0)
    found = run_analyzer(analyzer, write(y))
    assert set(found.metrics) == {"duration", "toots", "quacks", "piping_per_hour"}
    change = compare_hives(state, hive_state(write(tones(5, (231, 0.1)))))
    assert (change.hum_level, change.hum_frequency) == (None, None)


def test_a_rate_too_low_for_hives_is_told(write):
    with pytest.raises(BadInput, match="has only 1000 samples a second, and 2000 are needed"):
        hive_state(write(np.zeros(1000), 1000))
