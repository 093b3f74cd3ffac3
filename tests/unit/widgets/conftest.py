"""A real lab, a stand-in for what owns live cameras, and a record of what panels push."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from octolab.capture import encode_jpeg
from octolab.errors import Unavailable
from octolab.lab import Lab
from octolab.lab.live import LiveBatch
from octolab.model import Observed


class StandIn:
    """Owns no camera: gives one grey picture, or refuses."""

    running = True

    def __init__(self) -> None:
        self.jpeg_bytes = encode_jpeg(np.full((90, 160, 3), 99, np.uint8))
        self.calls: list[tuple[str, Any]] = []
        self.refuse: Unavailable | None = None
        self.lab: Lab | None = None

    def ensure(self) -> None:
        self.calls.append(("ensure", None))

    def snapshot(self, slug: str, gallery: str | None = None) -> int:
        if self.refuse:
            raise self.refuse
        assert self.lab is not None
        return self.lab.add_frame(self.jpeg_bytes, source=slug, gallery=gallery).id

    def start_recording(self, slug: str) -> None:
        self.calls.append(("start_recording", slug))

    def restart(self, slug: str | None = None) -> None:
        self.calls.append(("restart", slug))

    def jpeg(self, slug: str, width: int | None = None) -> bytes | None:
        return self.jpeg_bytes

    def stream(self, slugs: Any, *, width: int, fps: float) -> Iterator[LiveBatch]:
        self.calls.append(("stream", (tuple(slugs), width, fps)))
        if self.refuse:
            raise self.refuse
        while True:
            yield LiveBatch(
                dict.fromkeys(slugs, self.jpeg_bytes),
                {slug: Observed("live", width=160, height=90) for slug in slugs},
            )
            time.sleep(0.02)


class Pushed:
    """What a panel told its views."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, Any, list[bytes]]] = []
        self._came = threading.Condition()

    def __call__(self, panel: str, event: str, data: Any, buffers: Any) -> None:
        with self._came:
            self.events.append((panel, event, data, [bytes(b) for b in buffers]))
            self._came.notify_all()

    def named(self, event: str) -> list[tuple[Any, list[bytes]]]:
        return [(data, buffers) for _, name, data, buffers in self.events if name == event]

    def wait(self, event: str, seconds: float = 60) -> tuple[Any, list[bytes]]:
        with self._came:
            assert self._came.wait_for(lambda: self.named(event), seconds), f"no {event!r} came"
            return self.named(event)[-1]


@pytest.fixture
def live() -> StandIn:
    return StandIn()


@pytest.fixture
def lab(tmp_path, live) -> Iterator[Lab]:
    with Lab(tmp_path / "greenhouse", live=live) as lab:
        live.lab = lab
        yield lab


@pytest.fixture
def pushed() -> Pushed:
    return Pushed()


@pytest.fixture
def frames(lab) -> list[int]:
    """Five small frames of one camera, a minute apart, oldest first; two are tagged."""
    camera = lab.add_camera("synthetic://testcard", name="Bench 3")
    ids = []
    for minute in range(5):
        image = np.full((60, 80, 3), 40 * minute, np.uint8)
        image[20:40, 30:50] = 255
        frame = lab.add_frame(
            image,
            name=f"leaf {minute}.png",
            source=camera.slug,
            captured_at=f"2026-05-01T10:0{minute}:00Z",
            tags=["even"] if minute in (0, 2) else [],
            gallery="growth" if minute < 3 else None,
        )
        ids.append(frame.id)
    return ids
