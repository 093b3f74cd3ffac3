"""The tiles of a lab's sounds (`octolab.audio.tiles`): where they are kept, and making them.

They are derived data: under ``.octolab/tiles`` by the CID of the file, made again when they
are missing or of another version, removed when no artifact with that CID is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, LabError, NotFound

if TYPE_CHECKING:
    from octolab.audio.tiles import Tiles
    from octolab.jobs import Job
    from octolab.lab.artifacts import Item
    from octolab.lab.lab import Lab

KIND = "tiles"
RECENT_JOBS = 100
LOOK_AGAIN_S = 0.2


def tiles_path(root: Path, cid: str, channel: int | None = None) -> Path:
    """Where the tiles of a file belong."""
    name = cid if channel is None else f"{cid}-{channel}"
    return root / ".octolab" / "tiles" / cid[-2:] / f"{name}.tiles"


def file_of(item: Item) -> Path:
    """The file of an artifact, or `LabError` when it is gone."""
    if not item.path.is_file():
        raise LabError(
            "the file {path} is gone from the lab; `octolab verify` lists all that are",
            path=item.record.path,
        )
    return item.path


def kept_tiles(lab: Lab, item: Item, channel: int | None = None) -> Tiles | None:
    """The tiles of a sound, if they are made already."""
    from octolab.audio.tiles import open_tiles

    try:
        return open_tiles(tiles_path(lab.path, item.cid, channel))
    except (NotFound, BadInput):
        return None


def made_tiles(
    lab: Lab,
    item: Item,
    channel: int | None = None,
    progress: Callable[[float, float | None], Any] | None = None,
) -> Tiles:
    """The tiles of a sound, made now if need be; if another process makes them, wait for it.

    Parameters
    ----------
    lab : Lab
        Whose sound.
    item : Sound or Clip
        The sound, or the clip whose sound track to show.
    channel : int, optional
        One channel, from 0; the mean of all by default.
    progress : callable, optional
        ``progress(done_s, total_s)``; the total is None while it is not known. What it
        raises ends the work.

    Raises
    ------
    BadInput
        If the sound can't be read.
    LabError
        If its file is gone, or the disk is full.
    """
    from filelock import FileLock, Timeout

    from octolab.audio.tiles import make_tiles, open_tiles

    sound = file_of(item)
    path = tiles_path(lab.path, item.cid, channel)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}-lock")
    while not lock.is_locked:
        try:
            lock.acquire(timeout=LOOK_AGAIN_S)
        except Timeout:
            if progress is not None:
                progress(0, None)
    try:
        if (kept := kept_tiles(lab, item, channel)) is None:
            for left in path.parent.glob(f"{path.name}.*.part"):
                left.unlink(missing_ok=True)
            make_tiles(sound, path, channel=channel, progress=progress)
            kept = open_tiles(path)
        return kept
    finally:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def tiles_job(lab: Lab, item: Item, title: str, channel: int | None = None) -> Job:
    """Make the tiles of a sound in the background; a job that does so already is joined."""
    what = item.record.path if channel is None else f"{item.record.path} ({channel})"
    for job in lab.jobs(RECENT_JOBS):
        record = job.record
        if (record.kind, record.message) == (KIND, what) and record.state in ("queued", "running"):
            return job

    def work(progress: Callable[..., None], cancelled: Callable[[], bool]) -> None:
        def report(done_s: float, total_s: float | None) -> None:
            total_s = total_s or item.record.duration_s
            progress(int(done_s), None if total_s is None else int(max(total_s, done_s)), what)

        report(0, None)
        made_tiles(lab, item, channel, report)

    return lab.run_job(KIND, title, work)


def drop_tiles(lab: Lab, cids: Iterable[str]) -> None:
    """Remove the tiles of files that no artifact stands for any more."""
    for cid in set(cids):
        if not lab.catalog.by_cid(cid):
            for path in tiles_path(lab.path, cid).parent.glob(f"{cid}*"):
                path.unlink(missing_ok=True)
