"""What the camera and the microphone of a page record, on its way into the lab.

A recording (`octolab.lab.recordings`) is kept however it ends: when it is finished, its widget
is closed, its page falls silent, or, by the next page, when its process was killed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from octolab.errors import BadInput
from octolab.lab.recordings import over, settle, under_way

if TYPE_CHECKING:
    from octolab.lab import Lab

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
        self._busy = under_way(path)
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
                over(self._busy)

    def drop(self) -> None:
        """End it; what came is kept all the same."""
        settle(self._lab, self.keep)

    def _wait(self) -> None:
        while not self._over.wait(QUIET_S / 4):
            if time.monotonic() - self._heard > QUIET_S:
                self.drop()
