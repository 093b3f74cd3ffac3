"""The panel through which a page brings pictures, clips and files into the lab."""

from __future__ import annotations

import os
import re
import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, NotFound, TooLarge
from octolab.model import utc_now
from octolab.widgets.cameras import WIDEST, webcam_of
from octolab.widgets.footage import begin_footage, keep_footage
from octolab.widgets.microphone import begin_sound, keep_sounds
from octolab.widgets.overlays import analyse_picture, overlay_png, prepare
from octolab.widgets.panel import Answer, Buffers, Panel, action
from octolab.widgets.plain import analysis_row, artifact_row, camera_names
from octolab.widgets.takes import Take

if TYPE_CHECKING:
    from octolab.lab import Frame, Lab

LARGEST_STILL = 30_000_000
LARGEST_UPLOAD = 2_000_000_000
LARGEST_CHUNK = 9_000_000
LONGEST_NAME = 60  # four bytes a letter at most, and file systems take 255
FASTEST_SR = 384_000


@dataclass
class Upload:
    """A file that arrives in pieces, one after another, in a folder of its own."""

    path: Path
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, data: bytes) -> None:
        """Add the next piece."""
        if self.size + len(data) > LARGEST_UPLOAD:
            raise TooLarge(
                "the file is over {limit} MB; add it from a notebook with lab.add_clip",
                limit=LARGEST_UPLOAD // 1_000_000,
            )
        with self.path.open("ab") as file:
            file.write(data)
        self.size += len(data)

    def rename(self, name: str) -> None:
        """Call it what it is called where it comes from: errors name it."""
        plain = re.sub(r"[\\/\0-\x1f]", "_", name)[-LONGEST_NAME:].strip(". ")
        self.path = self.path.rename(self.path.with_name(plain or "file"))

    def drop(self) -> None:
        """Forget it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Intake(Panel):
    """Takes what the page's own camera and microphone record, and files dropped on the page."""

    name = "intake"

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._uploads: dict[str, Upload] = {}
        self._takes: dict[str, Take[Any]] = {}
        self._closed = threading.Event()
        keep_sounds(lab, self._microphone)

    def close(self) -> None:
        """Drop files that arrived only in part; what was recorded is kept."""
        self._closed.set()
        for begun in (self._uploads, self._takes):
            for target in begun.values():
                target.drop()
            begun.clear()

    def looked_at(self) -> None:
        """Keep what pages filmed whose kernel has ended; that of a reloaded one takes a while."""
        threading.Thread(target=self._find_footage, name="octolab-footage", daemon=True).start()

    def _find_footage(self) -> None:
        for wait_s in (0, 10, 30):
            if self._closed.wait(wait_s):
                return
            keep_footage(self.lab)

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

    # --- recordings ---------------------------------------------------------------

    @action
    def begin_clip(
        self, slug: str, at_ms: float, uncertainty_s: float | None = None
    ) -> dict[str, str]:
        """Begin a clip of the page's camera that comes in pieces; the answer names it."""
        camera = webcam_of(self.lab, slug)
        return self._begun(begin_footage(self.lab, camera.slug, _time(at_ms), uncertainty_s))

    @action
    def begin_sound(
        self,
        sr: int,
        channels: int,
        at_ms: float,
        uncertainty_s: float,
        device: str = "",
    ) -> dict[str, str]:
        """Begin a recording whose samples of 16 bits come as pieces; the answer names it."""
        if not (8_000 <= sr <= FASTEST_SR and 1 <= channels <= 2):
            raise BadInput("the page records at {sr} Hz, which is not possible", sr=sr)
        form = {"sr": sr, "channels": channels, "device": device}
        return self._begun(
            begin_sound(self.lab, self._microphone, _time(at_ms), uncertainty_s, **form)
        )

    @action
    def finish_take(self, upload: str, gallery: str | None = None) -> dict[str, Any]:
        """Keep what was recorded, also when its camera was removed meanwhile."""
        take = self._takes.pop(upload, None)
        if take is None:
            raise NotFound("that recording was not begun here")
        return artifact_row(take.keep(gallery or None).record, camera_names(self.lab))

    def _begun(self, take: Take[Any]) -> dict[str, str]:
        number = os.urandom(8).hex()
        self._takes[number] = take
        return {"upload": number}

    @property
    def _microphone(self) -> str:
        return self.text("Microphone of this device")

    # --- files in pieces ---------------------------------------------------------------

    @action
    def begin(self) -> dict[str, str]:
        """Open a file to fill; the answer names it."""
        number = os.urandom(8).hex()
        folder = self.lab.path / ".octolab" / "incoming" / f"page-{number}"
        folder.mkdir(mode=0o700)
        (folder / "part").touch(mode=0o600)
        self._uploads[number] = Upload(folder / "part")
        return {"upload": number}

    @action
    def piece(self, upload: str, offset: int, buffers: Buffers = ()) -> dict[str, int]:
        """Add the next piece."""
        target = self._takes.get(upload) or self._upload(upload)
        data = _one(buffers, LARGEST_CHUNK)
        with target.lock:
            if offset != target.size:
                raise BadInput("a piece of the file is missing; send it again")
            try:
                target.add(data)
            except TooLarge:
                self.drop(upload)
                raise
        return {"size": target.size}

    @action
    def drop(self, upload: str) -> None:
        """Forget a file that was begun, or end a recording."""
        for begun in (self._uploads, self._takes):
            if (target := begun.pop(upload, None)) is not None:
                target.drop()

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
            target.rename(name)
            add = {
                "frame": self.lab.add_frame,
                "clip": self.lab.add_clip,
                "sound": self.lab.add_sound,
            }[probe(target.path).kind]
            item = add(
                target.path,
                name=name,
                gallery=gallery or None,
                modified_at=_time(modified_ms) if modified_ms else None,
                move=True,
            )
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
