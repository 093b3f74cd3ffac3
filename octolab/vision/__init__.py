"""Looking at pictures: edges, brightness, classes: functions on RGB arrays."""

from __future__ import annotations

from octolab.vision.brightness import brightness
from octolab.vision.classify import classify
from octolab.vision.sobel import SobelResult, sobel

__all__ = ["SobelResult", "brightness", "classify", "sobel"]
