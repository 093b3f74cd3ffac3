"""The frame around the dashboards: cards, menu, language, theme, token."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

TWO_WIDGETS = """
import octolab, os
from octolab.widgets import CameraGrid, GalleryPicker
lab = octolab.Lab(os.environ["OCTOLAB_LAB"])
display(CameraGrid(lab), GalleryPicker(lab))
"""

# What is to happen in a tenth of a second, as each look of ipywidgets for a model, has to wait.
BUSY = """
  const held = [];
  const setTimer = window.setTimeout;
  window.setTimeout = (call, ms, ...more) =>
    ms === 100 && window.letGo ? held.push(call) : setTimer(call, ms, ...more);
  window.letGo = () => {
    delete window.letGo;
    for (const call of held) call();
    return held.length;
  };
"""


def status(url: str, **headers: str) -> int:
    """The HTTP status of a GET that follows no redirect."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code


@pytest.mark.parametrize(
    "path", ["", "voila/render/dashboards/workbench.ipynb", "octolab-api/api/v1/cameras"]
)
def test_a_visitor_without_the_token_is_sent_to_the_login(voila, path):
    assert status(f"{voila.url}/{path}") in (302, 403)
    assert status(f"{voila.url}/{path}?token=wrong") in (302, 403)


def test_another_host_name_is_refused(voila):
    assert status(voila.at(), Host="evil.example") == 403


def test_the_token_can_be_typed_in(voila, page: Page):
    page.goto(voila.url)
    page.get_by_label("Token").fill("a-token-for-tests")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboards")).to_be_visible()


def test_the_token_leaves_the_address_bar(voila, page: Page):
    page.goto(voila.at())
    expect(page).to_have_url(f"{voila.url}/")


def test_cards_lead_to_dashboards_and_labs(voila, page: Page):
    page.goto(voila.at())
    titles = [
        "Workbench",
        "Sounds",
        "1. Quickstart",
        "2. What a hive sounds like",
        "5. Birds by their voices",
    ]
    expect(page.locator(".octolab-card h2 [lang=en]")).to_have_text(titles)
    first = page.locator(".octolab-card").first
    expect(first).to_have_attribute("href", "/voila/render/dashboards/workbench.ipynb")


def test_cards_speak_russian_when_asked_and_remember_it(voila, page: Page):
    page.goto(voila.at(lang="ru"))
    expect(page.get_by_role("heading", name="Панели")).to_be_visible()
    expect(page.get_by_role("heading", name="Dashboards")).to_be_hidden()
    page.goto(voila.url)
    expect(page.get_by_role("heading", name="Рабочее место")).to_be_visible()


@pytest.mark.parametrize("own_page", [TWO_WIDGETS], indirect=True, ids=["two-widgets"])
def test_all_widgets_of_a_page_follow_its_language(own_page, page: Page):
    page.goto(own_page.at("voila/render/labs/own.ipynb"))
    cameras, gallery = page.locator(".ol-camera-grid"), page.locator(".ol-gallery")
    expect(cameras).to_have_attribute("aria-label", "Cameras")
    expect(gallery).to_have_attribute("aria-label", "Gallery")
    page.get_by_role("button", name="На русском").click()
    expect(cameras).to_have_attribute("aria-label", "Камеры")
    expect(gallery).to_have_attribute("aria-label", "Галерея")
    page.reload()
    expect(cameras).to_have_attribute("aria-label", "Камеры")
    expect(gallery).to_have_attribute("aria-label", "Галерея")


def test_the_menu_opens_and_hides_and_remembers(voila, page: Page):
    page.goto(voila.at())
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu.get_by_role("link", name="Workbench")).to_be_visible()
    page.reload()
    expect(menu).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_hidden()


def test_the_theme_is_chosen_and_remembered(voila, page: Page):
    page.goto(voila.at(theme="light"))
    body = page.locator("body")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    page.get_by_role("button", name="Light or dark").click()
    expect(body).to_have_css("background-color", "rgb(19, 28, 27)")
    page.reload()
    expect(body).to_have_css("background-color", "rgb(19, 28, 27)")


def test_a_page_that_is_not_there_says_so(voila, page: Page, watch):
    watch.expected.append("404")
    page.goto(voila.at("nothing/here"))
    expect(page.get_by_text("404")).to_be_visible()


def test_the_cards_fit_a_phone(voila, phone: Page):
    phone.goto(voila.at())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_widget_that_comes_while_the_page_is_busy_is_drawn(voila, page: Page):
    page.add_init_script(BUSY)
    page.goto(voila.at("voila/render/dashboards/workbench.ipynb"))
    page.wait_for_function("() => window.jupyterapp?.widgetManager?._restoredStatus")
    page.wait_for_timeout(2500)  # ipywidgets looks for 2 s
    assert page.evaluate("() => window.letGo()")
    expect(page.locator(".ol-root")).to_be_visible()
    expect(page.get_by_text("model not found")).to_have_count(0)
