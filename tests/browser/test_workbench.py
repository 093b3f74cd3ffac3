"""The workbench in Voila: look, capture, find, analyse, make a film."""

from __future__ import annotations

import contextlib
import re
import urllib.request

import av
import psutil
import pytest
from playwright.sync_api import Locator, Page, expect
from support import until

import octolab
from octolab.content import file_cid

LIGHTNESS = """element => {
  const painter = new OffscreenCanvas(1, 1).getContext("2d");
  painter.fillStyle = getComputedStyle(element).backgroundColor;
  painter.fillRect(0, 0, 1, 1);
  return Math.max(...painter.getImageData(0, 0, 1, 1).data.slice(0, 3));
}"""
SAID = "text => octolabSaid.some((one) => one.includes(text))"
WORKBENCH = "voila/render/dashboards/workbench.ipynb"
PLANT = "[data-camera=bench-3]"
LATE_ANSWER = """
import octolab, os, time
from octolab.widgets import CameraGrid, cameras

class Late(cameras.Cameras):
    def add(self, **given):
        answer = super().add(**given)
        time.sleep(2)  # by now the views have been told of the new camera
        return answer
    add.is_action = True

import octolab.widgets.classes as classes
classes.Cameras = Late
CameraGrid(octolab.Lab(os.environ["OCTOLAB_LAB"]))
"""


def open_workbench(page: Page, voila, **query: str) -> None:
    """Open the page and wait for a live picture of the plant."""
    page.goto(voila.at(WORKBENCH, **query))
    page.locator(f"{PLANT}[data-state=live][data-frames]").wait_for()


def tab(page: Page, name: str) -> None:
    """Go to another panel."""
    page.locator(f"[data-tab={name}]").click()


def add_webcam(page: Page, name: str, *, sound: bool = False) -> Locator:
    """Add the page's own camera; its card, when its picture is there."""
    page.locator("[data-do=add]").first.click()
    page.locator("[data-way=webcam]").click()
    dialog = page.locator("dialog")
    dialog.locator("input[name=name]").fill(name)
    dialog.get_by_label("With sound").set_checked(sound)
    dialog.get_by_role("button", name="Add").click()
    card = page.locator(f"[data-camera={name.lower().replace(' ', '-')}]")
    expect(card).to_have_attribute("data-state", "live")
    return card


def remove(card: Locator) -> None:
    """Remove a camera and wait until its card is gone."""
    card.locator("[data-do=remove]").click()
    card.page.locator("dialog .ol-danger").click()
    expect(card).to_have_count(0)


def take_still(page: Page, voila, card: str = PLANT) -> octolab.lab.Frame:
    """Press Still; the frame that came of it."""
    with octolab.Lab(voila.lab, create=False) as lab:
        before = lab.count(kind="frame")
        page.locator(f"{card} [data-do=still]").click()
        until(page, lambda: lab.count(kind="frame") > before)
        assert lab.count(kind="frame") == before + 1
        [frame] = lab.find(kind="frame", limit=1)
        return frame


def look_at(page: Page, frame: octolab.lab.Frame) -> None:
    """Open a frame in the full view of the gallery, when it has come there."""
    tab(page, "gallery")
    page.locator(f".ol-tile[data-id='{frame.id}']").click()


def film(page: Page, voila) -> None:
    """Let a webcam that was told to record do so for more than a second."""
    parts = ".octolab/recording/page__*.part"
    until(page, lambda: any(part.stat().st_size > 10_000 for part in voila.lab.glob(parts)))
    page.wait_for_timeout(1500)


def kernel_of(page: Page, voila) -> psutil.Process:
    """The process behind a page."""
    number = page.evaluate(
        "JSON.parse(document.getElementById('jupyter-config-data').text).kernelId"
    )
    found = []
    for child in psutil.Process(voila.process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # that of a page before
            found += [child] if number in " ".join(child.cmdline()) else []
    [kernel] = found
    return kernel


def audio_streams(clip: octolab.lab.Clip) -> int:
    """How many tracks of sound a clip has."""
    with av.open(clip.path) as container:
        return len(container.streams.audio)


def test_live_pictures_of_the_cameras_move(voila, page: Page):
    open_workbench(page, voila)
    for camera in ("bench-3", "test-card"):
        page.wait_for_function(
            "s => Number(document.querySelector(s)?.dataset.frames) > 5",
            arg=f"[data-camera={camera}] canvas",
        )
        picture = page.locator(f"[data-camera={camera}] canvas")
        assert picture.evaluate("c => c.width * c.height") > 100_000


def test_a_still_appears_in_the_gallery_with_its_cid(voila, page: Page):
    open_workbench(page, voila)
    frame = take_still(page, voila)
    assert file_cid(frame.path) == frame.cid
    look_at(page, frame)
    expect(page.locator(".ol-cid code")).to_have_text(frame.cid)


def test_a_still_is_analysed_in_the_full_view(voila, page: Page):
    open_workbench(page, voila)
    frame = take_still(page, voila)
    look_at(page, frame)
    side = page.locator(".ol-full-side")
    side.get_by_role("combobox", name="Analyzer").select_option("sobel")
    side.locator("[data-do=analyse]").click()
    expect(side.locator("[data-analyzer=sobel]")).to_contain_text("edge density", ignore_case=True)
    frame.refresh()
    assert [analysis.analyzer for analysis in frame.analyses()] == ["sobel"]


def test_a_timelapse_is_made_and_plays(voila, page: Page):
    open_workbench(page, voila)
    for _ in range(3):
        take_still(page, voila)
    tab(page, "timelapse")
    panel = page.locator("[data-panel=timelapse]")
    panel.locator("[data-value=camera]").click()
    panel.get_by_label("Source").select_option("bench-3")
    panel.locator("input[name=fps]").fill("2")
    panel.locator("[data-do=make]").click()
    video = panel.locator("video")
    video.wait_for()
    page.wait_for_function("v => v.currentTime > 0.2", arg=video.element_handle())
    assert video.evaluate("v => [v.videoWidth, v.videoHeight]") == [640, 360]
    with octolab.Lab(voila.lab, create=False) as lab:
        [film] = lab.find(kind="clip", limit=1)
        assert file_cid(film.path) == film.cid


def test_the_webcam_of_the_page_takes_a_still(voila, page: Page):
    open_workbench(page, voila)
    card = add_webcam(page, "My face")
    frame = take_still(page, voila, "[data-camera=my-face]")
    assert frame.source == "my-face"
    assert frame.image.shape == (720, 1280, 3)
    remove(card)


@pytest.mark.parametrize("own_page", [LATE_ANSWER], indirect=True, ids=["late-answer"])
def test_a_webcam_opens_also_when_its_card_comes_before_the_answer(own_page, page: Page):
    page.goto(own_page.at("voila/render/labs/own.ipynb"))
    page.locator(f"{PLANT}[data-state=live]").wait_for()
    remove(add_webcam(page, "My face"))


def test_a_webcam_goes_on_in_another_language_and_when_all_restart(voila, page: Page):
    open_workbench(page, voila)
    card = add_webcam(page, "My door")
    overlay = card.locator("[data-do=overlay]")
    overlay.click()
    expect(card.locator(".ol-live-result")).to_contain_text("edge density")
    card.locator(".ol-seconds").fill("0.5")
    interval, record = card.locator("[data-do=interval]"), card.locator("[data-do=record]")
    interval.click()
    expect(interval).to_have_attribute("aria-pressed", "true")
    page.locator("[data-do=restart]").click()
    page.locator("[data-camera=my-door][data-restarted=true][data-state=live]").wait_for()
    expect(interval).to_have_attribute("aria-pressed", "true")
    record.click()
    expect(record).to_have_attribute("aria-pressed", "true")
    film(page, voila)
    page.locator(".ol-language").click()
    expect(record).to_have_text("Стоп")
    expect(interval).to_have_attribute("aria-pressed", "true")
    expect(overlay).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".ol-live-result")).to_contain_text("плотность краёв")
    expect(card.locator(".ol-layer")).to_be_visible()
    with octolab.Lab(voila.lab, create=False) as lab:
        before = lab.count(kind="frame", camera="my-door")
        page.wait_for_timeout(2000)
        until(page, lambda: lab.count(kind="frame", camera="my-door") > before)
        record.click()
        page.wait_for_function(SAID, arg="Клип камеры «My door» сохранён")
        [clip] = lab.find(kind="clip", camera="my-door")
        assert clip.duration_s > 3
    overlay.click()
    expect(card.locator(".ol-live-result")).to_be_hidden()
    remove(card)


def test_removing_a_webcam_that_records_keeps_its_clip(voila, page: Page):
    open_workbench(page, voila)
    card = add_webcam(page, "My window")
    card.locator("[data-do=record]").click()
    expect(card.locator("[data-do=record]")).to_have_attribute("aria-pressed", "true")
    film(page, voila)
    remove(card)
    page.wait_for_function(SAID, arg="Clip of My window kept")
    with octolab.Lab(voila.lab, create=False) as lab:
        [clip] = lab.find(kind="clip", camera="my-window")
        assert clip.duration_s > 1
        assert audio_streams(clip) == 0


def test_a_clip_of_a_webcam_has_sound_when_asked_for(voila, page: Page):
    open_workbench(page, voila)
    card = add_webcam(page, "My voice", sound=True)
    expect(card).to_contain_text("with sound")
    record = card.locator("[data-do=record]")
    for _ in range(2):
        record.click()
        expect(record).to_have_attribute("aria-pressed", "true")
        film(page, voila)
        record.click()
        expect(record).to_have_attribute("aria-pressed", "false")
        expect(record).to_be_enabled()  # as soon as the clip is kept
        card.locator("[data-do=settings]").click()
        page.locator("dialog").get_by_label("With sound").uncheck()
        page.locator("dialog").get_by_role("button", name="Save").click()
        expect(card).not_to_contain_text("with sound")
        expect(card).to_have_attribute("data-state", "live")
    with octolab.Lab(voila.lab, create=False) as lab:
        silent, sounding = lab.find(kind="clip", camera="my-voice")
        assert (audio_streams(sounding), audio_streams(silent)) == (1, 0)
    remove(card)


def test_a_clip_of_a_webcam_outlives_its_page(voila, page: Page):
    filming = page.context.new_page()
    open_workbench(filming, voila)
    card = add_webcam(filming, "My yard")
    card.locator("[data-do=record]").click()
    expect(card.locator("[data-do=record]")).to_have_attribute("aria-pressed", "true")
    film(filming, voila)
    with filming.expect_event("dialog") as asked:  # a recording is not lost without a word
        filming.close(run_before_unload=True)
    asked.value.accept()
    with octolab.Lab(voila.lab, create=False) as lab:
        open_workbench(page, voila)
        until(page, lambda: lab.count(kind="clip", camera="my-yard"))
        [clip] = lab.find(kind="clip", camera="my-yard")
        assert clip.duration_s > 0
    remove(page.locator("[data-camera=my-yard]"))


def test_a_page_without_its_kernel_says_so_and_shows_no_picture_as_live(voila, page: Page):
    open_workbench(page, voila)
    mine = kernel_of(page, voila)
    mine.suspend()
    try:
        # who comes back to the page asks at once, not at the next heartbeat
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.locator(f"{PLANT}[data-state=stalled]").wait_for()
        expect(page.locator(f"{PLANT} .ol-badges")).to_contain_text("No picture")
        page.get_by_role("button", name="Reload the page").wait_for()
    finally:
        mine.resume()
    page.locator(f"{PLANT}[data-state=live]").wait_for()
    expect(page.locator(".ol-waiting")).to_be_empty()


def test_warnings_do_not_cover_the_page(voila, page: Page):
    with octolab.Lab(voila.lab, create=False) as lab:
        lab.log("of before", level="warning")
        open_workbench(page, voila)
        for number in range(7):
            lab.log(f"warning {number}", level="warning")
        page.wait_for_function(SAID, arg="warning 6")
        expect(page.get_by_text("warning 2")).to_have_count(0)
        assert page.evaluate("octolabMost") <= 4
        expect(page.get_by_text("of before")).to_have_count(0)


def test_a_recording_shows_its_time_also_after_a_reload(voila, page: Page):
    open_workbench(page, voila)
    record, badge = page.locator(f"{PLANT} [data-do=record]"), page.locator(f"{PLANT} .ol-rec")
    record.click()
    expect(badge).to_contain_text(re.compile(r"0:0[4-9]|0:[1-5]\d|[1-9]:\d\d"))
    page.reload()
    expect(badge).to_contain_text(re.compile(r"\d:\d\d"))
    minutes, seconds = badge.inner_text().split()[-1].split(":")
    assert 60 * int(minutes) + int(seconds) >= 4
    expect(record).to_have_attribute("aria-pressed", "true")
    record.click()
    expect(badge).to_be_hidden()


def test_a_click_is_not_lost_when_its_card_changes_meanwhile(voila, page: Page):
    open_workbench(page, voila)
    card = page.locator("[data-camera=test-card]")
    record = card.locator("[data-do=record]")
    record.locator("span").hover(force=True)
    page.mouse.down()
    with octolab.Lab(voila.lab, create=False) as lab:
        lab.camera("test-card").start_interval(600)
        expect(card.locator(".ol-step")).to_be_visible()
        page.mouse.up()
        expect(record).to_have_attribute("aria-pressed", "true")
        record.click()
        expect(record).to_have_attribute("aria-pressed", "false")
        lab.camera("test-card").stop_interval()


def test_what_analyse_finds_stays_below_the_picture_until_it_is_closed(voila, page: Page):
    open_workbench(page, voila)
    page.locator(f"{PLANT} [data-do=analyse]").click()
    result, layer = page.locator(f"{PLANT} .ol-result"), page.locator(f"{PLANT} .ol-layer")
    expect(result).to_contain_text("edge density")
    page.wait_for_function(SAID, arg="Still of Bench 3 kept")
    assert page.locator(PLANT).evaluate(
        """card => card.querySelector('.ol-result').getBoundingClientRect().top
            >= card.querySelector('.ol-stage').getBoundingClientRect().bottom - 1"""
    )
    page.locator(f"{PLANT} [data-do=overlay]").click()
    expect(page.locator(f"{PLANT} .ol-live-result")).to_contain_text("edge density")
    page.locator(f"{PLANT} [data-do=overlay]").click()
    expect(layer).to_be_hidden()
    expect(result).to_be_visible()
    result.get_by_role("button", name="Close").click()
    expect(result).to_be_hidden()


def test_one_choice_sets_the_analyzer_of_all_cameras(voila, page: Page):
    open_workbench(page, voila)
    page.get_by_label("Analyzer of all cameras").select_option("brightness")
    for slug in ("bench-3", "test-card"):
        card = page.locator(f"[data-camera={slug}]")
        expect(card.get_by_label("Analyzer")).to_have_value("brightness")


def test_a_still_is_saved_as_a_file(voila, page: Page):
    open_workbench(page, voila)
    frame = take_still(page, voila)
    look_at(page, frame)
    with page.expect_download() as download:
        page.locator(".ol-full-side [data-do=save]").click()
    assert download.value.suggested_filename == frame.path.name
    assert download.value.path().read_bytes() == frame.path.read_bytes()


def test_galleries_are_made_and_deleted_on_the_page(voila, page: Page):
    open_workbench(page, voila)
    tab(page, "gallery")
    page.locator("[data-do=galleries]").click()
    page.get_by_label("New gallery").fill("For later")
    page.locator("[data-do=new-gallery]").click()
    row = page.locator("[data-gallery=for-later]")
    row.get_by_role("textbox").fill("Never")
    drawn = row.element_handle()
    row.get_by_role("textbox").press("Enter")
    choice = page.get_by_role("combobox", name="Gallery", exact=True)
    expect(choice).to_contain_text("Never (0)")
    drawn.wait_for_element_state("hidden", timeout=90_000)  # as the list is drawn anew
    row.locator("[data-do=delete-gallery]").click()
    page.locator("dialog .ol-danger").click()
    expect(row).to_have_count(0)
    expect(choice).not_to_contain_text("Never")


def test_a_camera_is_analysed_all_the_time_when_asked_to(voila, page: Page):
    open_workbench(page, voila)
    card = page.locator("[data-camera=test-card]")
    badge, dialog = card.locator("[data-badge=analysis]"), page.locator("dialog")
    expect(badge).to_be_hidden()
    card.locator("[data-do=settings]").click()
    dialog.get_by_label("Analyse all the time").check()
    dialog.get_by_label("Analyzer").select_option("brightness")
    dialog.get_by_label("Times a second").fill("2")
    dialog.get_by_role("button", name="Save").click()
    expect(badge).to_contain_text("Brightness · 2/s")
    with octolab.Lab(voila.lab, create=False) as lab:
        desired = lab.camera("test-card").desired
        assert (desired.analyzer, desired.analyzer_fps) == ("brightness", 2)
    card.locator("[data-do=settings]").click()
    expect(dialog.get_by_label("Times a second")).to_have_value("2")
    dialog.get_by_label("Analyse all the time").uncheck()
    expect(dialog.get_by_label("Times a second")).to_be_hidden()
    dialog.get_by_role("button", name="Save").click()
    expect(badge).to_be_hidden()
    with octolab.Lab(voila.lab, create=False) as lab:
        assert lab.camera("test-card").desired.analyzer is None


def test_pages_that_vanish_while_pictures_flow_do_no_harm(voila, chromium):
    for _ in range(3):
        context = chromium.new_context()
        context.set_default_timeout(90_000)
        page = context.new_page()
        open_workbench(page, voila)
        page.wait_for_timeout(500)
        context.close()  # without a word to the server
    with urllib.request.urlopen(voila.at(), timeout=60) as answer:
        assert answer.status == 200
    assert psutil.Process(voila.process.pid).memory_info().rss < 500e6


def test_leaving_the_page_ends_its_kernel(voila, page: Page):
    page.goto(voila.at(WORKBENCH))
    page.locator(PLANT).wait_for()
    mine = kernel_of(page, voila)
    page.goto("about:blank")
    mine.wait(60)
    assert not mine.is_running()


def test_the_menu_hides_and_leaves_more_room(voila, page: Page):
    open_workbench(page, voila)
    area = page.locator(".ol-main-area")
    before = area.bounding_box()["width"]
    page.get_by_role("button", name="Hide the menu").click()
    page.wait_for_function(
        "w => document.querySelector('.ol-main-area').clientWidth > w + 100", arg=before
    )
    page.get_by_role("button", name="Show the menu").click()


def test_it_speaks_russian(voila, page: Page):
    open_workbench(page, voila, lang="ru")
    expect(page.locator("[data-tab=gallery]")).to_have_text("Галерея")
    expect(page.get_by_role("button", name="Добавить камеру").first).to_be_visible()


def test_the_language_can_be_switched_on_the_page(voila, page: Page):
    open_workbench(page, voila)
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("[data-tab=gallery]")).to_have_text("Галерея")
    expect(page.locator(".octolab-title").get_by_text("Рабочее место")).to_be_visible()
    expect(page.locator(".octolab-title").get_by_text("Workbench")).to_be_hidden()


def test_the_dark_theme_darkens_bar_and_widgets(voila, page: Page):
    open_workbench(page, voila, theme="dark")
    for place in ("body", ".octolab-bar", ".ol-card", ".ol-menu"):
        light = page.locator(place).first.evaluate(LIGHTNESS)
        assert light < 80, f"{place} is light"


def test_the_workbench_fits_a_phone(voila, phone: Page):
    open_workbench(phone, voila)
    for name in ("cameras", "gallery", "timelapse", "cids", "log"):
        tab(phone, name)
        phone.locator(f"[data-panel={name}]").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        cut = phone.evaluate(
            """name => [...document.querySelectorAll(`[data-panel=${name}] button`)]
                .filter(b => b.offsetParent && b.getBoundingClientRect().right > innerWidth)
                .filter(b => !b.closest('.ol-scroll, [class*=segmented], .ol-acts'))
                .map(b => b.textContent)""",
            name,
        )
        assert cut == [], f"cut off on {name}"
