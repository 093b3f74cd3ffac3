"""Going through a sound and telling how far one is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from octolab.audio.reading import SoundReader
from octolab.errors import BadInput
from octolab.plugins import Progress


def followed(
    sound: SoundReader, sr: int | None, progress: Progress | None, *, mono: bool = True
) -> Iterator[np.ndarray]:
    """The blocks of a sound, at a rate of one's own, telling of the progress in samples.

    Raises
    ------
    BadInput
        If it holds no samples.
    """
    done, total = 0, sound.known_frames
    ratio = sound.sr / (sr or sound.sr)
    for block in sound.blocks(sr=sr, mono=mono):
        yield block
        done += round(len(block) * ratio)
        if progress is not None:
            progress(done, total, "")
    if not done:
        raise BadInput("{name} holds no samples", name=sound.name)
