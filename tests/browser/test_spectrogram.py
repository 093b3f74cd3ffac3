"""The spectrogram viewer: look, zoom, hear, detect, annotate, compare, export."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from filelock import FileLock, Timeout
from playwright.sync_api import Locator, Page, WebSocket, expect
from support import until

import octolab

WORKBENCH = "voila/render/dashboards/workbench.ipynb"
PICTURE = "[data-panel=sounds] .ol-scene"
SAID = "text => octolabSaid.some((one) => one.includes(text))"
CALLS_S = (1.0, 3.0, 5.0, 7.5, 9.0)
CALL_HZ = 3000.0
RATE = 16_000

COLOURS = """element => {
  const canvas = element.querySelector('.ol-sheet-base');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
# The mean brightness of the pixels about a place, given as shares of the picture.
BRIGHTNESS = """(element, [x, y]) => {
  const canvas = element.querySelector('.ol-sheet-base');
  const [w, h] = [canvas.width, canvas.height];
  const {data} = canvas.getContext('2d').getImageData(x * w - 3, y * h - 3, 6, 6);
  return data.filter((_, i) => i % 4 < 3).reduce((sum, one) => sum + one, 0) / (data.length * 0.75);
}"""
# Keeps all times that are shown from now on.
NOTE_TIMES = """() => {
  window.times = [];
  const heard = document.querySelector('.ol-sound-time');
  new MutationObserver(() => times.push(heard.textContent)).observe(heard, {childList: true});
}"""
# Waits for two frames, so that what was to be drawn is drawn.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Opens a tile that the filter is about to move.
FILTER_AND_OPEN = """name => {
  document.querySelector('[data-panel=gallery] [data-value=sound]').click();
  const tiles = [...document.querySelectorAll('.ol-tile')];
  tiles.find(tile => tile.textContent.includes(name)).click();
}"""
NEW_NOTEBOOK = """async code => {
  const {commands} = window.jupyterapp;
  const panel = await commands.execute('notebook:create-new', {kernelName: 'python3'});
  await panel.context.ready;
  await panel.sessionContext.ready;
  panel.content.model.cells.get(0).sharedModel.setSource(code);
  await commands.execute('notebook:run-all-cells');
}"""


def calls(path: Path) -> Path:
    """Write 12 s of soft noise with five calls of half a second at 3 kHz, louder each time."""
    rng = np.random.default_rng(5)
    y = rng.standard_normal(12 * RATE) * 0.002
    seconds = np.arange(RATE // 2) / RATE
    for i, start in enumerate(CALLS_S):
        at = int(start * RATE)
        call = np.sin(2 * np.pi * CALL_HZ * seconds) * np.hanning(RATE // 2)
        y[at : at + len(call)] += call * 0.02 * 2**i
    soundfile.write(path, y, RATE)
    return path


@pytest.fixture(scope="module")
def sound(voila, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The id of a sound with five calls in the lab of the page."""
    folder = tmp_path_factory.mktemp("sounds")
    with octolab.Lab(voila.lab, create=False) as lab:
        soundfile.write(folder / "hum.wav", np.sin(np.arange(6 * 8000) * 0.3) * 0.2, 8000)
        lab.add_sound(folder / "hum.wav", name="hum.wav", captured_at="2026-05-01T10:00:00Z")
        return lab.add_sound(calls(folder / "calls.wav"), name="calls.wav").id


def open_sound(page: Page, site, name: str = "calls.wav", **query: str) -> Locator:
    """Choose a sound of the workbench and wait for its picture."""
    page.goto(site.at(WORKBENCH, **query))
    page.locator("[data-tab=sounds]").click()
    page.locator(PICTURE).wait_for()
    page.locator("[data-do=choose]").click()
    page.locator(".ol-sound-row", has_text=name).click()
    expect(page.locator("[data-do=choose]")).to_contain_text(name)
    page.locator(f"{PICTURE}[data-complete=true]").wait_for()
    return page.locator(PICTURE)


def view(picture: Locator) -> list[float]:
    """Start, end, lowest and highest frequency in sight."""
    return [float(one) for one in (picture.get_attribute("data-view") or "").split()]


def annotations(site, number: int) -> list:
    """The annotations of a sound as the lab has them."""
    with octolab.Lab(site.lab, create=False) as lab:
        return [one.event for one in lab.catalog.annotations(number)]


def forget(site, number: int) -> None:
    """Remove all annotations of a sound."""
    with octolab.Lab(site.lab, create=False) as lab:
        lab.catalog.edit_annotations(number, remove=[a.id for a in lab.catalog.annotations(number)])


def drag(
    page: Page, picture: Locator, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Drag from one place to another, given as shares of the picture."""
    box = picture.bounding_box()

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*at(*start))
    page.mouse.down()
    page.mouse.move(*at(*[(a + b) / 2 for a, b in zip(start, end, strict=True)]))
    page.mouse.move(*at(*end))
    page.mouse.up()


def test_the_calls_are_seen_where_they_are(voila, sound, page: Page):
    picture = open_sound(page, voila)
    assert picture.evaluate(COLOURS) > 50
    page.locator("[data-do=display]").click()
    page.get_by_role("radio", name="Linear").click()
    height = 1 - CALL_HZ / (RATE / 2)

    def call_is_bright() -> bool:
        call = picture.evaluate(BRIGHTNESS, [(CALLS_S[-1] + 0.25) / 12, height])
        return call > picture.evaluate(BRIGHTNESS, [11 / 12, height]) + 50

    until(page, call_is_bright)  # in the next picture, which is linear


def test_colours_change_without_asking_the_kernel(voila, sound, page: Page):
    asked: set[bytes] = set()
    answered: set[bytes] = set()

    def sent(frame: bytes | str) -> None:
        if isinstance(frame, bytes) and b'"panel":"sounds"' in frame:
            asked.update(re.findall(rb'"id":"(\w+-\d+)"', frame))

    def came(frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            answered.update(re.findall(rb'"re": ?"(\w+-\d+)"', frame))

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", sent)
        socket.on("framereceived", came)

    def quiet() -> bool:
        """Whether a picture was drawn since the last answer, and asked for nothing."""
        before = len(asked)
        page.evaluate(DRAWN)
        return len(asked) == before and asked <= answered

    page.on("websocket", watch)
    picture = open_sound(page, voila)
    page.locator("[data-do=display]").click()
    until(page, lambda: quiet() and quiet())
    place = [(CALLS_S[-1] + 0.25) / 12, 0.1]
    before, asked_before = picture.evaluate(BRIGHTNESS, place), len(asked)
    assert asked_before > 0
    page.get_by_label("Colours").select_option("grey")
    page.get_by_role("switch", name="Inverted").check()
    until(page, lambda: picture.evaluate(BRIGHTNESS, place) > before + 50)
    page.locator("[data-do=low]").fill("-40")
    until(page, lambda: picture.evaluate(BRIGHTNESS, [0.5, 0.95]) > 250)
    assert quiet()
    assert len(asked) == asked_before


def test_the_wheel_and_the_keys_zoom_and_pan(voila, sound, page: Page):
    picture = open_sound(page, voila)
    start, end, low, high = view(picture)
    assert (start, low, high) == (0, 0, RATE / 2)
    assert end == pytest.approx(12, abs=0.01)
    picture.hover(position={"x": picture.bounding_box()["width"] / 2, "y": 50})
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    until(page, lambda: view(picture)[1] - view(picture)[0] < 6)
    start, end, *_ = view(picture)
    assert (start + end) / 2 == pytest.approx(6, abs=0.05)
    page.mouse.wheel(120, 0)
    until(page, lambda: view(picture)[0] > start + 0.2)
    picture.focus()
    page.keyboard.press("Home")
    until(page, lambda: view(picture)[0] == 0)
    page.keyboard.press("ArrowRight")
    until(page, lambda: view(picture)[0] > 0)
    page.keyboard.press("Shift+ArrowUp")
    until(page, lambda: view(picture)[3] - view(picture)[2] < high - 100)
    page.keyboard.press("0")
    until(page, lambda: view(picture) == pytest.approx([0, 12, 0, high], abs=0.01))
    page.locator(f"{PICTURE}[data-complete=true]").wait_for()


def test_shift_and_dragging_zooms_to_a_box(voila, sound, page: Page):
    picture = open_sound(page, voila)
    page.keyboard.down("Shift")
    drag(page, picture, (0.25, 0.9), (0.5, 0.2))
    page.keyboard.up("Shift")
    until(page, lambda: view(picture)[0] == pytest.approx(3, abs=0.1))
    assert view(picture)[1] == pytest.approx(6, abs=0.1)
    assert view(picture)[2] > 50


def detect(page: Page) -> None:
    """Let the machine look for the calls."""
    page.locator("[data-do=detect]").click()
    page.locator("dialog [data-do=run]").click()
    page.wait_for_function(SAID, arg="5 events found")


def test_the_threshold_changes_how_many_events_are_left(voila, sound, page: Page):
    open_sound(page, voila)
    detect(page)
    expect(page.locator("[data-tally]")).to_have_text("5 of 5")
    rows = page.locator(".ol-event-rows [role=row]")
    expect(rows).to_have_count(5)
    slider = page.get_by_role("slider", name="Threshold")
    slider.fill("600")
    expect(page.locator("[data-tally]")).not_to_have_text("5 of 5")
    left = int(page.locator("[data-tally]").inner_text().split()[0])
    assert 0 < left < 5
    expect(rows).to_have_count(left)
    slider.fill("0")
    expect(rows).to_have_count(5)


def test_keys_go_from_event_to_event_and_accept(voila, sound, page: Page):
    forget(voila, sound)
    picture = open_sound(page, voila)
    detect(page)
    picture.focus()
    page.keyboard.press("n")
    page.keyboard.press("n")
    selected = page.locator(".ol-event-rows [aria-selected=true]")
    expect(selected).to_contain_text("0:03")
    page.keyboard.press("a")
    until(page, lambda: annotations(voila, sound))
    [event] = annotations(voila, sound)
    assert event.start == pytest.approx(CALLS_S[1], abs=0.3)
    expect(selected).to_contain_text("0:05")
    expect(page.locator("[data-tally]")).to_have_text("4 of 5")
    page.keyboard.press("Control+z")
    until(page, lambda: not annotations(voila, sound))
    expect(page.locator("[data-tally]")).to_have_text("5 of 5")


def test_a_drawn_box_is_an_annotation_until_it_is_undone(voila, sound, page: Page):
    forget(voila, sound)
    picture = open_sound(page, voila)
    picture.focus()
    page.keyboard.press("d")
    drag(page, picture, (0.25, 0.3), (0.35, 0.6))
    page.keyboard.type("whistle")
    page.keyboard.press("Enter")
    until(page, lambda: [one.label for one in annotations(voila, sound)] == ["whistle"])
    [box] = annotations(voila, sound)
    assert (box.start, box.end) == pytest.approx((3.0, 4.2), abs=0.1)
    assert box.low_hz < box.high_hz < RATE / 2
    page.keyboard.press("m")
    drag(page, picture, (0.35, 0.45), (0.5, 0.45))  # the handle of the right edge
    until(page, lambda: annotations(voila, sound)[0].end == pytest.approx(6.0, abs=0.1))
    for _ in range(3):
        page.keyboard.press("Control+z")
    until(page, lambda: not annotations(voila, sound))
    page.keyboard.press("Control+y")
    until(page, lambda: len(annotations(voila, sound)) == 1)
    page.get_by_role("radio", name="Annotations").click()
    page.locator(".ol-event-rows [role=row]").click()
    page.keyboard.press("Delete")
    until(page, lambda: not annotations(voila, sound))


def type_end(page: Page, seconds: float) -> None:
    """Choose the annotation "toot" in the table and type when it ends."""
    page.get_by_role("radio", name="Annotations").click()
    page.locator(".ol-event-rows [role=row]", has_text="toot").click()
    page.get_by_label("To, s").fill(str(seconds))
    page.keyboard.press("Tab")


def ends_at(site, number: int, seconds: float) -> bool:
    """Whether the first annotation of a sound ends then."""
    return annotations(site, number)[0].end == seconds


def test_numbers_of_an_annotation_can_be_typed(voila, sound, page: Page):
    forget(voila, sound)
    with octolab.Lab(voila.lab, create=False) as lab:
        box = octolab.model.Event(2.0, 3.0, "toot", low_hz=100.0, high_hz=900.0)
        lab.catalog.edit_annotations(sound, add=[box])
    open_sound(page, voila)
    type_end(page, 2.5)
    until(page, lambda: ends_at(voila, sound, 2.5))
    forget(voila, sound)


def test_a_row_that_is_pressed_is_chosen_though_another_comes_meanwhile(voila, sound, page: Page):
    forget(voila, sound)
    with octolab.Lab(voila.lab, create=False) as lab:
        lab.catalog.edit_annotations(sound, add=[octolab.model.Event(2.0, 3.0, "toot")])
        open_sound(page, voila)
        page.get_by_role("radio", name="Annotations").click()
        rows = page.locator(".ol-event-rows [role=row]")
        expect(rows).to_contain_text(["toot"])
        rows.first.hover()
        page.mouse.down()
        lab.catalog.edit_annotations(sound, add=[octolab.model.Event(5.0, 6.0, "quack")])
        expect(page.get_by_role("radio", name="Annotations 2")).to_be_visible()
        page.mouse.up()
    expect(rows.first).to_have_attribute("aria-selected", "true")
    expect(rows).to_contain_text(["toot", "quack"])
    forget(voila, sound)


def test_what_the_lab_refuses_is_taken_back(voila, sound, page: Page, tmp_path: Path):
    with octolab.Lab(voila.lab, create=False) as lab:
        soundfile.write(tmp_path / "gone.wav", np.zeros(4000), 1000)
        gone = lab.add_sound(tmp_path / "gone.wav", name="gone.wav")
        picture = open_sound(page, voila, "gone.wav")
        gone.delete()
        lab.purge()
    picture.focus()
    page.keyboard.press("d")
    drag(page, picture, (0.6, 0.3), (0.7, 0.6))
    page.keyboard.press("Escape")
    page.wait_for_function(SAID, arg="no artifact")
    expect(page.get_by_role("radio", name="Annotations 0")).to_be_visible()


def test_playing_moves_the_cursor_and_the_selection_ends_it(voila, sound, page: Page):
    picture = open_sound(page, voila)
    heard = page.locator(".ol-sound-time")
    expect(heard).to_have_text("0:00.0")
    picture.focus()
    page.keyboard.press("Space")
    until(page, lambda: heard.inner_text() > "0:00.5")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stopped = heard.inner_text()
    page.wait_for_timeout(300)
    assert heard.inner_text() == stopped
    page.keyboard.press("s")
    drag(page, picture, (0.5, 0.2), (0.55, 0.6))
    page.locator("[data-do=band]").click()
    expect(page.locator("[data-do=band]")).to_contain_text("kHz")
    page.get_by_label("Speed").select_option("0.5")
    page.evaluate(NOTE_TIMES)
    page.locator("[data-do=play-stretch]").click()
    page.wait_for_function("() => times.length > 1")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    *while_played, after = page.evaluate("times")
    assert all("0:06.0" <= one <= "0:06.6" for one in while_played)
    assert after == stopped


def test_two_sounds_are_compared_and_move_together(voila, sound, page: Page):
    forget(voila, sound)
    with octolab.Lab(voila.lab, create=False) as lab:
        [hum] = [one.id for one in lab.find(text="hum.wav")]
        for number in (sound, hum):
            lab.catalog.edit_annotations(number, add=[octolab.model.Event(2.0, 3.0, "toot")])
    open_sound(page, voila)
    page.locator("[data-do=compare]").click()
    page.locator(".ol-sound-row", has_text="hum.wav").click()
    first, second = page.locator(PICTURE).first, page.locator(PICTURE).nth(1)
    expect(second).to_have_attribute("data-complete", "true")
    second.hover()
    expect(page.locator("[data-pointer]")).to_contain_text("2026-05-01 10:00:0")
    first.focus()
    page.keyboard.press("+")
    page.keyboard.press("Home")
    until(page, lambda: view(first)[1] < 7)
    until(page, lambda: view(second)[:2] == view(first)[:2])
    page.locator("input[name=offset]").fill("1")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    first.focus()
    page.keyboard.press("+")
    until(page, lambda: view(second)[0] == pytest.approx(view(first)[0] + 1, abs=0.01))
    for picture, number, end in ((first, sound, 2.5), (second, hum, 2.75), (first, sound, 2.6)):
        picture.focus()
        type_end(page, end)
        until(page, partial(ends_at, voila, number, end))
    page.locator("[data-do=end-compare]").click()
    expect(second).to_have_count(0)
    forget(voila, sound)


def test_the_picture_is_saved_with_its_axes(voila, sound, page: Page, tmp_path: Path):
    picture = open_sound(page, voila)
    page.locator("[data-do=export]").click()
    with page.expect_download() as download:
        page.locator("[data-do=png]").click()
    path = tmp_path / "picture.png"
    download.value.save_as(path)
    assert download.value.suggested_filename == "calls.png"
    image = octolab.media.read_image(path.read_bytes())
    assert image.shape[1] > picture.bounding_box()["width"]
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 50


def test_tables_go_out_and_come_in(voila, sound, page: Page, tmp_path: Path):
    forget(voila, sound)
    with octolab.Lab(voila.lab, create=False) as lab:
        toot = octolab.model.Event(2.0, 3.0, "toot", low_hz=100.0, high_hz=900.0)
        lab.catalog.edit_annotations(sound, add=[toot])
    open_sound(page, voila)
    page.locator("[data-do=export]").click()
    with page.expect_download() as download:
        page.locator("[data-do=table]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    heading, row = path.read_text().splitlines()
    assert "Begin Time (s)" in heading
    assert "toot" in row
    forget(voila, sound)
    expect(page.get_by_role("radio", name="Annotations 0")).to_be_visible()
    page.locator("[data-do=export]").click()
    page.locator("dialog input[type=file]").set_input_files(path)
    expect(page.get_by_role("radio", name="Annotations 1")).to_be_visible()
    [event] = annotations(voila, sound)
    assert (event.start, event.end, event.label) == (2.0, 3.0, "toot")
    forget(voila, sound)


def test_what_was_looked_through_stays_when_another_analysis_comes(
    voila, sound, page: Page, tmp_path: Path
):
    forget(voila, sound)
    picture = open_sound(page, voila)
    detect(page)
    picture.focus()
    page.keyboard.press("n")
    page.keyboard.press("r")
    expect(page.locator("[data-tally]")).to_have_text("4 of 5")
    analyses = page.get_by_label("Analysis", exact=True).locator("option")
    known = analyses.count()
    with octolab.Lab(voila.lab, create=False) as lab:
        lab.get(sound).analyze("sound-events", min_duration_s=0.11)
    expect(analyses).to_have_count(known + 1)
    expect(page.locator("[data-tally]")).to_have_text("4 of 5")
    page.locator("[data-do=export]").click()
    with page.expect_download() as download:
        page.locator("[data-do=table]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert len(path.read_text().splitlines()) == 1 + 4


def test_a_dropped_recording_comes_into_the_lab(voila, sound, page: Page, shared: Path):
    open_sound(page, voila)
    page.locator("[data-panel=sounds] input[type=file]").set_input_files(
        shared / "data" / "audio" / "ohun" / "lbh1.wav"
    )
    expect(page.locator("[data-do=choose]")).to_contain_text("lbh1.wav")
    page.locator(f"{PICTURE}[data-complete=true]").wait_for()
    assert page.locator(PICTURE).evaluate(COLOURS) > 50


def test_files_that_fail_are_told_together_and_by_name(voila, sound, page: Page, tmp_path: Path):
    open_sound(page, voila)
    paths = [tmp_path / "a.wav", tmp_path / "b.wav", calls(tmp_path / "AM_20260510_040100.wav")]
    for path in paths[:2]:
        path.write_text("no sound")
    page.locator("[data-panel=sounds] input[type=file]").set_input_files(paths)
    page.wait_for_function(SAID, arg="2 of 3 files could not be added: a.wav is neither")
    expect(page.locator("[data-do=choose]")).to_contain_text("AM_20260510_040100.wav")
    with octolab.Lab(voila.lab, create=False) as lab:
        [kept] = lab.find(text="AM_20260510_040100")
        assert kept.captured_at.isoformat() == "2026-05-10T04:01:00+00:00"


def record(page: Page, seconds: float) -> tuple[float, float]:
    """Record from the microphone of the page; between which times that was."""
    began = time.time()
    page.locator("[data-do=record-sound]").click()
    expect(page.locator("[data-recording]")).to_be_visible()
    clock = page.locator(".ol-recording-time")
    until(page, lambda: clock.inner_text() >= f"0:{seconds:04.1f}")
    page.locator("[data-do=record-sound]").click()
    expect(page.locator("[data-do=choose]")).to_contain_text("recording_")
    return began, time.time()


def recordings(site) -> list[octolab.lab.Sound]:
    """What was recorded in pages, the newest first."""
    with octolab.Lab(site.lab, create=False) as lab:
        return lab.find(kind="sound", text="recording_")


def beeps(kept: octolab.lab.Sound) -> bool:
    """Whether a recording is of Chromium's microphone, which beeps."""
    samples, _ = soundfile.read(kept.path)
    return bool(np.abs(samples).max() > 0.1)


def test_the_microphone_of_the_page_is_recorded(voila, sound, page: Page):
    open_sound(page, voila)
    began, ended = record(page, 3)
    kept = recordings(voila)[0]
    assert beeps(kept)
    assert 2.9 < kept.duration_s < ended - began
    start, doubt = kept.captured_at.timestamp(), kept.record.uncertainty_s
    assert 0 < doubt < ended - began  # less than a second unless something was late
    assert began < start + doubt
    assert start - doubt + kept.duration_s < ended
    assert kept.record.meta["recorder"]["device"]
    page.locator(f"{PICTURE}[data-complete=true]").wait_for()
    assert page.locator(PICTURE).evaluate(COLOURS) > 50


def at_work(recording: Path) -> bool:
    """Whether anything still records into a file."""
    lock = FileLock(f"{recording}-lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def test_a_recording_is_kept_when_its_page_goes(voila, sound, page: Page):
    before = len(recordings(voila))
    open_sound(page, voila)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("[data-do=record-sound]").click()
    growing = voila.lab / ".octolab" / "recording"
    until(page, lambda: any(one.stat().st_size > 300_000 for one in growing.glob("page-*.wav")))
    [left] = growing.glob("page-*.wav")
    page.goto("about:blank")
    assert asked == ["beforeunload"]
    until(page, lambda: not at_work(left), 120)
    open_sound(page, voila)
    until(page, lambda: len(recordings(voila)) > before)
    kept = recordings(voila)[0]
    assert beeps(kept)
    assert kept.duration_s > 1.5
    assert not left.exists()


def test_what_was_accepted_is_not_accepted_again(voila, sound, page: Page):
    forget(voila, sound)
    picture = open_sound(page, voila)
    detect(page)
    picture.focus()
    page.keyboard.press("n")
    expect(page.locator("[data-do=accept]")).to_be_visible()
    page.locator("[data-do=accept-all]").click()
    until(page, lambda: len(annotations(voila, sound)) == 5)
    expect(page.locator("[data-do=accept]")).to_have_count(0)
    expect(picture).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("Control+z")
    until(page, lambda: not annotations(voila, sound))


def test_the_table_of_events_works_where_the_viewer_stands_alone(voila, sound, page: Page):
    page.goto(voila.at("voila/render/dashboards/audio.ipynb"))
    page.locator(".ol-scene").wait_for()
    page.locator("[data-do=choose]").click()
    page.locator(".ol-sound-row", has_text="calls.wav").first.click()
    expect(page.locator("[data-do=choose]")).to_contain_text("calls.wav")
    detect(page)
    rows = page.locator(".ol-event-rows [role=row]")
    expect(rows).to_have_count(5)
    table, head, first, second = page.evaluate(
        """() => [...document.querySelectorAll('.ol-event-table, .ol-event-table [role=row]')]
            .slice(0, 4).map((one) => one.getBoundingClientRect().toJSON())"""
    )
    assert first["y"] == pytest.approx(head["bottom"], abs=2)
    assert second["y"] - first["y"] == pytest.approx(32, abs=1)
    assert second["width"] <= table["width"]
    rows.first.click()
    expect(page.locator("[data-do=accept]")).to_be_in_viewport(ratio=1)


def test_the_gallery_leads_to_the_spectrogram(voila, sound, page: Page):
    page.goto(voila.at(WORKBENCH))
    page.locator("[data-tab=gallery]").click()
    page.locator(".ol-tile", has_text="hum.wav").wait_for()
    page.evaluate(FILTER_AND_OPEN, "hum.wav")
    page.locator("[data-do=spectrogram]").click()
    expect(page.locator("[data-do=choose]")).to_contain_text("hum.wav")
    page.locator(f"{PICTURE}[data-complete=true]").wait_for()


def test_it_speaks_russian_and_is_dark_when_asked(voila, sound, page: Page):
    open_sound(page, voila, lang="ru", theme="dark")
    expect(page.get_by_role("button", name="Слушать")).to_be_visible()
    expect(page.get_by_role("button", name="Найти")).to_be_visible()


def test_the_viewer_fits_a_phone(voila, sound, phone: Page):
    open_sound(phone, voila)
    phone.locator("[data-do=display]").click()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    cut = phone.evaluate(
        """() => [...document.querySelectorAll('[data-panel=sounds] :is(button, input)')]
            .filter(b => b.offsetParent && b.getBoundingClientRect().right > innerWidth)
            .map(b => b.outerHTML)"""
    )
    assert cut == []


def test_it_works_in_a_notebook_of_jupyterlab(jupyterlab, page: Page, tmp_path: Path):
    page.goto(jupyterlab.at("lab") + "&reset")
    page.wait_for_function("() => window.jupyterapp?.restored")
    page.locator(".jp-LauncherCard").first.wait_for()
    page.evaluate(
        NEW_NOTEBOOK,
        f"import octolab\nfrom octolab.widgets import SpectrogramViewer\n"
        f"lab = octolab.Lab({str(jupyterlab.lab)!r})\nSpectrogramViewer(lab)",
    )
    expect(page.get_by_text("No sounds yet")).to_be_visible()
    page.locator(".ol-sounds input[type=file]").set_input_files(calls(tmp_path / "calls.wav"))
    picture = page.locator(".ol-scene[data-complete=true]")
    picture.wait_for()
    assert picture.evaluate(COLOURS) > 50
    picture.focus()
    page.keyboard.press("d")  # which JupyterLab would take for half of "delete the cell"
    page.keyboard.press("d")
    page.keyboard.press("+")
    until(page, lambda: view(page.locator(".ol-scene"))[1] < 10)
    assert page.locator(".jp-Cell").count() >= 1
    with octolab.Lab(jupyterlab.lab, create=False) as lab:
        assert lab.count(kind="sound") == 1
    record(page, 1.5)
    assert beeps(recordings(jupyterlab)[0])
