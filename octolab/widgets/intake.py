"""The panel through which a page brings pictures, clips and files into the lab."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, NotFound, TooLarge
from octolab.model import utc_now
from octolab.widgets.cameras import WIDEST, webcam_of
from octolab.widgets.overlays import analyse_picture, overlay_png, prepare
from octolab.widgets.panel import Answer, Buffers, Panel, action
from octolab.widgets.plain import analysis_row, artifact_row, camera_names

if TYPE_CHECKING:
    from octolab.lab import Frame, Lab

LARGEST_STILL = 30_000_000
LARGEST_UPLOAD = 2_000_000_000
LARGEST_CHUNK = 9_000_000


@dataclass
class Upload:
    """A file that arrives in pieces; the pieces come one after another."""

    path: Path
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Intake(Panel):
    """Takes stills and clips of the page's own camera, and files dropped on the page."""

    name = "intake"

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._uploads: dict[str, Upload] = {}

    def close(self) -> None:
        """Drop what arrived only in part."""
        for upload in self._uploads.values():
            upload.path.unlink(missing_ok=True)
        self._uploads.clear()

    @action
    def clock(self) -> dict[str, float]:
        """The time here, so that a page can tell how far its own clock is off."""
        return {"now_ms": utc_now().timestamp() * 1000}

    @action
    def still(
        self,
        slug: str,
        at_ms: float,
        uncertainty_s: float | None = None,
        gallery: str | None = None,
        analyzer: str | None = None,
        buffers: Buffers = (),
    ) -> Answer:
        """Keep a picture of the page's camera, analysed if asked for."""
        if analyzer:
            prepare(self, analyzer)
        frame = self._keep(slug, at_ms, uncertainty_s, gallery, buffers)
        data: dict[str, Any] = {"frame": artifact_row(frame.record, camera_names(self.lab))}
        if not analyzer:
            return Answer(data)
        analysis = frame.analyze(analyzer)
        png = overlay_png(frame.image, analysis, WIDEST)
        return Answer(
            data | {"analysis": analysis_row(self, analysis)},
            [png] if png else [],
        )

    @action
    def look(self, analyzer: str, buffers: Buffers = ()) -> Answer:
        """Analyse a picture without keeping it, for a live overlay."""
        from octolab.media import read_image

        prepare(self, analyzer)
        image = read_image(_one(buffers))
        analysis = analyse_picture(image, analyzer)
        png = overlay_png(image, analysis, WIDEST)
        return Answer({"analysis": analysis_row(self, analysis)}, [png] if png else [])

    def _keep(
        self,
        slug: str,
        at_ms: float,
        uncertainty_s: float | None,
        gallery: str | None,
        buffers: Buffers,
    ) -> Frame:
        camera = webcam_of(self.lab, slug)
        return self.lab.add_frame(
            _one(buffers),
            source=camera.slug,
            captured_at=_time(at_ms),
            uncertainty_s=uncertainty_s,
            gallery=gallery or None,
        )

    # --- files in pieces ---------------------------------------------------------------

    @action
    def begin(self) -> dict[str, str]:
        """Open a file to fill; the answer names it."""
        number = os.urandom(8).hex()
        path = self.lab.path / ".octolab" / "incoming" / f"page-{number}.part"
        path.touch(mode=0o600)
        self._uploads[number] = Upload(path)
        return {"upload": number}

    @action
    def piece(self, upload: str, offset: int, buffers: Buffers = ()) -> dict[str, int]:
        """Add the next piece."""
        target = self._upload(upload)
        data = _one(buffers, LARGEST_CHUNK)
        with target.lock:
            if offset != target.size:
                raise BadInput("a piece of the file is missing; send it again")
            if target.size + len(data) > LARGEST_UPLOAD:
                self.drop(upload)
                raise TooLarge(
                    "the file is over {limit} MB; add it from a notebook with lab.add_clip",
                    limit=LARGEST_UPLOAD // 1_000_000,
                )
            with target.path.open("ab") as file:
                file.write(data)
            target.size += len(data)
        return {"size": target.size}

    @action
    def drop(self, upload: str) -> None:
        """Forget a file that was begun."""
        if (target := self._uploads.pop(upload, None)) is not None:
            target.path.unlink(missing_ok=True)

    @action
    def finish_clip(
        self, upload: str, slug: str, at_ms: float, gallery: str | None = None
    ) -> dict[str, Any]:
        """Keep the file as a clip of the page's camera, also when that was removed meanwhile."""
        camera = webcam_of(self.lab, slug, removed=True)
        target = self._upload(upload)
        try:
            clip = self.lab.add_clip(
                target.path,
                name="recording",
                source=camera.slug,
                captured_at=_time(at_ms),
                gallery=gallery or None,
                move=True,
            )
        finally:
            self.drop(upload)
        seconds = clip.duration_s or 0.0
        self.lab.log("{camera}: recorded {seconds:.1f} s", camera=camera.name, seconds=seconds)
        return artifact_row(clip.record, camera_names(self.lab))

    @action
    def finish_file(
        self,
        upload: str,
        name: str,
        modified_ms: float | None = None,
        gallery: str | None = None,
    ) -> dict[str, Any]:
        """Keep the file as whatever it is: a frame, a clip or a sound."""
        from octolab.media import probe

        target = self._upload(upload)
        try:
            info = probe(target.path)
            add = {
                "frame": self.lab.add_frame,
                "clip": self.lab.add_clip,
                "sound": self.lab.add_sound,
            }[info.kind]
            at = info.captured_at or (_time(modified_ms) if modified_ms else None)
            item = add(target.path, name=name, captured_at=at, gallery=gallery or None, move=True)
        finally:
            self.drop(upload)
        return artifact_row(item.record, camera_names(self.lab))

    def _upload(self, number: str) -> Upload:
        try:
            return self._uploads[number]
        except KeyError:
            raise NotFound("that file was not begun here; send it again") from None


def _one(buffers: Buffers, limit: int = LARGEST_STILL) -> bytes:
    if len(buffers) != 1:
        raise BadInput("the page sent {count} pieces where one was due", count=len(buffers))
    data = bytes(buffers[0])
    if not data:
        raise BadInput("the page sent an empty picture; is the camera covered or asleep?")
    if len(data) > limit:
        raise TooLarge(
            "the page sent {size} bytes at once; {limit} is the limit", size=len(data), limit=limit
        )
    return data


def _time(at_ms: float) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
