"""What looking at a 1080p frame costs against the bare calls it can't do without.

Run with ``python tests/benchmarks/bench_vision.py``; photos come from ``OCTOLAB_SHARED``.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from _measure import paired, report
from PIL import Image

from octolab import models
from octolab.media import read_image
from octolab.plugins import run_analyzer
from octolab.vision import sobel

classify = importlib.import_module("octolab.vision.classify")
edges = importlib.import_module("octolab.vision.sobel")

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("OCTOLAB_SHARED", ROOT.parent / "shared"))
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def photos() -> Iterator[np.ndarray]:
    for path in sorted((SHARED / "data" / "vision").rglob("*")):
        if path.suffix in (".jpg", ".png", ".bmp") and path.parent.name != "labels":
            yield read_image(path)


def by_pillow(image: np.ndarray) -> np.ndarray:
    """The textbook way: resize to 256 on the shorter side, crop 224, normalise."""
    picture = Image.fromarray(image)
    scale = 256 / min(picture.size)
    picture = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BILINEAR
    )
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    square = np.asarray(picture.crop((left, top, left + 224, top + 224)), np.float32) / 255
    return ((square - MEAN) / STD).transpose(2, 0, 1)[None].astype(np.float32)


def to_1080(image: np.ndarray) -> np.ndarray:
    scale = 1080 / min(image.shape[:2])
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def agreement(images: list[np.ndarray]) -> float:
    run = models.session(models.pull("mobilenet")).run
    same = [
        run(None, {"input": classify.preprocess(image)})[0].argmax()
        == run(None, {"input": by_pillow(image)})[0].argmax()
        for image in images
    ]
    return float(np.mean(same))


def main() -> None:
    images = list(photos())
    frame = np.asarray(cv2.resize(images[40], (1920, 1080), interpolation=cv2.INTER_CUBIC))
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)

    session = models.session(models.pull("mobilenet"))
    inputs = classify.preprocess(frame)
    result = paired(
        lambda: run_analyzer(classify.mobilenet, frame),
        lambda: (cv2.resize(frame, (224, 224)), session.run(None, {"input": inputs})),
        rounds=41,
        warmup=3,
    )
    report("mobilenet on 1080p", f"{result.ours_s * 1e3:.1f} ms", result.ratio, 1.3)

    for name, some in (("", images), (", brought to 1080", [to_1080(i) for i in images])):
        share = 100 * agreement(some)
        report(f"photos whose top class differs from Pillow's{name}", "", 100 - share, 5, " %")

    bare = lambda: cv2.spatialGradient(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))  # noqa: E731
    result = paired(lambda: sobel(frame), bare, rounds=101, warmup=5)
    report("sobel on 1080p RGB", f"{result.ours_s * 1e3:.1f} ms", result.ratio, 1.3)
    for name, ours in (
        ("sobel on 1080p grey, to the gradient alone", lambda: sobel(grey)),
        ("sobel on 1080p RGB, to the gradient alone", lambda: sobel(frame)),
        ("with the magnitude", lambda: sobel(frame).magnitude),
        ("with the edge density", lambda: sobel(frame).edge_density),
        ("the whole analyzer, with outlines", lambda: run_analyzer(edges.analyzer, frame)),
    ):
        result = paired(ours, lambda: cv2.spatialGradient(grey), rounds=41, warmup=5)
        print(f"{name}: {result.ours_s * 1e3:.1f} ms, {result.ratio:.2f}x")


if __name__ == "__main__":
    main()
