"""Edges: exact on drawings, plausible on photos, drawn from data."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from octolab.errors import BadInput
from octolab.media import read_image
from octolab.model import from_json, to_json
from octolab.plugins import run_analyzer
from octolab.vision import sobel
from octolab.vision.sobel import SobelResult, analyzer


def square(size: int = 200, level: int = 255) -> np.ndarray:
    image = np.zeros((size, size, 3), np.uint8)
    image[size // 4 : -size // 4, size // 4 : -size // 4] = level
    return image


def test_the_magnitude_is_that_of_opencv(shared):
    for name in ("photos/cat.bmp", "peanut/images/0225.jpg"):
        image = read_image(shared / "data/vision" / name)
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        dx, dy = cv2.spatialGradient(grey)
        expected = np.abs(dx.astype(int)) + np.abs(dy.astype(int))
        found = sobel(image)
        assert found.magnitude.dtype == np.uint16
        np.testing.assert_array_equal(found.magnitude, expected)
        np.testing.assert_array_equal(sobel(grey).magnitude, expected)
        assert found.edge_density == pytest.approx(100 * (expected >= 200).mean())


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (95, 7), (96, 7), (97, 7), (193, 3)])
def test_strips_leave_no_seam(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    dx, dy = cv2.spatialGradient(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    expected = np.abs(dx.astype(int)) + np.abs(dy.astype(int))
    np.testing.assert_array_equal(sobel(image).magnitude, expected)


def test_a_step_of_n_levels_has_magnitude_4n():
    image = np.zeros((20, 20, 3), np.uint8)
    image[:, 10:] = 50
    found = sobel(image, threshold=200)
    assert set(np.unique(found.magnitude)) == {0, 200}
    assert found.edge_density == pytest.approx(100 * 2 / 20)
    assert sobel(image, threshold=201).edge_density == 0


def test_one_square_is_one_contour_along_its_border():
    (contour,) = sobel(square()).contours
    assert contour[:, 0].min() == pytest.approx(49, abs=1)
    assert contour[:, 0].max() == pytest.approx(150, abs=1)
    assert len(contour) <= 12


def test_contours_are_in_pixels_of_the_whole_picture():
    (contour,) = sobel(square(2000)).contours
    assert contour.min(axis=0) == pytest.approx([500, 500], abs=5)
    assert contour.max(axis=0) == pytest.approx([1500, 1500], abs=5)


def test_an_even_picture_has_no_edges():
    found = sobel(np.full((30, 40, 3), 77, np.uint8))
    assert found.edge_density == 0
    assert found.contours == ()


@pytest.mark.parametrize(
    "name", ["photos/cat.bmp", "photos/sunflower.bmp", "peanut/images/0225.jpg"]
)
def test_an_analysis_stays_small_on_photos(name, shared):
    image = read_image(shared / "data/vision" / name)
    analysis = run_analyzer(analyzer, image)
    points = [p for region in analysis.regions for p in region.outline]
    assert 50 <= len(points) <= 600
    assert analysis.metrics["edge_density"].unit == "%"
    assert 1 < analysis.metrics["edge_density"].value < 50
    assert analysis.metrics["contours"].value >= len(analysis.regions) > 5
    assert (analysis.height, analysis.width) == image.shape[:2]
    assert len(str(to_json(analysis))) < 30_000
    for region in analysis.regions:
        x, y, width, height = region.box
        assert min(x, y) >= -1
        assert x + width <= image.shape[1] + 1
        assert y + height <= image.shape[0] + 1


def test_the_overlay_is_drawn_from_the_analysis_alone():
    image = square()
    analysis = run_analyzer(analyzer, image)
    kept = from_json(type(analysis), to_json(analysis))
    drawn = analyzer.overlay(image, kept)
    assert drawn.shape == image.shape
    assert (image == square()).all()  # the picture itself is left alone
    border = drawn[60:140, 47:53].reshape(-1, 3)
    assert (np.abs(border.astype(int) - (255, 214, 10)).sum(axis=1) < 60).any()
    assert (drawn[80:120, 80:120] == 255).all()


def test_an_overlay_fits_a_picture_of_another_size():
    analysis = run_analyzer(analyzer, square(400))
    drawn = analyzer.overlay(np.zeros((100, 100, 3), np.uint8), analysis)
    yellow = np.argwhere(drawn[:, :, 0] > 200)
    assert yellow[:, 1].max() == pytest.approx(75, abs=3)


def test_a_result_can_be_made_of_a_gradient():
    dx, dy = np.array([[[0, 150], [-300, 0]], [[0, -150], [0, 0]]], np.int16)
    result = SobelResult(dx, dy, 200)
    assert result.magnitude.tolist() == [[0, 300], [300, 0]]
    assert result.edge_density == 50


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8), np.zeros(4, np.uint8)],
    ids=["floats", "nothing", "one dimension"],
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(BadInput, match="sobel needs an array"):
        sobel(image)


@pytest.mark.parametrize("threshold", [0, -1, 2041])
def test_the_threshold_has_limits(threshold):
    with pytest.raises(BadInput, match="threshold must be from 1 to 2040"):
        sobel(square(), threshold=threshold)
