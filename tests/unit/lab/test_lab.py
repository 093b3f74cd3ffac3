"""A lab keeps what it is given, finds it again, and notices any change."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import octolab
from octolab import jobs
from octolab.content import file_cid
from octolab.errors import BadInput, Conflict, LabError, NotFound, OctolabError
from octolab.i18n import translate
from octolab.lab import Lab, secrets, trash
from octolab.lab.live import find_server, folder_number, server_file
from octolab.lab.verify import recover
from octolab.model import JobRecord


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path / "greenhouse") as lab:
        yield lab


@pytest.fixture
def leaf(shared) -> Path:
    return shared / "data/vision/plantcv/setaria_small_plant_rgb.png"


def test_a_file_becomes_a_frame_and_the_original_stays(lab, leaf):
    frame = lab.add_frame(leaf, gallery="growth", tags=["plant"], note="first leaf")
    assert leaf.is_file()
    assert frame.path.read_bytes() == leaf.read_bytes()
    assert frame.cid == file_cid(leaf)
    assert frame.path.is_relative_to(lab.path / "frames" / "imported")
    assert frame.image.shape == (frame.record.height, frame.record.width, 3)
    assert frame.tags == ("plant",)
    assert frame.meta["name"] == leaf.name
    assert [item.id for item in lab.gallery("growth")] == [frame.id]


def test_a_lab_can_be_copied_as_a_folder(lab, leaf, tmp_path):
    cid = lab.add_frame(leaf, gallery="growth").cid
    lab.close()
    shutil.copytree(lab.path, tmp_path / "copy")
    with Lab(tmp_path / "copy", create=False) as copy:
        assert copy.gallery("growth")[0].cid == cid
        assert copy.verify().ok


def test_an_array_is_kept_without_loss(lab):
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    assert np.array_equal(lab.add_frame(image).image, image)


def test_the_time_of_capture_decides_name_and_order(lab, leaf):
    late = lab.add_frame(leaf, captured_at="2026-05-02T10:00:00Z")
    early = lab.add_frame(leaf, captured_at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
    assert [item.id for item in lab.find()] == [late.id, early.id]
    assert early.record.path.startswith("frames/imported/2026-05-01/2026-05-01T23-30-00.000000Z-")
    assert lab.find(since="2026-05-02") == [late]
    assert lab.find(until="2026-05-02") == [early]


def test_the_same_capture_twice_is_one_artifact(lab, leaf):
    first = lab.add_frame(leaf, captured_at="2026-05-02")
    assert lab.add_frame(leaf, captured_at="2026-05-02").id == first.id
    assert lab.count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.jpg", b""), ("text.jpg", b"not a picture at all"), ("half.png", b"\x89PNG\r\n\x1a\n")],
)
def test_what_is_no_picture_leaves_the_lab_as_it_was(lab, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=name):
        lab.add_frame(tmp_path / name)
    assert lab.count() == 0
    assert not list((lab.path / ".octolab" / "incoming").iterdir())


def test_a_truncated_picture_is_refused(lab, shared, tmp_path):
    photo = (shared / "data/vision/plantcv/brassica_multi_rgb_img.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(photo[: len(photo) // 2])
    with pytest.raises(BadInput, match=r"half\.jpg"):
        lab.add_frame(tmp_path / "half.jpg")
    assert lab.count() == 0


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_row_that_can_not_be_written_leaves_no_file(lab, leaf, monkeypatch, as_bytes):
    def full(artifact):
        raise LabError("the disk is full")

    monkeypatch.setattr(lab.catalog, "add_artifact", full)
    with pytest.raises(LabError, match="full"):
        lab.add_frame(leaf.read_bytes() if as_bytes else leaf)
    assert lab.verify().orphans == ()
    assert not list((lab.path / ".octolab" / "incoming").iterdir())


def test_a_moved_file_comes_back_when_its_row_can_not_be_written(lab, leaf, tmp_path, monkeypatch):
    def full(artifact):
        raise LabError("the disk is full")

    mine = Path(shutil.copy(leaf, tmp_path / "mine.png"))
    with monkeypatch.context() as patch:
        patch.setattr(lab.catalog, "add_artifact", full)
        with pytest.raises(LabError, match="full"):
            lab.add_frame(mine, move=True)
    assert mine.read_bytes() == leaf.read_bytes()
    assert lab.verify().orphans == ()
    assert lab.add_frame(mine, move=True).path.read_bytes() == leaf.read_bytes()
    assert not mine.exists()


def test_a_file_on_another_disk_can_be_moved_too(lab, leaf):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        mine = Path(shutil.copy(leaf, folder))
        assert mine.stat().st_dev != lab.path.stat().st_dev
        assert lab.add_frame(mine, move=True).path.read_bytes() == leaf.read_bytes()
        assert not mine.exists()


def test_bytes_are_on_the_disk_before_their_name_and_their_name_before_the_row(
    lab, leaf, monkeypatch
):
    done: list[str] = []

    def noted(place: object, name: str, what: str) -> None:
        whole = getattr(place, name)

        def call(*args, **known):
            done.append(what)
            return whole(*args, **known)

        monkeypatch.setattr(place, name, call)

    noted(os, "fsync", "sync")
    noted(os, "replace", "name")
    noted(lab.catalog, "add_artifact", "row")
    lab.add_frame(leaf.read_bytes(), captured_at="2026-05-01")  # makes the folders
    done.clear()
    lab.add_frame(leaf.read_bytes(), captured_at="2026-05-01T01:00")
    assert done == ["sync", "name", "sync", "row"]
    done.clear()
    lab.add_frame(leaf, captured_at="2026-05-01T02:00")
    assert done == ["sync", "name", "sync", "name", "sync", "row"]


def test_a_sound_is_no_frame(lab, shared):
    with pytest.raises(BadInput, match="is a sound"):
        lab.add_frame(shared / "data/audio/opensoundscape/birds_10s.wav")


def test_names_that_are_hard_for_shells_are_kept_as_names(lab, leaf, tmp_path):
    hard = tmp_path / "лист \"'#%&*: $(rm -rf) .png"
    shutil.copy(leaf, hard)
    frame = lab.add_frame(hard, gallery="../../evil/Ночь")
    assert frame.meta["name"] == hard.name
    assert frame.path.is_relative_to(lab.path / "frames")
    assert lab.galleries()[0].name == "../../evil/Ночь"


def test_an_analysis_stays_with_the_frame_and_is_searchable(lab, leaf):
    frame = lab.add_frame(leaf)
    kept = frame.analyze("brightness")
    assert kept.analyzer == "brightness"
    assert kept.duration_s > 0
    assert frame.analyses() == [kept]
    frame.refresh()


def test_five_lines_make_an_analyzer(lab, leaf):
    def green(image):
        share = (image[..., 1] > image[..., 0]).mean()
        return octolab.Analysis(
            labels=(octolab.Label("green", float(share)),),
            metrics={"green": octolab.Metric(float(share), "")},
        )

    octolab.register_analyzer("green-share", run=green, replace=True)
    frame = lab.add_frame(leaf)
    analysis = frame.analyze("green-share")
    assert 0 < analysis.metrics["green"].value < 1
    found = lab.find(tags=["green"])
    assert found == ([frame] if analysis.labels[0].score >= 0.2 else [])


def test_an_analysis_that_can_not_be_kept_leaves_the_frame_as_it_was(lab, leaf):
    octolab.register_analyzer("empty", run=lambda image: {"area": np.nan}, replace=True)
    frame = lab.add_frame(leaf)
    with pytest.raises(BadInput, match=r"'empty' returned .*metrics.area.value is nan"):
        frame.analyze("empty")
    assert frame.analyses() == []
    with pytest.raises(BadInput, match="x is nan, which can"):
        lab.add_frame(leaf, captured_at="2026-05-02", meta={"x": float("nan")})
    assert lab.count() == 1
    assert lab.verify().ok


def test_a_spoilt_analysis_in_the_catalog_is_left_out(lab, leaf):
    import sqlalchemy as sa

    frame = lab.add_frame(leaf)
    frame.analyze("brightness")
    with lab.catalog.write() as connection:
        connection.execute(sa.text("""UPDATE analysis SET result = '{"metrics": {"a": 1.0}}'"""))
    assert frame.analyses() == []
    assert lab.catalog.analysed("brightness", "1", {}, [frame.id]) == {}
    frame.analyze("brightness")
    assert len(frame.analyses()) == 1


def test_an_analyzer_may_draw_on_its_picture_and_the_frame_keeps_its_own(lab, leaf):
    def black(image):
        image[:] = 0
        return {"mean": image.mean()}

    octolab.register_analyzer("black", run=black, replace=True)
    frame = lab.add_frame(leaf)
    before = frame.image.mean()
    assert frame.analyze("black").metrics["mean"].value == 0
    assert frame.image.mean() == before
    assert lab.analyze([frame], "black").wait(60)["analysed"] == 1
    with pytest.raises(ValueError, match="read-only"):
        frame.image[:] = 0


def test_many_frames_are_analysed_as_a_job_and_a_bad_one_is_listed(lab, leaf):
    frames = [lab.add_frame(leaf, captured_at=f"2026-05-{day:02}") for day in range(1, 6)]
    frames[2].path.write_bytes(b"spoilt")
    result = lab.analyze(frames, "brightness").wait(60)
    assert (result["analysed"], result["failed"]) == (4, 1)
    assert list(result["errors"]) == [frames[2].record.path]
    assert lab.jobs()[0].state == "done"


def test_a_job_can_be_cancelled(lab):
    import threading

    begun = threading.Event()

    def endless(progress, cancelled):
        begun.set()
        while True:
            progress(0, None)
            threading.Event().wait(0.01)

    job = lab.run_job("test", "endless", endless)
    assert begun.wait(60)
    job.cancel()
    with pytest.raises(octolab.OctolabError, match="cancelled"):
        job.wait(60)
    assert lab.job(job.id).state == "cancelled"


def test_a_job_whose_process_died_is_no_longer_running(lab):
    process = subprocess.Popen(["sleep", "100"])
    owner = jobs.process_name(process.pid)
    lab.catalog.put_job(JobRecord("1", "test", "cut off", "running", owner=owner))
    assert lab.job("1").state == "running"
    process.kill()
    process.wait()
    assert lab.job("1").state == "failed"
    assert "start it again" in lab.catalog.job("1").error


def test_a_job_is_not_taken_for_one_of_a_later_process_of_that_number(lab):
    name, _, began = jobs.process_name(os.getpid()).rpartition(":")
    earlier = f"{name}:{int(began) - 1}"
    lab.catalog.put_job(JobRecord("1", "test", "cut off", "running", owner=earlier))
    assert lab.job("1").state == "failed"


def test_a_job_of_another_machine_is_left_to_it(lab):
    lab.catalog.put_job(JobRecord("1", "test", "far away", "running", owner="other:1:2"))
    assert lab.job("1").state == "running"


def test_a_job_whose_end_can_not_be_written_yet_has_ended_all_the_same(lab, monkeypatch):
    write, full = lab.catalog.put_job, True

    def put_job(record):
        if full and record.finished_at:
            raise LabError("the disk is full")
        write(record)

    def work(progress, cancelled):
        raise BadInput("no such leaf")

    monkeypatch.setattr(jobs, "RETRY_S", 0.05)
    monkeypatch.setattr(lab.catalog, "put_job", put_job)
    job = lab.run_job("test", "on a full disk", work)
    with pytest.raises(BadInput):
        job.wait(60)
    assert lab.catalog.job(job.id).state == "running"
    assert (job.state, job.record.error) == ("failed", "no such leaf")
    full = False
    deadline = time.monotonic() + 60
    while lab.catalog.job(job.id).state != "failed" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lab.catalog.job(job.id).error == "no such leaf"


def test_a_job_that_can_not_even_begin_to_be_written_fails(lab, monkeypatch):
    write = lab.catalog.put_job

    def put_job(record):
        if record.state == "running":
            raise LabError("the disk is full")
        write(record)

    monkeypatch.setattr(lab.catalog, "put_job", put_job)
    job = lab.run_job("test", "never began", lambda progress, cancelled: None)
    with pytest.raises(LabError):
        job.wait(60)
    assert lab.catalog.job(job.id).state == "failed"


def test_a_job_whose_result_is_no_json_fails(lab):
    job = lab.run_job("test", "odd", lambda progress, cancelled: {"odd": object()})
    with pytest.raises(TypeError):
        job.wait(60)
    assert lab.catalog.job(job.id).state == "failed"


def test_verify_finds_a_changed_a_missing_and_a_strange_file(lab, leaf):
    frames = [lab.add_frame(leaf, captured_at=f"2026-05-{day:02}") for day in range(1, 4)]
    assert lab.verify().ok
    changed, missing = frames[0].path, frames[1].path
    changed.write_bytes(changed.read_bytes()[:-1] + b"\0")
    missing.unlink()
    (missing.parent / "stranger.txt").write_text("?")
    report = lab.verify()
    assert not report.ok
    assert report.checked == 3
    assert report.changed == (frames[0].record.path,)
    assert report.missing == (frames[1].record.path,)
    assert [Path(name).name for name in report.orphans] == ["stranger.txt"]


def test_a_file_whose_row_is_on_its_way_is_no_stranger(lab, leaf, monkeypatch):
    taken_in, add = threading.Event(), lab.catalog.add_artifact

    def late(artifact):
        taken_in.set()
        time.sleep(0.5)
        return add(artifact)

    monkeypatch.setattr(lab.catalog, "add_artifact", late)
    with ThreadPoolExecutor(1) as other:
        frame = other.submit(lab.add_frame, leaf)
        assert taken_in.wait(60)
        report = lab.verify(repair=True)
        assert (report.orphans, report.adopted) == ((), ())
        assert frame.result().path.is_file()


def test_a_strange_file_alone_is_no_good_lab(lab, leaf):
    stranger = lab.add_frame(leaf).path.with_name("stranger.txt")
    stranger.write_text("?")
    assert not lab.verify().ok


@pytest.mark.parametrize("folder", ["frames/imported", "frames/imported/2026-05-02/deeper"])
def test_a_file_with_our_name_elsewhere_is_not_adopted(lab, leaf, folder):
    frame = lab.add_frame(leaf, captured_at="2026-05-02T10:00:00.25Z")
    place = lab.path / folder / frame.path.name
    place.parent.mkdir(exist_ok=True)
    shutil.copy(leaf, place)
    report = lab.verify(repair=True)
    assert report.adopted == ()
    assert report.orphans == (place.relative_to(lab.path).as_posix(),)


def test_a_file_whose_row_was_lost_is_adopted(lab, leaf):
    frame = lab.add_frame(leaf, captured_at="2026-05-02T10:00:00.25Z")
    frame.delete()
    lab.catalog.purge([frame.id])
    assert lab.count() == 0
    report = lab.verify(repair=True)
    assert report.adopted == (frame.record.path,)
    again = lab.find()[0]
    assert (again.cid, again.captured_at) == (frame.cid, frame.captured_at)


def test_the_trash_gives_back_until_it_is_emptied(lab, leaf):
    frame = lab.add_frame(leaf)
    frame.delete()
    assert lab.find() == []
    assert lab.trash() == [frame]
    lab.restore([frame])
    assert lab.find() == [frame]
    frame.delete()
    assert lab.purge() == 1
    assert not frame.path.exists()
    assert lab.verify().ok
    assert not (lab.path / ".octolab" / "purged").exists()


@pytest.mark.parametrize("when", ["before its row went", "after its row went"])
def test_an_interrupted_purge_brings_nothing_back_and_loses_nothing(lab, leaf, monkeypatch, when):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    frame = lab.add_frame(leaf, captured_at="2026-05-02")
    frame.delete()
    with monkeypatch.context() as patch:
        patch.setattr(trash, "_settle", lambda *_: None if frame.path.exists() else killed())
        if when == "before its row went":
            patch.setattr(lab.catalog, "purge", killed)
        with pytest.raises(Killed):
            lab.purge()
    assert not frame.path.exists()
    with Lab(lab.path) as again:
        gone = when == "after its row went"
        assert (len(again.trash()), frame.path.exists()) == ((0, False) if gone else (1, True))
        assert recover(again.path, again.catalog, 0) == []
        assert again.verify(repair=True).ok
        assert again.count() == 0


def test_a_purge_whose_rows_can_not_go_leaves_the_files(lab, leaf, monkeypatch):
    def full(ids):
        raise LabError("the disk is full")

    frame = lab.add_frame(leaf)
    frame.delete()
    monkeypatch.setattr(lab.catalog, "purge", full)
    with pytest.raises(LabError, match="full"):
        lab.purge()
    lab.restore([frame])
    assert lab.verify().ok


def test_a_gallery_is_a_sequence_in_order_of_time(lab, leaf):
    days = [3, 1, 2]
    growth = lab.gallery("growth")
    for day in days:
        growth.add(lab.add_frame(leaf, captured_at=f"2026-05-{day:02}"))
    assert len(growth) == 3
    assert [frame.captured_at.day for frame in growth] == [1, 2, 3]
    assert growth[-1].captured_at.day == 3
    assert [frame.captured_at.day for frame in growth[::-1]] == [3, 2, 1]
    with pytest.raises(IndexError):
        growth[3]


def test_what_is_published_can_be_fetched_and_is_verified(lab, leaf, monkeypatch, tmp_path):
    monkeypatch.setenv("OCTOLAB_STORAGE", str(tmp_path / "storage"))
    frame = lab.add_frame(leaf)
    pin = frame.publish("local")
    assert pin.state == "pinned"
    assert lab.pins() == [pin]
    frame.path.unlink()
    assert lab.fetch(frame.cid).read_bytes() == leaf.read_bytes()


def test_a_catalog_that_is_elsewhere_is_found_again(tmp_path, leaf):
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    with Lab(tmp_path / "lab", catalog=url) as lab:
        lab.add_frame(leaf)
    with Lab(tmp_path / "lab", create=False) as lab:
        assert lab.count() == 1
    assert not (tmp_path / "lab" / "lab.db").exists()
    assert (tmp_path / "lab" / ".octolab" / "catalog-url").stat().st_mode & 0o777 == 0o600


def test_a_folder_without_a_lab_is_an_error_when_none_should_be_made(tmp_path):
    with pytest.raises(NotFound, match="no lab"):
        Lab(tmp_path / "nothing", create=False)
    assert not (tmp_path / "nothing").exists()


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="can't be used for a lab"):
        Lab(tmp_path / "file")


def test_a_password_stands_neither_in_the_lab_nor_in_what_is_shown(lab):
    camera = lab.add_camera("rtsp://admin:s3cret@192.0.2.7/stream", name="bench 3")
    assert camera.url == "rtsp://192.0.2.7/stream"
    assert "s3cret" not in repr(camera) + repr(camera.source)
    lab.close()
    for path in lab.path.rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes()


def test_what_a_removed_camera_took_is_still_found_by_its_name(lab, leaf):
    camera = lab.add_camera("synthetic://plant", name="Bench 3")
    frame = lab.add_frame(leaf, source="Bench 3")
    camera.remove()
    assert lab.cameras() == []
    assert lab.find(camera="Bench 3") == [frame]


def test_a_drawn_camera_that_there_is_not_is_refused_at_once(lab):
    with pytest.raises(BadInput, match="elephant"):
        lab.add_camera("synthetic://elephant")
    assert lab.cameras() == []


@pytest.mark.parametrize(
    "whole",
    [
        "http://192.0.2.7/snap.cgi?user=admin&pwd=hunter2",
        "rtsp://192.0.2.7/user=admin_password=hunter2_channel=1_stream=0.sdp",
    ],
)
def test_secrets_in_an_address_are_kept_apart(lab, whole):
    camera = lab.add_camera(whole)
    assert "hunter2" not in camera.url + repr(camera)
    assert secrets.load(lab.id, camera.slug).url == whole
    lab.close()
    for path in lab.path.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_what_is_hidden_in_an_address_stays_until_it_is_written_anew(lab):
    whole = "rtsp://192.0.2.7/user=admin_password=hunter2_channel=1"
    camera = lab.add_camera(whole)
    camera.update(url=camera.url, name="gate")
    assert secrets.load(lab.id, camera.slug).url == whole
    with pytest.raises(BadInput, match="anew"):
        camera.update(url=camera.url.replace("channel=1", "channel=2"))
    camera.update(url=whole.replace("channel=1", "channel=2"))
    assert secrets.load(lab.id, camera.slug).url.endswith("hunter2_channel=2")
    assert camera.url == "rtsp://192.0.2.7/user=***_password=***_channel=2"


def test_a_camera_that_can_not_work_is_not_added(lab, leaf, tmp_path):
    (tmp_path / "notes.mp4").write_text("no film")
    for url, settings, said in [
        ("http://192.0.2.7/a.jpg", {"fps": "x"}, "fps"),
        ("http://192.0.2.7/a.jpg", {"fps": 0}, "fps"),
        ("synthetic://plant", {"size": [100_000, 100_000]}, "size"),
        ("webcam://browser", {"size": "huge"}, "size"),
        ("rtsp://192.0.2.7/a", {"rtsp_transport": "pigeon"}, "tcp or udp"),
        ("https://192.0.2.7/a", {"verify_tls": "no"}, "true or false"),
        ("usb://first", {}, "usb://0"),
        ("file:///nowhere/clip.mp4", {}, "no file clip.mp4"),
        (f"file://{tmp_path}/notes.mp4", {}, "no video"),
        (f"file://{tmp_path}", {}, "no pictures in the folder"),
    ]:
        with pytest.raises(OctolabError, match=said):
            lab.add_camera(url, settings=settings)
    assert lab.cameras() == []
    camera = lab.add_camera(f"file://{leaf}", settings={"fps": 2})
    with pytest.raises(BadInput, match="fps"):
        camera.update(settings={"fps": 0})
    with pytest.raises(OctolabError, match="no file"):
        camera.update(url="file:///nowhere/clip.mp4")
    assert (camera.url, camera.source.settings["fps"]) == (f"file://{leaf}", 2)


def test_another_host_does_not_learn_the_password(lab):
    camera = lab.add_camera("rtsp://192.0.2.7/a", user="teacher", password="classpass")
    camera.update(url="rtsp://192.0.2.7/b")
    assert secrets.load(lab.id, camera.slug).password == "classpass"
    camera.update(password="newer")
    assert secrets.load(lab.id, camera.slug) == secrets.Login("teacher", "newer")
    camera.update(url="rtsp://192.0.2.8/a")
    assert secrets.load(lab.id, camera.slug) is None
    with pytest.raises(BadInput, match="user name"):
        camera.update(password="alone")


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"tags": [1]}, "a tag is a text"),
        ({"note": 5}, "note a text"),
        ({"meta": [1]}, "meta must be a mapping"),
        ({"meta": {"mask": np.zeros(3)}}, "mask is ndarray"),
        ({"data": [[1, 2]]}, "must be an array"),
        ({"data": np.zeros((4, 4, 2), np.uint8)}, "must be an array"),
    ],
)
def test_what_is_of_another_type_is_told_and_nothing_is_kept(lab, leaf, known, why):
    with pytest.raises(BadInput, match=why):
        lab.add_frame(**{"data": leaf, **known})
    assert lab.count() == 0
    assert lab.verify().orphans == ()


def test_one_tag_and_no_note_and_a_bytearray_will_do(lab, leaf):
    frame = lab.add_frame(bytearray(leaf.read_bytes()), tags="leaf", note=None)
    assert (frame.tags, frame.note) == (("leaf",), "")


def test_a_path_that_no_folder_can_have_is_refused():
    with pytest.raises(BadInput, match="can't be the path"):
        Lab("a\0b")


def test_a_search_is_saved_as_a_gallery(lab, leaf):
    frame = lab.add_frame(leaf, tags=["plant"], captured_at="2026-05-02")
    lab.add_frame(leaf, captured_at="2026-05-03")
    plants = lab.save_search("Plants", tags="plant")
    assert list(plants) == [frame]
    with pytest.raises(Conflict, match="fills itself"):
        plants.add(frame)
    with pytest.raises(BadInput, match="in this gallery only"):
        plants.select(gallery="growth")


def test_a_storage_whose_receipt_can_not_be_kept_has_failed(lab, leaf):
    octolab.register_storage(
        "odd", save=lambda path, cid: {"at": object()}, fetch=len, replace=True
    )
    pin = lab.add_frame(leaf).publish("odd")
    assert (pin.state, pin.detail.split(",")[0]) == ("failed", "at is object")
    assert lab.pins() == [pin]


def test_a_gallery_that_takes_nothing_is_told_before_anything_is_kept(lab, leaf):
    with pytest.raises(BadInput):
        lab.add_frame(leaf, gallery="x" * 300)
    assert lab.count() == 0
    assert lab.verify().orphans == ()


def test_a_known_file_gets_the_tags_that_are_new(lab, leaf):
    first = lab.add_frame(leaf, captured_at="2026-05-02", tags=["leaf"])
    again = lab.add_frame(leaf, captured_at="2026-05-02", tags=["green"], note="hello")
    assert (again.id, again.tags, again.note) == (first.id, ("green", "leaf"), "hello")


def test_a_gallery_can_be_emptied_while_it_is_walked_through(lab, leaf):
    growth = lab.gallery("growth")
    record = lab.add_frame(leaf).record
    days = [record.captured_at.replace(year=1950 + n % 70, microsecond=n) for n in range(1200)]
    many = [
        replace(record, id=0, path=f"frames/{n}.png", captured_at=day) for n, day in enumerate(days)
    ]
    growth.add(*lab.handles(lab.catalog.add_artifacts(many)))
    for frame in growth:
        growth.remove(frame)
    assert len(growth) == 0


@pytest.mark.parametrize("spelling", ["/ipfs/{}", "ipfs://{}"])
def test_a_cid_may_be_spelled_as_an_address(lab, leaf, spelling):
    frame = lab.add_frame(leaf)
    assert lab.fetch(spelling.format(frame.cid)) == frame.path
    assert lab.by_cid(spelling.format(frame.cid)) == [frame]


def test_a_fetched_copy_that_was_changed_is_not_given_out(lab, leaf, monkeypatch, tmp_path):
    monkeypatch.setenv("OCTOLAB_STORAGE", str(tmp_path / "storage"))
    frame = lab.add_frame(leaf)
    frame.publish("local")
    frame.path.unlink()
    lab.fetch(frame.cid).write_bytes(b"tampered")
    assert lab.fetch(frame.cid).read_bytes() == leaf.read_bytes()


def test_a_copied_lab_has_no_server_of_its_own(lab, tmp_path):
    import json

    told = {"url": "http://127.0.0.1:1", "token": "t", "pid": os.getpid()}
    server_file(lab.path).write_text(json.dumps({**told, "folder": folder_number(lab.path)}))
    shutil.copytree(lab.path, tmp_path / "copy")
    assert find_server(lab.path) is not None
    assert find_server(tmp_path / "copy") is None


def test_parameters_may_be_called_as_ours_are(lab, leaf):
    frame = lab.add_frame(leaf)
    with pytest.raises(BadInput, match="no parameter 'data'"):
        frame.analyze("brightness", data=1)


def test_a_batch_may_run_in_other_processes(lab, leaf):
    frames = [lab.add_frame(leaf, captured_at=f"2026-05-{day:02}") for day in (1, 2)]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        result = lab.analyze(frames, "brightness", executor=pool).wait(100)
    assert result["analysed"] == 2
    with pytest.raises(BadInput, match="dask"):
        lab.analyze(frames, "brightness", executor="nonsense").wait(60)


def test_the_log_shows_texts_with_braces_as_they_are(lab):
    lab.log("a {brace} and {")
    entry = lab.logs()[-1]
    assert translate(entry.message, **entry.values) == "a {brace} and {"


def test_the_log_tells_a_fault_in_the_language_of_the_reader(lab):
    fault = NotFound("there is no lab in {path}", path="/x")
    lab.log("{camera}: stills missed: {count} ({reason})", camera="A", count=2, reason=fault.told)
    entry = lab.logs()[-1]
    told = translate(entry.message, language="ru", **entry.values)
    assert told == "A: пропущено снимков: 2 (в /x нет лаборатории)"
    told = translate(entry.message, language="en", **entry.values)
    assert told == "A: stills missed: 2 (there is no lab in /x)"


def test_the_log_tells_what_happened(lab):
    lab.add_camera("synthetic://plant", name="Ромашка")
    entry = lab.logs()[-1]
    assert (entry.message, entry.values) == ("Camera {camera} added", {"camera": "Ромашка"})
