"""Spectra of whole arrays: one stream over each signal, in pieces, into one output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy as np

from octolab.audio.spectra.filterbank import mel_filters
from octolab.audio.spectra.framing import Precision
from octolab.audio.spectra.samples import as_samples, pieces, signals
from octolab.audio.spectra.streams import MelStream, SpectrumStream, Stream
from octolab.audio.spectra.transforms import Fft, Window
from octolab.errors import BadInput

SR: Final = 22050
"""The sample rate of whoever does not say, as in librosa."""

_PAD_MODES: Final = ("constant", "edge", "reflect", "symmetric")


def spectrogram(
    y: np.ndarray,
    *,
    n_fft: int = 2048,
    hop_length: int | None = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    power: float | None = 2.0,
    precision: Precision = "fast",
    fft: Fft | None = None,
) -> np.ndarray:
    """Short-time spectrum, as ``abs(librosa.stft(y)) ** power``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples; of several channels each gets its own spectrum.
    n_fft : int
        Length of a frame and of its transform, in samples.
    hop_length : int or None
        From one column to the next, in samples; None for a quarter of the window.
    win_length : int, optional
        Length of the window in the middle of a frame; `n_fft` by default.
    window : str, tuple, float, array (win_length,) or callable
        As ``scipy.signal.get_window`` takes it, its values, or what makes them of a length.
    center : bool
        Centre columns on multiples of `hop_length`; else the first frame begins at the
        first sample.
    pad_mode : {"constant", "edge", "reflect", "symmetric"}
        What is heard before the beginning and after the end when centred (see ``numpy.pad``).
    power : float or None
        2 for power, 1 for magnitude; None for complex values.
    precision : {"fast", "exact"}
        ``"fast"`` transforms in single precision: within a relative 1e-4 of librosa plus
        1e-9 of the highest power (1e-7 of the highest magnitude). ``"exact"`` transforms in
        double precision: within 1e-5 in every cell above 1e-8 of its column's maximum.
    fft : {"scipy", "mkl"}, optional
        Which transform to use; by default MKL's if the extra ``fast`` is installed.

    Returns
    -------
    ndarray (..., 1 + n_fft // 2, columns) float32
        ``1 + n // hop_length`` columns if centred. float64 if `precision` is ``"exact"`` and
        `y` is; complex if `power` is None.

    Raises
    ------
    BadInput
        If `y` is empty, holds NaN or infinity, is not of floats, or is shorter than a frame
        and not centred; if a parameter is out of range.
    """

    def stream(real: type) -> Stream:
        return SpectrumStream(
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=False,
            power=power,
            precision=precision,
            fft=fft,
            dtype=real,
        )

    return columns(y, stream, precision=precision, center=center, pad_mode=pad_mode)


def melspectrogram(
    y: np.ndarray | None = None,
    sr: float = SR,
    *,
    S: np.ndarray | None = None,
    n_fft: int = 2048,
    hop_length: int | None = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: str | float | None = "slaney",
    dtype: type = np.float32,
    precision: Precision = "fast",
    fft: Fft | None = None,
) -> np.ndarray:
    """Power in mel bands, as ``librosa.feature.melspectrogram``.

    Parameters
    ----------
    y : ndarray (..., n) float
        Samples.
    sr : float
        Sample rate in Hz.
    S : ndarray (..., 1 + n_fft // 2, columns), optional
        A spectrogram to filter instead of that of `y`.
    n_fft, hop_length, win_length, window, center, pad_mode, power, precision, fft
        As for `spectrogram`.
    n_mels, fmin, fmax, htk, norm, dtype
        The bands, as for `mel_filters`. One that is too narrow to hold a bin of the
        spectrum stays zero, without a warning.

    Returns
    -------
    ndarray (..., n_mels, columns) float32
        Power. float64 if `dtype` is, or if `precision` is ``"exact"`` and `y` is.

    Raises
    ------
    BadInput
        As for `spectrogram`.
    """
    rate = need_rate(sr)
    if S is not None:
        n_fft = 2 * (S.shape[-2] - 1)
        bank = mel_filters(
            rate, n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm, dtype=dtype
        )
        return np.asarray(bank @ S)

    def stream(real: type) -> Stream:
        return MelStream(
            rate,
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=False,
            n_mels=n_mels,
            fmin=fmin,
            fmax=fmax,
            htk=htk,
            norm=norm,
            power=power,
            precision=precision,
            fft=fft,
            dtype=real,
        )

    made = columns(y, stream, precision=precision, center=center, pad_mode=pad_mode)
    return made.astype(np.result_type(made, dtype), copy=False)


class Columns(Protocol):
    """A stream that fills what it is given (see `Stream`)."""

    length: int
    width: int
    dtype: np.dtype

    def ready(self, more: int) -> int:
        """How many rows `more` samples would complete."""

    def fill(self, x: np.ndarray, out: np.ndarray) -> None:
        """Take samples and write the rows they complete."""


def columns(
    y: Any,
    open_stream: Callable[[type], Columns],
    *,
    center: bool,
    pad_mode: str,
    precision: Precision = "fast",
) -> np.ndarray:
    """What a stream makes of whole signals (..., n): (..., width, columns).

    `open_stream` opens one, without padding, for samples of the type it is given.
    """
    samples = as_samples(y)
    real = np.float64 if precision == "exact" and samples.dtype.itemsize > 4 else np.float32
    out: np.ndarray | None = None
    for number, signal in enumerate(signals(samples)):
        stream = open_stream(real)
        frame = stream.length
        before, after = _borders(signal, frame // 2 if center else 0, pad_mode)
        length = len(before) + len(signal) + len(after)
        if length < frame:
            raise BadInput(
                "{count} samples are fewer than a frame of {length}; pass center=True or a "
                "shorter frame",
                count=len(signal),
                length=frame,
            )
        if out is None:
            others = samples.shape[:-1]
            shape = (int(np.prod(others)), stream.ready(length), stream.width)
            out = np.empty(shape, stream.dtype)
        done = 0
        for piece in (before, *pieces(signal, real), after):
            more = stream.ready(len(piece))
            stream.fill(piece, out[number, done : done + more])
            done += more
    assert out is not None
    return np.swapaxes(out.reshape(*samples.shape[:-1], *out.shape[1:]), -1, -2)


def _borders(signal: np.ndarray, width: int, mode: str) -> tuple[np.ndarray, np.ndarray]:
    if mode not in _PAD_MODES:
        raise BadInput(
            "pad_mode must be one of {names}, not {value!r}",
            names=", ".join(_PAD_MODES),
            value=mode,
        )
    near = width + 1  # samples a border can depend on
    if len(signal) <= 2 * near:
        padded = np.pad(signal, width, mode=mode)  # type: ignore[call-overload]
        return padded[:width], padded[width + len(signal) :]
    head = np.pad(signal[:near], (width, 0), mode=mode)  # type: ignore[call-overload]
    tail = np.pad(signal[-near:], (0, width), mode=mode)  # type: ignore[call-overload]
    return head[:width], tail[near:]


def need_rate(sr: Any) -> float:
    """A sample rate above zero, or `BadInput`."""
    if not isinstance(sr, int | float | np.number) or not sr > 0:
        raise BadInput("samples need their rate: pass sr, in Hz")
    return float(sr)
