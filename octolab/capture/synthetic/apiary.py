"""Where the bees live: the front of a hive with its entrance, a meadow out of focus behind."""

from __future__ import annotations

import cv2
import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic.paint import Canvas, Color, darken, noise, polygon, tint, wood

HIVE_LEFT, HIVE_RIGHT = 190, 1090
SLOT_LEFT, SLOT_RIGHT = 400, 880
SLOT_TOP, SLOT_BOTTOM = 318, 362
BOARD_BACK, BOARD_FRONT = 362, 520
BOARD_SPREAD = 56


def apiary(canvas: Canvas, rng: np.random.Generator) -> Image:
    """Everything but the bees, drawn once."""
    image = _meadow(canvas, rng)
    _body(image, canvas, rng)
    _slot(image, canvas)
    return _board(image, canvas, rng)


def _meadow(canvas: Canvas, rng: np.random.Generator) -> Image:
    height, width = canvas.height, canvas.width
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky, far, near = (
        np.array(c, np.float32) for c in ((196, 220, 236), (142, 172, 118), (84, 122, 56))
    )
    picture = np.where(
        rows < 0.36,
        sky + (far - sky) * (rows / 0.36) ** 2.4,
        far + (near - far) * (rows - 0.36) / 0.64,
    )
    picture = np.broadcast_to(picture, (height, width, 3)) * (
        1 + 0.12 * noise((height, width), rng, 4)[..., None] * np.clip(rows * 2, 0.1, 1)
    )
    image = np.clip(picture, 0, 255).astype(np.uint8)
    flowers: tuple[Color, ...] = ((232, 226, 240), (240, 206, 84), (206, 132, 190), (238, 240, 214))
    for _ in range(260):
        x, y = rng.uniform(-120, 1400), 300 + 430 * np.sqrt(rng.uniform(0, 1))
        radius = max(1, round((3 + 13 * (y - 300) / 430) * canvas.scale * 16 * rng.uniform(0.5, 1)))
        paint = flowers[int(rng.integers(len(flowers)))]
        spot = canvas.points((float(x), float(y)))[0].tolist()
        layer = image.copy()
        cv2.circle(layer, spot, radius, paint, -1, cv2.LINE_AA, 4)
        cv2.addWeighted(layer, 0.55, image, 0.45, 0, image)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 7 * canvas.scale + 0.4))


def _body(image: Image, canvas: Canvas, rng: np.random.Generator) -> None:
    """Two boxes of planks, painted years ago, a floor, and the shadow beside them."""
    shadow = np.zeros(image.shape[:2], np.uint8)
    outline = canvas.points(
        (HIVE_RIGHT, -50), (HIVE_RIGHT + 60, -20), (HIVE_RIGHT + 60, 800), (HIVE_RIGHT, 800)
    )
    cv2.fillPoly(shadow, [outline], 255, cv2.LINE_AA, 4)
    image[:] = darken(
        image, np.asarray(cv2.GaussianBlur(shadow, (0, 0), 22 * canvas.scale + 0.5)), 0.45
    )
    top = -60
    for bottom, paint in (
        (66, (226, 176, 88)),
        (188, (222, 170, 82)),
        (310, (228, 178, 90)),
        (400, (206, 154, 74)),
        (780, (150, 108, 62)),
    ):
        _plank(image, canvas, rng, top, bottom, paint)
        top = bottom
    handle = canvas.points((520, 96), (760, 96), (745, 132), (535, 132))
    polygon(image, handle, (150, 108, 50))
    polygon(image, canvas.points((520, 96), (760, 96), (752, 110), (528, 110)), (104, 70, 32))
    for x in (HIVE_LEFT + 22, HIVE_RIGHT - 22):
        for y in (28, 104, 150, 226, 272, 350):
            spot = canvas.points((x, y))[0].tolist()
            cv2.circle(image, spot, round(5 * canvas.scale * 16), (112, 92, 66), -1, 16, 4)
            cv2.circle(image, spot, round(3 * canvas.scale * 16), (176, 160, 136), -1, 16, 4)


def _plank(
    image: Image, canvas: Canvas, rng: np.random.Generator, top: float, bottom: float, paint: Color
) -> None:
    y0, y1 = max(0, round(canvas.y(top))), min(canvas.height, round(canvas.y(bottom)))
    x0, x1 = max(0, round(canvas.x(HIVE_LEFT))), min(canvas.width, round(canvas.x(HIVE_RIGHT)))
    if y1 - y0 < 2 or x1 - x0 < 2:
        return
    board = wood((y1 - y0, x1 - x0), rng, paint, rings=4).astype(np.float32)
    board *= np.linspace(1.06, 0.82, x1 - x0, dtype=np.float32)[None, :, None]
    board *= np.linspace(1.05, 0.93, y1 - y0, dtype=np.float32)[:, None, None]
    worn = np.clip(noise((y1 - y0, x1 - x0), rng, 6) - 0.75, 0, 1)[..., None] * 0.8
    board = board * (1 - worn) + np.array([176, 156, 128], np.float32) * worn
    image[y0:y1, x0:x1] = np.clip(board, 0, 255).astype(np.uint8)
    seam = max(1, round(3 * canvas.scale))
    image[y1 - seam : y1, x0:x1] = (image[y1 - seam : y1, x0:x1] * 0.45).astype(np.uint8)
    image[y0 : y0 + max(1, seam // 2), x0:x1] = np.clip(
        image[y0 : y0 + max(1, seam // 2), x0:x1] * 1.15, 0, 255
    ).astype(np.uint8)


def _slot(image: Image, canvas: Canvas) -> None:
    """The entrance: a dark gap with a lip of worn wood."""
    lip = canvas.points(
        (SLOT_LEFT - 10, SLOT_TOP - 8),
        (SLOT_RIGHT + 10, SLOT_TOP - 8),
        (SLOT_RIGHT + 10, SLOT_BOTTOM),
        (SLOT_LEFT - 10, SLOT_BOTTOM),
    )
    polygon(image, lip, (122, 86, 44))
    gap = canvas.points(
        (SLOT_LEFT, SLOT_TOP),
        (SLOT_RIGHT, SLOT_TOP),
        (SLOT_RIGHT, SLOT_BOTTOM),
        (SLOT_LEFT, SLOT_BOTTOM),
    )
    polygon(image, gap, (26, 17, 11))


def _board(image: Image, canvas: Canvas, rng: np.random.Generator) -> Image:
    """The landing board, seen from slightly above."""
    left, right = SLOT_LEFT - 80, SLOT_RIGHT + 80
    under = np.zeros(image.shape[:2], np.uint8)
    below = BOARD_FRONT + 100
    cv2.fillPoly(
        under,
        [
            canvas.points(
                (left - 20, BOARD_FRONT),
                (right + 80, BOARD_FRONT),
                (right + 60, below),
                (left + 30, below),
            )
        ],
        255,
        cv2.LINE_AA,
        4,
    )
    image = darken(image, np.asarray(cv2.GaussianBlur(under, (0, 0), 14 * canvas.scale + 0.5)), 0.6)
    flat = wood((256, 1024), rng, (204, 168, 118), rings=6)
    stain = np.clip(noise((256, 1024), rng, 6) - 0.2, 0, 1)[..., None]
    flat = np.clip(flat * (1 - 0.35 * stain), 0, 255).astype(np.uint8)
    corners = np.array(
        [
            [canvas.x(x), canvas.y(y)]
            for x, y in (
                (left, BOARD_BACK),
                (right, BOARD_BACK),
                (right + BOARD_SPREAD, BOARD_FRONT),
                (left - BOARD_SPREAD, BOARD_FRONT),
            )
        ],
        np.float32,
    )
    source = np.array([[0, 0], [1024, 0], [1024, 256], [0, 256]], np.float32)
    lens = cv2.getPerspectiveTransform(source, corners)
    laid = cv2.warpPerspective(
        flat,
        lens,
        (canvas.width, canvas.height),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype("i4")], 255, cv2.LINE_AA, 4)
    share = mask.astype(np.float32)[..., None] / 255
    image = (image * (1 - share) + laid * share).round().astype(np.uint8)
    edge = canvas.points(
        (left - BOARD_SPREAD, BOARD_FRONT),
        (right + BOARD_SPREAD, BOARD_FRONT),
        (right + BOARD_SPREAD, BOARD_FRONT + 26),
        (left - BOARD_SPREAD, BOARD_FRONT + 26),
    )
    front = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(front, [edge], 255, cv2.LINE_AA, 4)
    light = 0.78 + 0.08 * noise(image.shape[:2], rng, 5)
    strip = tint(np.asarray(light, np.float32), (168, 126, 78))
    image[front > 127] = strip[front > 127]
    shade = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(
        shade,
        [
            canvas.points(
                (left - 4, BOARD_BACK),
                (right + 4, BOARD_BACK),
                (right + 12, BOARD_BACK + 24),
                (left - 12, BOARD_BACK + 24),
            )
        ],
        255,
        cv2.LINE_AA,
        4,
    )
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 7 * canvas.scale + 0.4))
    return darken(image, shade, 0.45)
