"""The smallest analyzer: how light a picture is."""

from __future__ import annotations

import numpy as np

from octolab.model import Analysis, Metric
from octolab.plugins import Analyzer


def brightness(image: np.ndarray) -> Analysis:
    """Measure mean brightness, contrast (both 0 to 1) and the overexposed share."""
    grey = image.mean(axis=2) / 255
    return Analysis(
        metrics={
            "brightness": Metric(float(grey.mean())),
            "contrast": Metric(float(grey.std())),
            "overexposed": Metric(float((grey > 0.98).mean() * 100), "%"),
        }
    )


analyzer = Analyzer("brightness", run=brightness, title="Brightness")
