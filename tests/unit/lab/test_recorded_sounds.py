"""A sound that enters a lab gets the time, and the rest, that its recorder wrote down."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import numpy as np
import pytest
import soundfile

from octolab.errors import BadInput
from octolab.lab import Lab


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path / "lab") as opened:
        yield opened


def test_what_audiomoth_wrote_is_kept(lab, shared):
    sound = lab.add_sound(shared / "data/audio/opensoundscape/1min.wav")
    assert sound.captured_at == datetime(2018, 5, 4, 9, 32, tzinfo=UTC)
    assert sound.record.uncertainty_s == 1
    recorder = sound.record.meta["recorder"]
    assert recorder["device"] == "AudioMoth"
    assert (recorder["serial"], recorder["gain"]) == ("0FE081F80FE081F0", "2")
    assert recorder["battery_v"] == 4.3
    assert sound.path.name.startswith("2018-05-04T09-32-00")


def test_a_name_gives_the_time_with_the_zone_one_tells(lab, shared):
    path = shared / "data/audio/scikit-maad/S4A03895_20190522_060000.wav"
    sound = lab.add_sound(path, timezone="America/Bogota")
    assert sound.captured_at == datetime(2019, 5, 22, 11, tzinfo=UTC)
    assert sound.record.uncertainty_s == 1
    assert sound.record.meta == {"name": path.name}


def test_without_a_zone_the_time_is_uncertain(lab, shared):
    path = shared / "data/audio/scikit-maad/S4A03895_20190522_063000.wav"
    sound = lab.add_sound(path)
    assert sound.captured_at == datetime(2019, 5, 22, 6, 30, tzinfo=UTC)
    assert sound.record.uncertainty_s == 14 * 3600


def test_the_name_of_an_upload_counts_also_for_bytes(lab, shared):
    data = (shared / "data/audio/ohun/lbh1.wav").read_bytes()
    sound = lab.add_sound(data, name="5C0C5A10.WAV")
    assert sound.captured_at == datetime(2018, 12, 8, 23, 56, tzinfo=UTC)


def test_what_the_caller_knows_goes_first(lab, shared):
    path = shared / "data/audio/opensoundscape/1min.wav"
    sound = lab.add_sound(path, captured_at="2020-01-01", meta={"recorder": "mine"})
    assert sound.captured_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert sound.record.uncertainty_s is None
    assert sound.record.meta["recorder"] == "mine"


def test_a_file_that_tells_nothing_has_its_own_time(lab, shared, tmp_path):
    path = tmp_path / "hive.wav"
    path.write_bytes((shared / "data/audio/ohun/lbh1.wav").read_bytes())
    os.utime(path, (1_600_000_000, 1_600_000_000))
    sound = lab.add_sound(path)
    assert sound.captured_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    assert "recorder" not in sound.record.meta


def test_a_zone_that_does_not_exist_is_told(lab, shared):
    with pytest.raises(BadInput, match="there is no time zone 'Mars/Olympus'"):
        lab.add_sound(shared / "data/audio/ohun/lbh1.wav", timezone="Mars/Olympus")


def test_a_new_name_does_not_hide_the_time_in_that_of_the_file(lab, shared, tmp_path):
    path = tmp_path / "S4A03895_20190522_060000.wav"
    path.write_bytes((shared / "data/audio/ohun/lbh1.wav").read_bytes())
    sound = lab.add_sound(path, name="dawn", timezone="-05:00")
    assert sound.captured_at.isoformat() == "2019-05-22T11:00:00+00:00"
    assert sound.record.meta["name"] == "dawn"


def test_a_sound_without_samples_is_refused(lab, tmp_path):
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros(0), 48000)
    for data in (path, path.read_bytes()):
        with pytest.raises(BadInput, match="holds no samples"):
            lab.add_sound(data, name="nothing.wav")
    assert lab.count() == 0


def test_what_is_wrong_with_a_sound_that_is_kept_is_said(lab, tmp_path):
    y = np.zeros(48000, np.float32)
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, y, 48000)
    cut, spoilt, flac = (tmp_path / name for name in ("cut.wav", "nan.wav", "cut.flac"))
    cut.write_bytes(whole.read_bytes()[:50_000])
    soundfile.write(flac, np.random.default_rng(0).normal(0, 0.1, 48000), 48000)
    flac.write_bytes(flac.read_bytes()[:50_000])
    y[24000] = np.nan
    soundfile.write(spoilt, y, 48000, "FLOAT")
    assert "warning" not in lab.add_sound(whole).meta
    assert lab.add_sound(cut).meta["warning"].startswith("cut.wav is cut short or damaged; 0.5 s")
    assert lab.add_sound(flac).meta["warning"].startswith("cut.flac is cut short or damaged; 0.")
    assert lab.add_sound(spoilt).meta["warning"] == "nan.wav holds NaN or infinity at 0.500 s"
    assert [entry.values["name"] for entry in lab.logs(level="warning")] == [
        "cut.wav",
        "cut.flac",
        "nan.wav",
    ]
