"""The entrance of a beehive: bees walk out, fly off, come back, stand guard and fan.

Where each bee is follows from the time alone, so that any moment can be drawn again, and
how many left and came is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from octolab.capture.stream import Image
from octolab.capture.synthetic import number
from octolab.capture.synthetic.apiary import (
    BOARD_BACK,
    BOARD_FRONT,
    SLOT_BOTTOM,
    SLOT_LEFT,
    SLOT_RIGHT,
    SLOT_TOP,
    apiary,
)
from octolab.capture.synthetic.bee import BEE_LENGTH, bee_sprites
from octolab.capture.synthetic.paint import Canvas, darken, label, place

Point = tuple[float, float]

WALK_OUT_S, TAKE_OFF_S, APPROACH_S, WALK_IN_S = 3.0, 1.3, 2.2, 2.0
_LENGTH = 50.0  # of a bee on the board, on the reference canvas


@dataclass(frozen=True, slots=True)
class Seen:
    """A bee somewhere in the picture, in reference coordinates; heading in radians."""

    x: float
    y: float
    heading: float
    size: float
    flying: bool
    height: float = 0.0
    fanning: bool = False


@dataclass(frozen=True, slots=True)
class Forager:
    """A bee that leaves and comes back: one trip takes ``period`` seconds."""

    number: int
    period: float
    offset: float
    away: float


def scene(width: int, height: int, params: Mapping[str, str]) -> Hive:
    """``?bees=30`` foragers, ``speed=1``, ``clock=0``, ``seed=``."""
    return Hive(
        width,
        height,
        bees=int(number(params, "bees", 30, low=0, high=200)),
        speed=number(params, "speed", 1.0, low=0, high=20),
        seed=int(number(params, "seed", 1, low=0, high=2**31)),
        clock=params.get("clock") != "0",
    )


class Hive:
    """The scene; see `octolab.capture.synthetic.Scene`."""

    def __init__(
        self, width: int, height: int, *, bees: int, speed: float, seed: int, clock: bool
    ) -> None:
        rng = np.random.default_rng(seed)
        self.canvas, self.seed, self.speed, self.clock = Canvas(width, height), seed, speed, clock
        self.empty = apiary(self.canvas, rng)
        self.sprites = bee_sprites(rng)
        self.foragers = [
            Forager(i, float(period), float(rng.uniform(0, period)), float(away))
            for i, (period, away) in enumerate(
                zip(rng.uniform(18, 34, bees), rng.uniform(4, 8, bees), strict=True)
            )
        ]
        self.residents = max(2, bees // 5) if bees else 0
        self._trips: dict[tuple[int, int], np.ndarray[Any, Any]] = {}

    def draw(self, t: float, at: datetime, index: int) -> tuple[Image, dict[str, Any]]:
        """Paint every bee where it is now."""
        t = max(0.0, t) * self.speed
        seen = [bee for bee in (self._forager(f, t) for f in self.foragers) if bee]
        seen += [self._resident(i, t) for i in range(self.residents)]
        image = self.empty.copy()
        walking = [bee for bee in seen if not bee.flying]
        for bee in walking:
            self._paint(image, bee, t)
        self._entrance(image)
        for bee in sorted((b for b in seen if b.flying), key=lambda b: b.size):
            self._paint(image, bee, t)
        if self.clock:
            stamp = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC"
            scale = self.canvas.scale
            where = (14 * scale, image.shape[0] - 16 * scale)
            label(image, stamp, where, size=max(0.35, 0.62 * scale))
        return image, {
            "scene": "hive",
            "bees_out": sum(self._times(f, t, WALK_OUT_S) for f in self.foragers),
            "bees_in": sum(
                self._times(f, t, WALK_OUT_S + TAKE_OFF_S + f.away + APPROACH_S + WALK_IN_S)
                for f in self.foragers
            ),
            "bees_walking": len(walking),
            "bees_flying": len(seen) - len(walking),
        }

    # --- where each bee is -------------------------------------------------------------------

    @staticmethod
    def _times(forager: Forager, t: float, moment: float) -> int:
        """How often since the beginning a forager passed this moment of its trip."""
        return math.floor((t + forager.offset - moment) / forager.period) - math.floor(
            (forager.offset - moment) / forager.period
        )

    def _luck(self, who: int, trip: int) -> np.ndarray[Any, Any]:
        """Eight random numbers for one trip of one bee, always the same."""
        key = (who, trip)
        if key not in self._trips:
            if len(self._trips) > 2000:
                self._trips.clear()
            self._trips[key] = np.random.default_rng((self.seed, who, trip + 1)).uniform(0, 1, 8)
        return self._trips[key]

    def _forager(self, forager: Forager, t: float) -> Seen | None:
        trip, age = divmod(t + forager.offset, forager.period)
        luck = self._luck(forager.number, int(trip))
        door = SLOT_LEFT + 40 + (SLOT_RIGHT - SLOT_LEFT - 80) * luck[0]
        spot = (door + 120 * (luck[1] - 0.5), BOARD_BACK + 40 + 90 * luck[2])
        if age < WALK_OUT_S:
            return self._walk((door, SLOT_TOP + 20), spot, age / WALK_OUT_S, luck[3])
        age -= WALK_OUT_S
        far = (spot[0] + 900 * (luck[4] - 0.5), -140 - 80 * luck[5])
        if age < TAKE_OFF_S:
            return self._flight(spot, far, age / TAKE_OFF_S, luck[6], out=True)
        age -= TAKE_OFF_S + forager.away
        if 0 <= age < APPROACH_S:
            back = (spot[0] - 1100 * (luck[4] - 0.5), -150 + 260 * luck[5] * (luck[6] > 0.5))
            if back[1] > 0:
                back = (-150.0 if luck[4] > 0.5 else 1430.0, back[1])
            return self._flight(back, spot, age / APPROACH_S, luck[7], out=False)
        age -= APPROACH_S
        if 0 <= age < WALK_IN_S:
            door = np.clip(door + 60 * (luck[7] - 0.5), SLOT_LEFT + 20, SLOT_RIGHT - 20)
            return self._walk(spot, (float(door), SLOT_TOP + 16), age / WALK_IN_S, luck[3])
        return None

    @staticmethod
    def _walk(start: Point, end: Point, share: float, luck: float) -> Seen:
        """Not straight: bees stop and turn a little."""
        pace = share + 0.045 * math.sin(share * 4 * math.pi)
        wander = 20 * math.sin(share * math.pi) * math.sin(share * 7 + 6 * luck)
        x = start[0] + (end[0] - start[0]) * pace + wander
        y = start[1] + (end[1] - start[1]) * pace
        ahead = (end[0] - start[0]) * 0.02 + 20 * 0.12 * math.cos(share * 7 + 6 * luck)
        heading = math.atan2((end[1] - start[1]) * 0.02 * 1.6, ahead)
        depth = 0.86 + 0.3 * (y - BOARD_BACK) / (BOARD_FRONT - BOARD_BACK)
        return Seen(x, y, heading, depth, False)

    @staticmethod
    def _flight(
        start: tuple[float, float],
        end: tuple[float, float],
        share: float,
        luck: float,
        *,
        out: bool,
    ) -> Seen:
        """Off in a rising curve; back in a zigzag that slows down over the board."""
        pace = share**1.8 if out else 1 - (1 - share) ** 2.0
        near = 1 - pace if out else pace
        swing = (26 if out else 60) * math.sin(share * 9 + 6 * luck) * (1 - near) * near * 2
        bow = (70 if luck > 0.5 else -70) * math.sin(pace * math.pi)
        x = start[0] + (end[0] - start[0]) * pace + swing + bow
        y = start[1] + (end[1] - start[1]) * pace - 24 * math.sin(near * math.pi) + swing * 0.3
        dx = (end[0] - start[0]) + bow * math.pi * math.cos(pace * math.pi) / 70 * 40
        heading = math.atan2(end[1] - start[1], dx + 4 * swing)
        return Seen(x, y, heading, 1.0 + 1.1 * (1 - near), True, height=(1 - near) * 120)

    def _resident(self, i: int, t: float) -> Seen:
        """Guards pace up and down the board; every third bee stands and fans."""
        luck = self._luck(10_000 + i, 0)
        home_x = SLOT_LEFT + (SLOT_RIGHT - SLOT_LEFT) * (i + 0.5) / self.residents
        if i % 3 == 1:
            y = BOARD_BACK + 22 + 16 * luck[1]
            return Seen(home_x, y, -math.pi / 2 + 0.3 * (luck[2] - 0.5), 0.92, False, fanning=True)
        rate = 0.22 + 0.2 * luck[3]
        phase = t * rate + 6.28 * luck[4]
        x = home_x + 78 * math.sin(phase) + 16 * math.sin(2.7 * phase)
        y = BOARD_BACK + 62 + 46 * luck[5] + 26 * math.sin(1.6 * phase + 2)
        heading = math.atan2(
            26 * 1.6 * math.cos(1.6 * phase + 2) * 1.6,
            78 * math.cos(phase) + 16 * 2.7 * math.cos(2.7 * phase),
        )
        depth = 0.86 + 0.3 * (y - BOARD_BACK) / (BOARD_FRONT - BOARD_BACK)
        return Seen(x, y, heading, depth, False)

    # --- painting -------------------------------------------------------------------------------

    def _paint(self, image: Image, bee: Seen, t: float) -> None:
        canvas = self.canvas
        unit = bee.size * _LENGTH / BEE_LENGTH * canvas.scale
        # The board is seen at a slant: what lies along y looks shorter.
        flat = 0.9 if bee.flying else 0.72
        cos, sin = math.cos(bee.heading), math.sin(bee.heading)
        along, across = (cos * unit, sin * unit * flat), (-sin * unit, cos * unit * flat)
        at = (canvas.x(bee.x), canvas.y(bee.y))
        over_board = BOARD_BACK - 30 < bee.y + bee.height * 0.8 < BOARD_FRONT
        if over_board and not bee.flying:
            shade = (at[0] + 5 * canvas.scale, at[1] + 6 * canvas.scale)
            place(image, self.sprites.shadow, shade, along, across, opacity=0.6)
        elif over_board and bee.height < 60:
            shade = (at[0] + 10 * canvas.scale, at[1] + (10 + bee.height * 0.8) * canvas.scale)
            place(
                image,
                self.sprites.shadow,
                shade,
                along,
                across,
                opacity=0.45 * (1 - bee.height / 60),
            )
        if bee.flying or bee.fanning:
            sprite = self.sprites.flying[int(t * 23 + bee.x) % len(self.sprites.flying)]
        else:
            sprite = self.sprites.walking[int(t * 9 + bee.size * 40) % len(self.sprites.walking)]
        place(image, sprite, at, along, across)

    def _entrance(self, image: Image) -> None:
        """Who is inside is in the dark, and behind the wood above the gap."""
        canvas = self.canvas
        left, right = round(canvas.x(SLOT_LEFT - 30)), round(canvas.x(SLOT_RIGHT + 30))
        top, bottom = round(canvas.y(SLOT_TOP)), round(canvas.y(SLOT_BOTTOM))
        above = max(0, top - round(70 * canvas.scale))
        image[above:top, left:right] = self.empty[above:top, left:right]
        left, right = round(canvas.x(SLOT_LEFT)), round(canvas.x(SLOT_RIGHT))
        gap = image[top:bottom, left:right]
        fade = np.linspace(255, 0, max(1, bottom - top)).astype(np.uint8)
        gap[:] = darken(gap, np.repeat(fade[:, None], right - left, axis=1), 0.85)
