"""Spectra with librosa's conventions and numbers, of whole arrays and of streams."""

from __future__ import annotations

from octolab.audio.spectra.cepstrum import delta, mfcc
from octolab.audio.spectra.decibels import amplitude_to_db, power_to_db
from octolab.audio.spectra.filterbank import mel_filters
from octolab.audio.spectra.levels import rms, zero_crossing_rate
from octolab.audio.spectra.melscale import hz_to_mel, mel_frequencies, mel_to_hz
from octolab.audio.spectra.onset import OnsetStream, onset_strength
from octolab.audio.spectra.pcen import pcen
from octolab.audio.spectra.shape import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)
from octolab.audio.spectra.streams import BandStream, MelStream, SpectrumStream
from octolab.audio.spectra.whole import melspectrogram, spectrogram

__all__ = [
    "BandStream",
    "MelStream",
    "OnsetStream",
    "SpectrumStream",
    "amplitude_to_db",
    "delta",
    "hz_to_mel",
    "mel_filters",
    "mel_frequencies",
    "mel_to_hz",
    "melspectrogram",
    "mfcc",
    "onset_strength",
    "pcen",
    "power_to_db",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_flatness",
    "spectral_rolloff",
    "spectrogram",
    "zero_crossing_rate",
]
