"""Drawing what was found onto pictures.

Every function draws on the array it is given (RGB, (H, W, 3) uint8); the caller copies.
Line widths and letters follow the size of the picture. Letters are DejaVu Sans, which has
Latin, Cyrillic and more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

Color = tuple[int, int, int]

YELLOW: Final[Color] = (255, 214, 10)
WHITE: Final[Color] = (255, 255, 255)
BLUE: Final[Color] = (64, 156, 255)
DARK: Final[Color] = (18, 20, 24)


def line_width(image: np.ndarray) -> int:
    """A width in pixels that reads well on a picture of this size."""
    return max(1, round(_shorter_side(image) / 360))


def text_size(image: np.ndarray) -> int:
    """A letter height in pixels that reads well on a picture of this size."""
    return max(10, round(_shorter_side(image) / 28))


def _shorter_side(image: np.ndarray) -> int:
    return int(min(image.shape[:2]))


def polygons(
    image: np.ndarray,
    outlines: Iterable[Sequence[tuple[float, float]]],
    *,
    color: Color = YELLOW,
    width: int | None = None,
) -> None:
    """Draw closed outlines given as x, y pixels."""
    import cv2

    shift = 4  # cv2 takes fixed-point numbers: sixteenths of a pixel
    points = [
        np.round(np.asarray(outline, np.float64).reshape(-1, 2) * (1 << shift)).astype(np.int32)
        for outline in outlines
    ]
    thickness = width or line_width(image)
    cv2.polylines(image, points, True, color, thickness, cv2.LINE_AA, shift)


def boxes(
    image: np.ndarray,
    rectangles: Iterable[tuple[float, float, float, float]],
    *,
    color: Color = YELLOW,
    width: int | None = None,
) -> None:
    """Draw boxes given as x, y, width, height in pixels."""
    corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in rectangles]
    polygons(image, corners, color=color, width=width)


def text(
    image: np.ndarray,
    words: str,
    at: tuple[float, float],
    *,
    color: Color = WHITE,
    background: Color | None = DARK,
    size: int | None = None,
) -> tuple[int, int, int, int]:
    """Write one line with its upper left corner at x, y, moved inside the picture.

    Returns
    -------
    tuple of int
        x, y, width, height of what was covered.
    """
    from PIL import Image, ImageDraw

    height, width = image.shape[:2]
    letters = size or text_size(image)
    pad = max(2, letters // 4)
    typeface = font(letters)
    wide = min(width, round(typeface.getlength(words)) + 2 * pad)
    high = min(height, letters + 2 * pad)
    x = int(np.clip(round(at[0]), 0, width - wide))
    y = int(np.clip(round(at[1]), 0, height - high))
    patch = image[y : y + high, x : x + wide]
    if background is not None:
        shade(patch, background)
    canvas = Image.fromarray(patch)
    ImageDraw.Draw(canvas).text((pad, high / 2), words, color, typeface, anchor="lm")
    patch[:] = np.asarray(canvas)
    return x, y, wide, high


def bars(
    image: np.ndarray,
    rows: Sequence[tuple[str, float]],
    *,
    color: Color = BLUE,
) -> None:
    """Draw a panel in the lower left corner: one row a value 0 to 1, as bar and percent."""
    from PIL import Image, ImageDraw

    if not rows:
        return
    height, width = image.shape[:2]
    letters = min(text_size(image), max(6, height // (2 * len(rows) + 1)))
    typeface = font(letters)
    pad, step = max(2, letters // 2), round(letters * 1.7)
    numbers = [f"{value:.0%}" for _, value in rows]
    number_wide = max(typeface.getlength(number) for number in numbers)
    name_wide = max(typeface.getlength(name) for name, _ in rows)
    wide = min(width, round(name_wide + number_wide + 4 * pad))
    high = min(height, len(rows) * step + pad)
    patch = image[height - high :, :wide]
    shade(patch, DARK)
    canvas = Image.fromarray(patch)
    pen = ImageDraw.Draw(canvas)
    room = wide - number_wide - 3 * pad
    for row, ((name, value), number) in enumerate(zip(rows, numbers, strict=True)):
        top = pad / 2 + row * step
        middle = top + step / 2
        length = (wide - 2 * pad) * min(1.0, max(0.0, value))
        if length >= 1:
            pen.rectangle((pad, top + 1, pad + length, top + step - 2), fill=color)
        pen.text((1.5 * pad, middle), clipped(name, typeface, room), WHITE, typeface, anchor="lm")
        pen.text((wide - 1.5 * pad, middle), number, WHITE, typeface, anchor="rm")
    patch[:] = np.asarray(canvas)


def shade(patch: np.ndarray, color: Color, *, strength: float = 0.65) -> None:
    """Lay a see-through colour over a part of a picture."""
    mixed = patch * (1 - strength) + np.asarray(color) * strength
    patch[:] = mixed.astype(np.uint8)


def clipped(words: str, typeface: FreeTypeFont | ImageFont, room: float) -> str:
    """As much of a line as fits into `room` pixels, with an ellipsis when it was longer."""
    if typeface.getlength(words) <= room:
        return words
    while words and typeface.getlength(f"{words}…") > room:
        words = words[:-1]
    return f"{words}…"


@cache
def font(size: int) -> FreeTypeFont | ImageFont:
    """DejaVu Sans as it comes with matplotlib; Pillow's own (Latin) letters without it."""
    from PIL import ImageFont

    found = find_spec("matplotlib")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
