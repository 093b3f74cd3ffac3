"""An interactive chart of a notebook, drawn in Voila without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

CHART = """
from bokeh.io import output_notebook, show
from bokeh.plotting import figure
from bokeh.resources import INLINE
output_notebook(INLINE, hide_banner=True)
chart = figure(tools="hover", tooltips=[("x", "@x")])
chart.scatter([1, 2, 3], [4, 5, 4], size=40)
show(chart)
"""


@pytest.mark.parametrize("own_page", [CHART], indirect=True)
def test_a_chart_tells_the_value_under_the_pointer(own_page, page: Page):
    page.goto(own_page.at("voila/render/labs/own.ipynb"))
    canvas = page.locator(".bk-Figure").first
    canvas.wait_for(timeout=60_000)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    tip = page.locator(".bk-Tooltip, .bk-tooltip-row-value").first
    for y in range(20, int(box["height"]), 15):
        page.mouse.move(box["x"] + box["width"] / 2 + 15, box["y"] + y)
        if tip.is_visible():
            break
    expect(tip).to_be_visible()
