"""Acoustic indices: a soundscape in a handful of numbers, equal to scikit-maad's.

They compare hours and places by how much, how varied and how high up is heard. None of
them counts species; rain, wind and insects move them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.audio.reading import open_sound
from octolab.audio.soundscape import (
    THRESHOLD_DB,
    acoustic_complexity,
    acoustic_diversity,
    acoustic_evenness,
    bioacoustic_index,
    soundscape_index,
    spectral_entropy,
    temporal_entropy,
)
from octolab.audio.spectra.samples import check_finite
from octolab.audio.spectra.streams import SpectrumStream
from octolab.errors import BadInput
from octolab.model import Analysis, Metric
from octolab.plugins import Analyzer, Progress

N_FFT: Final = 1024
_FEWEST: Final = N_FFT + N_FFT // 2  # two windows that overlap by half
_PIECE: Final = 1 << 18  # samples transformed at a time
_LEAST: Final = 0.5  # of a minute: a shorter rest is not counted after whole ones


@dataclass(frozen=True)
class AcousticIndices:
    """Indices of one stretch of sound; `octolab.audio.soundscape` tells how each is found.

    Attributes
    ----------
    aci : float
        Acoustic complexity (Pieretti et al. 2011).
    adi : float
        Acoustic diversity (Villanueva-Rivera et al. 2011), in nats.
    aei : float
        Acoustic evenness (the same).
    ndsi : float
        Normalised difference soundscape index (Kasten et al. 2012).
    bi : float
        Bioacoustic index (Boelman et al. 2007), in dB/Hz.
    hf, ht : float
        Entropy of the mean spectrum and of the envelope (Sueur et al. 2008), 0 to 1.
    h : float
        Their product, the acoustic entropy.
    """

    aci: float
    adi: float
    aei: float
    ndsi: float
    bi: float
    hf: float
    ht: float
    h: float


UNITS: Final = {"adi": "nat", "bi": "dB/Hz"}


def acoustic_indices(
    y: np.ndarray, sr: float, *, n_fft: int = N_FFT, threshold_db: float = THRESHOLD_DB
) -> AcousticIndices:
    """All indices of a sound, on scikit-maad's spectrogram and with its defaults.

    Parameters
    ----------
    y : ndarray (n,) float
        Samples; their mean is taken away first.
    sr : float
        Sample rate in Hz.
    n_fft : int
        Length of the (Hann) window, even; windows overlap by half. Results depend on it.
    threshold_db : float
        Level below the loudest cell from which diversity and evenness count.

    Returns
    -------
    AcousticIndices
        The indices. In silence the complexity, evenness, bioacoustic and soundscape indices
        are 0, the entropies 1 and the diversity at its highest: all bands are alike.

    Raises
    ------
    BadInput
        If there are fewer samples than two windows take, or they are not finite floats.
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind != "f":
        raise BadInput("samples must be a one-dimensional array of floats; load() gives one")
    if not sr > 0:
        raise BadInput("samples need their rate: pass sr, in Hz")
    if n_fft < 2 or n_fft % 2:
        raise BadInput("n_fft must be even, not {value}", value=n_fft)
    if len(y) < n_fft + n_fft // 2:
        raise BadInput(
            "{count} samples are too few for acoustic indices: they need {least}",
            count=len(y),
            least=n_fft + n_fft // 2,
        )
    check_finite(y)
    mean = float(y.mean(dtype=np.float64))
    S = _amplitudes(y, mean, n_fft)
    hz = np.arange(n_fft // 2) * (sr / n_fft)
    hf = spectral_entropy(S)
    ht = temporal_entropy(y, mean=mean)
    return AcousticIndices(
        aci=acoustic_complexity(S),
        adi=acoustic_diversity(S, hz, threshold_db=threshold_db),
        aei=acoustic_evenness(S, hz, threshold_db=threshold_db),
        ndsi=soundscape_index(S, hz),
        bi=bioacoustic_index(S, hz),
        hf=hf,
        ht=ht,
        h=hf * ht,
    )


def _amplitudes(y: np.ndarray, mean: float, n_fft: int) -> np.ndarray:
    """Magnitudes (n_fft / 2, columns) of windows without their own mean, as maad's.

    Of a Hann window a constant is seen in the first two bins only, where it is taken away.
    The highest bin is left out.
    """
    hop = n_fft // 2
    half_means = (y[: len(y) // hop * hop].reshape(-1, hop).mean(axis=1, dtype=float) - mean) / 2
    constant = (half_means[:-1] + half_means[1:]) * n_fft
    stream = SpectrumStream(
        n_fft=n_fft,
        hop_length=hop,
        center=False,
        power=None,
        precision="exact",
        dtype=np.float64,
    )
    out = np.empty((len(constant), hop), np.float32)
    done = 0
    for start in range(0, len(y), _PIECE):
        rows = stream.take(y[start : start + _PIECE].astype(np.float64) - mean)
        level = constant[done : done + len(rows)]
        rows[:, 0] -= level / 2
        rows[:, 1] += level / 4
        out[done : done + len(rows)] = np.abs(rows[:, :-1])
        done += len(rows)
    return out.T


# --- of a file, minute by minute ---------------------------------------------------------------


def analyse(
    path: str | Path, *, threshold_db: float = THRESHOLD_DB, progress: Progress | None = None
) -> Analysis:
    """Acoustic indices of each minute of a sound file, and their means.

    Parameters
    ----------
    path : path
        The file; several channels are mixed into one.
    threshold_db : float
        As for `acoustic_indices`.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    Analysis
        In ``metrics`` the means over minutes. In ``data["minutes"]`` lists ``start_s``,
        ``duration_s`` and one for each index. A rest of less than half a minute after whole
        ones is left out.

    Raises
    ------
    BadInput, NotFound
        As `octolab.audio.load`, and if the sound is too short.
    """
    starts: list[float] = []
    durations: list[float] = []
    found: list[AcousticIndices] = []
    with open_sound(path) as sound:
        minute = max(1, round(60 * sound.sr))
        for number, block in enumerate(sound.blocks(minute)):
            if not number and len(block) < _FEWEST:
                raise BadInput(
                    "acoustic indices need {least} samples in a minute: {name} has {count} in "
                    "{seconds} s at {sr} Hz",
                    least=_FEWEST,
                    name=sound.name,
                    count=len(block),
                    seconds=f"{len(block) / sound.sr:.3g}",
                    sr=sound.sr,
                )
            if number and len(block) < max(_LEAST * minute, 2 * N_FFT):
                break
            starts.append(number * minute / sound.sr)
            durations.append(len(block) / sound.sr)
            found.append(acoustic_indices(block, sound.sr, threshold_db=threshold_db))
            if progress is not None:
                progress(min((number + 1) * minute, sound.frames), sound.frames, "")
    series = _series(found)
    return Analysis(
        metrics={
            name: Metric(float(np.average(values, weights=durations)), UNITS.get(name, ""))
            for name, values in series.items()
        },
        data={"minutes": {"start_s": starts, "duration_s": durations, **series}},
    )


def _series(found: Sequence[AcousticIndices]) -> dict[str, Any]:
    rows = [asdict(indices) for indices in found]
    return {name: [row[name] for row in rows] for name in rows[0]}


analyzer = Analyzer(
    "acoustic-indices",
    run=analyse,
    kinds=frozenset({"sound"}),
    title="Acoustic indices",
    params={"threshold_db": THRESHOLD_DB},
)
