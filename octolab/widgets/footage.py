"""What the webcam of a page films: ``page__<slug>__<moment>.part`` while it grows."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.errors import BadInput, TooLarge
from octolab.lab.recordings import FOLDER, keep_left_behind
from octolab.widgets.takes import Take

if TYPE_CHECKING:
    from octolab.lab import Clip, Lab

LARGEST_FILM = 2_000_000_000
MOMENT = "%Y-%m-%dT%H-%M-%S.%fZ"


def begin_footage(lab: Lab, slug: str, at: datetime, uncertainty_s: float | None) -> Take[Clip]:
    """Begin a film of a webcam.

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
    path = lab.path / FOLDER / f"page__{slug}__{at.astimezone(UTC):{MOMENT}}.part"
    path.touch(mode=0o600)
    return Take(lab, path, partial(_write, path), partial(_keep, lab, path, uncertainty_s))


def keep_footage(lab: Lab) -> None:
    """Keep what was filmed by pages whose kernel ended before they did."""
    keep_left_behind(lab, "page__*.part", partial(_keep, lab))


def _write(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        if file.tell() + len(data) > LARGEST_FILM:
            raise TooLarge(
                "the recording is over {limit} MB and was ended; it is kept",
                limit=LARGEST_FILM // 1_000_000,
            )
        file.write(data)


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
