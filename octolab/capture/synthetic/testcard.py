"""A test card: colour bars, the time to the millisecond, a counter, something that moves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import cv2
import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic.paint import Canvas, Color

_BARS: tuple[Color, ...] = (
    (191, 191, 191),
    (191, 191, 0),
    (0, 191, 191),
    (0, 191, 0),
    (191, 0, 191),
    (191, 0, 0),
    (0, 0, 191),
)
_FACE = cv2.FONT_HERSHEY_SIMPLEX
_BALL_PERIOD_S = 4.0


def scene(width: int, height: int, params: Mapping[str, str]) -> TestCard:
    """No parameters of its own."""
    return TestCard(width, height)


class TestCard:
    """The scene; see `octolab.capture.synthetic.Scene`."""

    __test__ = False  # pytest: not a test

    def __init__(self, width: int, height: int) -> None:
        self.canvas = Canvas(width, height)
        self.card = self._card()

    def draw(self, t: float, at: datetime, index: int) -> tuple[Image, dict[str, Any]]:
        """Paint the time, the counter, a dial and a ball that swings to and fro."""
        image = self.card.copy()
        s = self.canvas.scale
        self._write(image, f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}", (640, 402), 2.6, 4)
        self._write(image, f"{at:%Y-%m-%d} UTC", (640, 318), 1.0, 2)
        self._write(image, f"frame {index:06d}", (640, 462), 0.9, 2)
        center = self.canvas.points((640, 180))[0]
        share = at.microsecond / 1e6
        reach = round(78 * s * 16)
        angle = 2 * math.pi * share - math.pi / 2
        tip = (
            int(center[0] + reach * math.cos(angle)),
            int(center[1] + reach * math.sin(angle)),
        )
        axes = (round(78 * s), round(78 * s))
        middle = (center[0] // 16, center[1] // 16)
        cv2.ellipse(image, middle, axes, -90, 0, 360 * share, (70, 96, 120), -1, cv2.LINE_AA)
        width = max(1, round(4 * s))
        cv2.line(image, center.tolist(), tip, (255, 255, 255), width, cv2.LINE_AA, 4)
        swing = 0.5 - 0.5 * math.cos(2 * math.pi * at.timestamp() / _BALL_PERIOD_S)
        x, y = 90 + 1100 * swing, 522.0
        ball = self.canvas.points((x, y))[0].tolist()
        cv2.circle(image, ball, round(17 * s * 16), (255, 214, 64), -1, cv2.LINE_AA, 4)
        glint = self.canvas.points((x - 5, y - 6))[0].tolist()
        cv2.circle(image, glint, round(5 * s * 16), (255, 244, 190), -1, cv2.LINE_AA, 4)
        return image, {"scene": "testcard", "ball_x": round(self.canvas.x(x), 2)}

    def _write(
        self, image: Image, text: str, at: tuple[float, float], size: float, weight: int
    ) -> None:
        """Centred, in fixed-width cells so that running digits don't shake."""
        scale = size * self.canvas.scale
        weight = max(1, round(weight * self.canvas.scale))
        cell = cv2.getTextSize("0", _FACE, scale, weight)[0][0] * 1.08
        own = [cv2.getTextSize(c, _FACE, scale, weight)[0][0] for c in text]
        wide = [
            cell if c.isdigit() else cell * 0.55 if c in ".:- " else w * 1.04
            for c, w in zip(text, own, strict=True)
        ]
        x = self.canvas.x(at[0]) - sum(wide) / 2
        y = round(self.canvas.y(at[1]))
        for character, width, room in zip(text, own, wide, strict=True):
            where = (round(x + (room - width) / 2), y)
            cv2.putText(image, character, where, _FACE, scale, (240, 244, 248), weight, cv2.LINE_AA)
            x += room

    def _card(self) -> Image:
        canvas, height, width = self.canvas, self.canvas.height, self.canvas.width
        image = np.full((height, width, 3), (16, 20, 26), np.uint8)
        for x in range(0, 1281, 64):
            cv2.line(image, *_pair(canvas, (x, -400), (x, 1120)), (38, 44, 52), 1, 16, 4)
        for y in range(-384, 1121, 64):
            cv2.line(image, *_pair(canvas, (-600, y), (1880, y)), (38, 44, 52), 1, 16, 4)
        self._bars(image)
        self._ramp(image)
        self._gratings(image)
        center = canvas.points((640, 180))[0].tolist()
        for radius, color in ((92, (16, 20, 26)), (86, (70, 80, 92)), (80, (26, 32, 40))):
            cv2.circle(image, center, round(radius * canvas.scale * 16), color, -1, 16, 4)
        cv2.line(image, *_pair(canvas, (70, 522), (1210, 522)), (90, 100, 112), 1, 16, 4)
        for x, y in ((40, 40), (1240, 40), (40, 680), (1240, 680)):
            spot = canvas.points((x, y))[0].tolist()
            cv2.circle(image, spot, round(26 * canvas.scale * 16), (200, 208, 216), 2, 16, 4)
            cv2.circle(image, spot, round(4 * canvas.scale * 16), (200, 208, 216), -1, 16, 4)
        return image

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[slice, slice]:
        canvas = self.canvas
        return (
            slice(max(0, round(canvas.y(y0))), round(canvas.y(y1))),
            slice(max(0, round(canvas.x(x0))), round(canvas.x(x1))),
        )

    def _bars(self, image: Image) -> None:
        for i, color in enumerate(_BARS):
            image[self._box(90 + 60 * i, 90, 150 + 60 * i, 230)] = color
            image[self._box(770 + 60 * i, 90, 830 + 60 * i, 230)] = _BARS[-1 - i]
        for i, color in enumerate(_BARS):
            dim = tuple(c // 2 for c in color)
            image[self._box(90 + 60 * i, 234, 150 + 60 * i, 262)] = dim
            image[self._box(770 + 60 * i, 234, 830 + 60 * i, 262)] = dim

    def _ramp(self, image: Image) -> None:
        for i in range(11):
            level = round(255 * i / 10)
            image[self._box(90 + 1100 * i / 11, 566, 90 + 1100 * (i + 1) / 11, 606)] = level
        rows, columns = self._box(90, 608, 1190, 632)
        smooth = np.linspace(0, 255, columns.stop - columns.start)
        image[rows, columns] = smooth.round().astype(np.uint8)[None, :, None]

    def _gratings(self, image: Image) -> None:
        """Stripes of 1, 2, 3, 4 and 6 pixels: what a codec keeps of them tells its sharpness."""
        for i, pitch in enumerate((1, 2, 3, 4, 6)):
            for j, upright in enumerate((True, False)):
                x = 330 + 130 * i + 62 * j
                rows, columns = self._box(x, 644, x + 56, 700)
                ys, xs = np.mgrid[rows, columns]
                lines = (xs if upright else ys) // pitch % 2
                image[rows, columns] = (lines * 235 + 12).astype(np.uint8)[..., None]


def _pair(
    canvas: Canvas, start: tuple[float, float], end: tuple[float, float]
) -> tuple[list[int], list[int]]:
    first, last = canvas.points(start, end).tolist()
    return first, last
