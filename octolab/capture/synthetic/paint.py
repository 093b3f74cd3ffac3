"""Brushes the drawn cameras share: textures, sprites, soft shadows, text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from octolab.capture.stream import Image

Color = tuple[int, int, int]
Floats = np.ndarray[Any, np.dtype[np.float32]]

REFERENCE = (1280, 720)
"""Scenes are laid out on this canvas and scaled to the size asked for."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Maps the reference canvas to the picture: uniform scale, centred, nothing cut off."""

    width: int
    height: int

    @property
    def scale(self) -> float:
        """Picture pixels per reference pixel."""
        return min(self.width / REFERENCE[0], self.height / REFERENCE[1])

    def x(self, value: float) -> float:
        """A reference x in picture pixels."""
        return value * self.scale + (self.width - REFERENCE[0] * self.scale) / 2

    def y(self, value: float) -> float:
        """A reference y in picture pixels."""
        return value * self.scale + (self.height - REFERENCE[1] * self.scale) / 2

    def points(self, *pairs: tuple[float, float]) -> np.ndarray[Any, Any]:
        """Reference points as the int32 array cv2 wants, with 4 fractional bits."""
        return np.array([[self.x(x) * 16, self.y(y) * 16] for x, y in pairs]).round().astype("i4")


def polygon(image: Image, points: np.ndarray[Any, Any], color: Color) -> None:
    """Fill an anti-aliased polygon given with 4 fractional bits."""
    cv2.fillPoly(image, [points], color, cv2.LINE_AA, 4)


def noise(shape: tuple[int, int], rng: np.random.Generator, octaves: int = 5) -> Floats:
    """Cloudy noise, mean 0, about -1 to 1."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    weight = 1.0
    for octave in range(octaves):
        cells = 2 ** (octave + 2)
        coarse = rng.standard_normal((cells * height // width + 2, cells + 2)).astype(np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= 0.55
    return np.asarray(total / 2.2, np.float32)


def wood(
    shape: tuple[int, int], rng: np.random.Generator, color: Color, *, rings: float = 9.0
) -> Image:
    """Planed wood with its grain running along x."""
    height, width = shape
    drift = noise((height, width), rng, 3)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    waves = np.sin((y * rings + drift * 0.55) * 2 * np.pi)
    fibre: Any = rng.standard_normal((height, max(2, width // 48))).astype(np.float32)
    fibre = cv2.resize(fibre, (width, height), interpolation=cv2.INTER_LINEAR)
    light = 1 + 0.055 * waves + 0.045 * fibre + 0.05 * drift
    return tint(light, color)


def tint(light: Floats, color: Color) -> Image:
    """A colour under a given light (1 leaves it as it is)."""
    return np.asarray(
        np.clip(light[..., None] * np.asarray(color, np.float32), 0, 255).astype(np.uint8)
    )


def darken(image: Image, mask: Image, strength: float) -> Image:
    """Put `image` into a soft shadow where `mask` (uint8) is set."""
    keep = cv2.convertScaleAbs(mask, alpha=-strength, beta=255.0)
    return np.asarray(cv2.multiply(image, cv2.merge((keep, keep, keep)), scale=1 / 255))


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small picture with transparency, premultiplied, in halving sizes.

    ``anchor`` is the point, in pixels of the largest size, that is placed and turned about.
    """

    sizes: tuple[Image, ...]
    anchor: tuple[float, float]

    @classmethod
    def make(
        cls, rgb: Image, alpha: Image, anchor: tuple[float, float], halvings: int = 3
    ) -> Sprite:
        """From a picture and its opacity (uint8)."""
        opacity = alpha.astype(np.float32)[..., None] / 255
        flat = np.dstack([(rgb * opacity).round().astype(np.uint8), alpha])
        sizes = [flat]
        for _ in range(halvings):
            last = sizes[-1]
            half = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            sizes.append(np.asarray(cv2.resize(last, half, interpolation=cv2.INTER_AREA)))
        return cls(tuple(sizes), anchor)


def place(
    image: Image,
    sprite: Sprite,
    at: tuple[float, float],
    along: tuple[float, float],
    across: tuple[float, float],
    *,
    covered: tuple[Image, ...] = (),
    opacity: float = 1.0,
) -> None:
    """Draw a sprite so that its x axis runs along one vector and its y axis along another.

    Parameters
    ----------
    image : ndarray
        Painted on in place.
    at : tuple of float
        Where the sprite's anchor goes.
    along, across : tuple of float
        What one sprite pixel in x and in y becomes, in picture pixels.
    covered : tuple of ndarray
        Masks, (H, W) uint8, raised to the sprite's opacity where it covers.
    opacity : float
        0 to 1, for all of the sprite.
    """
    size = max(abs(along[0]) + abs(along[1]), abs(across[0]) + abs(across[1]))
    level = int(np.clip(np.floor(-np.log2(max(size, 1e-6))), 0, len(sprite.sizes) - 1))
    pixels = sprite.sizes[level]
    zoom_x = sprite.sizes[0].shape[1] / pixels.shape[1]
    zoom_y = sprite.sizes[0].shape[0] / pixels.shape[0]
    turn = np.array(
        [[along[0] * zoom_x, across[0] * zoom_y], [along[1] * zoom_x, across[1] * zoom_y]]
    )
    anchor = np.array([sprite.anchor[0] / zoom_x, sprite.anchor[1] / zoom_y])
    shift = np.asarray(at) - turn @ anchor
    height, width = pixels.shape[:2]
    corners = turn @ np.array([[0, width, 0, width], [0, 0, height, height]]) + shift[:, None]
    x0, y0 = np.floor(corners.min(axis=1)).astype(int) - 1
    x1, y1 = np.ceil(corners.max(axis=1)).astype(int) + 1
    x0, y0 = max(x0, 0), max(y0, 0)
    x1, y1 = min(x1, image.shape[1]), min(y1, image.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    matrix = np.column_stack([turn, shift - (x0, y0)])
    warped = cv2.warpAffine(pixels, matrix, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
    if opacity < 1:
        warped = cv2.convertScaleAbs(warped, alpha=opacity)
    red, green, blue, alpha = cv2.split(warped)
    through = cv2.bitwise_not(alpha)
    region = image[y0:y1, x0:x1]
    behind = cv2.multiply(region, cv2.merge((through, through, through)), scale=1 / 255)
    region[:] = cv2.add(behind, cv2.merge((red, green, blue)))
    for mask in covered:
        part = mask[y0:y1, x0:x1]
        part[:] = cv2.max(part, alpha)


def label(
    image: Image,
    text: str,
    at: tuple[float, float],
    *,
    size: float = 0.6,
    color: Color = (245, 245, 240),
    weight: int = 1,
) -> None:
    """Write with a dark outline, readable on anything."""
    x, y = round(at[0]), round(at[1])
    face = cv2.FONT_HERSHEY_SIMPLEX
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)):
        cv2.putText(image, text, (x + dx, y + dy), face, size, (24, 24, 24), weight, cv2.LINE_AA)
    cv2.putText(image, text, (x, y), face, size, color, weight, cv2.LINE_AA)
