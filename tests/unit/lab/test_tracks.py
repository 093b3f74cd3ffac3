"""The sound track of a clip: heard by analyzers of sounds, and kept as a sound of its own."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from octolab.audio import load
from octolab.errors import BadInput
from octolab.lab import Lab

TONE = (
    "-f",
    "lavfi",
    "-i",
    "aevalsrc=0.002*random(0)+between(t\\,2\\,3)*0.3*sin(4000*t):d=6:s=16000",
)
PICTURE = ("-f", "lavfi", "-i", "testsrc=d=6:r=5:s=64x48")


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path / "lab") as lab:
        yield lab


@pytest.fixture
def film(lab, tmp_path):
    def film(name, *inputs):
        path = tmp_path / name
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *inputs, str(path)], check=True)
        return lab.add_clip(path, captured_at="2026-05-01T06:00:00Z")

    return film


@pytest.fixture
def heard(film):
    return film("bench.mp4", *PICTURE, *TONE)


@pytest.fixture
def mute(film):
    return film("mute.mp4", *PICTURE)


def test_an_analyzer_of_sounds_hears_a_clip(heard):
    (event,) = heard.analyze("sound-events").events
    assert event.start == pytest.approx(2, abs=0.1)
    assert event.peak_hz == pytest.approx(4000 / (2 * np.pi), abs=30)
    assert heard.analyses()[0].analyzer == "sound-events"


def test_a_clip_without_sound_says_so(mute):
    with pytest.raises(BadInput, match="holds no sound"):
        mute.analyze("sound-events")
    with pytest.raises(BadInput, match="holds no sound"):
        mute.sound()


def test_an_analyzer_of_pictures_takes_no_clip(heard):
    with pytest.raises(BadInput, match="'sobel' takes frames"):
        heard.analyze("sobel")


def test_the_track_is_a_sound_with_the_time_and_the_cid_of_its_clip(heard, lab):
    sound = heard.sound()
    assert sound.captured_at == heard.captured_at
    assert (sound.meta["name"], sound.meta["clip"]) == ("bench.flac", heard.cid)
    y, sr = load(sound.path)
    theirs, _ = load(heard.path)
    assert sr == 16000
    np.testing.assert_allclose(y, theirs, rtol=0, atol=2**-23)
    assert heard.sound() == sound
    assert not [*(lab.path / ".octolab" / "incoming").iterdir()]


def test_a_job_hears_clips_too_and_says_whom_it_leaves_out(heard, mute, lab):
    frame = lab.add_frame(np.zeros((8, 8, 3), np.uint8))
    result = lab.analyze([heard, mute, frame], "sound-events").wait(60)
    assert (result["analysed"], result["failed"], result["left_out"]) == (1, 1, 1)
    assert list(result["errors"]) == [mute.record.path]
    (warning,) = lab.logs(level="warning")
    assert warning.values == {"analyzer": "sound-events", "count": 1}
