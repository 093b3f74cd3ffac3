"""Honeybees from above: walking with folded wings, flying with wings that blur."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic.paint import Floats, Sprite

BEE_LENGTH = 132
"""Pixels from head to tail in the largest sprite; the bee looks along +x."""

_W, _H = 200, 180
_CX, _CY = 104.0, 90.0


@dataclass(frozen=True, slots=True)
class BeeSprites:
    """Poses to choose from, and the shadow for all of them."""

    walking: tuple[Sprite, ...]
    flying: tuple[Sprite, ...]
    shadow: Sprite


def bee_sprites(rng: np.random.Generator) -> BeeSprites:
    """Draw them once."""
    return BeeSprites(
        walking=tuple(_bee(rng, legs=step, wings="folded") for step in (0.0, 1.6, 3.1, 4.7)),
        flying=tuple(_bee(rng, legs=0.0, wings=beat) for beat in ("up", "down")),
        shadow=_shadow(),
    )


def _bee(rng: np.random.Generator, *, legs: float, wings: str) -> Sprite:
    color = np.zeros((_H, _W, 3), np.float32)
    alpha = np.zeros((_H, _W), np.float32)
    _legs(color, alpha, legs)
    y, x = np.mgrid[0:_H, 0:_W].astype(np.float32)
    if wings != "folded":
        _wings(color, alpha, wings)
    _abdomen(color, alpha, x, y, rng)
    _ball(color, alpha, (x, y), (_CX + 14, _CY), (24, 22), (112, 78, 40), rng, fur=0.5)
    _ball(color, alpha, (x, y), (_CX + 44, _CY), (13, 16), (44, 34, 28), rng, fur=0.1)
    for side in (-1, 1):
        _ball(color, alpha, (x, y), (_CX + 46, _CY + side * 12), (7, 6), (24, 18, 18), rng, fur=0)
        _stroke(
            color,
            alpha,
            [(_CX + 54, _CY + side * 5), (_CX + 68, _CY + side * 13), (_CX + 76, _CY + side * 12)],
            3.2,
            (30, 24, 20),
        )
    if wings == "folded":
        _wings(color, alpha, wings)
    rgb = np.clip(color, 0, 255).astype(np.uint8)
    return Sprite.make(rgb, (np.clip(alpha, 0, 1) * 255).astype(np.uint8), (_CX, _CY))


def _abdomen(color: Floats, alpha: Floats, x: Floats, y: Floats, rng: np.random.Generator) -> None:
    """Amber and black rings that follow the curve of the body, to a dark point."""
    u = (_CX - 4 - x) / 66  # 0 at the waist, 1 at the tail
    half = 27 * np.sqrt(np.clip(1 - (2 * np.clip(u, 0, 1) - 0.86) ** 2 / 1.35, 0, 1))
    half *= np.clip((1.02 - u) / 0.30, 0, 1) ** 0.55
    v = (y - _CY) / np.maximum(half, 1)
    cover = np.clip(half - np.abs(y - _CY) + 0.5, 0, 1) * ((u >= 0) & (u <= 1))
    ring = (u * 5.2 + 0.34 * v**2) % 1
    dark = np.clip((ring - 0.50) / 0.09, 0, 1) * np.clip((1.0 - ring) / 0.07, 0, 1)
    dark = np.maximum(dark, np.clip((u - 0.84) / 0.08, 0, 1))
    amber, black = np.array([226, 152, 44], "f4"), np.array([44, 30, 20], "f4")
    paint = amber + (black - amber) * dark[..., None]
    light = 0.62 + 0.55 * np.sqrt(np.clip(1 - v**2, 0, 1)) + 0.12 * np.clip(-v, -1, 1)
    light = light + 0.04 * rng.standard_normal(v.shape).astype(np.float32)
    shine = np.exp(-(((v + 0.35) / 0.25) ** 2)) * 26
    _over(color, alpha, paint * light[..., None] + shine[..., None], cover)


def _ball(
    color: Floats,
    alpha: Floats,
    grid: tuple[Floats, Floats],
    center: tuple[float, float],
    radii: tuple[float, float],
    paint: tuple[int, int, int],
    rng: np.random.Generator,
    *,
    fur: float,
) -> None:
    dx, dy = (grid[0] - center[0]) / radii[0], (grid[1] - center[1]) / radii[1]
    far = np.sqrt(dx**2 + dy**2)
    if fur:
        far = far + fur * 0.16 * rng.standard_normal(far.shape).astype(np.float32)
    cover = np.clip((1 - far) * min(radii) + 0.5, 0, 1)
    light = 0.62 + 0.62 * np.sqrt(np.clip(1 - far**2, 0, 1)) - 0.12 * dy
    if fur:
        light = light + fur * 0.22 * rng.standard_normal(far.shape).astype(np.float32)
    _over(color, alpha, np.array(paint, "f4") * light[..., None], cover)


def _wings(color: Floats, alpha: Floats, pose: str) -> None:
    """Two pairs; glassy when folded, a pale blur when they beat."""
    folded = pose == "folded"
    angles = {"folded": (161, 148), "up": (98, 124), "down": (76, 140)}[pose]
    for side in (-1, 1):
        for length, width, angle in ((74, 17, angles[0]), (52, 14, angles[1])):
            turn = math.radians(angle)
            middle = (
                _CX + 16 + length / 2 * math.cos(turn),
                _CY + side * (8 + length / 2 * math.sin(turn)),
            )
            mask = np.zeros((_H, _W), np.uint8)
            axes = (round(length / 2 * 16), round(width * (0.8 if folded else 1.25) * 16 / 2))
            spot = (round(middle[0] * 16), round(middle[1] * 16))
            tilt = side * angle
            cv2.ellipse(mask, spot, axes, tilt, 0, 360, 255, -1, cv2.LINE_AA, 4)
            rim = np.zeros((_H, _W), np.uint8)
            cv2.ellipse(rim, spot, axes, tilt, 0, 360, 255, 2, cv2.LINE_AA, 4)
            if not folded:
                mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 3.5))
                rim[:] = 0
            share = mask.astype(np.float32) / 255 * (0.42 if folded else 0.46)
            _over(
                color, alpha, np.broadcast_to(np.array([232, 236, 240], "f4"), color.shape), share
            )
            edge = rim.astype(np.float32) / 255 * 0.45
            _over(color, alpha, np.broadcast_to(np.array([96, 84, 70], "f4"), color.shape), edge)


def _legs(color: Floats, alpha: Floats, step: float) -> None:
    for side in (-1, 1):
        for i, (root, reach) in enumerate(((30, 26), (14, 4), (0, -24))):
            swing = 7 * math.sin(step + i * 2.1 + (0 if side > 0 else math.pi))
            knee = (_CX + root + reach * 0.5 + swing * 0.5, _CY + side * 33)
            foot = (_CX + root + reach + swing, _CY + side * 50)
            _stroke(
                color,
                alpha,
                [(_CX + root * 0.8 + 4, _CY + side * 14), knee, foot],
                4.2,
                (52, 36, 24),
            )


def _stroke(
    color: Floats,
    alpha: Floats,
    points: list[tuple[float, float]],
    width: float,
    paint: tuple[int, int, int],
) -> None:
    mask = np.zeros((_H, _W), np.uint8)
    line = np.round(np.array(points) * 16).astype("i4")
    cv2.polylines(mask, [line], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    _over(
        color,
        alpha,
        np.broadcast_to(np.array(paint, "f4"), color.shape),
        mask.astype(np.float32) / 255,
    )


def _over(color: Floats, alpha: Floats, paint: np.ndarray, cover: np.ndarray) -> None:
    """Lay a colour over what is there, in place."""
    total = cover + alpha * (1 - cover)
    share = np.where(total > 0, cover / np.maximum(total, 1e-6), 0)[..., None]
    color[:] = color * (1 - share) + paint * share
    alpha[:] = total


def _shadow() -> Sprite:
    mask: Image = np.zeros((_H, _W), np.uint8)
    cv2.ellipse(mask, (96, 90), (62, 26), 0, 0, 360, 190, -1, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 9))
    return Sprite.make(np.full((_H, _W, 3), (30, 20, 12), np.uint8), mask, (96.0, 90.0))
