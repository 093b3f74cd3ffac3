"""Recordings on their way into a lab.

Each grows in ``.octolab/recording`` beside a lock that says it is under way. What a process
left that was killed is known by a lock that nobody holds, and kept by the next that looks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from octolab.errors import BadInput, OctolabError

if TYPE_CHECKING:
    from octolab.lab.lab import Lab

FOLDER = Path(".octolab") / "recording"


def under_way(path: Path) -> FileLock:
    """Say that a recording grows at that path, until `over` is told of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    busy = FileLock(f"{path}-lock", thread_local=False)
    busy.acquire(timeout=0)
    return busy


def over(busy: FileLock) -> None:
    """Say that a recording is kept, or that there is nothing to keep."""
    busy.release()
    Path(busy.lock_file).unlink(missing_ok=True)


def keep_left_behind(lab: Lab, pattern: str, keep: Callable[[Path], Any]) -> None:
    """Keep the recordings of that pattern whose process was killed."""
    for lock in sorted((lab.path / FOLDER).glob(f"{pattern}-lock")):
        path = lock.with_name(lock.name.removesuffix("-lock"))
        try:
            busy = under_way(path)
        except Timeout:
            continue  # it is recorded right now
        try:
            if path.exists():  # nobody else has kept it meanwhile
                settle(lab, partial(keep, path))
        finally:
            over(busy)


def settle(lab: Lab, keep: Callable[[], Any]) -> None:
    """Keep something that nobody waits for."""
    try:
        keep()
    except BadInput:
        pass  # it ended before anything came
    except OctolabError as error:
        lab.log_error(error)
