"""A rosette that grows by a known rate: 48 photographs over twelve days.

The leaf area grows exponentially, so the slope of ln(area) against days is the relative
growth rate. ``truth.json`` holds the rate, the scale and the exact leaf area of each
picture in pixels, counted before it was compressed.

    python datasets/plant_growth.py FOLDER
"""

from __future__ import annotations

import json
import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480
PX_PER_CM = 25.0
FRAMES, PER_DAY = 48, 4
FIRST_AREA_PX = 1500.0
RATE_PER_DAY = 0.3
START = datetime(2026, 5, 1, 6, tzinfo=UTC)
GOLDEN_ANGLE = 137.508
LEAVES = 9


def make(folder: Path) -> None:
    """Write the pictures and ``truth.json`` into `folder`."""
    soil = draw_soil()
    frames = []
    for number in range(FRAMES):
        days = number / PER_DAY
        at = START + timedelta(days=days)
        image, mask = draw_plant(soil, FIRST_AREA_PX * math.exp(RATE_PER_DAY * days))
        name = f"{at:%Y-%m-%dT%H-%M-%SZ}.jpg"
        done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])
        if not done:
            raise OSError(f"{name} could not be encoded")
        (folder / name).write_bytes(data.tobytes())
        area = int(np.count_nonzero(mask))
        frames.append(
            {
                "file": name,
                "captured_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "area_px": area,
                "area_cm2": round(area / PX_PER_CM**2, 3),
            }
        )
    truth = {
        "px_per_cm": PX_PER_CM,
        "relative_growth_rate_per_day": RATE_PER_DAY,
        "frames": frames,
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")


def draw_soil() -> np.ndarray:
    """A pot of dark soil on a bench, BGR (H, W, 3) uint8."""
    rng = np.random.default_rng(1)
    bench = np.full((HEIGHT, WIDTH, 3), (196, 202, 206), np.uint8)
    center = (WIDTH // 2, HEIGHT // 2)
    cv2.circle(bench, center, 226, (70, 92, 150), -1, cv2.LINE_AA)
    cv2.circle(bench, center, 208, (38, 52, 70), -1, cv2.LINE_AA)
    grain = rng.normal(0, 9, (HEIGHT // 2, WIDTH // 2, 1)).astype(np.float32)
    grain = cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(bench + grain, 0, 255).astype(np.uint8)


def draw_plant(soil: np.ndarray, area_px: float) -> tuple[np.ndarray, np.ndarray]:
    """A rosette of nearly that area on the soil: the picture and its exact mask."""
    size = math.sqrt(area_px / leaf_area(1000.0)) * 1000.0
    image, mask = soil.copy(), np.zeros((HEIGHT, WIDTH), np.uint8)
    for number in range(LEAVES):
        outline = leaf(number, size)
        green = (52, 150 - 7 * number, 74 - 3 * number)
        cv2.fillPoly(image, [outline], green)
        cv2.fillPoly(mask, [outline], 255)
        cv2.line(image, *midrib(number, size), (92, 186, 128), max(1, int(size / 60)))
    return image, mask


def leaf_area(size: float) -> float:
    """The area the leaves of that size cover together, in square pixels."""
    span = int(size * 2.6)
    mask = np.zeros((span, span), np.uint8)
    for number in range(LEAVES):
        shift = np.array([span // 2 - WIDTH // 2, span // 2 - HEIGHT // 2])
        cv2.fillPoly(mask, [leaf(number, size) + shift], 255)
    return float(np.count_nonzero(mask))


def leaf(number: int, size: float) -> np.ndarray:
    """The outline of one leaf, (N, 1, 2) int32; older leaves are longer."""
    length = size * (1.0 - 0.06 * number)
    along = np.linspace(0, math.pi, 40)
    width = 0.23 * length * np.sin(along) ** 0.8
    x = length * (1 - np.cos(along)) / 2
    shape = np.concatenate([np.stack([x, width], 1), np.stack([x, -width], 1)[::-1]])
    turn = math.radians(number * GOLDEN_ANGLE)
    rotation = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    outline = shape @ rotation + (WIDTH // 2, HEIGHT // 2)
    return np.rint(outline).astype(np.int32)[:, None, :]


def midrib(number: int, size: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """The ends of the line along the middle of one leaf."""
    turn = math.radians(number * GOLDEN_ANGLE)
    length = 0.85 * size * (1.0 - 0.06 * number)
    end = (
        round(WIDTH / 2 + length * math.cos(turn)),
        round(HEIGHT / 2 + length * math.sin(turn)),
    )
    return (WIDTH // 2, HEIGHT // 2), end


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    make(target)
