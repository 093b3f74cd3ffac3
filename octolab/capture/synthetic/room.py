"""The room the plant stands in: a wall, a bench, a pot with soil, a ruler."""

from __future__ import annotations

import cv2
import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic.paint import Canvas, darken, noise, polygon, tint, wood

POT_X = 600
RIM_Y = 512
SOIL_Y = 520
BENCH_Y = 566
PX_PER_CM = 22.0

_RULER_X, _RULER_CM = 930, 20


def room(canvas: Canvas, rng: np.random.Generator) -> Image:
    """Everything but the plant, drawn once."""
    image = _wall(canvas, rng)
    _bench(image, canvas, rng)
    _ruler(image, canvas, rng)
    image = _pot_shadow(image, canvas)
    _pot(image, canvas, rng)
    return image


def _wall(canvas: Canvas, rng: np.random.Generator) -> Image:
    height, width = canvas.height, canvas.width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1.0 - 0.16 * (x / width) - 0.10 * (y / height) + 0.012 * noise((height, width), rng, 6)
    # A window somewhere to the left throws two slanted panes of light.
    panes = np.zeros((height, width), np.uint8)
    for left in (150, 420):
        polygon_ = canvas.points((left, 20), (left + 225, 60), (left + 345, 430), (left + 120, 390))
        cv2.fillPoly(panes, [polygon_], 255, cv2.LINE_AA, 4)
    panes = np.asarray(cv2.GaussianBlur(panes, (0, 0), 13 * canvas.scale + 0.5))
    light += 0.085 * panes.astype(np.float32) / 255
    return tint(light.astype(np.float32), (222, 214, 200))


def _bench(image: Image, canvas: Canvas, rng: np.random.Generator) -> None:
    top = round(canvas.y(BENCH_Y))
    height = canvas.height - top
    if height <= 8:
        return
    board = wood((height, canvas.width), rng, (176, 128, 84), rings=5)
    depth = np.linspace(0.80, 1.10, height, dtype=np.float32)[:, None, None]
    board = np.clip(board * depth, 0, 255).astype(np.uint8)
    for share in (0.30, 0.68):
        y = round(height * share)
        cv2.line(board, (0, y), (canvas.width, y), (96, 64, 40), max(1, round(2 * canvas.scale)))
        cv2.line(board, (0, y + 2), (canvas.width, y + 2), (198, 152, 106), 1)
    image[top:] = board
    band = max(2, round(26 * canvas.scale))
    for i in range(band):  # where the wall meets the bench it is darker
        row = top - band + i
        image[row] = (image[row] * (1 - 0.13 * (i / band) ** 2)).astype(np.uint8)
    cv2.line(image, (0, top), (canvas.width, top), (120, 82, 52), max(1, round(2 * canvas.scale)))


def _ruler(image: Image, canvas: Canvas, rng: np.random.Generator) -> None:
    x0, x1 = canvas.x(_RULER_X), canvas.x(_RULER_X + 46)
    y1 = canvas.y(BENCH_Y + 10)
    y0 = y1 - (_RULER_CM * PX_PER_CM + 12) * canvas.scale
    left, right, top, bottom = round(x0), round(x1), round(y0), round(y1)
    shadow = np.zeros(image.shape[:2], np.uint8)
    shift = round(9 * canvas.scale)
    cv2.rectangle(shadow, (left + shift, top + shift), (right + shift, bottom), 255, -1)
    shadow = np.asarray(cv2.GaussianBlur(shadow, (0, 0), 5 * canvas.scale + 0.3))
    image[:] = darken(image, shadow, 0.35)
    body = wood((right - left, bottom - top), rng, (232, 200, 128), rings=2)
    image[top:bottom, left:right] = body.transpose(1, 0, 2)
    cv2.rectangle(image, (left, top), (right, bottom), (150, 116, 60), 1, cv2.LINE_AA)
    for mm in range(_RULER_CM * 10 + 1):
        y = y1 - mm * PX_PER_CM / 10 * canvas.scale
        length = (20 if mm % 10 == 0 else 14 if mm % 5 == 0 else 8) * canvas.scale
        if mm % 5 and canvas.scale < 0.7:
            continue
        ends = [[round(x0 * 16), round(y * 16)], [round((x0 + length) * 16), round(y * 16)]]
        cv2.line(image, ends[0], ends[1], (60, 44, 24), 1, cv2.LINE_AA, 4)
        if mm % 10 == 0 and 0 < mm < _RULER_CM * 10 and canvas.scale >= 0.45:
            where = (round(x0 + 23 * canvas.scale), round(y + 4.5 * canvas.scale))
            cv2.putText(
                image,
                str(mm // 10),
                where,
                cv2.FONT_HERSHEY_SIMPLEX,
                0.42 * canvas.scale,
                (60, 44, 24),
                1,
                cv2.LINE_AA,
            )


def _pot_shadow(image: Image, canvas: Canvas) -> Image:
    shadow = np.zeros(image.shape[:2], np.uint8)
    center = canvas.points((POT_X + 46, 668))[0]
    axes = canvas.points((0, 0), (150, 22))
    cv2.ellipse(
        shadow, center.tolist(), (axes[1] - axes[0]).tolist(), 0, 0, 360, 255, -1, cv2.LINE_AA, 4
    )
    wall = canvas.points(
        (POT_X - 20, RIM_Y + 8), (POT_X + 150, RIM_Y + 8), (POT_X + 140, BENCH_Y), (POT_X, BENCH_Y)
    )
    cv2.fillPoly(shadow, [wall], 120, cv2.LINE_AA, 4)
    return darken(image, np.asarray(cv2.GaussianBlur(shadow, (0, 0), 11 * canvas.scale + 0.5)), 0.6)


def _pot(image: Image, canvas: Canvas, rng: np.random.Generator) -> None:
    """Terracotta: a tapering body, a thick rim, soil inside."""
    _turned(image, canvas, (RIM_Y + 34, 100), (668, 74), (186, 98, 62), rng)
    under = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(
        under, [_ring(canvas, RIM_Y + 46, 103, half="lower", drop=10)], 255, cv2.LINE_AA, 4
    )
    image[:] = darken(
        image, np.asarray(cv2.GaussianBlur(under, (0, 0), 5 * canvas.scale + 0.3)), 0.3
    )
    _turned(image, canvas, (RIM_Y, 118), (RIM_Y + 40, 110), (200, 108, 70), rng)
    polygon(image, _ring(canvas, RIM_Y, 118), (214, 128, 88))
    polygon(image, _ring(canvas, RIM_Y + 1, 108), (120, 62, 40))
    _soil(image, canvas, rng)


def _turned(
    image: Image,
    canvas: Canvas,
    top: tuple[float, float],
    bottom: tuple[float, float],
    color: tuple[int, int, int],
    rng: np.random.Generator,
) -> None:
    """A piece of a turned pot between two rings (y, radius), lit from the left."""
    outline = np.vstack(
        [_ring(canvas, *bottom, half="lower"), _ring(canvas, *top, half="lower")[::-1]]
    )
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [outline.astype("i4")], 255, cv2.LINE_AA, 4)
    width = canvas.width
    across = (np.arange(width, dtype=np.float32) - canvas.x(POT_X)) / (top[1] * canvas.scale)
    bulge = np.sqrt(np.clip(1 - across**2, 0, 1))
    light = 0.52 + 0.50 * bulge - 0.24 * across + 0.16 * np.exp(-(((across + 0.48) / 0.16) ** 2))
    full = np.broadcast_to(light, image.shape[:2]) + 0.05 * noise((canvas.height, width), rng, 6)
    body = tint(np.asarray(full, np.float32), color)
    share = mask.astype(np.float32)[..., None] / 255
    image[:] = (image * (1 - share) + body * share).round().astype(np.uint8)


def _soil(image: Image, canvas: Canvas, rng: np.random.Generator) -> None:
    polygon(image, _ring(canvas, SOIL_Y - 3, 104), (62, 44, 32))
    for _ in range(900):
        angle, reach = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1)) * 0.96
        x = POT_X + 104 * reach * np.cos(angle)
        y = SOIL_Y - 3 + 104 * 0.155 * reach * np.sin(angle)
        shade = float(rng.uniform(0.55, 1.7)) * (1.1 - 0.3 * (x - POT_X) / 104)
        color = (int(66 * shade), int(47 * shade), int(34 * shade))
        radius = max(1, round(float(rng.uniform(0.8, 2.4)) * canvas.scale * 16))
        cv2.circle(image, canvas.points((x, y))[0].tolist(), radius, color, -1, cv2.LINE_AA, 4)
    shade_mask = np.zeros(image.shape[:2], np.uint8)
    outer, inner = _ring(canvas, SOIL_Y - 3, 104), _ring(canvas, SOIL_Y + 2, 98)
    cv2.fillPoly(shade_mask, [outer], 255, cv2.LINE_AA, 4)
    cv2.fillPoly(shade_mask, [inner], 0, cv2.LINE_AA, 4)
    image[:] = darken(image, shade_mask, 0.35)


def _ring(
    canvas: Canvas, y: float, radius: float, *, half: str = "", drop: float = 0.0
) -> np.ndarray:
    """A circle lying flat, seen from slightly above; or the front half of it."""
    angles = np.linspace(0, np.pi if half else 2 * np.pi, 64)
    return canvas.points(
        *((POT_X + radius * np.cos(a), y + drop + radius * 0.155 * np.sin(a)) for a in angles)
    )
