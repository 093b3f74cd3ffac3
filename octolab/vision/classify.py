"""What a picture shows, by an image classifier trained on ImageNet.

ImageNet's 1000 classes are rich in dogs and household things and poor in plants (a
sunflower is called a daisy): the labels are a first look, not a determination.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np

from octolab import models
from octolab.errors import BadInput
from octolab.model import Analysis, Label
from octolab.plugins import Analyzer, Progress
from octolab.vision import draw
from octolab.vision.shrinking import center_square

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL: Final = "mobilenet"

_SIDE: Final = 224
_SHORTER: Final = 256
_MEAN: Final = (0.485, 0.456, 0.406)
_STD: Final = (0.229, 0.224, 0.225)

_lock = threading.Lock()
_loaded: dict[str, tuple[InferenceSession, str]] = {}


def prepare(progress: Progress) -> None:
    """Fetch the model if it is not there."""
    models.pull(MODEL, progress)


def classify(image: np.ndarray, *, top: int = 5) -> Analysis:
    """Name what the middle of a picture shows.

    Parameters
    ----------
    image : ndarray (H, W, 3) uint8
        RGB. The centre square, 7/8 of the shorter side, is looked at.
    top : int
        How many classes to give, the likeliest first.

    Returns
    -------
    Analysis
        Labels with probabilities, and the sha256 of the model's file.

    Raises
    ------
    BadInput
        If the array is no picture.
    Unavailable
        If the model is not there and can't be fetched.
    """
    if not 1 <= top <= len(models.imagenet_labels()):
        raise BadInput("top must be from 1 to 1000, not {value}", value=top)
    inputs = preprocess(image)
    session, fingerprint = _session()
    (logits,) = session.run(None, {session.get_inputs()[0].name: inputs})
    scores = np.exp(logits[0] - logits[0].max())
    scores /= scores.sum()
    best = np.argsort(scores)[::-1][:top]
    names = models.imagenet_labels()
    return Analysis(
        labels=tuple(Label(names[i], float(scores[i])) for i in best),
        width=image.shape[1],
        height=image.shape[0],
        model=fingerprint,
    )


def preprocess(image: np.ndarray) -> np.ndarray:
    """Cut out the centre, shrink it to 224 x 224 and normalise: (1, 3, 224, 224) float32."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise BadInput("classification needs an array (H, W, 3) of uint8")
    import cv2

    channels = cv2.split(center_square(image, _SIDE, _SHORTER))
    inputs = np.empty((1, 3, _SIDE, _SIDE), np.float32)
    for plane, channel, mean, std in zip(inputs[0], channels, _MEAN, _STD, strict=True):
        np.multiply(channel, np.float32(1 / (255 * std)), plane)
        plane -= np.float32(mean / std)
    return inputs


def _session() -> tuple[InferenceSession, str]:
    """The model, loaded once in this process; onnxruntime lets many threads run it."""
    with _lock:
        if MODEL not in _loaded:
            path = models.pull(MODEL)
            _loaded[MODEL] = models.session(path), models.fingerprint(path)
        return _loaded[MODEL]


def overlay(image: np.ndarray, analysis: Analysis) -> np.ndarray:
    """Draw the labels as a panel of bars."""
    drawn = image.copy()
    draw.bars(drawn, [(label.name, label.score) for label in analysis.labels])
    return drawn


mobilenet = Analyzer(
    "mobilenet",
    run=classify,
    overlay=overlay,
    title="MobileNet (ImageNet classes)",
    params={"top": 5},
    prepare=prepare,
)
