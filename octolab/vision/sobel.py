"""Edges by Sobel's operator: their strength, their share of the picture, their outlines."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from octolab.errors import BadInput
from octolab.model import Analysis, Metric, Region
from octolab.plugins import Analyzer
from octolab.vision import draw

THRESHOLD: Final = 200

_STRIP_ROWS: Final = 96  # a strip stays in the second-level cache
_TRACING_SIDE: Final = 480
_TRACED_SHARE: Final = 0.1
_REDUCED: Final = 0.6  # what averaging leaves of a thin edge's magnitude
_MIN_LENGTH: Final = 20  # shorter outlines, in traced pixels, are specks
_MAX_OUTLINES: Final = 60
_MAX_POINTS: Final = 600


@dataclass(frozen=True)
class SobelResult:
    """What `sobel` found.

    Attributes
    ----------
    dx, dy : ndarray (H, W) int16
        The gradient of the grey picture across and down, -1020 to 1020.
    threshold : int
        From which magnitude on a pixel is an edge.
    """

    dx: np.ndarray = field(repr=False)
    dy: np.ndarray = field(repr=False)
    threshold: int = THRESHOLD

    @cached_property
    def magnitude(self) -> np.ndarray:
        """``|dx| + |dy|``, at most 2040, (H, W) uint16; computed when first asked for."""
        magnitude: np.ndarray = np.abs(self.dx)
        rest = np.empty((_STRIP_ROWS, magnitude.shape[1]), np.int16)
        for top in range(0, len(magnitude), _STRIP_ROWS):
            strip = magnitude[top : top + _STRIP_ROWS]
            np.add(strip, np.abs(self.dy[top : top + _STRIP_ROWS], out=rest[: len(strip)]), strip)
        found: np.ndarray = magnitude.view(np.uint16)
        return found

    @cached_property
    def edge_density(self) -> float:
        """The share of pixels at or above the threshold, in percent."""
        height = len(self.magnitude)
        edges = sum(
            int(np.count_nonzero(self.magnitude[top : top + _STRIP_ROWS] >= self.threshold))
            for top in range(0, height, _STRIP_ROWS)
        )
        return 100 * edges / self.magnitude.size

    @cached_property
    def contours(self) -> tuple[np.ndarray, ...]:
        """Outlines around edges, longest first, each (N, 2) float32 of x, y in pixels.

        Traced when first asked for, in a picture reduced to 480 pixels on its longer
        side, and simplified to within 1 to 2.5 of its pixels. When more than a tenth of
        the picture is edges, the strongest tenth is traced.
        """
        return _trace(self.magnitude, self.threshold)


def sobel(image: np.ndarray, *, threshold: int = THRESHOLD) -> SobelResult:
    """Find the edges of a picture.

    Parameters
    ----------
    image : ndarray (H, W, 3) or (H, W), uint8
        RGB or grey.
    threshold : int
        From which ``|dx| + |dy|`` on a pixel is an edge, 1 to 2040; a sharp step of n grey
        levels gives 4 n.

    Returns
    -------
    SobelResult
        The gradient; magnitude, edge density and contours when asked for.

    Raises
    ------
    BadInput
        If the array is no picture or the threshold is out of range.
    """
    import cv2

    if image.dtype != np.uint8 or image.ndim not in (2, 3) or 0 in image.shape[:2]:
        raise BadInput("sobel needs an array (H, W, 3) or (H, W) of uint8")
    if not 1 <= threshold <= 2040:
        raise BadInput("threshold must be from 1 to 2040, not {value}", value=threshold)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    dx, dy = cv2.spatialGradient(grey)
    return SobelResult(dx, dy, threshold)


def _trace(magnitude: np.ndarray, threshold: int) -> tuple[np.ndarray, ...]:
    import cv2

    height, width = magnitude.shape
    scale = max(1.0, max(height, width) / _TRACING_SIDE)
    small = magnitude
    if scale > 1:
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        small = cv2.resize(magnitude, size, interpolation=cv2.INTER_AREA)
    # In a picture full of edges only the strongest stand out; the rest would run into one.
    least = max(threshold * _REDUCED, float(np.quantile(small, 1 - _TRACED_SHARE)))
    mask = (small >= least).astype(np.uint8)
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    factor = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    contours = []
    for outline in sorted((o for o in found if len(o) >= _MIN_LENGTH), key=len, reverse=True):
        tolerance = min(max(1.0, len(outline) / 300), 2.5)
        simple = cv2.approxPolyDP(outline, tolerance, True).reshape(-1, 2)
        contours.append((simple + np.float32(0.5)) * factor - np.float32(0.5))
    return tuple(contours)


def analyze(image: np.ndarray, *, threshold: int = THRESHOLD) -> Analysis:
    """Edge density, number of contours, and the longest of them as regions."""
    found = sobel(image, threshold=threshold)
    return Analysis(
        regions=_regions(found.contours),
        metrics={
            "edge_density": Metric(found.edge_density, "%"),
            "contours": Metric(float(len(found.contours))),
        },
        width=image.shape[1],
        height=image.shape[0],
    )


def _regions(contours: tuple[np.ndarray, ...]) -> tuple[Region, ...]:
    """The longest outlines, as many as stay within the points an analysis may keep."""
    regions, points = [], 0
    for contour in contours[:_MAX_OUTLINES]:
        if points + len(contour) > _MAX_POINTS:
            continue
        points += len(contour)
        outline = np.round(contour.astype(float), 1)
        left, top = outline.min(axis=0).tolist()
        right, bottom = outline.max(axis=0).tolist()
        box = (left, top, round(right - left, 1), round(bottom - top, 1))
        regions.append(Region(box, outline=tuple((x, y) for x, y in outline.tolist())))
    return tuple(regions)


def overlay(image: np.ndarray, analysis: Analysis) -> np.ndarray:
    """Draw the outlines and the edge density."""
    drawn = image.copy()
    scale = image.shape[1] / analysis.width if analysis.width else 1.0
    draw.polygons(drawn, [[(x * scale, y * scale) for x, y in r.outline] for r in analysis.regions])
    density = analysis.metrics["edge_density"]
    margin = draw.text_size(drawn) // 2
    draw.text(drawn, f"{density.value:.1f} {density.unit}", (margin, margin))
    return drawn


analyzer = Analyzer(
    "sobel",
    run=analyze,
    overlay=overlay,
    title="Sobel edges",
    params={"threshold": THRESHOLD},
)
