"""Leaves: drawn once in large, with veins and light, then only placed."""

from __future__ import annotations

import numpy as np

from octolab.capture.synthetic.paint import Floats, Sprite, noise

LEAF_LENGTH = 400
VARIANTS = 4
_WIDTH, _HEIGHT = 416, 260

# Base colours: a grown leaf, a young one, one in the shade of others.
_GREENS = ((74, 138, 46), (128, 184, 68), (52, 104, 40))


def leaf_sprites(rng: np.random.Generator) -> list[tuple[Sprite, ...]]:
    """For each variant the leaf grown, young and in shade; anchored where the stalk joins."""
    shapes = [
        _leaf(rng, bend, round_)
        for bend, round_ in ((0.16, 0.92), (0.26, 1.0), (0.10, 0.84), (0.33, 0.95))
    ]
    sprites = []
    for light, yellow, alpha in shapes:
        looks = []
        for green in _GREENS:
            color = np.asarray(green, np.float32) * light[..., None]
            color += yellow[..., None] * np.array([46, 40, 10], np.float32)
            rgb = np.clip(color, 0, 255).astype(np.uint8)
            looks.append(Sprite.make(rgb, alpha, (8.0, _HEIGHT / 2)))
        sprites.append(tuple(looks))
    return sprites


def _leaf(
    rng: np.random.Generator, bend: float, fullness: float
) -> tuple[Floats, Floats, np.ndarray]:
    """One pointed oval leaf that droops by `bend`: its light, its yellow, its opacity."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    u = (x - 8) / LEAF_LENGTH
    inside = np.clip(u, 0, 1)
    spine = _HEIGHT / 2 - 26 * np.sin(inside * 2.2) + bend * 210 * inside**2
    v = y - spine
    half = fullness * 98 * (inside**0.62) * (1 - inside) ** 0.78 * 1.62
    half = half + 1.8 * np.sin(inside * 46) * np.sqrt(inside * (1 - inside))
    edge = half - np.abs(v)
    alpha = np.clip(edge + 0.5, 0, 1) * ((u >= 0) & (u <= 1))
    side = v / np.maximum(half, 1)
    upper = v < 0
    # The upper half catches the light, the lower one turns away; both bulge between veins.
    light = np.where(upper, 1.13 + 0.16 * np.abs(side), 0.92 - 0.14 * np.abs(side))
    along = inside * 8.2 - np.abs(side) * 1.35 + np.where(upper, 0.0, 0.25)
    phase = np.abs((along % 1) - 0.5) * 2
    bulge = np.sin(np.clip((along % 1), 0, 1) * np.pi)
    light = light + 0.10 * (bulge - 0.6)
    vein = np.clip((phase - 0.90) / 0.10, 0, 1) * np.clip(1.05 - np.abs(side), 0, 1)
    rib = np.clip(1 - np.abs(v) / (4.6 * (1 - inside) + 1.2), 0, 1)
    shine = np.exp(-(((inside - 0.42) / 0.24) ** 2) - (((side + 0.42) / 0.26) ** 2))
    light = light + 0.20 * shine + 0.05 * noise((_HEIGHT, _WIDTH), rng, 5)
    light = (
        light * (0.86 + 0.14 * np.clip(edge / 9, 0, 1)) * (0.9 + 0.1 * np.clip(inside * 5, 0, 1))
    )
    yellow = 0.55 * vein + 1.25 * rib + 0.35 * shine
    return (
        light.astype(np.float32),
        yellow.astype(np.float32),
        (alpha * 255).round().astype(np.uint8),
    )
