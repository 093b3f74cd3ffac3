"""Panels do what views ask for, say what went wrong, and tell what has changed."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from support import eventually

import octolab
from octolab import plugins
from octolab.capture import CameraReader
from octolab.errors import BadInput, NotFound, OctolabError, TooLarge, Unavailable
from octolab.lab.lab import Lab
from octolab.model import Analysis, Observed, Region
from octolab.widgets import takes
from octolab.widgets.cameras import Cameras
from octolab.widgets.cids import Cids
from octolab.widgets.desk import Desk
from octolab.widgets.films import Films
from octolab.widgets.footage import keep_footage
from octolab.widgets.gallery import GalleryPanel
from octolab.widgets.intake import LARGEST_CHUNK, Intake
from octolab.widgets.logs import Logs
from octolab.widgets.overlays import overlay_png, transparent
from octolab.widgets.panel import Panel, action
from octolab.widgets.viewer import LARGEST_MEDIA, Viewer

ALL = {"newest_first": True}


class Echo(Panel):
    name = "echo"

    @action
    def say(self, words: str, buffers=()):
        return {"words": words, "sizes": [len(b) for b in buffers]}

    @action
    def fail(self):
        raise ZeroDivisionError("no such luck")

    def secret(self):
        return "not for views"


# --- any panel


def test_an_action_gets_its_arguments_and_buffers(lab):
    answer = Echo(lab).act("say", {"words": "leaf"}, [b"12345"])
    assert answer.data == {"words": "leaf", "sizes": [5]}


@pytest.mark.parametrize("name", ["secret", "close", "__init__", "lab", "nothing"])
def test_only_actions_can_be_called(lab, name):
    with pytest.raises(BadInput, match="has no action"):
        Echo(lab).act(name, {})


def test_an_unforeseen_fault_becomes_one_clear_error(lab):
    with pytest.raises(OctolabError) as caught:
        Echo(lab).act("fail", {})
    assert str(caught.value) == "echo.fail failed: no such luck"
    assert caught.value.localized("ru") == "echo.fail: сбой: no such luck"


# --- gallery


def test_a_page_shows_rows_newest_first(lab, frames):
    panel = GalleryPanel(lab)
    found = panel.query(ALL)
    assert (found["total"], found["selected"]) == (5, 0)
    assert found["kinds"] == {"frame": 5}
    assert found["cameras"] == [{"slug": "bench-3", "name": "Bench 3", "count": 5}]
    assert found["tags"] == [{"name": "even", "count": 2}]
    assert found["days"] == {"2026-05-01": 5}
    rows = panel.page(1, 2)["items"]
    assert [row["id"] for row in rows] == [frames[3], frames[2]]
    assert rows[0]["name"] == "leaf 3.png"
    assert rows[0]["camera"] == "Bench 3"
    assert not rows[0]["selected"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tags": ["even"]}, [2, 0]),
        ({"gallery": "growth"}, [2, 1, 0]),
        ({"cameras": ["bench-3"], "kinds": ["clip"]}, []),
        ({"since": "2026-05-01T10:03:00Z"}, [4, 3]),
        ({"until": "2026-05-01T10:01:00Z"}, [0]),
        ({"text": "LEAF 4"}, [4]),
        ({"tags": ["even"], "newest_first": False}, [0, 2]),
    ],
)
def test_filters_narrow_what_is_shown(lab, frames, filters, expected):
    panel = GalleryPanel(lab)
    assert panel.query(ALL | filters)["total"] == len(expected)
    assert [row["id"] for row in panel.page(0, 10)["items"]] == [frames[i] for i in expected]


def test_small_pictures_come_in_the_order_asked_for(lab, frames):
    answer = GalleryPanel(lab).thumbs([frames[4], 987_654, frames[0]])
    assert answer.data["ids"] == [frames[4], 987_654, frames[0]]
    assert answer.buffers[1] == b""
    bright, dark = (np.asarray(Image.open(io.BytesIO(answer.buffers[i]))).mean() for i in (0, 2))
    assert bright > dark + 100


def test_all_that_matches_is_selected_and_stays_so_under_a_wider_filter(lab, frames):
    panel = GalleryPanel(lab)
    panel.query(ALL | {"tags": ["even"]})
    assert panel.select_all() == {"selected": 2}
    panel.query(ALL)
    assert [row["selected"] for row in panel.page(0, 5)["items"]] == [
        False,
        False,
        True,
        False,
        True,
    ]
    assert panel.select_range(0, 2) == {"selected": 4}
    assert panel.select([frames[0]], False) == {"selected": 3}
    assert panel.select_none() == {"selected": 0}


def test_what_another_filter_hides_is_selected_no_more(lab, frames):
    panel = GalleryPanel(lab)
    panel.query(ALL)
    panel.select_all()
    assert panel.query(ALL | {"tags": ["even"]})["selected"] == 2
    assert panel.delete()["count"] == 2
    assert lab.count() == 3
    panel.select(frames[3:], True)
    assert panel.query(ALL | {"trash": True})["selected"] == 0


def test_another_order_and_the_same_filter_keep_the_selection(lab, frames):
    panel = GalleryPanel(lab)
    panel.query(ALL | {"tags": ["even"]})
    panel.select_all()
    lab.catalog.remove_tags([frames[0]], ["even"])
    assert panel.query(ALL | {"tags": ["even"]})["selected"] == 2
    assert panel.query({"tags": ["even"], "newest_first": False})["selected"] == 2


def test_a_deletion_can_be_undone(lab, frames):
    panel = GalleryPanel(lab)
    panel.query(ALL)
    panel.select(frames[:2], True)
    gone = panel.delete()
    assert (gone["count"], gone["selected"], lab.count()) == (2, 0, 3)
    assert panel.restore(undo=gone["undo"])["count"] == 2
    assert lab.count() == 5


def test_the_trash_can_be_looked_at_restored_from_and_emptied(lab, frames):
    panel = GalleryPanel(lab)
    panel.delete(ids=frames[:3])
    panel.query(ALL | {"trash": True})
    assert [row["id"] for row in panel.page(0, 9)["items"]] == [frames[2], frames[1], frames[0]]
    panel.restore(ids=[frames[0]])
    path = lab.get(frames[1]).path
    assert path.is_file()
    assert panel.purge() == {"count": 2}
    assert not path.exists()
    assert lab.count() == 3


def test_many_are_changed_some_at_a_time_as_a_job(lab, frames, monkeypatch):
    monkeypatch.setattr("octolab.widgets.gallery.MOST_AT_ONCE", 3)
    monkeypatch.setattr("octolab.widgets.gallery.CHUNK", 2)
    panel = GalleryPanel(lab)

    def done(begun) -> int:
        lab.job(begun["job"]).wait(60)
        return begun["count"]

    def select_all() -> None:
        panel.query(ALL)
        panel.select_all()

    select_all()
    assert done(panel.tag(add=["night"], remove=["even"])) == 5
    assert {item.tags for item in lab.find()} == {("night",)}
    assert done(panel.collect("Late")) == len(lab.gallery("Late")) == 5
    done(panel.leave("late"))
    assert len(lab.gallery("Late")) == 0
    gone = panel.delete()
    assert gone["selected"] == 0
    assert (done(gone), lab.count()) == (5, 0)
    assert panel.query(ALL)["trash"] == 5
    assert (done(panel.restore(undo=gone["undo"])), lab.count()) == (5, 5)
    select_all()
    done(panel.delete())
    assert (done(panel.purge()), lab.trash()) == (5, [])


def test_galleries_are_made_renamed_and_forgotten(lab, frames):
    panel = GalleryPanel(lab)
    slug = panel.new_gallery(" Night shots ")["slug"]
    panel.rename_gallery(slug, "Dark shots")
    assert [(one["name"], one["count"]) for one in panel.choices()["galleries"]] == [
        ("growth", 3),
        ("Dark shots", 0),
    ]
    panel.delete_gallery("growth")
    assert [one["name"] for one in panel.choices()["galleries"]] == ["Dark shots"]
    assert lab.count() == 5
    with pytest.raises(BadInput, match="needs a name"):
        panel.new_gallery(" ")


def test_a_removed_camera_keeps_its_name_and_its_film(lab, frames):
    lab.camera("bench-3").remove()
    panel = GalleryPanel(lab)
    assert panel.query(ALL)["cameras"] == [{"slug": "bench-3", "name": "Bench 3", "count": 5}]
    assert panel.page(0, 1)["items"][0]["camera"] == "Bench 3"
    films = Films(lab)
    assert films.choices()["cameras"] == [{"name": "bench-3", "title": "Bench 3", "count": 5}]
    assert films.make({"camera": "bench-3"})["count"] == 5


def test_nothing_selected_is_said_so(lab, frames):
    panel = GalleryPanel(lab)
    for act in (panel.delete, panel.tag, lambda: panel.publish("local")):
        with pytest.raises(BadInput, match="select something first"):
            act()


def test_what_is_selected_is_tagged_collected_and_let_go(lab, frames):
    panel = GalleryPanel(lab)
    panel.select(frames[3:], True)
    panel.tag(add=[" night ", ""], remove=["even"])
    assert lab.get(frames[4]).tags == ("night",)
    assert panel.collect(" Late ") == {"count": 2, "slug": "late", "name": "Late"}
    assert len(lab.gallery("Late")) == 2
    panel.leave("late")
    assert len(lab.gallery("Late")) == 0
    assert lab.count() == 5


def test_what_is_selected_is_sent_to_a_storage_as_a_job(lab, frames):
    kept = {}

    def save(path, cid):
        if cid == lab.get(frames[1]).cid:
            raise OSError("the shelf is full")
        kept[cid] = path.read_bytes()
        return {"shelf": 3}

    octolab.register_storage("shelf", save=save, fetch=kept.__getitem__, replace=True)
    panel = GalleryPanel(lab)
    panel.select(frames[:3], True)
    job = lab.job(panel.publish("shelf")["job"])
    assert job.wait(60) == {"sent": 2, "failed": 1}
    assert {pin.state for pin in lab.pins()} == {"pinned", "failed"}
    assert set(kept) == {lab.get(n).cid for n in (frames[0], frames[2])}


def test_an_analyzer_of_a_notebook_cell_works_at_once(lab, frames):
    octolab.register_analyzer(
        "redness", run=lambda image, /: {"red": float(image[..., 0].mean())}, replace=True
    )
    panel = GalleryPanel(lab)
    assert "redness" in [one["name"] for one in panel.choices()["analyzers"]]
    panel.select(frames, True)
    assert lab.job(panel.analyse("redness")["job"]).wait(60)["analysed"] == 5
    row = Viewer(lab).detail(frames[0])["analyses"][0]
    assert row["analyzer"] == "redness"
    assert row["metrics"]["red"].value == pytest.approx(255 * 400 / 4800)


# --- full view


def test_the_full_view_shows_all_that_is_known(lab, frames):
    detail = Viewer(lab).detail(frames[0])
    assert detail["item"]["cid"] == lab.get(frames[0]).cid
    assert detail["path"].startswith("frames/bench-3/2026-05-01/")
    assert detail["profile"] == "unixfs-v1-2025"
    assert not detail["deleted"]
    assert {"sobel", "brightness"} <= {one["name"] for one in detail["analyzers"]}


def test_a_picture_comes_as_the_bytes_that_were_kept(lab, frames):
    answer = Viewer(lab).picture(frames[0])
    assert answer.data == {"media_type": "image/png", "reduced": False}
    assert answer.buffers[0] == lab.get(frames[0]).path.read_bytes()


def test_a_picture_that_pages_can_not_show_comes_as_jpeg(lab, tmp_path):
    path = tmp_path / "leaf.tif"
    Image.fromarray(np.full((3600, 40, 3), 200, np.uint8)).save(path)
    answer = Viewer(lab).picture(lab.add_frame(path).id)
    assert answer.data == {"media_type": "image/jpeg", "reduced": True}
    assert Image.open(io.BytesIO(answer.buffers[0])).size == (36, 3200)


def test_a_sound_comes_piece_by_piece(lab, shared, monkeypatch):
    monkeypatch.setattr("octolab.widgets.viewer.CHUNK", 100_000)
    source = next((shared / "data/audio").rglob("*.wav"))
    sound = lab.add_sound(source)
    viewer, pieces = Viewer(lab), b""
    while len(pieces) < sound.record.size:
        pieces += viewer.media(sound.id, len(pieces)).buffers[0]
    assert pieces == source.read_bytes()


def test_a_file_too_large_for_a_page_is_said_so(lab, frames, monkeypatch):
    monkeypatch.setattr("octolab.widgets.viewer.LARGEST_MEDIA", 10)
    with pytest.raises(TooLarge, match="play in the page"):
        Viewer(lab).media(frames[0])
    assert LARGEST_MEDIA == 200_000_000


def test_a_frame_is_analysed_and_its_overlay_is_transparent(lab, frames):
    viewer = Viewer(lab)
    detail = viewer.analyse(frames[0], "sobel")
    assert detail["analyses"][0]["overlay"]
    png = Image.open(io.BytesIO(viewer.overlay(frames[0], 0).buffers[0]))
    assert (png.mode, png.size) == ("RGBA", (80, 60))
    alpha = np.asarray(png)[..., 3]
    assert 0 < (alpha > 0).mean() < 0.9
    with pytest.raises(NotFound):
        viewer.overlay(frames[0], 5)


def test_one_is_sent_to_a_storage(lab, frames):
    viewer = Viewer(lab)
    assert "local" in [one["name"] for one in viewer.detail(frames[0])["storages"]]
    assert viewer.publish(frames[0], "local")["pin"].state == "pinned"
    assert [pin.storage for pin in viewer.detail(frames[0])["pins"]] == ["local"]


def test_tags_and_notes_are_written(lab, frames):
    viewer = Viewer(lab)
    assert viewer.tag(frames[1], add=["plant", " "])["tags"] == ("plant",)
    assert viewer.tag(frames[1], remove=["plant"])["tags"] == ()
    assert viewer.note(frames[1], "листья опущены") == {"note": "листья опущены"}


def test_an_overlay_keeps_only_what_was_drawn():
    image = np.full((40, 60, 3), 10, np.uint8)
    drawn = image.copy()
    drawn[5:10, 20:30] = (250, 200, 0)
    rgba = np.asarray(Image.open(io.BytesIO(transparent(image, drawn))))
    assert (rgba[..., 3] > 0).sum() == 50
    assert tuple(rgba[7, 25]) == (250, 200, 0, 255)
    small = np.asarray(Image.open(io.BytesIO(transparent(image, drawn, longest=30))))
    assert small.shape == (20, 30, 4)
    assert tuple(small[3, 12]) == (250, 200, 0, 255)


def test_regions_without_an_overlay_of_their_own_are_drawn():
    image = np.zeros((50, 50, 3), np.uint8)
    analysis = Analysis(regions=(Region((10, 10, 20, 20)),), analyzer="gone", width=50, height=50)
    png = overlay_png(image, analysis)
    assert png is not None
    alpha = np.asarray(Image.open(io.BytesIO(png)))[..., 3]
    assert alpha[10, 15] == 255
    assert alpha[20, 20] == 0


# --- films


def test_a_film_is_made_of_a_gallery_as_a_job(lab, frames):
    films = Films(lab)
    measured = films.measure({"gallery": "growth"})
    assert (measured["count"], measured["first_id"], measured["last_id"]) == (
        3,
        frames[0],
        frames[2],
    )
    started = films.make({"gallery": "growth"}, fps=12, size=[160, 120], transition="fade")
    clip = lab.get(lab.job(started["job"]).wait(60)["id"])
    assert (clip.record.width, clip.record.height) == (160, 120)
    assert [row["id"] for row in films.choices()["films"]] == [clip.id]


def test_a_film_of_the_selection_goes_by_time_and_leaves_frames_out(lab, frames):
    gallery = GalleryPanel(lab)
    films = Films(lab, gallery.selection)
    gallery.select([frames[4], frames[0], frames[2], frames[1]], True)
    assert films.measure({"selection": True})["count"] == 4
    started = films.make({"selection": True}, fps=5, every=2, name="few")
    clip = lab.get(lab.job(started["job"]).wait(60)["id"])
    assert clip.meta["frames"] == [lab.get(n).cid for n in (frames[0], frames[2])]
    assert clip.meta["name"] == "few.mp4"


def test_one_frame_is_no_film(lab, frames):
    with pytest.raises(BadInput, match="two frames at least"):
        Films(lab).make({"gallery": "growth"}, every=3)


# --- CIDs


def test_cids_are_sorted_filtered_and_noted(lab, frames):
    cids = Cids(lab)
    assert cids.query()["total"] == 5
    newest = cids.page(0, 2)["rows"]
    assert [row.cid for row in newest] == [lab.get(frames[i]).cid for i in (4, 3)]
    cids.note(newest[0].cid, "keep this")
    assert cids.query(text="keep")["total"] == 1
    cids.query(sort="cid", descending=False)
    ordered = [row.cid for row in cids.page(0, 9)["rows"]]
    assert ordered == sorted(ordered)


def test_cids_show_where_they_are_kept(lab, frames):
    cids = Cids(lab)
    cid = lab.get(frames[0]).cid
    assert cids.publish(cid, "local")["pin"].state == "pinned"
    assert cids.query(pins="pinned")["total"] == 1
    assert cids.page(0, 1)["rows"][0].pins[0].storage == "local"
    assert cids.query(pins="none")["total"] == 4
    with pytest.raises(NotFound):
        cids.publish("bafkqaaa", "local")


def test_a_list_of_cids_is_read_page_by_page(lab, frames):
    cids = Cids(lab)
    assert cids.query(sort="size")["bytes"] == sum(item.record.size for item in lab.find())
    cids.query(sort="at", descending=False)
    assert [row.artifact_id for row in cids.page(1, 3)["rows"]] == frames[1:4]


# --- log and desk


def test_the_log_speaks_the_language_of_the_view_and_goes_on(lab, pushed):
    lab.log("Camera {camera} added", camera="Улей")
    logs = Logs(lab)
    logs.attach(pushed, lambda: True)
    logs.language = "ru"
    assert logs.read()["entries"][-1]["text"] == "Камера «Улей» добавлена"
    lab.log("All cameras restarted", level="warning")
    logs.refresh(frozenset({"log"}))
    (data, _) = pushed.named("entries")[0]
    assert [entry["level"] for entry in data["entries"]] == ["warning"]
    logs.refresh(frozenset({"log"}))
    assert len(pushed.named("entries")) == 1


def test_the_desk_follows_a_job_to_its_end_and_cancels(lab, pushed):
    desk = Desk(lab)
    desk.attach(pushed, lambda: True)

    def work(progress, cancelled):
        for step in range(10_000):
            progress(step, 10_000, "step")
            time.sleep(0.01)

    job = lab.run_job("test", "Slow work", work)

    def told() -> list[tuple[str, str]]:
        desk.refresh(frozenset({"job"}))
        return [(data.title, data.state) for data, _ in pushed.named("job")]

    eventually(lambda: ("Slow work", "running") in told())
    desk.cancel(job.id)
    with pytest.raises(OctolabError, match="cancelled"):
        job.wait(60)
    desk.refresh(frozenset({"job"}))
    assert pushed.named("job")[-1][0].state == "cancelled"
    assert desk.job("no-such-job") == {"job": None}


def test_warnings_and_errors_are_announced_once(lab, pushed):
    lab.log("All cameras restarted", level="error")
    desk = Desk(lab, announce=True)
    desk.attach(pushed, lambda: True)
    desk.looked_at()
    lab.log("All cameras restarted")
    lab.log("All cameras restarted", level="warning")
    desk.refresh(frozenset({"log"}))
    desk.refresh(frozenset({"log"}))
    assert [data["kind"] for data, _ in pushed.named("toast")] == ["warning"]


def test_a_page_that_opens_is_not_told_of_what_went_wrong_before(lab, pushed):
    desk = Desk(lab, announce=True)  # as in a kernel that waits for a page
    desk.attach(pushed, lambda: True)
    lab.log("All cameras restarted", level="error")
    desk.looked_at()
    desk.refresh(frozenset({"log"}))
    assert pushed.events == []
    for _ in range(3):
        lab.log("All cameras restarted", level="warning")
    desk.looked_at()
    desk.refresh(frozenset({"log"}))
    assert [(event, data) for _, event, data, _ in pushed.events] == [("missed", {"count": 3})]


# --- cameras


def test_live_pictures_of_all_cameras_come_in_one_message(lab, live, pushed):
    slugs = [lab.add_camera("synthetic://plant", name=name).slug for name in ("One", "Two")]
    cameras = Cameras(lab)
    cameras.attach(pushed, lambda: True)
    cameras.watch(slugs, width=5000, fps=99)
    data, buffers = pushed.wait("live")
    cameras.close()
    assert data["pictures"] == slugs
    assert buffers == [live.jpeg_bytes] * 2
    assert data["states"]["one"].state == "live"
    assert ("stream", (tuple(slugs), 1280, 15.0)) in live.calls


def test_no_picture_is_sent_while_nobody_looks(lab, live, pushed):
    slug = lab.add_camera("synthetic://plant").slug
    cameras = Cameras(lab)
    asked = threading.Semaphore(0)
    cameras.attach(pushed, lambda: asked.release())
    cameras.watch([slug])
    for _ in range(2):
        assert asked.acquire(timeout=60)
    cameras.close()
    assert not pushed.events
    assert not [call for call in live.calls if call[0] == "stream"]


def test_a_server_that_is_away_is_told_of_and_asked_again(lab, live, pushed):
    slug = lab.add_camera("synthetic://plant").slug
    live.refuse = Unavailable("the lab's server stopped sending pictures")
    cameras = Cameras(lab)
    cameras.language = "en"
    cameras.attach(pushed, lambda: True)
    cameras.watch([slug])
    assert pushed.wait("lost")[0]["message"] == "the lab's server stopped sending pictures"
    live.refuse = None
    assert pushed.wait("live")[0]["pictures"] == [slug]
    cameras.close()


def test_cameras_are_added_changed_and_removed(lab):
    cameras = Cameras(lab)
    state = cameras.add(url="synthetic://hive?size=640x360", name=" Hive ")
    assert (state["slug"], state["cameras"][0]["name"]) == ("hive", "Hive")
    state = cameras.update("hive", name="Улей", settings={"interval_s": 5})
    assert state["cameras"][0]["settings"]["interval_s"] == 5
    assert lab.camera("hive").name == "Улей"
    with pytest.raises(BadInput, match="needs a name"):
        cameras.update("hive", name=" ")
    assert cameras.remove("hive")["cameras"] == []


@pytest.mark.parametrize("url", ["", "  ", "ftp://host/x", "no address"])
def test_a_wrong_address_adds_nothing(lab, url):
    with pytest.raises(BadInput):
        Cameras(lab).add(url=url)
    assert lab.cameras() == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "FILE:///etc", "file://{lab}/../other.mp4"])
def test_a_page_sees_no_files_outside_the_lab(lab, live, url):
    cameras, inside = Cameras(lab), lab.add_frame(live.jpeg_bytes).path
    with pytest.raises(BadInput, match="only files of the lab"):
        cameras.add(url=url.format(lab=lab.path))
    slug = cameras.add(url=inside.as_uri())["slug"]
    with pytest.raises(BadInput, match="only files of the lab"):
        cameras.update(slug, url=url.format(lab=lab.path))


def test_the_interval_of_the_settings_is_that_of_the_card(lab):
    cameras = Cameras(lab)
    slug = cameras.add(url="synthetic://plant", name="Bench 1")["slug"]
    [card] = cameras.interval(slug, seconds=30)["cameras"]
    assert card["settings"]["interval_s"] == 30
    [card] = cameras.update(slug, settings={"interval_s": 5, "gallery": "fast"})["cameras"]
    assert (card["desired"].interval_s, card["desired"].interval_gallery) == (5, "fast")
    cameras.interval(slug)
    [card] = cameras.update(slug, settings={"interval_s": 7})["cameras"]
    assert card["desired"].interval_s is None


def test_interval_stills_go_into_a_gallery_of_the_camera(lab):
    cameras = Cameras(lab)
    cameras.add(url="synthetic://plant", name="Bench 1")
    cameras.interval("bench-1", seconds=30)
    assert lab.camera("bench-1").desired.interval_s == 30
    assert lab.camera("bench-1").desired.interval_gallery == lab.gallery("Bench 1").slug
    state = cameras.interval("bench-1")
    assert state["cameras"][0]["desired"].interval_s is None


def test_a_still_is_taken_analysed_and_kept(lab):
    cameras = Cameras(lab)
    cameras.add(url="synthetic://plant", name="Bench 1")
    answer = cameras.analyse("bench-1", "sobel")
    assert answer.data["analysis"]["metrics"]["edge_density"].value == 0
    assert lab.get(answer.data["frame"]["id"]).analyses()[0].analyzer == "sobel"
    assert cameras.still("bench-1")["camera"] == "Bench 1"


def test_a_live_overlay_comes_again_and_again_until_it_is_ended(lab, pushed):
    cameras = Cameras(lab)
    cameras.attach(pushed, lambda: True)
    cameras.add(url="synthetic://plant", name="Bench 1")
    assert cameras.overlay("bench-1", "sobel")["cameras"][0]["overlay"] == "sobel"
    data, buffers = pushed.wait("overlay")
    assert data["analysis"]["analyzer"] == "sobel"
    assert buffers[0].startswith(b"\x89PNG")
    assert cameras.overlay("bench-1")["cameras"][0]["overlay"] is None
    assert lab.count() == 0
    cameras.close()


def test_an_overlay_that_fails_ends_and_says_why(lab, pushed):
    def broken(image, /):
        raise RuntimeError("bad luck")

    octolab.register_analyzer("broken", run=broken, replace=True)
    cameras = Cameras(lab)
    cameras.attach(pushed, lambda: True)
    cameras.add(url="synthetic://plant", name="Bench 1")
    cameras.overlay("bench-1", "broken")
    assert "bad luck" in pushed.wait("overlay")[0]["error"]
    assert cameras.state()["cameras"][0]["overlay"] is None
    assert plugins.analyzers.get("broken")
    cameras.close()


def test_a_camera_is_analysed_all_the_time_until_told_otherwise(lab, live):
    cameras = Cameras(lab)
    slug = cameras.add(url="synthetic://plant", name="Bench 1")["slug"]
    lab.camera(slug).start_analysis("sobel", params={"threshold": 300})
    cameras.analysis(slug, "sobel", 0.5)
    desired = cameras.state()["cameras"][0]["desired"]
    assert (desired.analyzer, desired.analyzer_fps) == ("sobel", 0.5)
    assert desired.analyzer_params == {"threshold": 300}, "what a notebook gave it stays"
    assert cameras.analysis(slug, "brightness")["cameras"][0]["desired"].analyzer_params == {}
    assert cameras.analysis(slug)["cameras"][0]["desired"].analyzer is None


@pytest.mark.parametrize(("analyzer", "fps"), [("sobel", 0), ("sobel", 31), ("sound-energy", 1)])
def test_an_analysis_out_of_reason_is_refused(lab, analyzer, fps):
    cameras = Cameras(lab)
    slug = cameras.add(url="synthetic://plant", name="Bench 1")["slug"]
    with pytest.raises(BadInput):
        cameras.analysis(slug, analyzer, fps)
    assert lab.camera(slug).desired.analyzer is None


def test_views_know_which_analyzers_the_server_has(lab):
    octolab.register_analyzer("of-this-cell", run=lambda image: {"x": 1.0}, replace=True)
    installed = {one["name"]: one["installed"] for one in Cameras(lab).state()["analyzers"]}
    assert (installed["sobel"], installed["of-this-cell"]) == (True, False)


# --- what comes from the page


@pytest.fixture
def webcam(lab: Lab) -> str:
    return Cameras(lab).add(url="webcam://browser", name="My face")["slug"]


def test_a_still_of_the_page_is_kept_under_its_camera(lab, live, webcam):
    answer = Intake(lab).act(
        "still", {"slug": webcam, "at_ms": 1_780_000_000_000, "gallery": "faces"}, [live.jpeg_bytes]
    )
    frame = lab.get(answer.data["frame"]["id"])
    assert frame.path.read_bytes() == live.jpeg_bytes
    assert (frame.source, frame.captured_at.timestamp()) == (webcam, 1_780_000_000)
    assert len(lab.gallery("faces")) == 1


def test_a_still_of_the_page_is_looked_at_without_keeping_it(lab, live):
    answer = Intake(lab).act("look", {"analyzer": "brightness"}, [live.jpeg_bytes])
    assert answer.data["analysis"]["analyzer"] == "brightness"
    assert lab.count() == 0


@pytest.mark.parametrize("buffers", [[], [b""], [b"a", b"b"], [b"not a picture"]])
def test_a_damaged_still_is_refused(lab, webcam, buffers):
    with pytest.raises(BadInput):
        Intake(lab).act("still", {"slug": webcam, "at_ms": 0}, buffers)
    assert lab.count() == 0


def test_another_camera_takes_no_stills_of_the_page(lab, live):
    slug = lab.add_camera("synthetic://plant").slug
    with pytest.raises(BadInput, match="not a camera of a browser"):
        Intake(lab).act("still", {"slug": slug, "at_ms": 0}, [live.jpeg_bytes])


def _send(intake: Intake, data: bytes, step: int) -> str:
    upload = intake.begin()["upload"]
    for at in range(0, len(data), step):
        intake.act("piece", {"upload": upload, "offset": at}, [data[at : at + step]])
    return upload


def test_a_file_in_pieces_becomes_what_it_is(lab, shared):
    intake = Intake(lab)
    sound = next((shared / "data/audio").rglob("*.wav"))
    row = intake.finish_file(_send(intake, sound.read_bytes(), 50_000), "Ульи «№ 3»/hum.wav")
    assert (row["kind"], row["name"]) == ("sound", "Ульи «№ 3»/hum.wav")
    assert lab.get(row["id"]).path.read_bytes() == sound.read_bytes()
    assert list((lab.path / ".octolab/incoming").iterdir()) == []


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    """What a recording that still goes on has written: whole fragments, and a part of one."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with CameraReader("synthetic://testcard?size=160x90") as camera:
        camera.latest(60)
        camera.start_recording(path)
        eventually(lambda: path.exists() and path.read_bytes().count(b"moof") >= 3)
        written = path.read_bytes()
        camera.stop_recording()
    return written[: written.rindex(b"moof") + 90]


def _film(intake: Intake, webcam: str, film: bytes, at_ms: float = 1_780_000_000_000) -> str:
    upload = intake.begin_clip(webcam, at_ms, 0.01)["upload"]
    intake.act("piece", {"upload": upload, "offset": 0}, [film])
    return upload


def test_a_clip_is_kept_when_its_webcam_was_removed_meanwhile(lab, webcam, film):
    intake = Intake(lab)
    upload = _film(intake, webcam, film)
    lab.camera(webcam).remove()
    row = intake.finish_take(upload)
    assert (row["kind"], row["source"], row["camera"]) == ("clip", webcam, "My face")
    assert row["at"].timestamp() == 1_780_000_000
    assert lab.get(row["id"]).record.uncertainty_s == 0.01
    assert lab.logs()[-1].values["camera"] == "My face"
    assert list((lab.path / ".octolab/recording").iterdir()) == []


def test_a_clip_is_kept_when_its_page_closes(lab, webcam, film):
    intake = Intake(lab)
    _film(intake, webcam, film)
    intake.close()
    [clip] = lab.find(kind="clip", camera=webcam)
    assert clip.duration_s > 0.5


def test_a_clip_is_kept_when_its_page_falls_silent(lab, webcam, film, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(takes, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(takes, "QUIET_S", 0.2)
    intake = Intake(lab)
    _film(intake, webcam, film)
    now[0] += 1
    eventually(lambda: lab.count(kind="clip"))


def test_a_clip_of_a_killed_kernel_is_kept_by_the_next_page(lab, webcam, film):
    code = (
        "import os, sys, octolab; from octolab.widgets.intake import Intake;"
        "intake = Intake(octolab.Lab(sys.argv[1]));"
        "upload = intake.begin_clip(sys.argv[2], 1_780_000_000_000, 0.01)['upload'];"
        "intake.act('piece', {'upload': upload, 'offset': 0}, [sys.stdin.buffer.read()]);"
        "os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, lab.path, webcam], input=film)
    assert killed.returncode == -9
    (lab.path / ".octolab/recording/page__x__2026-05-01T10-00-00.000000Z.part").touch()
    other = Intake(lab)
    _film(other, webcam, film, 1_790_000_000_000)  # of a page that is still there
    keep_footage(lab)
    [clip] = lab.find(kind="clip", camera=webcam)
    assert clip.captured_at.timestamp() == 1_780_000_000
    assert clip.duration_s > 0.5
    assert not [entry for entry in lab.logs() if entry.level == "error"]
    other.close()


def test_what_can_not_be_played_leaves_nothing_behind(lab, webcam):
    intake = Intake(lab)
    upload = _film(intake, webcam, b"no film")
    with pytest.raises(BadInput):
        intake.finish_take(upload)
    with pytest.raises(NotFound):
        intake.finish_take(upload)
    assert list((lab.path / ".octolab/recording").iterdir()) == []


def test_a_missing_piece_and_a_huge_one_are_refused(lab):
    intake = Intake(lab)
    upload = intake.begin()["upload"]
    with pytest.raises(BadInput, match="missing"):
        intake.act("piece", {"upload": upload, "offset": 10}, [b"123"])
    with pytest.raises(TooLarge):
        intake.act("piece", {"upload": upload, "offset": 0}, [bytes(LARGEST_CHUNK + 1)])
    with pytest.raises(BadInput):
        intake.finish_file(upload, "x.jpg")
    with pytest.raises(NotFound):
        intake.finish_file(upload, "x.jpg")
    assert list((lab.path / ".octolab/incoming").iterdir()) == []


def test_a_camera_tells_its_fault_in_the_language_of_the_page(lab):
    camera = lab.add_camera("rtsp://192.0.2.7/a", name="Roof")
    reason, values = "there is no file {path}", {"path": "x"}
    seen = Observed("error", "there is no file x", reason=reason, values=values)
    lab.catalog.set_observed(camera.slug, seen)
    cameras = Cameras(lab)
    cameras.language = "ru"
    assert cameras.state()["cameras"][0]["observed"].detail == "нет файла x"
