"""What the camera and the microphone of a page record, on its way into the lab.

A recording grows in ``.octolab/recording`` beside a lock that says it is under way, and is
kept however it ends: when it is finished, its widget is closed, its page falls silent, or,
by the next page, when its process was killed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from filelock import FileLock, Timeout

from octolab.errors import BadInput, OctolabError

if TYPE_CHECKING:
    from octolab.lab import Lab

FOLDER = Path(".octolab") / "recording"
QUIET_S = 60.0  # a page that sends nothing for so long is gone

K = TypeVar("K")


class Take(Generic[K]):
    """One recording under way, which comes in pieces.

    Parameters
    ----------
    lab : Lab
        Where to.
    path : Path
        The file it grows in.
    write : callable
        ``write(data)`` adds the next piece to the file.
    keep : callable
        ``keep(gallery)`` moves the file into the lab; raises `BadInput`, and leaves no file,
        if there is nothing in it.
    """

    def __init__(
        self,
        lab: Lab,
        path: Path,
        write: Callable[[bytes], Any],
        keep: Callable[[str | None], K],
    ) -> None:
        self.lock = threading.RLock()
        self.size = 0
        self._lab, self._write, self._take_in = lab, write, keep
        self._busy = FileLock(f"{path}-lock", thread_local=False)
        self._busy.acquire(timeout=0)
        self._heard = time.monotonic()
        self._over = threading.Event()
        self._kept: K | None = None
        threading.Thread(target=self._wait, name="octolab-take", daemon=True).start()

    def add(self, data: bytes) -> None:
        """Add the next piece."""
        if self._over.is_set():
            raise BadInput("the recording was ended because nothing came for a while; it is kept")
        self._heard = time.monotonic()
        self._write(data)
        self.size += len(data)

    def keep(self, gallery: str | None = None) -> K:
        """End it and keep it, however often asked.

        Raises
        ------
        BadInput
            If there is nothing in it.
        """
        with self.lock:
            self._over.set()
            try:
                if self._kept is None:
                    self._kept = self._take_in(gallery)
                return self._kept
            finally:
                _unlock(self._busy)

    def drop(self) -> None:
        """End it; what came is kept all the same."""
        _settle(self._lab, self.keep)

    def _wait(self) -> None:
        while not self._over.wait(QUIET_S / 4):
            if time.monotonic() - self._heard > QUIET_S:
                self.drop()


def keep_left_behind(lab: Lab, pattern: str, keep: Callable[[Path], Any]) -> None:
    """Keep the recordings of that pattern whose process was killed."""
    for lock in sorted((lab.path / FOLDER).glob(f"{pattern}-lock")):
        path = lock.with_name(lock.name.removesuffix("-lock"))
        busy = FileLock(lock, thread_local=False)
        try:
            busy.acquire(timeout=0)
        except Timeout:
            continue  # it is recorded right now
        try:
            if path.exists():  # nobody else has kept it meanwhile
                _settle(lab, partial(keep, path))
        finally:
            _unlock(busy)


def _settle(lab: Lab, keep: Callable[[], Any]) -> None:
    """Keep something that nobody waits for."""
    try:
        keep()
    except BadInput:
        pass  # it ended before anything came
    except OctolabError as error:
        lab.log_error(error, "widgets")


def _unlock(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
