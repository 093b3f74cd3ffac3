"""Films made of a lab's frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from octolab.errors import BadInput
from octolab.lab.artifacts import Clip, Item
from octolab.model import utc_now

if TYPE_CHECKING:
    from octolab.lab.lab import Lab
    from octolab.media import Transition


def make_timelapse(
    lab: Lab,
    frames: Sequence[Item],
    *,
    fps: float,
    size: tuple[int, int] | None,
    transition: Transition | None,
    name: str,
    gallery: str | None,
    progress: Callable[..., None] | None,
    cancelled: Callable[[], bool] | None,
) -> Clip:
    """See `Lab.timelapse`."""
    from octolab.media import timelapse

    if not frames:
        raise BadInput("a timelapse needs frames; choose some first")
    work = lab.path / ".octolab" / "incoming" / f"timelapse-{os.urandom(6).hex()}.mp4"
    try:
        timelapse(
            [frame.path for frame in frames],
            work,
            fps=fps,
            size=size,
            transition=transition,
            progress=progress,
            cancelled=cancelled,
        )
        clip = lab.add_clip(
            work,
            name=f"{name}.mp4",
            captured_at=utc_now(),
            gallery=gallery,
            tags=("timelapse",),
            meta={
                "fps": fps,
                "first": frames[0].captured_at.isoformat(),
                "last": frames[-1].captured_at.isoformat(),
                "frames": [frame.cid for frame in frames],
            },
            move=True,
        )
    finally:
        work.unlink(missing_ok=True)
    lab.log("Timelapse {name} made of {count} frames", name=name, count=len(frames))
    return clip
