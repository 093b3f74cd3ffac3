"""The sound tracks of clips, as sounds of their own."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from octolab.content import disk_errors
from octolab.lab.sounds import file_of

if TYPE_CHECKING:
    from octolab.lab.artifacts import Clip, Sound
    from octolab.lab.lab import Lab


def sound_of(lab: Lab, clip: Clip) -> Sound:
    """Keep the sound track of a clip; see `Clip.sound`."""
    import soundfile

    from octolab.audio.reading import open_sound

    part = lab.path / ".octolab" / "incoming" / f"{os.urandom(8).hex()}.flac"
    try:
        with (
            open_sound(file_of(clip), tolerant=True) as track,
            disk_errors(part),
            soundfile.SoundFile(part, "w", track.sr, track.channels, "PCM_24") as file,
        ):
            for block in track.blocks(mono=False):
                file.write(block)
        return lab.add_sound(
            part,
            name=f"{PurePath(clip.meta.get('name') or clip.path).stem}.flac",
            captured_at=clip.captured_at,
            uncertainty_s=clip.record.uncertainty_s,
            source=clip.source,
            meta={"clip": clip.cid},
        )
    finally:
        part.unlink(missing_ok=True)
