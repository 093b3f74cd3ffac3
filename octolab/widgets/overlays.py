"""Overlays as transparent pictures, to lie over a live picture or a zoomed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from octolab import plugins
from octolab.errors import NotFound
from octolab.model import Analysis
from octolab.plugins import Progress

if TYPE_CHECKING:
    from octolab.widgets.panel import Panel

LONGEST_SIDE = 2048

_prepared: set[str] = set()


def transparent(image: np.ndarray, drawn: np.ndarray, longest: int = LONGEST_SIDE) -> bytes:
    """Keep of a drawn-over picture only what was drawn.

    Parameters
    ----------
    image, drawn : ndarray (H, W, 3) uint8
        The picture before and after drawing.
    longest : int
        The longer side of the result in pixels, at most.

    Returns
    -------
    bytes
        A PNG that is transparent wherever the two are equal.
    """
    import cv2

    alpha = np.any(drawn != image, axis=2).astype(np.uint8) * 255
    layer = np.dstack([drawn[:, :, ::-1], alpha])
    scale = longest / max(image.shape[:2])
    if scale < 1:
        # Colours must not be mixed with what shows through: weigh them by their cover.
        cover = (alpha / np.float32(255))[:, :, None]
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        colour = cv2.resize(layer[:, :, :3] * cover, size, interpolation=cv2.INTER_AREA)
        share = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)[:, :, None]
        colour = colour / np.maximum(share, 1e-6)
        layer = np.dstack([colour, share * 255]).round().clip(0, 255).astype(np.uint8)
    _, png = cv2.imencode(".png", layer, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return png.tobytes()


def draw(image: np.ndarray, analysis: Analysis) -> np.ndarray:
    """Draw an analysis as its analyzer does; else its regions, as boxes and outlines."""
    try:
        overlay = plugins.analyzers.get(analysis.analyzer).overlay
    except NotFound:
        overlay = None
    if overlay is not None:
        return overlay(image, analysis)
    from octolab.vision.draw import boxes, polygons

    drawn = image.copy()
    scale = image.shape[1] / analysis.width if analysis.width else 1.0
    outlines = [[(x * scale, y * scale) for x, y in r.outline] for r in analysis.regions]
    polygons(drawn, [outline for outline in outlines if outline])
    boxes(
        drawn,
        [tuple(side * scale for side in r.box) for r in analysis.regions if not r.outline],
    )
    return drawn


def overlay_png(image: np.ndarray, analysis: Analysis, longest: int = LONGEST_SIDE) -> bytes | None:
    """The overlay of an analysis as a transparent PNG; None when there is nothing to draw."""
    drawn = draw(image, analysis)
    if drawn is image or drawn.shape != image.shape:
        return None
    return transparent(image, drawn, longest)


def prepare(panel: Panel, analyzer: str) -> None:
    """Fetch what an analyzer needs (a model) once, as a job with progress."""
    chosen = plugins.analyzers.get(analyzer)
    fetch = chosen.prepare
    if fetch is None or analyzer in _prepared:
        return

    def work(progress: Progress, cancelled: object) -> None:
        fetch(progress)

    title = panel.text("Preparing {analyzer}", analyzer=panel.word(chosen.title or chosen.name))
    panel.lab.run_job("prepare", title, work).wait()
    _prepared.add(analyzer)


def analyse_picture(image: np.ndarray, analyzer: str) -> Analysis:
    """Run an analyzer on a picture that is not kept.

    Raises
    ------
    OctolabError
        What went wrong.
    """
    chosen = plugins.analyzers.get(analyzer)
    chosen.require("frame")
    return plugins.run_analyzer(chosen, image)
