"""Spectra of a stream: samples are pushed in blocks of any size, finished rows come out.

The rows are the columns of the functions on whole arrays, bit for bit, whatever the size
of the blocks. A stream keeps one window of samples and no more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from octolab.audio.spectra.filterbank import LANES, ROWS, Filters, mel_filters
from octolab.audio.spectra.framing import Frames, Precision, Spectra
from octolab.audio.spectra.samples import check_finite
from octolab.audio.spectra.transforms import Fft, Window
from octolab.errors import BadInput


class Stream:
    """What all streams do: cut frames, transform them, and make a row of each spectrum.

    `real` is the type of samples kept and of rows; `complex_rows` makes them complex.
    """

    def __init__(
        self,
        spectra: Spectra,
        width: int,
        *,
        center: bool,
        real: type = np.float32,
        complex_rows: bool = False,
    ) -> None:
        self.length = spectra.n_fft
        self.width = width
        self.real = np.dtype(real)
        self.dtype = np.result_type(real, np.complex64) if complex_rows else self.real
        self.spectra = spectra
        self._border: np.ndarray = np.zeros(spectra.n_fft // 2 if center else 0, real)
        self._frames = Frames(spectra.n_fft, spectra.hop, self._border)
        self._begun = False

    def push(self, x: np.ndarray) -> np.ndarray:
        """Take the next samples and give the rows they complete.

        Parameters
        ----------
        x : ndarray (n,) float
            As many as there are, from 0.

        Returns
        -------
        ndarray (k, width) float32
            By time.

        Raises
        ------
        BadInput
            If they are not finite floats in one dimension.
        """
        x = np.asarray(x)
        if x.ndim != 1 or x.dtype.kind != "f":
            raise BadInput("samples must be a one-dimensional array of floats; load() gives one")
        check_finite(x)
        self._begun |= len(x) > 0
        return self.take(x)

    def flush(self) -> np.ndarray:
        """Give the rows that the end of the stream completes; none if nothing was pushed."""
        return self.take(self._border if self._begun else self._border[:0])

    def take(self, x: np.ndarray) -> np.ndarray:
        """As `push`, of samples known to be good."""
        out = np.empty((self.ready(len(x)), self.width), self.dtype)
        self.fill(x, out)
        return out

    def ready(self, more: int) -> int:
        """How many rows `more` samples would complete."""
        return self._frames.ready(more)

    def fill(self, x: np.ndarray, out: np.ndarray) -> None:
        """As `take`, into an array of as many rows as are `ready`."""
        done = 0
        for samples, count in self._frames.cut(np.ascontiguousarray(x, self.real)):
            self._fill(samples, out[done : done + count])
            done += count

    def _fill(self, samples: np.ndarray, out: np.ndarray) -> None:
        for first, number, spectra in self.spectra.blocks(samples, len(out)):
            self._rows(spectra, out[first : first + number])

    def _rows(self, spectra: np.ndarray, out: np.ndarray) -> None:
        raise NotImplementedError


class SpectrumStream(Stream):
    """Power, magnitude or complex values in each bin of the spectrum of a stream.

    The parameters are those of `octolab.audio.spectrogram`; a stream is padded with zeros.
    """

    def __init__(
        self,
        *,
        n_fft: int = 2048,
        hop_length: int | None = 512,
        win_length: int | None = None,
        window: Window = "hann",
        center: bool = True,
        power: float | None = 2.0,
        precision: Precision = "fast",
        fft: Fft | None = None,
        dtype: type = np.float32,
    ) -> None:
        spectra = Spectra(
            n_fft,
            hop_length,
            win_length=win_length,
            window=window,
            precision=precision,
            fft=fft,
        )
        super().__init__(
            spectra, spectra.bins, center=center, real=dtype, complex_rows=power is None
        )
        self._power = power if power is None else check_power(power)

    def _rows(self, spectra: np.ndarray, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import powers

        if self._power is None:
            parts = spectra[: len(out), : 2 * self.width]
            out[:] = parts.view(np.result_type(spectra.dtype, np.complex64))
        else:
            powers(spectra, len(out), self._power, out)


class MelStream(Stream):
    """Power in mel bands of a stream.

    The parameters are those of `octolab.audio.melspectrogram`; a stream is padded with
    zeros.
    """

    def __init__(
        self,
        sr: float,
        *,
        n_fft: int = 2048,
        hop_length: int | None = 512,
        win_length: int | None = None,
        window: Window = "hann",
        center: bool = True,
        n_mels: int = 128,
        fmin: float = 0.0,
        fmax: float | None = None,
        htk: bool = False,
        norm: str | float | None = "slaney",
        power: float = 2.0,
        precision: Precision = "fast",
        fft: Fft | None = None,
        dtype: type = np.float32,
    ) -> None:
        spectra = Spectra(
            n_fft,
            hop_length,
            win_length=win_length,
            window=window,
            precision=precision,
            fft=fft,
        )
        super().__init__(spectra, n_mels, center=center, real=dtype)
        self._power = check_power(power)
        self._filters = Filters.of(
            mel_filters(sr, n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm)
        )
        self._space: np.ndarray = np.zeros((ROWS, spectra.bins + LANES), dtype)

    def _rows(self, spectra: np.ndarray, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import filtered

        bank = self._filters
        filtered(
            spectra,
            len(out),
            self._power,
            bank.starts,
            bank.lengths,
            bank.places,
            bank.weights,
            self._space,
            out,
        )


class BandStream(Stream):
    """Mean power per bin in bands of a stream, relative to a sine at full scale.

    Row i is centred on sample ``i * hop_length``; of n samples there are
    ``1 + n // hop_length``. At both ends the outermost whole window stands in for those
    that would reach out: silence or a mirror image would sound like a click.

    Parameters
    ----------
    sr : float
        Sample rate in Hz.
    n_fft, hop_length : int
        Length of the (Hann) window and of a step, in samples.
    edges : ndarray (bands + 1,) int
        Numbers of the bins at which bands meet, ascending; bin k lies at k * sr / n_fft Hz.
    precision, fft
        As for `MelStream`.
    """

    def __init__(
        self,
        sr: float,
        *,
        n_fft: int = 2048,
        hop_length: int = 512,
        edges: np.ndarray,
        precision: Precision = "fast",
        fft: Fft | None = None,
    ) -> None:
        spectra = Spectra(n_fft, hop_length, precision=precision, fft=fft)
        self._edges = np.array(edges, np.int64)
        if len(self._edges) < 2 or self._edges[0] < 0 or self._edges[-1] > spectra.bins:
            raise BadInput("bands need edges from bin 0 to bin {last}", last=spectra.bins)
        if (np.diff(self._edges) < 1).any():
            raise BadInput("the edges of bands must ascend")
        super().__init__(spectra, len(self._edges) - 1, center=False)
        self._gain = float((2 / spectra.window.sum()) ** 2)
        self._lead = math.ceil(n_fft // 2 / hop_length)  # rows whose window begins too early
        nothing = np.empty(0, np.float32)
        self._frames = Frames(n_fft, hop_length, nothing, self._lead * hop_length - n_fft // 2)
        self._first = nothing  # the samples of the first window
        self._last = nothing  # and of the last
        self._seen = 0
        self._given = 0

    def take(self, x: np.ndarray) -> np.ndarray:
        """As `push`, of samples known to be good."""
        n_fft = self.spectra.n_fft
        self._seen += len(x)
        self._last = np.concatenate([self._last, x[-n_fft:]])[-n_fft:].astype(np.float32)
        rows = super().take(x)
        if not self._given:
            self._first = np.concatenate([self._first, x[: n_fft - len(self._first)]])
            if len(self._first) == n_fft:
                rows = np.concatenate([self._repeated(self._first, self._lead), rows])
        self._given += len(rows)
        return rows

    def flush(self) -> np.ndarray:
        """Give the rows that the end of the stream completes; none if nothing was pushed."""
        missing = 1 + self._seen // self.spectra.hop - self._given if self._begun else 0
        short = self.spectra.n_fft - len(self._last)
        return self._repeated(np.pad(self._last, (0, short)), missing)

    def _repeated(self, window: np.ndarray, times: int) -> np.ndarray:
        row = np.empty((1, self.width), np.float32)
        self._fill(window.astype(np.float32, copy=False), row)
        return np.repeat(row, times, axis=0)

    def _rows(self, spectra: np.ndarray, out: np.ndarray) -> None:
        from octolab.audio.spectra.kernels import band_means

        band_means(spectra, len(out), self._edges, self._gain, out)


def check_power(power: Any) -> float:
    """An exponent above zero, or `BadInput`."""
    if not power > 0:
        raise BadInput("power must be above 0, not {value}", value=power)
    return float(power)
