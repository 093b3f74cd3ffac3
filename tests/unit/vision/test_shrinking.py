"""Shrinking a picture's middle, compared with Pillow."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from octolab.media import read_image
from octolab.vision.shrinking import center_square


def by_pillow(image: np.ndarray) -> np.ndarray:
    picture = Image.fromarray(image)
    scale = 256 / min(picture.size)
    picture = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BILINEAR
    )
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    return np.asarray(picture.crop((left, top, left + 224, top + 224)))


@pytest.mark.parametrize("shorter", [224, 256, 300, 480, 511, 720, 1080, 1440, 2160])
def test_it_differs_from_pillow_by_a_grey_level_or_so(shorter, shared):
    photo = read_image(shared / "data/vision/peanut/images/0225.jpg")
    scale = shorter / min(photo.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how)
    found = center_square(image, 224, 256).astype(int)
    assert np.abs(found - by_pillow(image)).mean() < 1.5


@pytest.mark.parametrize(
    "size", [(80, 100), (900, 300), (1023, 1024), (1024, 1024), (1081, 1921), (3840, 2160)]
)
def test_odd_sizes_and_portraits_are_no_further_off(size, shared):
    photo = read_image(shared / "data/vision/peanut/images/0225.jpg")
    image = cv2.resize(photo, size[::-1], interpolation=cv2.INTER_AREA)
    found = center_square(image, 224, 256).astype(int)
    assert np.abs(found - by_pillow(image)).mean() < 1.5


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2), (223, 257), (5000, 40)])
def test_any_shape_gives_a_square(size):
    image = np.full((*size, 3), 99, np.uint8)
    square = center_square(image, 224, 256)
    assert square.shape == (224, 224, 3)
    assert set(np.unique(square)) == {99}


def test_the_middle_is_the_middle():
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[515:565, 935:985] = 255
    ys, xs = np.nonzero(center_square(image, 224, 256)[:, :, 0] > 127)
    by_hand = np.argwhere(by_pillow(image)[:, :, 0] > 127)
    assert by_hand.min(axis=0).tolist() == [ys.min(), xs.min()]
    assert by_hand.max(axis=0).tolist() == [ys.max(), xs.max()]
    assert np.ptp(xs) + 1 == pytest.approx(50 * 256 / 1080, abs=1)


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_it_stays_on_the_calling_thread():
    script = """
import os, cv2, numpy as np
from octolab.vision.shrinking import center_square
count = lambda: len(os.listdir("/proc/self/task"))
cv2.setNumThreads(2)
before = count()
for height, width in (1080, 1920), (4320, 7680):
    center_square(np.zeros((height, width, 3), np.uint8), 224, 256)
assert count() == before
cv2.resize(np.zeros((1080, 1920, 3), np.uint8), (960, 540), interpolation=cv2.INTER_AREA)
assert count() > before, "cv2 would have used threads"
"""
    subprocess.run([sys.executable, "-c", script], check=True)
