"""Reading sounds: any format, whole or in blocks of constant memory, and what recorders tell."""

from octolab.audio.reading.loading import MAX_SAMPLES, check_samples, load
from octolab.audio.reading.metadata import read_recorded
from octolab.audio.reading.reader import (
    SoundInfo,
    SoundReader,
    open_sound,
    sound_fault,
    sound_info,
)
from octolab.audio.reading.recorded import Recorded

__all__ = [
    "MAX_SAMPLES",
    "Recorded",
    "SoundInfo",
    "SoundReader",
    "check_samples",
    "load",
    "open_sound",
    "read_recorded",
    "sound_fault",
    "sound_info",
]
