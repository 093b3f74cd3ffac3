"""Recording from a microphone of this machine into a lab."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import OctolabError
from octolab.lab.recordings import FOLDER, keep_left_behind, over, under_way

if TYPE_CHECKING:
    from octolab.lab.artifacts import Sound
    from octolab.lab.lab import Lab

NAME = "recording.wav"


def record_sound(
    lab: Lab,
    seconds: float,
    *,
    device: str | int | None = None,
    sr: int | None = None,
    channels: int = 1,
    **known: Any,
) -> Sound:
    """Record and keep it; see `Lab.record_sound`."""
    from octolab.audio import microphone

    keep_left_behind(lab, "microphone-*.wav", partial(_keep, lab))
    path = lab.path / FOLDER / f"microphone-{os.urandom(8).hex()}.wav"
    busy = under_way(path)
    try:
        try:
            take = microphone.record(seconds, path, device=device, sr=sr, channels=channels)
        except BaseException:
            if path.exists():
                with suppress(OctolabError):  # what ended it tells more
                    _keep(lab, path, **known)
            raise
        sound = _keep(lab, path, **known)
    finally:
        over(busy)
    if take.gaps:
        lab.log(
            "{camera}: samples were lost {count} times while it was recorded",
            "warning",
            camera=take.device,
            count=take.gaps,
        )
    return sound


def _keep(lab: Lab, path: Path, *, name: str = NAME, **known: Any) -> Sound:
    """Move a recording into the lab; its time and microphone stand in it."""
    sound = lab.add_sound(path, name=name, move=True, **known)
    lab.log(
        "{camera}: recorded {seconds:.1f} s",
        camera=sound.meta["recorder"]["device"],
        seconds=sound.duration_s,
    )
    return sound
