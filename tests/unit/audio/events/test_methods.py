"""The other ways of finding events."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from octolab.audio import EventStream, detect_events
from octolab.audio.events import score_events
from octolab.errors import BadInput

SR = 22050


@pytest.fixture(scope="module")
def loud(field):
    """Birds 20 dB above steady noise."""
    return field.scene(("bird",), snr_db=20, noises={"pink": 1.0}, count=14, seed=80)


@pytest.mark.parametrize(
    ("method", "band", "f1", "onset_f1"),
    [
        ("bands", None, 0.95, 0.95),
        ("energy", (1500, 9000), 0.9, 0.9),
        ("pcen", (1500, 9000), 0.9, 0.9),
        ("onset", (1500, 9000), 0.4, 0.6),
    ],
)
def test_every_method_finds_loud_birds(method, band, f1, onset_f1, loud):
    found = detect_events(loud.y, SR, method=method, band=band)
    scores = score_events(loud.truth, found)
    assert scores.f1 >= f1
    assert scores.onset_f1 >= onset_f1


def test_energy_is_that_of_the_whole_band():
    """What is broad stands out, what is narrow is lost in the band."""
    rng = np.random.default_rng(1)
    y = rng.normal(0, 0.01, 30 * SR)
    y[5 * SR : 5 * SR + SR // 3] += rng.normal(0, 0.03, SR // 3)
    times = np.arange(SR // 3) / SR
    y[20 * SR : 20 * SR + SR // 3] += 0.003 * np.sin(2 * np.pi * 3000 * times)
    (broad,) = detect_events(y, SR, method="energy", band=(500, 8000))
    assert broad.start == pytest.approx(5, abs=0.05)
    (narrow,) = detect_events(y, SR, band=(500, 8000))
    assert narrow.start == pytest.approx(20, abs=0.05)


def test_an_onset_is_where_a_sound_sets_in():
    """A bell: sudden, then dying away for long; two strokes before the first is over."""
    rng = np.random.default_rng(1)
    y = rng.normal(0, 0.002, 20 * SR)
    for begin in (6.0, 7.0):
        t = np.arange(2 * SR) / SR
        stroke = np.exp(-t / 0.4) * sum(np.sin(2 * np.pi * hz * t) for hz in (900, 1750, 2600))
        start = int(begin * SR)
        y[start : start + len(t)] += 0.1 * stroke
    found = detect_events(y, SR, method="onset", band=(500, 4000))
    assert [round(event.start, 1) for event in found] == [6.0, 7.0]
    assert found[0].end <= found[1].start
    assert len(detect_events(y, SR, band=(500, 4000))) == 1


def song(begin: float, y: np.ndarray, rise: float = 1.0, level: float = 0.1) -> None:
    """A sweep up and down within 0.5 s."""
    u = np.linspace(0, 1, SR // 2)
    hz = 3000 + 1500 * rise * np.sin(np.pi * u)
    start = int(begin * SR)
    y[start : start + len(u)] += level * np.sin(2 * np.pi * np.cumsum(hz) / SR)


@pytest.fixture
def songs() -> np.ndarray:
    """Three songs that rise and fall, and two that fall and rise."""
    y = np.random.default_rng(5).normal(0, 0.01, 40 * SR)
    for begin, rise, level in ((3, 1, 0.1), (10, -1, 0.1), (17, 1, 0.05), (24, -1, 0.1)):
        song(begin, y, rise, level)
    song(31, y)
    return y


def test_what_is_like_an_example_is_found(songs):
    found = detect_events(songs, SR, method="template", template=(2.95, 3.55, 2500, 5000))
    assert [round(event.start) for event in found] == [3, 17, 31]
    assert found[0].score > 0.9
    assert all(2000 < event.low_hz < event.high_hz < 5500 for event in found)


def test_an_example_can_be_a_clip(songs, tmp_path):
    clip = np.random.default_rng(6).normal(0, 0.01, SR)
    song(0.25, clip, -1)
    soundfile.write(tmp_path / "clip.wav", clip, SR)
    for example in (tmp_path / "clip.wav", (clip, SR)):
        found = detect_events(songs, SR, method="template", template=example, band=(1000, 5000))
        assert [round(event.start + 0.25) for event in found] == [10, 24]
    stream = EventStream(SR, method="template", template=(clip, SR), band=(1000, 5000))
    assert [*stream.push(songs), *stream.flush()] == found


@pytest.mark.parametrize(
    ("example", "message"),
    [
        (None, "needs an example"),
        ((3.0, 2.0), "an example is a file, or start and end"),
        ((3.0, 99.0), "an example is a file, or start and end"),
        ((3.0, 3.5, 1000), "an example is a file, or start and end"),
        (("a", "b"), "an example is a file, or start and end"),
        ((3.0, 3.01), "from 0.03 to 10 seconds"),
        ((3.0, 15.0), "from 0.03 to 10 seconds"),
        ((np.zeros(SR), 8000), "sample rate of the sound, 22050 Hz"),
        ((np.zeros(SR), SR), "the example is silent"),
    ],
)
def test_a_bad_example_is_told(songs, example, message):
    with pytest.raises(BadInput, match=message):
        detect_events(songs, SR, method="template", template=example)
