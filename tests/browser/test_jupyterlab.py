"""The quickstart in JupyterLab, as a student runs it."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, expect

import octolab

QUICKSTART = "lab/tree/notebooks/labs/01_quickstart.ipynb"
CONNECTED = (
    "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
    "?.connectionStatus === 'connected'"
)
RUN_ALL = "() => void window.jupyterapp.commands.execute('notebook:run-all-cells')"
FIND = """text => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.model.cells;
  for (let i = 0; i < cells.length; i++)
    if (cells.get(i).type === 'code' && cells.get(i).sharedModel.source.includes(text)) return i;
  return -1;
}"""
GO_TO = "n => window.jupyterapp.shell.currentWidget.content.scrollToItem(n, 'center')"
ERRORS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  const found = [];
  for (let i = 0; i < cells.length; i++) {
    const outputs = cells.get(i).type === 'code' ? cells.get(i).outputs.toJSON() : [];
    for (const one of outputs) if (one.output_type === 'error') found.push(one.evalue);
  }
  return found;
}"""
COUNTED = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  let last = null;
  for (let i = 0; i < cells.length; i++)
    if (cells.get(i).type === 'code') last = cells.get(i).executionCount;
  return last !== null && !window.jupyterapp.shell.currentWidget.context.sessionContext
    .session.kernel.status.startsWith('busy');
}"""


def see(page: Page, text: str, what: str) -> Locator:
    """Scroll to the code cell with that text until something of its output is in sight.

    The notebook draws cells as they come into sight, so that places shift meanwhile.
    """
    number = page.evaluate(FIND, text)
    assert number >= 0
    seen = page.locator(what).first
    deadline = time.monotonic() + 90
    while not seen.is_visible() and time.monotonic() < deadline:
        page.evaluate(GO_TO, number)
        page.wait_for_timeout(1_000)
    expect(seen).to_be_visible()
    return seen


@pytest.mark.timeout(480)
def test_the_quickstart_runs_from_top_to_bottom(jupyterlab, page: Page):
    page.goto(jupyterlab.at(QUICKSTART))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function(CONNECTED)
    page.evaluate(RUN_ALL)
    page.wait_for_function(COUNTED, timeout=240_000)
    assert page.evaluate(ERRORS) == []

    see(page, "CameraGrid(lab)", "[data-camera][data-state=live][data-frames]")
    see(page, "GalleryPicker(lab)", ".ol-gallery .ol-tile")
    see(page, "show(chart)", ".bk-Figure")
    video = see(page, "growth.timelapse", ".jp-OutputArea-output video")
    video.evaluate("v => v.play()")
    page.wait_for_function("v => v.currentTime > 0.2", arg=video.element_handle())

    with octolab.Lab(jupyterlab.lab, create=False) as lab:
        assert len(lab.gallery("twelve-days")) == 48
        assert lab.verify().ok


def test_the_launcher_opens_the_workbench_under_jupyters_login(jupyterlab, page: Page, watch):
    page.goto(jupyterlab.at("lab") + "&reset")
    page.wait_for_function("() => window.jupyterapp?.restored")
    with page.context.expect_page() as opened:
        page.locator(".jp-LauncherCard", has_text="OctoLab workbench").click()
    dashboards = opened.value
    watch.over(dashboards)
    card = dashboards.locator(".octolab-card", has_text="Workbench")
    card.click()
    dashboards.locator("[data-camera=bench-3][data-state=live][data-frames]").wait_for()
    assert dashboards.url == f"{jupyterlab.url}/octolab/voila/render/dashboards/workbench.ipynb"
