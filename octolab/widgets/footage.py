"""What the webcam of a page films, on its way into the lab.

It grows in ``.octolab/recording`` as ``page__<slug>__<moment>.part`` beside a lock that says
it is being filmed: a page that closes or a kernel that dies loses what it had not sent yet.
"""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from octolab.errors import BadInput, OctolabError, TooLarge

if TYPE_CHECKING:
    from octolab.lab import Clip, Lab

FOLDER = Path(".octolab") / "recording"
LARGEST_FILM = 2_000_000_000
QUIET_S = 60.0  # a page that sends nothing for so long is gone
MOMENT = "%Y-%m-%dT%H-%M-%S.%fZ"


class Footage:
    """One film under way; it is kept when it is finished, and when its page falls silent.

    Parameters
    ----------
    lab : Lab
        Where to.
    slug : str
        The webcam.
    at : datetime
        When it begins.
    uncertainty_s : float, optional
        The error of that.
    """

    def __init__(self, lab: Lab, slug: str, at: datetime, uncertainty_s: float | None) -> None:
        self.slug = slug
        self.lock = threading.RLock()
        self.size = 0
        self._lab, self._uncertainty_s = lab, uncertainty_s
        self._path = lab.path / FOLDER / f"page__{slug}__{at.astimezone(UTC):{MOMENT}}.part"
        self._busy = _lock(self._path)
        self._busy.acquire(timeout=0)
        self._path.touch(mode=0o600)
        self._heard = time.monotonic()
        self._over = threading.Event()
        self._kept: Clip | None = None
        threading.Thread(target=self._wait, name="octolab-footage", daemon=True).start()

    def add(self, data: bytes) -> None:
        """Add the next piece."""
        if self._over.is_set():
            raise BadInput("the recording was ended because nothing came for a while; it is kept")
        if self.size + len(data) > LARGEST_FILM:
            raise TooLarge(
                "the recording is over {limit} MB and was ended; it is kept",
                limit=LARGEST_FILM // 1_000_000,
            )
        self._heard = time.monotonic()
        with self._path.open("ab") as file:
            file.write(data)
        self.size += len(data)

    def keep(self, gallery: str | None = None) -> Clip:
        """End it and keep it as a clip, however often asked.

        Raises
        ------
        BadInput
            If nothing in it can be played; then nothing is left of it.
        """
        with self.lock:
            self._over.set()
            try:
                if self._kept is None:
                    self._kept = _keep(self._lab, self._path, self._uncertainty_s, gallery)
                return self._kept
            finally:
                _unlock(self._busy)

    def drop(self) -> None:
        """End it; what came is kept all the same."""
        with contextlib.suppress(OctolabError):
            self.keep()

    def _wait(self) -> None:
        while not self._over.wait(QUIET_S / 4):
            if time.monotonic() - self._heard > QUIET_S:
                self.drop()


def keep_footage(lab: Lab) -> None:
    """Keep what was filmed by pages whose kernel ended before they did."""
    for path in sorted((lab.path / FOLDER).glob("page__*.part")):
        busy = _lock(path)
        try:
            busy.acquire(timeout=0)
        except Timeout:
            continue  # it is filmed right now
        try:
            if path.exists():  # nobody else has kept it meanwhile
                _keep(lab, path)
        except BadInput:
            pass  # it ended before its first fragment came
        except OctolabError as error:
            lab.log_error(error, "widgets")
        finally:
            _unlock(busy)


def _keep(
    lab: Lab, path: Path, uncertainty_s: float | None = None, gallery: str | None = None
) -> Clip:
    """Move a film into the lab: as it came or, when it was cut off, all that can be played."""
    from octolab.capture import recover_recording

    slug, _, moment = path.stem.removeprefix("page__").rpartition("__")
    at = datetime.strptime(moment, MOMENT).replace(tzinfo=UTC)

    def add() -> Clip:
        return lab.add_clip(
            path,
            name="recording",
            source=slug,
            captured_at=at,
            uncertainty_s=uncertainty_s,
            gallery=gallery,
            move=True,
        )

    try:
        try:
            clip = add()
        except BadInput:
            if recover_recording(path) is None:
                raise
            clip = add()
    except BadInput:
        path.unlink()
        raise
    camera = lab.catalog.source(slug, removed=True)
    lab.log("{camera}: recorded {seconds:.1f} s", camera=camera.name, seconds=clip.duration_s or 0)
    return clip


def _lock(path: Path) -> FileLock:
    return FileLock(f"{path}-lock", thread_local=False)


def _unlock(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
