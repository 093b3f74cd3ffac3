"""Drawn cameras: something to look at and to measure with no hardware at all.

``synthetic://plant`` is a potted plant that grows, ``synthetic://hive`` the entrance of a
beehive, ``synthetic://testcard`` colour bars with a clock. What they show is known exactly:
each frame carries the truth in its ``meta``, so that an analysis can be checked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from octolab.capture.settings import picture_size
from octolab.capture.stream import CameraStream, CapturedFrame, Image, StreamInfo
from octolab.errors import BadInput

SCENES = ("plant", "hive", "testcard")
DEFAULTS = {"size": "1280x720", "fps": "15", "seed": "1"}


class Scene(Protocol):
    """Something that can be drawn at any moment.

    ``draw(t, at, index)`` paints the frame `t` seconds into the scene and tells the truth
    about it.
    """

    def draw(self, t: float, at: datetime, index: int) -> tuple[Image, dict[str, Any]]:
        """Paint one frame, (H, W, 3) uint8 RGB."""
        ...


class Truth(Mapping[str, Any]):
    """What a frame shows; painted when the picture or the truth about it is first asked for.

    So a drawn camera that nobody looks at costs next to nothing.
    """

    def __init__(
        self, scene: Scene, drawing: threading.Lock, t: float, at: datetime, index: int
    ) -> None:
        self._scene, self._drawing = scene, drawing
        self._moment = t, at, index
        self._painted: tuple[Image, dict[str, Any]] | None = None

    def image(self) -> Image:
        """The picture."""
        return self._paint()[0]

    def _paint(self) -> tuple[Image, dict[str, Any]]:
        with self._drawing:  # scenes keep their brushes from one frame to the next
            if self._painted is None:
                image, truth = self._scene.draw(*self._moment)
                self._painted = image, {**truth, "index": self._moment[2]}
            return self._painted

    def __getitem__(self, key: str) -> Any:
        return self._moment[2] if key == "index" else self._paint()[1][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paint()[1])

    def __len__(self) -> int:
        return len(self._paint()[1])


def scene_name(url: str) -> str:
    """The scene a ``synthetic://`` URL names.

    Raises
    ------
    BadInput
        If there is no such scene.
    """
    parts = urlsplit(url)
    name = (parts.netloc or parts.path).strip("/")
    if name not in SCENES:
        raise BadInput(
            "there is no drawn camera {name!r}, only {known}",
            name=name,
            known=", ".join(SCENES),
        )
    return name


class SyntheticStream(CameraStream):
    """Draws a scene in real time.

    Parameters
    ----------
    url : str
        ``synthetic://plant?size=1280x720&fps=15&seed=1&speed=2``.
    settings : mapping
        May hold the same parameters as the URL, which come first; and ``since``, the ISO
        time at which the scene began, so that a plant goes on growing after a restart.
    """

    def __init__(self, url: str, settings: Mapping[str, Any] | None = None) -> None:
        name = scene_name(url)
        query = dict(parse_qsl(urlsplit(url).query))
        params = {**DEFAULTS, **_plain(settings or {}), **query}
        width, height = (n // 2 * 2 for n in picture_size(params) or (1280, 720))
        fps = number(params, "fps", 15.0, low=0.1, high=60.0)
        self.place = f"synthetic://{name}"
        self.info = StreamInfo(width, height, fps, "rgb")
        module = import_module(f"octolab.capture.synthetic.{name}")
        self.scene: Scene = module.scene(width, height, params)
        self._began = _since(params) or _first_opened(url)
        self._drawing = threading.Lock()
        self._first: float | None = None
        self._index = 0

    def read(self) -> CapturedFrame:
        """Draw the next frame when its time has come; late frames are left out."""
        now = time.monotonic()
        if self._first is None:
            self._first = now
        step = 1.0 / (self.info.fps or 15.0)
        due = self._first + self._index * step
        if due > now:
            time.sleep(due - now)
        elif now - due > step:
            self._index += int((now - due) / step)
        at = datetime.now(UTC)
        t = (at - self._began).total_seconds()
        truth = Truth(self.scene, self._drawing, t, at, self._index)
        self._index += 1
        return CapturedFrame(at, 0.001, None, truth.image, truth)

    def close(self) -> None:
        """Nothing to let go."""


def number(
    params: Mapping[str, str], key: str, default: float, *, low: float, high: float
) -> float:
    """A numeric parameter of the URL, within its limits."""
    text = params.get(key)
    if text is None:
        return default
    value: float | None
    try:
        value = float(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise BadInput(
            "{key}={text} must be a number from {low:g} to {high:g}",
            key=key,
            text=text,
            low=low,
            high=high,
        )
    return value


_opened: dict[str, datetime] = {}


def _first_opened(url: str) -> datetime:
    """A plant goes on growing when its camera is opened again by the same program."""
    return _opened.setdefault(url, datetime.now(UTC))


def _plain(settings: Mapping[str, Any]) -> dict[str, str]:
    return {k: str(v) for k, v in settings.items() if isinstance(v, str | int | float)}


def _since(params: Mapping[str, str]) -> datetime | None:
    text = params.get("since")
    if not text:
        return None
    began: datetime | None
    try:
        began = datetime.fromisoformat(text)
    except ValueError:
        began = None
    if began is None:
        raise BadInput("since={text} must be a time such as 2026-03-01T08:00:00Z", text=text)
    began = began if began.tzinfo else began.replace(tzinfo=UTC)
    return min(began, datetime.now(UTC) + timedelta(days=1))
