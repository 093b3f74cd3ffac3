"""An interactive chart of a notebook, drawn in Voila without a network."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

CHART = """
from bokeh.io import output_notebook, show
from bokeh.plotting import figure
from bokeh.resources import INLINE
output_notebook(INLINE, hide_banner=True)
chart = figure(tools="hover", tooltips=[("x", "@x")])
chart.scatter([2], [5], size=200)
show(chart)
"""


@pytest.mark.parametrize("own_page", [CHART], indirect=True)
def test_a_chart_tells_the_value_under_the_pointer(own_page, page: Page):
    page.goto(own_page.at("voila/render/labs/own.ipynb"))
    canvas = page.locator(".bk-Figure").first
    canvas.wait_for()
    tip = page.locator(".bk-Tooltip, .bk-tooltip-row-value").first
    deadline = time.monotonic() + 60
    while not tip.is_visible() and time.monotonic() < deadline:
        box = canvas.bounding_box()
        for share in (0.5, 0.52):  # only a pointer that moves is told of the dot below it
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        page.wait_for_timeout(100)
    expect(tip).to_be_visible()
