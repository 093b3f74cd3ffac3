"""The panel of live cameras."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from octolab.errors import BadInput
from octolab.model import Source
from octolab.widgets.live import LiveOverlays, LivePictures, Wish
from octolab.widgets.overlays import overlay_png, prepare
from octolab.widgets.panel import Answer, Panel, action
from octolab.widgets.plain import (
    analysis_row,
    analyzer_choices,
    artifact_row,
    camera_names,
)

if TYPE_CHECKING:
    from octolab.lab import Lab

WEBCAM = "webcam://"
OF_STILLS = ("interval_s", "gallery")
WIDEST = 1280
FASTEST_FPS = 15.0


class Cameras(Panel):
    """Cards of cameras: live pictures, stills, recordings, intervals, analysis, settings."""

    name = "cameras"
    topics = frozenset({"source", "gallery", "plugin"})

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._live = LivePictures(self, lambda: self._watched())
        self._overlays = LiveOverlays(self, lambda: self._watched())
        self._revision = 0
        self._reading = threading.Lock()

    def close(self) -> None:
        """End the live pictures and overlays."""
        self._live.stop()
        self._overlays.stop()

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views how the cameras stand."""
        self.push("cameras", self._state())

    def _state(self) -> dict[str, Any]:
        """How all stands; of two states the one with the higher revision is the newer."""
        with self._reading:
            self._revision += 1
            overlays = self._overlays.wanted()
            cameras = [_card(self, one, overlays) for one in self.lab.catalog.sources("camera")]
            return {
                "revision": self._revision,
                "cameras": cameras,
                "analyzers": [a for a in analyzer_choices(self) if "frame" in a["kinds"]],
                "galleries": [gallery.name for gallery in self.lab.catalog.galleries()],
            }

    @action
    def state(self) -> dict[str, Any]:
        """All cards, the analyzers and the galleries."""
        return self._state()

    @action
    def watch(self, slugs: list[str], width: int = 480, fps: float = 10.0) -> None:
        """Send live pictures of these cameras from now on."""
        wish = Wish(
            tuple(slugs), max(80, min(WIDEST, int(width))), max(0.2, min(FASTEST_FPS, float(fps)))
        )
        self._live.watch(wish)

    # --- adding, changing, removing ------------------------------------------------------

    @action
    def add(
        self,
        url: str,
        name: str | None = None,
        user: str | None = None,
        password: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add a camera by its address; the answer names it."""
        if not url.strip():
            raise BadInput("enter the camera's address, such as rtsp://192.168.1.20/stream")
        self._check_place(url.strip())
        camera = self.lab.add_camera(
            url.strip(),
            name=(name or "").strip() or None,
            user=user or None,
            password=password or None,
            settings=settings,
        )
        return {"slug": camera.slug, **self._state()}

    @action
    def update(
        self,
        slug: str,
        name: str | None = None,
        url: str | None = None,
        user: str | None = None,
        password: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Change what is given of a camera."""
        camera = self.lab.camera(slug)
        if name is not None and not name.strip():
            raise BadInput("a camera needs a name")
        source = camera.source
        changed: dict[str, Any] = {}
        if name is not None and name.strip() != source.name:
            changed["name"] = name.strip()
        if url is not None and url.strip() != source.url:
            self._check_place(url.strip())
            changed["url"] = url.strip()
        if user:
            changed |= {"user": user, "password": password or ""}
        if settings is not None:
            merged = {k: v for k, v in {**source.settings, **settings}.items() if v is not None}
            if merged != dict(source.settings):
                changed["settings"] = merged
        if changed:
            camera.update(**changed)
        now = changed.get("settings", source.settings)
        differs = any(now.get(name) != source.settings.get(name) for name in OF_STILLS)
        if differs and source.desired.interval_s:
            seconds = float(now.get("interval_s") or source.desired.interval_s)
            camera.start_interval(seconds, str(now.get("gallery") or camera.name))
        return self._state()

    def _check_place(self, url: str) -> None:
        """A page may look at films of the lab, not at any file of the machine."""
        if urlsplit(url).scheme != "file":
            return
        path = Path(url2pathname(urlsplit(url).path)).resolve()
        if not path.is_relative_to(self.lab.path.resolve()):
            raise BadInput(
                "from a page only files of the lab can be cameras; add {path} from a notebook",
                path=str(path),
            )

    @action
    def remove(self, slug: str) -> dict[str, Any]:
        """Stop all a camera does and forget it."""
        self._overlays.set(slug, None)
        self.lab.camera(slug).remove()
        return self._state()

    @action
    def restart(self, slug: str | None = None) -> None:
        """Close and open one camera, or all of them."""
        if slug is None:
            self.lab.restart_cameras()
        else:
            self.lab.camera(slug).restart()

    # --- capturing ---------------------------------------------------------------

    @action
    def still(self, slug: str, gallery: str | None = None) -> dict[str, Any]:
        """Take a still; the answer is its row."""
        frame = self.lab.camera(slug).snapshot(gallery or None)
        return artifact_row(frame.record, camera_names(self.lab))

    @action
    def record(self, slug: str, on: bool) -> dict[str, Any]:
        """Begin or end a recording; at its end the answer is the clip's row."""
        camera = self.lab.camera(slug)
        if on:
            camera.start_recording()
            return {"recording": True}
        clip = camera.stop_recording()
        return {"recording": False, "clip": artifact_row(clip.record, camera_names(self.lab))}

    @action
    def interval(
        self, slug: str, seconds: float | None = None, gallery: str | None = None
    ) -> dict[str, Any]:
        """Take a still every so many seconds; without seconds, no more."""
        camera = self.lab.camera(slug)
        if seconds is None:
            camera.stop_interval()
        else:
            camera.start_interval(float(seconds), gallery or camera.name)
            camera.update(settings={**camera.source.settings, "interval_s": float(seconds)})
        return self._state()

    # --- analysing ---------------------------------------------------------------

    @action
    def analyse(self, slug: str, analyzer: str) -> Answer:
        """Take a still, analyse it, keep both; the answer brings the overlay."""
        prepare(self, analyzer)
        camera = self.lab.camera(slug)
        frame = camera.snapshot()
        analysis = frame.analyze(analyzer)
        png = overlay_png(frame.image, analysis, WIDEST)
        data = {
            "frame": artifact_row(frame.record, camera_names(self.lab)),
            "analysis": analysis_row(self, analysis),
        }
        return Answer(data, [png] if png else [])

    @action
    def analysis(self, slug: str, analyzer: str | None = None, fps: float = 1.0) -> dict[str, Any]:
        """Analyse the live picture at the server all the time; without an analyzer, no more."""
        camera = self.lab.camera(slug)
        desired = camera.desired
        if analyzer is None:
            camera.stop_analysis()
        else:
            prepare(self, analyzer)
            params = desired.analyzer_params if analyzer == desired.analyzer else None
            camera.start_analysis(analyzer, float(fps), params)
        return self._state()

    @action
    def overlay(self, slug: str, analyzer: str | None = None) -> dict[str, Any]:
        """Draw what an analyzer finds over the live picture; None ends it."""
        self._overlays.set(slug, analyzer)
        return self._state()


def is_webcam(source: Source) -> bool:
    """Whether it is a camera of somebody's browser."""
    return source.url.startswith(WEBCAM)


def _card(panel: Panel, source: Source, overlays: Mapping[str, str]) -> dict[str, Any]:
    return {
        "slug": source.slug,
        "name": source.name,
        "url": source.url,
        "webcam": is_webcam(source),
        "settings": source.settings,
        "desired": source.desired,
        "observed": panel.spoken(source.observed),
        "overlay": overlays.get(source.slug),
    }


def webcam_of(lab: Lab, slug: str, *, removed: bool = False) -> Source:
    """The browser camera of that slug; with `removed`, also one that was removed.

    Raises
    ------
    BadInput
        If that camera is none of a browser.
    """
    source = lab.catalog.source(slug, removed=removed)
    if not is_webcam(source):
        raise BadInput("{camera} is not a camera of a browser", camera=source.name)
    return source
