"""Recordings of a page's microphone: whole at any time, kept however they end."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from octolab.audio import read_recorded
from octolab.errors import BadInput, NotFound
from octolab.widgets import takes
from octolab.widgets.intake import Intake

SR = 48_000
AT_MS = 1_777_716_000_123.0  # 2026-05-02T10:00:00.123Z
BEEP = (np.sin(np.arange(SR) * 0.2) * 20_000).astype("<i2")


@pytest.fixture
def intake(lab):
    intake = Intake(lab)
    yield intake
    intake.close()


def begin(intake: Intake, **changed) -> str:
    known = {"sr": SR, "channels": 1, "at_ms": AT_MS, "uncertainty_s": 0.06, "device": "USB mic"}
    return intake.act("begin_sound", {**known, **changed}).data["upload"]


def send(intake: Intake, upload: str, samples: np.ndarray, offset: int = 0) -> int:
    args = {"upload": upload, "offset": offset}
    return intake.act("piece", args, [samples.tobytes()]).data["size"]


def growing(lab):
    return sorted((lab.path / ".octolab" / "recording").iterdir())


def test_what_was_recorded_is_a_sound_of_its_moment(lab, intake):
    upload = begin(intake)
    size = send(intake, upload, BEEP[:10_000])
    send(intake, upload, BEEP[10_000:], size)
    row = intake.act("finish_take", {"upload": upload}).data
    sound = lab.get(row["id"])
    assert (sound.kind, sound.duration_s) == ("sound", 1.0)
    assert sound.captured_at.timestamp() * 1000 == pytest.approx(AT_MS, abs=0.01)
    assert sound.record.uncertainty_s == 0.06
    assert sound.record.meta["recorder"]["device"] == "USB mic"
    assert sound.record.meta["name"] == "recording_20260502_100000.wav"
    source = lab.catalog.source(sound.record.source)
    assert (source.kind, source.name) == ("microphone", "Microphone of this device")
    samples, sr = soundfile.read(sound.path, dtype="int16")
    assert sr == SR
    np.testing.assert_array_equal(samples, BEEP)
    written = read_recorded(sound.path).raw["guano: Timestamp"]
    assert written.startswith("2026-05-02T10:00:00.123")
    assert growing(lab) == []
    with pytest.raises(NotFound):
        intake.act("finish_take", {"upload": upload})


def test_all_recordings_of_pages_are_of_one_source(lab, intake):
    for _ in range(2):
        upload = begin(intake, channels=2)
        send(intake, upload, BEEP)
        intake.act("finish_take", {"upload": upload})
    assert len(lab.catalog.sources("microphone")) == 1
    assert lab.find(kind="sound")[0].duration_s == 0.5


def test_a_recording_is_whole_after_each_piece(lab, intake):
    size = send(intake, upload := begin(intake), BEEP[:4800])
    path, _lock = growing(lab)
    assert soundfile.info(path).frames == 4800
    send(intake, upload, BEEP[4800:9600], size)
    assert soundfile.info(path).frames == 9600


def test_what_a_kill_leaves_is_kept_by_the_next_page(lab):
    dead = Intake(lab)
    send(dead, begin(dead), BEEP)
    Intake(lab)  # while it is recorded, it is left alone
    assert lab.count(kind="sound") == 0
    [take] = dead._takes.values()
    take._busy.release()  # as the system does when a process dies
    Intake(lab)
    [sound] = lab.find(kind="sound")
    assert sound.captured_at.timestamp() * 1000 == pytest.approx(AT_MS, abs=0.01)
    assert sound.record.uncertainty_s == 0.06
    assert growing(lab) == []
    dead.close()  # in this process its thread would go on
    assert lab.count(kind="sound") == 1


def test_a_page_that_falls_silent_has_ended_its_recording(lab, intake, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(takes, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(takes, "QUIET_S", 0.05)
    upload = begin(intake)
    size = send(intake, upload, BEEP)
    [take] = intake._takes.values()
    now[0] += 1
    assert take._over.wait(60)
    with pytest.raises(BadInput, match="nothing came for a while"):
        send(intake, upload, BEEP, size)
    row = intake.act("finish_take", {"upload": upload}).data
    assert lab.get(row["id"]).duration_s == 1.0
    assert lab.count(kind="sound") == 1


def test_a_widget_that_is_closed_keeps_what_came(lab):
    intake = Intake(lab)
    send(intake, begin(intake), BEEP)
    intake.close()
    assert lab.count(kind="sound") == 1


def test_nothing_recorded_is_nothing_kept(lab, intake):
    with pytest.raises(BadInput, match="nothing was recorded"):
        intake.act("finish_take", {"upload": begin(intake)})
    intake.act("drop", {"upload": begin(intake)})
    assert growing(lab) == []
    assert lab.count(kind="sound") == 0


def test_half_a_sample_is_refused(intake):
    with pytest.raises(BadInput, match="one moment"):
        intake.act("piece", {"upload": begin(intake), "offset": 0}, [b"\1\2\3"])
    with pytest.raises(BadInput, match="not possible"):
        begin(intake, sr=0)
