"""What the microphone of a page records, on its way into the lab."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from octolab.audio.growing import UNCERTAINTY, GrowingWav
from octolab.errors import BadInput, OctolabError
from octolab.model import Source

if TYPE_CHECKING:
    from octolab.lab import Lab, Sound

MICROPHONE = "webcam://microphone"
QUIET_S = 60.0  # a page that sends nothing for so long is gone


def microphone_of_the_page(lab: Lab, name: str) -> Source:
    """The microphones of the devices that show pages: one source, made under that name."""
    found = (one for one in lab.catalog.sources("microphone") if one.url == MICROPHONE)
    return next(found, None) or lab.catalog.add_source("microphone", name, MICROPHONE)


class Take:
    """One recording under way: a whole WAV at any time, and a lock that says it is at work.

    It is kept when it is finished, and also when the page falls silent; what a kill leaves,
    `keep_left_behind` finds.
    """

    def __init__(
        self, lab: Lab, source: Source, at: datetime, uncertainty_s: float, **form: Any
    ) -> None:
        self._lab, self._source = lab, source
        path = lab.path / ".octolab" / "recording" / f"page-{os.urandom(8).hex()}.wav"
        self._wav = GrowingWav(path, started_at=at, uncertainty_s=uncertainty_s, **form)
        self._busy = FileLock(f"{path}-lock", thread_local=False)
        self._busy.acquire(timeout=0)
        self.lock = threading.Lock()
        self._heard = time.monotonic()
        self._over = threading.Event()
        self._kept: Sound | None = None
        threading.Thread(target=self._wait, name="octolab-take", daemon=True).start()

    @property
    def size(self) -> int:
        """Bytes of samples that came."""
        return self._wav.size

    def add(self, samples: bytes) -> None:
        """Add the next samples."""
        if self._over.is_set():
            raise BadInput("the recording was ended because nothing came for a while; it is kept")
        self._heard = time.monotonic()
        self._wav.append(samples)

    def keep(self) -> Sound:
        """End it and keep it as a sound, however often asked.

        Raises
        ------
        BadInput
            If nothing was recorded.
        """
        with self.lock:
            self._over.set()
            self._wav.close()
            try:
                if self._kept is None:
                    self._kept = _keep(self._lab, self._wav.path, self._source)
                return self._kept
            finally:
                _unlock(self._busy)

    def drop(self) -> None:
        """End it and forget it."""
        with self.lock:
            self._over.set()
            self._wav.close()
            self._wav.path.unlink(missing_ok=True)
            _unlock(self._busy)

    def _wait(self) -> None:
        while not self._over.wait(QUIET_S / 4):
            if time.monotonic() - self._heard > QUIET_S:
                _try_to_keep(self._lab, self.keep)


def keep_left_behind(lab: Lab, name: str) -> None:
    """Keep recordings whose process was killed; `name` is that of their source."""
    for lock in sorted((lab.path / ".octolab" / "recording").glob("page-*.wav-lock")):
        path = lock.with_name(lock.name.removesuffix("-lock"))
        busy = FileLock(lock, thread_local=False)
        try:
            busy.acquire(timeout=0)
        except Timeout:
            continue  # it is recorded right now
        try:
            if path.exists():
                source = microphone_of_the_page(lab, name)
                _try_to_keep(lab, partial(_keep, lab, path, source))
        finally:
            _unlock(busy)


def _keep(lab: Lab, path: Path, source: Source) -> Sound:
    """Move a recording into the lab, with the time that stands in it."""
    from octolab.audio.reading import read_recorded

    if not path.exists():
        raise BadInput("nothing was recorded")
    told = read_recorded(path)
    at = told.started_at if told else None
    uncertainty = told.raw.get(f"guano: {UNCERTAINTY}") if told else None
    sound = lab.add_sound(
        path,
        name=f"recording_{at:%Y%m%d_%H%M%S}.wav" if at else "recording.wav",
        source=source.slug,
        captured_at=at,
        uncertainty_s=float(uncertainty) if uncertainty else None,
        move=True,
    )
    lab.log("{camera}: recorded {seconds:.1f} s", camera=source.name, seconds=sound.duration_s)
    return sound


def _try_to_keep(lab: Lab, keep: Callable[[], Sound]) -> None:
    try:
        keep()
    except OctolabError as error:
        lab.log_error(error, "widgets")


def _unlock(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
