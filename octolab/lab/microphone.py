"""Recording from a microphone of this machine into a lab."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import OctolabError
from octolab.jobs import process_lives

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

    folder = lab.path / ".octolab" / "recording"
    _keep_left_behind(lab, folder)
    path = folder / f"microphone-{os.getpid()}-{os.urandom(4).hex()}.wav"
    try:
        take = microphone.record(seconds, path, device=device, sr=sr, channels=channels)
    except BaseException:
        if path.exists():
            with suppress(OctolabError):  # what ended it tells more
                _keep(lab, path, **known)
        raise
    sound = _keep(lab, path, **known)
    if take.gaps:
        lab.log(
            "{camera}: samples were lost {count} times while it was recorded",
            "warning",
            camera=take.device,
            count=take.gaps,
        )
    return sound


def _keep_left_behind(lab: Lab, folder: Path) -> None:
    """Keep what processes recorded that were killed meanwhile."""
    for path in sorted(folder.glob("microphone-*.wav")):
        if not process_lives(int(path.name.split("-")[1])):
            with suppress(OctolabError, FileNotFoundError):
                _keep(lab, path)


def _keep(lab: Lab, path: Path, *, name: str = NAME, **known: Any) -> Sound:
    """Move a recording into the lab; its time and microphone stand in it."""
    sound = lab.add_sound(path, name=name, move=True, **known)
    lab.log(
        "{camera}: recorded {seconds:.1f} s",
        camera=sound.meta["recorder"]["device"],
        seconds=sound.duration_s,
    )
    return sound
