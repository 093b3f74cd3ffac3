"""A plant in a pot that grows: stem, pairs of leaves, a ruler beside it, the truth known.

Growth is simulated leaf by leaf: each leaf and each piece of stem follows a logistic curve
from the day it appears, so that the leaf area follows one too, as in real seedlings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cv2
import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic import number
from octolab.capture.synthetic.leaf import LEAF_LENGTH, VARIANTS, leaf_sprites
from octolab.capture.synthetic.paint import Canvas, darken, label, place, polygon
from octolab.capture.synthetic.room import BENCH_Y, POT_X, PX_PER_CM, SOIL_Y, room

DAYS_PER_MINUTE = 2.0
FIRST_DAY = 8.0
LAST_DAY = 60.0


@dataclass(frozen=True, slots=True)
class Node:
    """A place on the stem where two leaves grow: when, how long, and which way they point."""

    born: float
    internode: float
    length: float
    lean: float
    elevation: tuple[float, float]
    turn: tuple[float, float]
    variant: tuple[int, int]
    phase: float


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf at one moment, in reference coordinates; ``depth`` below 0 is behind the stem."""

    foot: tuple[float, float]
    tip: tuple[float, float]
    side: int
    angle: float
    length: float
    turn: float
    variant: int
    depth: float
    young: float


def scene(width: int, height: int, params: Mapping[str, str]) -> Plant:
    """``?days_per_minute=`` (or ``speed=``), ``day=`` to hold one day, ``clock=0``, ``seed=``."""
    rate = number(params, "speed", DAYS_PER_MINUTE, low=0, high=100_000)
    rate = number(params, "days_per_minute", rate, low=0, high=100_000)
    day = number(params, "day", -1, low=0, high=LAST_DAY) if "day" in params else None
    seed = int(number(params, "seed", 1, low=0, high=2**31))
    return Plant(width, height, rate, day, seed, clock=params.get("clock") != "0")


class Plant:
    """The scene; see `octolab.capture.synthetic.Scene`."""

    def __init__(
        self, width: int, height: int, rate: float, day: float | None, seed: int, clock: bool
    ) -> None:
        rng = np.random.default_rng(seed)
        self.canvas = Canvas(width, height)
        self.rate, self.fixed_day, self.clock = rate, day, clock
        self.nodes = _nodes(rng)
        self.leaves = leaf_sprites(rng)
        self.empty = room(self.canvas, rng)
        self._lit = self.empty
        self._leaf = np.zeros((height, width), np.uint8)
        self._plant = np.zeros((height, width), np.uint8)
        self._drawn = 0

    def day(self, t: float) -> float:
        """The plant's age in days, `t` seconds into the scene."""
        if self.fixed_day is not None:
            return self.fixed_day
        return min(FIRST_DAY + max(0.0, t) / 60 * self.rate, LAST_DAY)

    def draw(self, t: float, at: datetime, index: int) -> tuple[Image, dict[str, Any]]:
        """Paint the plant at its age, swaying a little."""
        day = self.day(t)
        if self._drawn % 4 == 0:
            if self._drawn == 0:
                self._paint(self.empty.copy(), day, t)
            self._lit = self._with_shadow()
        self._drawn += 1
        image = self._lit.copy()
        self._paint(image, day, t)
        leaf_px, plant_px = _count(self._leaf), _count(self._plant)
        if self.clock:
            stamp = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC   day {day:.1f}"
            size = max(0.35, 0.62 * self.canvas.scale)
            label(
                image,
                stamp,
                (14 * self.canvas.scale, image.shape[0] - 16 * self.canvas.scale),
                size=size,
            )
        scale = PX_PER_CM * self.canvas.scale
        return image, {
            "scene": "plant",
            "day": round(day, 4),
            "leaf_area_px": leaf_px,
            "plant_area_px": plant_px,
            "px_per_cm": round(scale, 4),
            "leaf_area_cm2": round(leaf_px / scale**2, 3),
            "leaves": sum(2 for node in self.nodes if day > node.born),
        }

    def mask(self) -> Image:
        """Which pixels of the last frame are plant: (H, W) uint8, over 127 where it covers."""
        return self._plant.copy()

    def _paint(self, image: Image, day: float, t: float) -> None:
        """Draw stem and leaves, the far ones first, and note which pixels they cover."""
        self._leaf[:] = 0
        self._plant[:] = 0
        both = (self._leaf, self._plant)
        stem = self._stem(day, t)
        leaves = sorted(
            (
                leaf
                for node, foot in zip(self.nodes, stem[1:], strict=False)
                for leaf in self._pair(node, foot, day, t)
            ),
            key=lambda leaf: leaf.depth,
        )
        for leaf in leaves:
            if leaf.depth < 0:
                self._draw_leaf(image, leaf, both)
        self._draw_stem(image, stem, day)
        for leaf in leaves:
            if leaf.depth >= 0:
                self._draw_leaf(image, leaf, both)

    def _stem(self, day: float, t: float) -> list[tuple[float, float]]:
        """The foot of the stem and its nodes, in reference coordinates."""
        points = [(float(POT_X), float(SOIL_Y))]
        height = 0.0
        sway = 2.6 * math.sin(t * 1.1) + 1.4 * math.sin(t * 2.3 + 1)
        for node in self.nodes:
            grown = node.internode * logistic(day - node.born + 1.5, 2.2)
            height += grown
            bend = (height / 330) ** 1.6 * sway
            points.append((points[-1][0] + grown * node.lean + bend * 0.35, SOIL_Y - height))
        return points

    def _pair(self, node: Node, foot: tuple[float, float], day: float, t: float) -> list[Leaf]:
        """The two opposite leaves of a node."""
        age = day - node.born
        size = logistic(age - 4.5, 1.9)
        if age <= 0 or size < 0.03:
            return []
        young = math.exp(-max(0.0, age) / 7.0)
        leaves = []
        for side, elevation, turn, variant in zip(
            (-1, 1), node.elevation, node.turn, node.variant, strict=True
        ):
            flutter = 0.022 * math.sin(t * 1.7 + node.phase + side) + 0.012 * math.sin(
                t * 3.1 + 2 * node.phase
            )
            angle = elevation + young * (1.25 - elevation) * 0.8 - 0.16 * (1 - young) + flutter
            petiole = node.length * size * 0.22
            tip = (
                foot[0] + side * petiole * math.cos(angle) * turn,
                foot[1] - petiole * math.sin(angle),
            )
            leaves.append(
                Leaf(
                    foot,
                    tip,
                    side,
                    angle,
                    node.length * size,
                    turn,
                    variant,
                    (turn - 0.72) * side * (1 if variant % 2 else -1),
                    young,
                )
            )
        return leaves

    def _draw_leaf(self, image: Image, leaf: Leaf, covered: tuple[Image, Image]) -> None:
        canvas = self.canvas
        foot, tip = canvas.points(leaf.foot)[0], canvas.points(leaf.tip)[0]
        width = max(1, round((1.2 + leaf.length * 0.022) * canvas.scale))
        cv2.line(image, foot.tolist(), tip.tolist(), (112, 148, 62), width, cv2.LINE_AA, 4)
        cv2.line(self._plant, foot.tolist(), tip.tolist(), 255, width, cv2.LINE_AA, 4)
        sprite = self.leaves[leaf.variant][1 if leaf.young > 0.45 else 2 if leaf.depth < 0 else 0]
        unit = leaf.length * canvas.scale / LEAF_LENGTH
        cos, sin = math.cos(leaf.angle), math.sin(leaf.angle)
        along = (leaf.side * cos * leaf.turn * unit, -sin * unit)
        wide = unit * (0.66 + 0.62 * (1 - leaf.turn))
        across = (leaf.side * sin * wide, cos * wide)
        place(
            image,
            sprite,
            (canvas.x(leaf.tip[0]), canvas.y(leaf.tip[1])),
            along,
            across,
            covered=covered,
        )

    def _draw_stem(self, image: Image, stem: list[tuple[float, float]], day: float) -> None:
        """A tapering stem, lit from the left."""
        grown = [p for i, p in enumerate(stem) if i == 0 or day > self.nodes[i - 1].born]
        if len(grown) < 2:
            return
        base = 2.2 + 5.2 * logistic(day - 18, 5.0)
        left, right, light = [], [], []
        for i, (x, y) in enumerate(grown):
            half = base * (1 - 0.72 * i / (len(grown) - 1 or 1))
            left.append((x - half, y))
            right.append((x + half, y))
            light.append((x - half * 0.35, y))
        outline = self.canvas.points(*left, *reversed(right))
        polygon(image, outline, (84, 122, 48))
        cv2.polylines(
            image,
            [self.canvas.points(*light)],
            False,
            (138, 172, 86),
            max(1, round(base * 0.55 * self.canvas.scale)),
            cv2.LINE_AA,
            4,
        )
        cv2.fillPoly(self._plant, [outline], 255, cv2.LINE_AA, 4)
        cv2.fillPoly(self._leaf, [outline], 0, cv2.LINE_8, 4)

    def _with_shadow(self) -> Image:
        """The room with the shadow the plant throws on the wall: soft, so coarse will do."""
        height, width = self._plant.shape
        small: Any = cv2.resize(
            self._plant, (width // 4, height // 4), interpolation=cv2.INTER_AREA
        )
        scale = self.canvas.scale / 4
        small = cv2.GaussianBlur(small, (0, 0), 5.5 * scale + 0.3)
        move = np.array([[1, 0, 62 * scale], [0, 1, 30 * scale]], np.float64)
        small = cv2.warpAffine(small, move, (small.shape[1], small.shape[0]))
        small[round(self.canvas.y(BENCH_Y) / 4) :] //= 3
        soft: Any = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        return darken(self.empty, soft, 0.42)


def logistic(age: float, width: float) -> float:
    """From 0 to 1, one half at age 0."""
    return 1 / (1 + math.exp(-age / width))


def _nodes(rng: np.random.Generator) -> list[Node]:
    nodes = []
    for i in range(11):
        quarter = i % 2  # each pair stands across the one below it
        turn = 0.94 if quarter == 0 else 0.60
        length = 205 * math.exp(-(((i - 2.8) / 4.8) ** 2))
        if i == 0:
            length = 74.0
        nodes.append(
            Node(
                born=1.0 + 2.5 * i + float(rng.uniform(-0.4, 0.4)),
                internode=float(38 * math.exp(-(((i - 2.5) / 5.5) ** 2)) + rng.uniform(-3, 3)),
                length=length * float(rng.uniform(0.93, 1.07)),
                lean=float(rng.uniform(-0.09, 0.09)),
                elevation=tuple(0.10 + 0.085 * i + rng.uniform(-0.12, 0.12, 2)),
                turn=tuple(turn + rng.uniform(-0.1, 0.04, 2)),
                variant=(int(rng.integers(VARIANTS)), int(rng.integers(VARIANTS))),
                phase=float(rng.uniform(0, 6.28)),
            )
        )
    return nodes


def _count(mask: Image) -> int:
    return int(cv2.countNonZero(cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY)[1]))
