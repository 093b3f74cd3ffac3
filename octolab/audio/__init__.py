"""Listening: reading sounds, spectra as librosa makes them, levels and events."""

from __future__ import annotations

from octolab.audio.classify import classify_sound
from octolab.audio.embedding import embed, similar
from octolab.audio.energy import summary
from octolab.audio.events import EventStream, detect_events
from octolab.audio.fewshot import Classifier, load_classifier, train
from octolab.audio.indices import AcousticIndices, acoustic_indices
from octolab.audio.microphone import Take, record
from octolab.audio.reading import (
    Recorded,
    SoundInfo,
    SoundReader,
    load,
    open_sound,
    read_recorded,
    sound_info,
)
from octolab.audio.spectra import (
    BandStream,
    MelStream,
    OnsetStream,
    SpectrumStream,
    amplitude_to_db,
    delta,
    mel_filters,
    mel_frequencies,
    melspectrogram,
    mfcc,
    onset_strength,
    pcen,
    power_to_db,
    rms,
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
    spectrogram,
    zero_crossing_rate,
)
from octolab.audio.warming import warm

__all__ = [
    "AcousticIndices",
    "BandStream",
    "Classifier",
    "EventStream",
    "MelStream",
    "OnsetStream",
    "Recorded",
    "SoundInfo",
    "SoundReader",
    "SpectrumStream",
    "Take",
    "acoustic_indices",
    "amplitude_to_db",
    "classify_sound",
    "delta",
    "detect_events",
    "embed",
    "load",
    "load_classifier",
    "mel_filters",
    "mel_frequencies",
    "melspectrogram",
    "mfcc",
    "onset_strength",
    "open_sound",
    "pcen",
    "power_to_db",
    "read_recorded",
    "record",
    "rms",
    "similar",
    "sound_info",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_flatness",
    "spectral_rolloff",
    "spectrogram",
    "summary",
    "train",
    "warm",
    "zero_crossing_rate",
]
