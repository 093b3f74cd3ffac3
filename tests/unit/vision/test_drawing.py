"""What overlays are made of."""

from __future__ import annotations

import numpy as np
import pytest

from octolab.vision import draw


def black(width: int = 320, height: int = 240) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(("size", "width"), [((160, 120), 1), ((1280, 720), 2), ((3840, 2160), 6)])
def test_lines_grow_with_the_picture(size, width):
    assert draw.line_width(black(*size)) == width


def test_a_box_is_where_it_was_said_to_be():
    image = black()
    draw.boxes(image, [(100, 50, 80, 60)], color=(255, 0, 0))
    ys, xs = np.nonzero(image[:, :, 0] > 128)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == pytest.approx((100, 180, 50, 110), abs=1)
    assert not image[60:100, 110:170].any()


def test_outlines_may_leave_the_picture():
    image = black()
    draw.polygons(image, [[(-50, -50), (400, -50), (160, 300)]])
    assert image.any()


def test_nothing_is_drawn_of_nothing():
    image = black()
    draw.polygons(image, [])
    draw.boxes(image, [])
    draw.bars(image, [])
    assert not image.any()


def test_cyrillic_letters_are_letters_and_not_boxes():
    shapes = []
    for words in ("ёж", "щи", "жё"):
        image = black()
        draw.text(image, words, (10, 10), size=40)
        shapes.append(image)
    assert all((a != b).any() for a, b in [shapes[:2], shapes[1:], shapes[::2]])
    missing = black()
    draw.text(missing, "\U0001f9ff\U0001f9ff", (10, 10), size=40)
    assert (missing != shapes[0]).any()


def test_text_is_moved_inside():
    image = black()
    x, y, width, height = draw.text(image, "a long line in the corner", (10_000, 10_000))
    assert (x + width, y + height) == (320, 240)
    assert draw.text(image, "w" * 500, (0, 0))[2] == 320


def test_bars_are_as_long_as_their_values():
    image = black(640, 480)
    draw.bars(image, [("leaf", 1.0), ("stem", 0.5), ("root", 0.0)], color=(0, 0, 255))
    blue = (image[:, :, 2] > 200) & (image[:, :, 0] < 50)
    rows = np.flatnonzero(blue.any(axis=1))
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    lengths = [np.ptp(np.flatnonzero(blue[r].any(axis=0))) for r in (first, second)]
    assert lengths[1] / lengths[0] == pytest.approx(0.5, abs=0.05)
    assert not image[:300].any()


@pytest.mark.parametrize("size", [(8, 8), (40, 20), (20, 200), (4000, 3000)])
def test_any_size_of_picture_takes_a_panel_and_a_text(size):
    image = black(*size)
    draw.bars(image, [("soft-coated wheaten terrier", 0.93), ("ёж", 0.04)] * 3)
    draw.text(image, "edge density", (0, 0))
    draw.boxes(image, [(0, 0, *size)])
    assert image.shape == (size[1], size[0], 3)


def test_a_line_that_is_too_long_ends_in_an_ellipsis():
    typeface = draw.font(20)
    short = draw.clipped("American Staffordshire terrier", typeface, 150)
    assert short.startswith("American")
    assert short.endswith("…")
    assert typeface.getlength(short) <= 150
    assert draw.clipped("ant", typeface, 150) == "ant"
