"""Live pictures and live overlays: threads that push to the views of one panel."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from octolab.errors import OctolabError
from octolab.model import Observed
from octolab.widgets.overlays import analyse_picture, overlay_png, prepare
from octolab.widgets.plain import analysis_row

if TYPE_CHECKING:
    from octolab.widgets.panel import Panel

logger = logging.getLogger("octolab.widgets")

OVERLAY_WIDTH = 640


@dataclass(frozen=True)
class Wish:
    """What the views want to see."""

    slugs: tuple[str, ...]
    width: int
    fps: float


class LivePictures:
    """One thread that sends all cameras' newest pictures as one message, again and again.

    Parameters
    ----------
    panel : Panel
        Whose views get ``live`` events (``pictures``, ``states`` and one JPEG per picture)
        and ``lost`` events when nothing comes.
    watched : callable
        Whether any view is there.
    """

    def __init__(self, panel: Panel, watched: Callable[[], bool]) -> None:
        self._panel = panel
        self._watched = watched
        self._wish: Wish | None = None
        self._changed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._ended = False

    def watch(self, wish: Wish) -> None:
        """Send these from now on."""
        with self._lock:
            if self._ended or wish == self._wish:
                return
            self._wish = wish
            self._changed.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="octolab-live", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End it for good."""
        self._ended = True
        self._wish = None
        self._changed.set()

    def _run(self) -> None:
        delay = 0.5
        while not self._ended:
            self._changed.clear()
            wish = self._wish
            if wish is None or not wish.slugs:
                self._changed.wait(60)
                continue
            if not self._watched():
                self._changed.wait(1)
                continue
            try:
                if self._stream(wish):
                    delay = 0.5
                    continue
            except OctolabError as error:
                self._lost(error)
            except Exception as error:  # whatever it is, pictures must come back
                logger.exception("live pictures")
                self._lost(
                    OctolabError(
                        "live pictures failed: {error}", error=str(error) or type(error).__name__
                    )
                )
            self._changed.wait(delay)
            delay = min(10.0, delay * 2)

    def _lost(self, error: OctolabError) -> None:
        self._panel.push("lost", {"message": error.localized(self._panel.language)})

    def _stream(self, wish: Wish) -> bool:
        got = False
        pictures = self._panel.lab.live.stream(list(wish.slugs), width=wish.width, fps=wish.fps)
        with closing(pictures) as stream:  # type: ignore[type-var]
            for batch in stream:
                if self._wish is not wish or not self._watched():
                    return True
                got = True
                self._send(batch.pictures, batch.states)
        return got

    def _send(self, pictures: Mapping[str, bytes], states: Mapping[str, Observed]) -> None:
        told = {slug: self._panel.spoken(seen) for slug, seen in states.items()}
        data = {"pictures": list(pictures), "states": told}
        self._panel.push("live", data, list(pictures.values()))


class LiveOverlays:
    """One thread that analyses live pictures, here in this process, and sends overlays.

    Analyzers registered in a notebook cell are known only here, so this is where they run.

    Parameters
    ----------
    panel : Panel
        Whose views get ``overlay`` events with a transparent PNG.
    watched : callable
        Whether any view is there.
    """

    def __init__(self, panel: Panel, watched: Callable[[], bool], period_s: float = 0.8) -> None:
        self._panel = panel
        self._watched = watched
        self._period_s = period_s
        self._wanted: dict[str, str] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._changed = threading.Event()

    def set(self, slug: str, analyzer: str | None) -> None:
        """Draw what `analyzer` finds over this camera; None ends it."""
        with self._lock:
            if analyzer is None:
                self._wanted.pop(slug, None)
            else:
                self._wanted[slug] = analyzer
            self._changed.set()
            if self._wanted and self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="octolab-overlay", daemon=True
                )
                self._thread.start()

    def wanted(self) -> dict[str, str]:
        """Which cameras have an overlay, and by what."""
        with self._lock:
            return dict(self._wanted)

    def stop(self) -> None:
        """End all."""
        with self._lock:
            self._wanted.clear()
            self._changed.set()

    def _run(self) -> None:
        while True:
            self._changed.clear()
            with self._lock:
                if not self._wanted:
                    self._thread = None
                    return
                todo = dict(self._wanted)
            if self._watched():
                for slug, analyzer in todo.items():
                    self._one(slug, analyzer)
            self._changed.wait(self._period_s)

    def _one(self, slug: str, analyzer: str) -> None:
        from octolab.media import read_image

        try:
            prepare(self._panel, analyzer)
            jpeg = self._panel.lab.live.jpeg(slug, OVERLAY_WIDTH)
            if jpeg is None or self.wanted().get(slug) != analyzer:
                return
            image = read_image(jpeg)
            analysis = analyse_picture(image, analyzer)
            png = overlay_png(image, analysis)
        except OctolabError as error:
            self.set(slug, None)
            text = error.localized(self._panel.language)
            self._panel.push("overlay", {"slug": slug, "error": text})
            return
        data: dict[str, Any] = {"slug": slug, "analysis": analysis_row(self._panel, analysis)}
        if self.wanted().get(slug) == analyzer:
            self._panel.push("overlay", data, [png] if png else [])
