"""The panel of the spectrogram viewer: pictures, sound, findings and marks of any sound."""

from __future__ import annotations

import io
import threading
import time

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from octolab import jobs, plugins
from octolab.audio import tiles as tiling
from octolab.audio.tiles import making
from octolab.errors import BadInput, LabError, NotFound, Unavailable
from octolab.lab.artifacts import Recording
from octolab.lab.sounds import tiles_path
from octolab.model import Analysis, Event
from octolab.widgets import listening
from octolab.widgets.sounds import Sounds

SR = 8000
COLUMN_S = 1408 / SR


def hum(seconds: float, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(5)
    y = 0.01 * rng.standard_normal((round(seconds * SR), channels))
    at = np.arange(len(y)) / SR
    for channel in range(channels):
        y[:, channel] += 0.2 * np.sin(2 * np.pi * (500 + 1000 * channel) * at)
    return y


@pytest.fixture
def add(lab, tmp_path):
    """Add a sound to the lab; its id."""

    def added(y: np.ndarray | float, name: str = "hive.wav", **known) -> int:
        y = hum(y) if isinstance(y, int | float) else y
        soundfile.write(tmp_path / name, y, SR)
        return lab.add_sound(tmp_path / name, **known).id

    return added


@pytest.fixture
def panel(lab, pushed):
    opened: list[Sounds] = []

    def made() -> Sounds:
        opened.append(Sounds(lab))
        opened[-1].attach(pushed, lambda: True)
        return opened[-1]

    first = made()
    first.another = made
    yield first
    for one in opened:
        one.close()


@pytest.fixture
def slowly(monkeypatch):
    """Every sound counts as long, so that a job makes its tiles."""
    monkeypatch.setattr(listening, "AT_ONCE_S", 0)


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def settle(panel: Sounds, job: str) -> None:
    """Wait for a job and let the panel notice."""
    deadline = time.monotonic() + 60
    while panel.lab.job(job).state in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    panel.refresh(frozenset({"job"}))


# --- which there are


def test_sounds_and_clips_with_a_sound_track_are_listed(lab, panel, add, frames, tmp_path):
    add(1, "old.wav", captured_at="2026-05-01T10:00:00Z")
    add(2, "new.wav", captured_at="2026-05-02T10:00:00Z")
    lab.add_clip(film(tmp_path / "dance.mp4", sound=True), captured_at="2026-05-03T10:00:00Z")
    lab.add_clip(film(tmp_path / "mute.mp4", sound=False), captured_at="2026-05-04T10:00:00Z")
    rows = panel.act("list", {}).data
    assert [row["name"] for row in rows] == ["dance.mp4", "new.wav", "old.wav"]
    assert rows[1]["duration_s"] == 2
    assert rows[1]["captured_at_ms"] == 1_777_716_000_000
    assert [row["name"] for row in panel.act("list", {"text": "OLD"}).data] == ["old.wav"]


def film(path, *, sound: bool):
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        if sound:
            audio = container.add_stream("aac", rate=SR, layout="mono")
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound:
            whole = av.AudioFrame.from_ndarray(
                hum(1).T.astype(np.float32), format="fltp", layout="mono"
            )
            whole.sample_rate, whole.pts = SR, 0
            for piece in av.AudioResampler(frame_size=1024, format="fltp").resample(whole):
                container.mux(audio.encode(piece))
            container.mux(audio.encode(None))
    return path


def test_the_sound_track_of_a_clip_is_shown(lab, panel, tmp_path):
    clip = lab.add_clip(film(tmp_path / "dance.mp4", sound=True))
    found = panel.open(clip.id)
    assert (found["sr"], found["ready"]) == (SR, True)
    assert found["duration_s"] == pytest.approx(1, abs=0.3)
    assert panel.tile(clip.id, 0, 0).buffers


def test_a_picture_is_no_sound(panel, frames):
    with pytest.raises(BadInput, match="is a picture, not a sound"):
        panel.open(frames[0])
    with pytest.raises(NotFound):
        panel.open(98765)


# --- opening


def test_a_short_sound_is_ready_at_once(panel, add):
    number = add(5, captured_at="2026-05-01T10:00:00Z", uncertainty_s=0.5)
    found = panel.open(number)
    tiles = found.pop("tiles")
    assert found == {
        "id": number,
        "name": "hive.wav",
        "sr": SR,
        "channels": 1,
        "duration_s": 5,
        "started_at_ms": 1_777_629_600_000,
        "uncertainty_s": 0.5,
        "ready": True,
        "job": None,
        "analyses": [],
        "revision": 1,
        "annotations": [],
    }
    assert (tiles["columns"], tiles["rows"], tiles["levels"]) == (512, 128, 1)
    assert tiles["base_s"] == pytest.approx(COLUMN_S)
    assert (tiles["low_hz"], tiles["high_hz"], len(tiles["row_hz"])) == (0, 4000, 128)
    assert tiles["db_low"] + 40 <= tiles["db_high"]


def test_tiles_are_made_once_and_outlive_the_panel(lab, panel, add, monkeypatch):
    number = add(5)
    panel.open(number)
    assert tiles_path(lab.path, lab.get(number).cid).is_file()

    def never(*_, **__):
        raise AssertionError("made again")

    monkeypatch.setattr(tiling, "make_tiles", never)
    assert panel.another().open(number)["ready"]


def test_a_damaged_pack_is_made_anew(lab, panel, add):
    number = add(5)
    panel.open(number)
    tiles_path(lab.path, lab.get(number).cid).write_bytes(b"rubbish")
    other = panel.another()
    assert other.open(number)["ready"]
    assert other.tile(number, 0, 0).buffers


def test_a_job_makes_the_tiles_of_a_long_sound(panel, add, pushed, slowly):
    number = add(120)
    found = panel.open(number)
    assert not found["ready"]
    assert found["tiles"]["levels"] == 2
    settle(panel, found["job"])
    told, _ = pushed.wait("ready")
    assert told["id"] == number
    assert told["tiles"]["levels"] == 2
    again = panel.open(number)
    assert (again["ready"], again["job"], again["tiles"]) == (True, None, told["tiles"])


def test_meanwhile_details_work_and_the_overview_says_so(panel, add, slowly, monkeypatch):
    number = add(20)
    monkeypatch.setattr(Sounds, "_make", lambda *_: None)  # it is not made, for now
    assert not panel.open(number)["ready"]
    assert panel.detail(number, 0, 10, 0, 4000).buffers
    assert panel.wave(number, -1, 0).buffers
    assert panel.wave(number, 0, 0).buffers
    assert panel.audio(number, 0, 1).buffers
    for ask in (panel.tile, panel.wave):
        with pytest.raises(Unavailable) as caught:
            ask(number, 1, 0)
    assert caught.value.localized("ru") == "обзор ещё готовится; приблизьте или подождите"


def test_progress_is_told_and_another_view_joins_the_same_job(panel, add, pushed, hold):
    number = add(60)
    found = panel.open(number)
    hold.wait()
    other = panel.another()
    assert other.open(number)["job"] == found["job"]
    for one in (panel, other):
        one.refresh(frozenset({"job"}))
    shares = [data["share"] for data, _ in pushed.named("progress")]
    assert len(shares) == 2
    assert shares[0] == shares[1] > 0
    hold.go()
    settle(panel, found["job"])
    other.refresh(frozenset({"job"}))
    assert len(pushed.named("ready")) == 2


def test_a_job_can_be_cancelled_and_begun_anew(lab, panel, add, pushed, hold):
    number = add(60)
    job = panel.open(number)["job"]
    hold.wait()
    panel.cancel(number)
    hold.go()
    settle(panel, job)
    assert pushed.wait("stopped")[0] == {"id": number, "channel": None, "error": ""}
    folder = tiles_path(lab.path, lab.get(number).cid).parent
    assert not list(folder.iterdir())
    second = panel.open(number)["job"]
    assert second != job
    settle(panel, second)
    assert panel.open(number)["ready"]


@pytest.fixture
def hold(monkeypatch, slowly):
    """Stop the making of tiles after some blocks until told to go on."""

    class Hold:
        def __init__(self) -> None:
            self.there, self.on = threading.Event(), threading.Event()

        def wait(self) -> None:
            assert self.there.wait(30)

        def go(self) -> None:
            self.on.set()

    hold = Hold()
    real = making._Making.push

    def push(self, block):
        real(self, block)
        if self.frames > 2 * len(block):
            hold.there.set()
            assert hold.on.wait(30)

    monkeypatch.setattr(making, "_BLOCK", 16_000)
    monkeypatch.setattr(making._Making, "push", push)
    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0)
    yield hold
    hold.go()


def test_a_file_that_is_gone_is_told(lab, panel, add, slowly):
    number = add(5)
    lab.get(number).path.unlink()
    with pytest.raises(LabError, match="is gone from the lab"):
        panel.open(number)


def test_only_a_few_sounds_are_held_open(panel, add, monkeypatch):
    monkeypatch.setattr(listening, "MOST_OPEN", 2)
    numbers = [add(hum(1) * (i + 1) / 9, f"{i}.wav") for i in range(4)]
    for number in numbers:
        panel.open(number)
    assert len(panel._heard) == 2
    for number in numbers:
        assert panel.detail(number, 0, 1, 0, 4000).buffers


# --- pictures and sound


def test_a_tile_and_what_is_past_the_end(panel, add):
    number = add(120)
    panel.open(number)
    whole = panel.tile(number, 1, 0)
    assert whole.data == {"empty": False}
    assert picture(whole.buffers[0]).shape == (256, 341)
    assert picture(panel.tile(number, 0, 1).buffers[0]).shape == (256, 682 - 512)
    assert panel.tile(number, 0, 2).data == {"empty": True}
    assert not panel.tile(number, 0, 2).buffers


def test_a_detail_shows_the_tone_and_is_kept(panel, add, monkeypatch):
    number = add(20)
    place = {"id": number, "start_s": 2, "end_s": 4, "low_hz": 0, "high_hz": 1000}
    first = panel.act("detail", {**place, "columns": 300, "rows": 100}).buffers[0]
    assert picture(first).shape == (100, 300)
    assert picture(first).mean(axis=1).argmax() == pytest.approx(50, abs=3)
    monkeypatch.setattr(tiling, "detail_tile", None)
    assert panel.act("detail", {**place, "columns": 300, "rows": 100}).buffers[0] == first


@pytest.mark.parametrize("place", [(0, 61, 0, 100), (1, 1, 0, 100), (0, 1, 9, 9)])
def test_a_detail_must_be_of_something(place, panel, add):
    with pytest.raises(BadInput, match="a detail covers up to 60 s"):
        panel.detail(add(1), *place)


def test_a_wave_fills_its_bytes_whatever_the_loudness(panel, add):
    y = hum(60)
    y[12 * SR] = 0.5
    number = add(y / 100)
    panel.open(number)
    for level, columns in ((0, 341), (-2, 512)):
        answer = panel.wave(number, level, 0)
        pairs = np.frombuffer(answer.buffers[0], np.int8).reshape(512, 2)
        assert answer.data["columns"] == columns
        assert answer.data["full"] == pytest.approx(0.005, rel=0.01)
        at = int(12 / (COLUMN_S * 2**level))
        assert pairs[at, 1] == 127
        assert pairs[at - 5, 0] == pytest.approx(-127 * 0.22 / 0.5, abs=6)
        assert not pairs[columns:].any()
    assert panel.wave(number, 0, 1).data == {"empty": True}


def test_a_piece_is_played_at_the_rate_of_the_file(panel, add):
    number = add(5)
    answer = panel.audio(number, 1.5, 2.25)
    y, sr = soundfile.read(io.BytesIO(answer.buffers[0]))
    assert (sr, len(y)) == (SR, 6000)
    np.testing.assert_allclose(y, hum(5)[12000:18000, 0], atol=1e-4)
    assert len(soundfile.read(io.BytesIO(panel.audio(number, 4, 9).buffers[0]))[0]) == SR
    with pytest.raises(BadInput, match="up to 30 s are played at once"):
        panel.audio(number, 0, 31)


def test_a_channel_may_be_chosen(panel, add):
    number = add(hum(5, channels=2))
    assert panel.open(number)["channels"] == 2
    rows = []
    for channel in (None, 0, 1):
        tiles = panel.open(number, channel)["tiles"]
        mean = picture(panel.tile(number, 0, 0, channel).buffers[0])[:128].mean(axis=1)[::-1]
        centres = np.array(tiles["row_hz"])
        rows.append([bool(mean[abs(centres - hz).argmin()] > 200) for hz in (500, 1500)])
    assert rows == [[True, True], [True, False], [False, True]]
    with pytest.raises(BadInput) as caught:
        panel.open(number, 2)
    assert caught.value.localized("ru") == "канала 2 нет; каналов в звуке: 2, считая с 0"


# --- what analyzers found


@pytest.fixture
def analyzer(monkeypatch):
    """An analyzer that finds two events wherever one looks."""
    found = (
        Event(1.0, 1.5, "toot", 9.0, 300, 500, 400, 20.0),
        Event(3.0, 3.25, "quack", 5.0),
    )
    made = plugins.Analyzer(
        "two-events",
        run=lambda path, threshold=4.5: Analysis(events=found),
        kinds=frozenset({"sound"}),
        title="Brightness",
        params={"threshold": 4.5},
    )
    plugins.analyzers.all()
    monkeypatch.setitem(plugins.analyzers._found, made.name, made)
    return made.name


def test_detectors_are_the_analyzers_of_sounds(panel, analyzer):
    panel.language = "ru"
    rows = {row["analyzer"]: row for row in panel.detectors()}
    assert "sobel" not in rows
    assert rows[analyzer]["title"] == "Яркость"
    assert rows[analyzer]["params"] == {"threshold": 4.5}


def test_the_detector_of_events_has_presets(panel):
    (row,) = [row for row in panel.detectors() if row["analyzer"] == "sound-events"]
    presets = {one["name"]: one for one in row["presets"]}
    assert {"bird", "dense-song", "whale-upcall", "knock", "voice"} <= presets.keys()
    panel.language = "ru"
    (russian,) = [row for row in panel.detectors() if row["analyzer"] == "sound-events"]
    for one in russian["presets"]:
        assert one["title"] != presets[one["name"]]["title"]
        assert one["description"] != presets[one["name"]]["description"]


def test_a_preset_finds_what_it_is_for(panel, add):
    number = add(20)
    answer = panel.detect(number, "sound-events", {"preset": "knock"})
    (row,) = panel.open(number)["analyses"]
    assert (row["id"], row["threshold"]) == (answer["analysis"], 6.0)


def test_events_are_found_kept_and_given_by_columns(lab, panel, add, analyzer):
    number = add(5)
    answer = panel.detect(number, analyzer, {"threshold": 3.0})
    (row,) = panel.open(number)["analyses"]
    assert row["id"] == answer["analysis"]
    assert (row["analyzer"], row["count"], row["threshold"]) == (analyzer, 2, 3.0)
    events = panel.events(number, row["id"])
    assert events == {
        "start": [1.0, 3.0],
        "end": [1.5, 3.25],
        "low": [300, None],
        "high": [500, None],
        "peak": [400, None],
        "score": [9.0, 5.0],
        "snr": [20.0, None],
        "label": ["toot", "quack"],
    }
    panel.detect(number, analyzer)
    assert len(panel.open(number)["analyses"]) == 2
    panel.detect(number, analyzer, {"threshold": 3.0})  # replaces the first
    assert {one["id"] for one in panel.open(number)["analyses"]} > {row["id"]}
    with pytest.raises(NotFound, match="that analysis is gone"):
        panel.events(number, "0" * 16)


def test_a_long_sound_is_analysed_by_a_job(lab, panel, add, pushed, analyzer, slowly):
    number = add(5)
    panel.open(number)
    job = panel.detect(number, analyzer)["job"]
    settle(panel, job)
    panel.refresh(frozenset({"analysis"}))
    told, _ = pushed.wait("analyses")
    assert told["id"] == number
    assert lab.job(job).record.result == {"analysis": told["analyses"][0]["id"]}
    assert [row["count"] for row in told["analyses"]] == [2]


def test_a_job_that_can_not_analyse_its_sound_fails(lab, panel, add, slowly):
    number = add(5)
    panel.open(number)
    (lab.path / lab.get(number).record.path).unlink()
    job = panel.detect(number, "sound-energy")["job"]
    settle(panel, job)
    record = lab.job(job).record
    assert record.state == "failed"
    assert "there is no file" in record.error


def test_only_what_takes_the_sound_runs(panel, add):
    with pytest.raises(BadInput, match="takes frames, not a sound"):
        panel.detect(add(1), "sobel")
    with pytest.raises(NotFound, match="there is no analyzer"):
        panel.detect(add(1), "nothing")


def test_only_parameters_of_the_analyzer_are_taken(lab, panel, add, analyzer, tmp_path):
    with pytest.raises(BadInput, match="'two-events' has no parameter 'out'"):
        panel.detect(add(1), analyzer, {"out": str(tmp_path / "table.csv")})


def test_an_analysis_by_anybody_is_told_once(lab, panel, add, pushed, analyzer):
    number = add(5)
    panel.open(number)
    panel.refresh(frozenset({"analysis"}))
    assert not pushed.named("analyses")
    lab.get(number).analyze(analyzer)
    for _ in range(2):
        panel.refresh(frozenset({"analysis"}))
    assert len(pushed.named("analyses")) == 1


# --- what people mark


BOX = {"start": 1, "end": 2, "low_hz": 300, "high_hz": 500, "label": " toot ", "score": 0}


def test_marks_are_added_changed_and_removed(panel, add, pushed):
    number = add(5)
    made = panel.edit(number, add=[BOX, {"start": 3, "end": 4, "note": "faint"}])
    first, second = made["added"]
    assert [row["id"] for row in made["annotations"]] == [first, second]
    assert made["annotations"][0] == {
        "id": first,
        "start": 1.0,
        "end": 2.0,
        "low_hz": 300.0,
        "high_hz": 500.0,
        "peak_hz": None,
        "snr_db": None,
        "label": "toot",
        "score": 0.0,
        "note": "",
        "by": "",
    }
    after = panel.edit(number, change={str(second): {"start": 3.5, "end": 4}}, remove=[first])
    assert after["added"] == []
    (row,) = after["annotations"]
    assert (row["id"], row["start"], row["note"]) == (second, 3.5, "faint")
    assert panel.open(number)["annotations"] == [row]
    told, _ = pushed.wait("annotations")
    assert told == {"id": number, "annotations": [row], "revision": after["revision"]}


def test_a_mark_that_comes_back_is_still_of_who_made_it(lab, panel, add):
    number = add(5)
    mine = lab.get(number).edit_annotations([Event(1, 2, "toot")], by="Ada")[0]
    (row,) = panel.open(number)["annotations"]
    panel.edit(number, remove=[mine.id])
    (again,) = panel.edit(number, add=[row])["annotations"]
    assert (again["by"], again["id"] != mine.id) == ("Ada", True)


def test_other_views_learn_of_marks(panel, add, pushed):
    number = add(5)
    other = panel.another()
    for one in (panel, other):
        one.open(number)
    panel.edit(number, add=[BOX])
    pushed.events.clear()
    panel.refresh(frozenset({"annotation"}))
    assert not pushed.named("annotations")  # its own views know
    other.refresh(frozenset({"annotation"}))
    assert len(pushed.named("annotations")) == 1


def test_an_edit_that_was_overtaken_tells_of_both(panel, add, pushed, monkeypatch):
    number = add(5)
    panel.open(number)
    edit = Recording.edit_annotations

    def slow(self, *args, **more):
        after = edit(self, *args, **more)
        monkeypatch.setattr(Recording, "edit_annotations", edit)
        panel.edit(number, add=[{**BOX, "label": "quicker"}])
        return after

    monkeypatch.setattr(Recording, "edit_annotations", slow)
    answer = panel.edit(number, add=[BOX])
    assert [row["label"] for row in answer["annotations"]] == ["toot", "quicker"]
    assert answer["added"] == [answer["annotations"][0]["id"]]
    lists = [told["annotations"] for told, _ in pushed.named("annotations")]
    assert lists == [answer["annotations"]]


def test_whoever_has_a_sound_open_is_told_what_another_finds_on_opening_it(lab, panel, add, pushed):
    number = add(5)
    panel.open(number)
    lab.get(number).edit_annotations([Event(1, 2, "toot")])
    row = panel.open(number)["annotations"]
    assert [told["annotations"] for told, _ in pushed.named("annotations")] == [row]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ({"start": 1}, "needs a start and an end"),
        ({"start": "one", "end": 2}, "needs a start and an end"),
        ({"start": 2, "end": 1}, "can't last from"),
        ({"start": 0, "end": float("nan")}, "not a number"),
    ],
)
def test_a_mark_must_be_one(box, message, panel, add):
    number = add(5)
    with pytest.raises(BadInput, match=message):
        panel.edit(number, add=[BOX, box])
    assert panel.open(number)["annotations"] == []


# --- tables


RAVEN = (
    "Selection\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"
    "1\t1.0\t2.0\t300\t500\ttoot\n"
    "2\t3.0\t3.5\t200\t400\tquack\n"
)


def test_a_table_is_taken_in_and_given_out(panel, add, pushed):
    number = add(5)
    answer = panel.act("import", {"id": number, "name": "hive.txt"}, [RAVEN.encode()]).data
    rows = answer["annotations"]
    assert [(row["start"], row["end"], row["label"]) for row in rows] == [
        (1.0, 2.0, "toot"),
        (3.0, 3.5, "quack"),
    ]
    assert answer["added"] == [row["id"] for row in rows]
    assert pushed.wait("annotations")[0]["annotations"] == rows
    again = panel.act("import", {"id": number, "name": "hive.txt"}, [RAVEN.encode()]).data
    assert (again["annotations"], again["added"], again["known"]) == (rows, [], 2)
    given = panel.act("export", {"id": number, "format": "raven", "source": "annotations"})
    assert given.data == {"name": "hive.selections.txt"}
    other = add(hum(5) / 2, "other.wav")
    there = panel.act("import", {"id": other, "name": "hive.selections.txt"}, given.buffers).data
    assert [row["label"] for row in there["annotations"]] == ["toot", "quack"]


@pytest.mark.parametrize("format", ["raven", "audacity", "csv", "aoef", "json"])
def test_what_was_found_is_given_out_above_a_threshold(format, panel, add, analyzer):
    number = add(5)
    found = panel.detect(number, analyzer)["analysis"]
    whole, sure = (
        panel.export(number, format, found, threshold).buffers[0].decode()
        for threshold in (None, 6.0)
    )
    assert ("quack" in whole, "toot" in whole) == (True, True)
    assert ("quack" in sure, "toot" in sure) == (False, True)


def test_what_was_rejected_is_not_given_out(panel, add, analyzer):
    number = add(5)
    found = panel.detect(number, analyzer)["analysis"]
    table = panel.export(number, "raven", found, rejected=[0]).buffers[0].decode()
    assert ("quack" in table, "toot" in table) == (True, False)


def test_a_table_must_be_one(panel, add):
    number = add(5)
    with pytest.raises(BadInput, match=r"hive\.txt is empty"):
        panel.act("import", {"id": number, "name": "hive.txt"}, [b""])
    with pytest.raises(BadInput, match="pieces where one was due"):
        panel.act("import", {"id": number, "name": "hive.txt"})
    with pytest.raises(NotFound, match="there is no table format"):
        panel.act("export", {"id": number, "format": "xls"})
    assert panel.open(number)["annotations"] == []


# --- the lab


def test_new_sounds_are_told(panel, pushed):
    panel.refresh(frozenset({"artifact"}))
    assert len(pushed.named("changed")) == 1


def test_tiles_are_no_strangers_and_go_with_their_sound(lab, panel, add):
    number, other = add(5), add(hum(5) / 2, "other.wav")
    for one in (number, other):
        panel.open(one)
    panel.open(number, 0)
    assert lab.verify().ok
    kept = sorted((lab.path / ".octolab" / "tiles").rglob("*.tiles"))
    assert len(kept) == 3
    lab.get(number).delete()
    assert len(list((lab.path / ".octolab" / "tiles").rglob("*.tiles"))) == 3
    lab.purge()
    left = [path.name for path in (lab.path / ".octolab" / "tiles").rglob("*") if path.is_file()]
    assert left == [f"{lab.get(other).cid}.tiles"]
    assert lab.verify().ok


def test_a_sound_hands_out_its_tiles(lab, add):
    with lab.get(add(5)).tiles() as tiles:
        assert tiles.decibels(0).shape == (2, 128, 29)
        assert tiles.info.duration_s == 5
