"""Each preset finds what it is for, and people can read what that is."""

from __future__ import annotations

import numpy as np
import pytest

from octolab.audio import detect_events
from octolab.audio.events import PRESETS, score_events
from octolab.errors import NotFound
from octolab.i18n import messages

# voices, rate, signal-to-noise ratio, least F1, further parameters of the scene
SCENES = {
    "bird": (("bird",), 22050, 10, 0.95, {}),
    "dense-song": (("finch",), 22050, 20, 0.85, {"count": 20, "pause_s": 0.4}),
    "bee-piping": (("toot", "quack"), 16000, 10, 0.95, {"noises": {"hive": 1.0}}),
    "bee-toot": (("toot",), 16000, 10, 0.9, {"noises": {"hive": 1.0}}),
    "bee-quack": (("quack",), 16000, 10, 0.9, {"noises": {"hive": 1.0}}),
    "whale-upcall": (("upcall",), 2000, 10, 0.95, {"noises": {"gusts": 1.0}}),
    "knock": (("knock",), 22050, 20, 0.9, {"count": 20, "noises": {"pink": 1.0}}),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_preset_finds_its_sounds(name, field):
    voices, sr, snr_db, least, further = SCENES[name]
    scores = None
    for seed in (70, 71):
        made = field.scene(voices, sr=sr, snr_db=snr_db, seed=seed, **further)
        found = detect_events(made.y, sr, preset=name)
        one = score_events(made.truth, found, labels=True)
        scores = one if scores is None else scores + one
    assert scores.truth > 15
    assert scores.f1 >= least


def test_dense_song_needs_its_preset(field):
    made = field.scene(("finch",), snr_db=20, count=20, pause_s=0.4, seed=72)
    plain = score_events(made.truth, detect_events(made.y, made.sr))
    dense = score_events(made.truth, detect_events(made.y, made.sr, preset="dense-song"))
    assert plain.f1 < 0.3 < 0.85 < dense.f1


def test_a_voice_is_heard_by_its_energy():
    """Vowels: harmonics of 120 Hz, in syllables of 0.2 s; two phrases."""
    sr = 16000
    rng = np.random.default_rng(3)
    y = rng.normal(0, 0.005, 40 * sr)
    for begin in (8.0, 21.0):
        for syllable in range(5):
            t = np.arange(int(0.2 * sr)) / sr
            vowel = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 20))
            start = int((begin + 0.3 * syllable) * sr)
            y[start : start + len(t)] += 0.05 * vowel * np.sin(np.pi * t / 0.2)
    found = detect_events(y, sr, preset="voice")
    assert [(round(e.start), round(e.end, 0), e.label) for e in found] == [
        (8, 9, "voice"),
        (21, 22, "voice"),
    ]


@pytest.mark.parametrize("rate", [2000, 8000, 44100, 48000])
def test_whales_are_found_at_any_rate(rate, field):
    import soxr

    made = field.scene(("upcall",), sr=2000, snr_db=15, noises={"gusts": 1.0}, seed=73)
    y = soxr.resample(made.y, 2000, rate).astype(np.float32)
    y += np.random.default_rng(1).normal(0, 1e-4, len(y)).astype(np.float32)
    found = detect_events(y, rate, preset="whale-upcall")
    assert score_events(made.truth, found).f1 >= 0.95


def test_what_is_given_goes_before_the_preset():
    y = np.random.default_rng(2).normal(0, 0.01, 22050 * 10)
    y[40000:50000] += 0.2 * np.sin(2 * np.pi * 3000 * np.arange(10000) / 22050)
    (event,) = detect_events(y, 22050, preset="bird")
    assert event.label == "bird"
    assert detect_events(y, 22050, preset="bird", band=(5000, 8000)) == []
    assert detect_events(y, 22050, preset="bird", threshold=event.score + 1) == []
    assert detect_events(y, 22050, preset="bird", max_duration_s=0.2) == []


def test_presets_are_there_for_all_that_was_promised():
    assert [one.name for one in PRESETS] == [
        "bird",
        "dense-song",
        "bee-piping",
        "bee-toot",
        "bee-quack",
        "whale-upcall",
        "knock",
        "voice",
    ]
    with pytest.raises(NotFound, match="no preset 'wolf'; there are: bird, dense-song"):
        detect_events(np.zeros(1000, np.float32), 8000, preset="wolf")


@pytest.mark.parametrize("one", PRESETS, ids=lambda one: one.name)
def test_a_preset_is_described_in_both_languages(one):
    russian = messages("ru")
    assert one.title in russian
    assert one.description in russian
    assert one.source
