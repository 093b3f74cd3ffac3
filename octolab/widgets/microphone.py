"""What the microphone of a page records: a WAV that is whole at any time."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.audio.growing import UNCERTAINTY, GrowingWav
from octolab.errors import BadInput
from octolab.lab.recordings import FOLDER, keep_left_behind
from octolab.model import Source
from octolab.widgets.takes import Take

if TYPE_CHECKING:
    from octolab.lab import Lab, Sound

MICROPHONE = "webcam://microphone"


def begin_sound(
    lab: Lab, name: str, at: datetime, uncertainty_s: float, **form: Any
) -> Take[Sound]:
    """Begin a recording, whose pieces are samples of 16 bits.

    Parameters
    ----------
    lab : Lab
        Where to.
    name : str
        What to call the microphones of the devices that show pages: one source.
    at : datetime
        When it begins.
    uncertainty_s : float
        The error of that.
    **form
        ``sr``, ``channels`` and ``device``, as for `octolab.audio.growing.GrowingWav`.
    """
    _source(lab, name)
    path = lab.path / FOLDER / f"page-{os.urandom(8).hex()}.wav"
    wav = GrowingWav(path, started_at=at, uncertainty_s=uncertainty_s, **form)

    def keep(gallery: str | None) -> Sound:
        wav.close()
        return _keep(lab, name, path, gallery)

    return Take(lab, path, wav.append, keep)


def keep_sounds(lab: Lab, name: str) -> None:
    """Keep recordings whose process was killed; `name` is that of their source."""
    keep_left_behind(lab, "page-*.wav", partial(_keep, lab, name))


def _source(lab: Lab, name: str) -> Source:
    found = (one for one in lab.catalog.sources("microphone") if one.url == MICROPHONE)
    return next(found, None) or lab.catalog.add_source("microphone", name, MICROPHONE)


def _keep(lab: Lab, name: str, path: Path, gallery: str | None = None) -> Sound:
    """Move a recording into the lab, with the time that stands in it."""
    from octolab.audio.reading import read_recorded

    if not path.exists():
        raise BadInput("nothing was recorded")
    source = _source(lab, name)
    told = read_recorded(path)
    at = told.started_at if told else None
    uncertainty = told.raw.get(f"guano: {UNCERTAINTY}") if told else None
    sound = lab.add_sound(
        path,
        name=f"recording_{at:%Y%m%d_%H%M%S}.wav" if at else "recording.wav",
        source=source.slug,
        captured_at=at,
        uncertainty_s=float(uncertainty) if uncertainty else None,
        gallery=gallery,
        move=True,
    )
    lab.log("{camera}: recorded {seconds:.1f} s", camera=source.name, seconds=sound.duration_s)
    return sound
