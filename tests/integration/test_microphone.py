"""Recording through the real PortAudio and ALSA, from a microphone that gives known samples."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
from filelock import FileLock

import octolab
from octolab.audio import load, read_recorded, record
from octolab.errors import BadInput, Conflict, Unavailable
from octolab.lab import Lab
from octolab.model import utc_now

SR = 16000
HEARD = (np.random.default_rng(7).normal(0, 3000, 5 * SR)).astype("<i2")
MICROPHONE = """
pcm.hive {{ type file; slave.pcm null; file /dev/null; infile {raw}; format raw
  hint {{ show on; description "A hive" }} }}
"""


@pytest.fixture
def plug(monkeypatch, tmp_path):
    """Give this machine the microphones of an ALSA configuration, and take them off again."""

    def begin_anew():
        if portaudio := sys.modules.get("sounddevice"):
            portaudio._terminate()
            portaudio._initialize()

    def plug(microphones: str):
        (tmp_path / "asound.conf").write_text(microphones)
        whole = f"/usr/share/alsa/alsa.conf:{tmp_path / 'asound.conf'}"
        monkeypatch.setenv("ALSA_CONFIG_PATH", whole)
        begin_anew()

    yield plug
    monkeypatch.undo()
    begin_anew()


@pytest.fixture
def hive(plug, tmp_path):
    raw = tmp_path / "heard.raw"
    HEARD.tofile(raw)
    plug(MICROPHONE.format(raw=raw))


def test_what_the_microphone_gives_is_in_the_file(hive, tmp_path):
    before = utc_now()
    told = []
    take = record(
        2.5, tmp_path / "a.wav", device="hive", sr=SR, progress=lambda *told_: told.append(told_)
    )
    assert (take.device, take.sr, take.channels, take.duration_s) == ("hive", SR, 1, 2.5)
    y, sr = load(take.path)
    assert sr == SR
    assert np.array_equal(y * 32768, HEARD[: len(y)])
    assert len(y) == 2.5 * SR
    assert told[-1] == (len(y), len(y), "")
    recorded = read_recorded(take.path)
    assert recorded.device == "hive"
    assert before <= recorded.started_at == take.started_at <= before + timedelta(seconds=30)


def test_by_default_the_system_chooses_the_microphone_and_its_rate(hive, tmp_path):
    take = record(0.2, tmp_path / "a.wav", channels=2)
    assert (take.device, take.sr, take.channels) == ("hive", 44100, 2)
    assert load(take.path, mono=False)[0].shape == (2, 8820)


def test_what_was_heard_stays_when_it_ends_early(hive, tmp_path):
    def stop(done, total, message):
        if done > SR:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(3600, tmp_path / "a.wav", sr=SR, progress=stop)
    y, _ = load(tmp_path / "a.wav")
    assert len(y) > SR
    assert np.array_equal(y * 32768, HEARD[: len(y)])


def test_what_can_not_be_recorded_is_told_before_anything_is_written(hive, tmp_path):
    out = tmp_path / "a.wav"
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="lasts more than 0 seconds"):
            record(wrong, out)
    with pytest.raises(BadInput, match="can't hold more than 4 GB"):
        record(1e6, out)
    with pytest.raises(Unavailable, match="there is no one microphone 'nope'; there are: hive"):
        record(1, out, device="nope")
    with pytest.raises(Unavailable, match="the microphone hive can't be used: "):
        record(1, out, channels=1000)
    assert not out.exists()
    out.write_text("a diary")
    with pytest.raises(Conflict, match="is there already"):
        record(0.1, out)
    assert out.read_text() == "a diary"


def test_a_machine_without_a_microphone_says_so(plug, tmp_path):
    plug("")
    with pytest.raises(Unavailable, match="this machine has no microphone; plug one in"):
        record(1, tmp_path / "a.wav")


def test_what_is_missing_is_named_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(Unavailable, match=r"pip install sounddevice"):
        record(1, tmp_path / "a.wav")


def test_a_lab_keeps_what_it_hears_with_its_time_and_microphone(hive, tmp_path):
    with Lab(tmp_path / "lab") as lab:
        before = utc_now()
        sound = lab.record_sound(1.5, device="hive", sr=SR, name="queen.wav", tags=["queen"])
        assert isinstance(sound, octolab.lab.Sound)
        assert np.array_equal(load(sound.path)[0] * 32768, HEARD[: int(1.5 * SR)])
        assert (sound.duration_s, sound.tags) == (1.5, ("queen",))
        assert sound.meta["name"] == "queen.wav"
        assert sound.meta["recorder"]["device"] == "hive"
        assert before <= sound.captured_at <= utc_now()
        assert sound.record.uncertainty_s == 0.1
        assert not [*(lab.path / ".octolab" / "recording").iterdir()]


def test_a_lab_keeps_also_what_ended_early(hive, monkeypatch, tmp_path):
    def half(seconds, out, **wanted):
        record(seconds / 2, out, **wanted)
        raise Unavailable("the microphone {name} can't be used: {reason}", name="m", reason="gone")

    with Lab(tmp_path / "lab") as lab:
        monkeypatch.setattr("octolab.audio.microphone.record", half)
        with pytest.raises(Unavailable, match="the microphone m can't be used: gone"):
            lab.record_sound(2, sr=SR)
        (sound,) = lab.find(kind="sound")
        assert sound.duration_s == 1


def test_a_lab_finds_what_a_kill_left(hive, tmp_path):
    with Lab(tmp_path / "lab") as lab:
        folder = lab.path / ".octolab" / "recording"
        for name in ("killed", "going on"):
            record(0.5, folder / f"microphone-{name}.wav", sr=SR)
            (folder / f"microphone-{name}.wav-lock").touch()
        with FileLock(folder / "microphone-going on.wav-lock"):
            lab.record_sound(1, sr=SR)
            assert sorted(sound.duration_s for sound in lab.find(kind="sound")) == [0.5, 1]
        assert {path.stem for path in folder.glob("*.wav")} == {"microphone-going on"}


def test_the_command_line_records_a_microphone(hive, tmp_path):
    out = tmp_path / "a.wav"
    octolab = [sys.executable, "-m", "octolab.cli", "record", "mic://default", "-o", str(out)]
    subprocess.run([*octolab, "--seconds", "0.5"], check=True, timeout=60)
    assert len(load(out)[0]) == 22050
