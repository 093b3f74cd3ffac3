"""Notebooks and teaching data are found, made once, and tell the truth."""

from __future__ import annotations

import json
import math
import wave

import numpy as np
import pytest

from octolab import resources
from octolab.errors import NotFound
from octolab.media import read_image


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_notebooks_are_there():
    found = sorted(path.name for path in resources.notebooks().glob("*/*.ipynb"))
    assert found == [
        "01_quickstart.ipynb",
        "02_sound_hive.ipynb",
        "05_birds_sound.ipynb",
        "audio.ipynb",
        "workbench.ipynb",
    ]


def test_a_dataset_is_made_once():
    first = resources.dataset("hive-sound")
    made_at = (first / "hive.wav").stat().st_mtime_ns
    assert resources.dataset("hive-sound") == first
    assert (first / "hive.wav").stat().st_mtime_ns == made_at
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_an_unknown_dataset_names_those_there_are():
    with pytest.raises(NotFound, match="plant-growth"):
        resources.dataset("moon")


def test_a_dataset_that_fails_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text(
        "def make(folder):\n    (folder / 'half').write_text('x')\n    raise OSError('no')\n"
    )
    monkeypatch.setattr(resources, "datasets", lambda: tmp_path)
    with pytest.raises(OSError, match="no"):
        resources.dataset("broken")
    assert not list((tmp_path / "cache" / "octolab" / "datasets").iterdir())


def test_the_plant_grows_at_the_rate_that_is_told():
    folder = resources.dataset("plant-growth")
    truth = json.loads((folder / "truth.json").read_text())
    assert len(truth["frames"]) == 48
    days = np.arange(48) / 4
    logs = [math.log(frame["area_px"]) for frame in truth["frames"]]
    slope = np.polyfit(days, logs, 1)[0]
    assert slope == pytest.approx(truth["relative_growth_rate_per_day"], rel=0.02)


def test_the_leaves_in_the_picture_have_the_area_that_is_told():
    folder = resources.dataset("plant-growth")
    for frame in json.loads((folder / "truth.json").read_text())["frames"][::16]:
        red, green, blue = np.moveaxis(read_image(folder / frame["file"]).astype(int), -1, 0)
        leaves = np.count_nonzero((green > red + 25) & (green > blue + 25))
        assert leaves == pytest.approx(frame["area_px"], rel=0.02)


def test_the_pulses_in_the_sound_are_where_they_are_told_to_be():
    folder = resources.dataset("hive-sound")
    truth = json.loads((folder / "truth.json").read_text())
    with wave.open(str(folder / "hive.wav")) as file:
        sr = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert len(sound) / sr == truth["duration_s"]
    quiet = np.sqrt(np.mean(sound[: int(1.9 * sr)] ** 2))
    for event in truth["events"]:
        part = sound[int(event["start"] * sr) : int(event["end"] * sr)]
        assert np.sqrt(np.mean(part**2)) > 3 * quiet
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        peak = np.argmax(spectrum) * sr / len(part)
        assert peak == pytest.approx(event["peak_hz"], abs=sr / len(part))


def test_each_file_of_the_field_has_its_truth_beside_it():
    folder = resources.dataset("field-sounds")
    told = json.loads((folder / "truth.json").read_text())
    assert sorted(told) == [
        "birds",
        "dense_song",
        "hive_after",
        "hive_before",
        "knocks",
        "rain",
        "upcalls",
        "wind",
    ]
    for name, truth in told.items():
        assert json.loads((folder / f"{name}.truth.json").read_text()) == truth
        with wave.open(str(folder / f"{name}.wav")) as file:
            assert file.getframerate() == truth["sr"]
            assert file.getnframes() / truth["sr"] == truth["duration_s"] == 60
        table = (folder / f"{name}.Table.1.selections.txt").read_text().splitlines()
        assert len(table) == 1 + len(truth["events"])
    assert {name for name in told if not told[name]["events"]} == {"hive_before", "rain", "wind"}


def test_the_synthesiser_keeps_the_ratio_of_signal_to_noise():
    """Measured again, from the difference to the same noise without voices."""
    field = resources.dataset_script("field-sounds")
    made = field.scene(("bird",), seconds=20, snr_db=7, seed=5)
    rng = np.random.default_rng(5)
    n = len(made.y)
    noise = field.gusts(n, made.sr, rng) + 0.3 * field.mains(n, made.sr, rng)
    quiet = slice(0, int((made.truth[0].start - 0.01) * made.sr))
    noise *= np.sqrt(np.mean(made.y[quiet] ** 2) / np.mean(noise[quiet] ** 2))
    for event in made.truth:
        place = slice(round(event.start * made.sr), round(event.end * made.sr))
        power = field.band_power(noise, place, made.sr, 0.9 * event.low_hz, 1.1 * event.high_hz)
        signal = np.mean((made.y - noise)[place] ** 2)
        assert 10 * np.log10(signal / power) == pytest.approx(7, abs=0.1)


def test_the_synthesiser_makes_the_same_scene_of_the_same_seed():
    field = resources.dataset_script("field-sounds")
    one, same, other = (field.scene(("finch",), seconds=5, seed=seed) for seed in (3, 3, 4))
    assert (one.y == same.y).all()
    assert one.truth == same.truth
    assert one.truth != other.truth
    assert np.abs(one.y).max() == pytest.approx(0.8)


def test_notebooks_are_copied_where_they_are_missing(tmp_path):
    copied = resources.copy_notebooks(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in copied] == [
        "dashboards/audio.ipynb",
        "dashboards/workbench.ipynb",
        "labs/01_quickstart.ipynb",
        "labs/02_sound_hive.ipynb",
        "labs/05_birds_sound.ipynb",
    ]
    copied[2].write_text("mine")
    assert resources.copy_notebooks(tmp_path) == []
    assert copied[2].read_text() == "mine"
