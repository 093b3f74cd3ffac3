"""Recordings on their way from the camera to the lab.

A recording grows in ``.octolab/recording`` as ``<slug>__<moment>.mp4`` and is moved into the
lab when it ends. What a kill leaves there is made whole and moved at the next start.
"""

from __future__ import annotations

import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.errors import OctolabError
from octolab.lab.ingest import describe, store_file
from octolab.lab.recordings import FOLDER
from octolab.model import utc_now

if TYPE_CHECKING:
    from octolab.capture import CameraReader, RecordedClip
    from octolab.lab import Lab

STUCK_S = 20.0
RETRY_S = 60.0


class Take:
    """One recording under way."""

    def __init__(self, lab: Lab, slug: str, reader: CameraReader) -> None:
        folder = lab.path / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self.slug = slug
        self.path = folder / f"{slug}__{utc_now():%Y-%m-%dT%H-%M-%S.%fZ}.mp4"
        self.began = time.monotonic()
        self._lab, self._reader = lab, reader
        self._size = -1
        self._grew = self.began
        self._ending = threading.Lock()
        self._kept: int | None = None
        reader.start_recording(self.path)

    def stuck(self) -> bool:
        """Whether the camera is live and yet nothing is written, as on a full disk."""
        now = time.monotonic()
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            size = -1
        if size != self._size or self._reader.state.state != "live":
            self._size, self._grew = size, now
        return now - self._grew > STUCK_S

    @property
    def written(self) -> bool:
        """Whether anything of it is on the disk."""
        return self.path.exists()

    def finish(self) -> int:
        """End it and keep it as a clip; the number of the clip, however often asked.

        Raises
        ------
        OctolabError
            If nothing was recorded, and why.
        """
        with self._ending:
            if self._kept is None:
                clip = self._reader.stop_recording()
                self._kept = keep(self._lab, self.slug, clip)
            return self._kept


def keep(lab: Lab, slug: str, clip: RecordedClip) -> int:
    """Move a finished recording into the lab, also when its camera was removed meanwhile."""
    from octolab.media import probe

    capture = describe(
        probe(clip.path), captured_at=clip.started_at, source=slug, meta={"name": clip.path.name}
    )
    kept = store_file(lab.path, lab.catalog, clip.path, capture, move=True, only_copy=True)
    camera = lab.catalog.source(slug, removed=True).name
    lab.log("{camera}: recorded {seconds:.1f} s", camera=camera, seconds=clip.duration_s)
    return kept.id


def recover(lab: Lab) -> list[int]:
    """Keep what a kill left of recordings.

    What holds pictures and yet can't be played stays where it is; what was killed before its
    first fragment was written is removed.
    """
    from octolab.capture import recover_recording

    numbers = []
    for path in sorted((lab.path / FOLDER).glob("*__*.mp4")):
        try:
            clip = recover_recording(path)
            if clip is not None:
                numbers.append(keep(lab, path.name.partition("__")[0], clip))
            elif not holds_pictures(path):
                path.unlink()
            else:
                lab.log("the recording {name} can't be played", level="error", name=path.name)
        except OctolabError as error:
            lab.log_error(error, "server")
    return numbers


def holds_pictures(path: Path) -> bool:
    """Whether a file has more in it than the header of an MP4: a whole fragment, or data.

    A fragment whose own header is cut off holds nothing that could be found again.
    """
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if kind == b"moof" and at + length > size:
                return False
            if kind not in (b"ftyp", b"moov", b"free") or length < 8:
                return True
            at += length
    return False
