"""How light a picture is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octolab.plugins import run_analyzer
from octolab.vision import brightness
from octolab.vision.brightness import analyzer


def values(image: np.ndarray) -> dict[str, float]:
    return {name: metric.value for name, metric in brightness(image).metrics.items()}


def test_black_white_and_grey():
    assert values(np.zeros((5, 5, 3), np.uint8)) == {
        "brightness": 0,
        "contrast": 0,
        "overexposed": 0,
    }
    white = values(np.full((5, 5, 3), 255, np.uint8))
    assert (white["brightness"], white["overexposed"]) == (1, 100)
    assert values(np.full((5, 5, 3), 51, np.uint8))["brightness"] == pytest.approx(0.2)


def test_half_black_half_white():
    image = np.zeros((10, 10, 3), np.uint8)
    image[:5] = 255
    assert values(image) == pytest.approx({"brightness": 0.5, "contrast": 0.5, "overexposed": 50})


def test_as_an_analyzer_it_keeps_its_name_and_unit():
    analysis = run_analyzer(analyzer, np.full((5, 5, 3), 255, np.uint8))
    assert (analysis.analyzer, analysis.version) == ("brightness", "1")
    assert analysis.metrics["overexposed"].unit == "%"


def test_it_is_the_smallest_example():
    assert len(Path(brightness.__code__.co_filename).read_text().splitlines()) < 30
