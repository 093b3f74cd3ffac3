"""The window and the Fourier transform that turn frames of samples into spectra.

The transform is scipy's, or that of Intel's MKL where ``mkl_fft`` is installed (with
the extra ``fast``, on Linux), which takes about half the time. ``OCTOLAB_FFT=scipy`` or
``mkl`` chooses for a whole process, the parameter ``fft`` for one call.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np

from octolab.audio.spectra.filterbank import ROWS
from octolab.audio.spectra.samples import not_finite
from octolab.errors import BadInput

Window = str | float | tuple[Any, ...] | list[float] | np.ndarray | Callable[[int], np.ndarray]
Fft = Literal["scipy", "mkl"]

_BLOCK: Final = 1 << 17  # samples taken at a time: little overhead, and they stay in a cache
_GROUP: Final = 16  # rows that scipy transforms together, whatever their number

# MKL's names for these are DFTI_REAL, DFTI_PLACEMENT: DFTI_NOT_INPLACE,
# DFTI_CONJUGATE_EVEN_STORAGE: DFTI_COMPLEX_COMPLEX, and DFTI_THREAD_LIMIT
_REAL: Final = 33
_SETTINGS: Final = {11: 44, 10: 39, 27: 1}


def window_of(shape: Window, length: int, n_fft: int) -> np.ndarray:
    """A periodic window with zeros on both sides, as librosa pads it.

    Parameters
    ----------
    shape : str, tuple, float, array (length,) or callable
        What ``scipy.signal.get_window`` takes, the window itself, or what makes one of a
        length.
    length : int
        Of the window, in samples.
    n_fft : int
        Of the frame it stands in the middle of.

    Returns
    -------
    ndarray (n_fft,) float64
        The window.
    """
    if not 1 <= length <= n_fft:
        raise BadInput("win_length must be from 1 to n_fft, not {value}", value=length)
    if isinstance(shape, np.ndarray | list):
        values = np.asarray(shape, float)
    elif callable(shape):
        values = np.asarray(shape(length), float)
    elif shape in ("hann", "hanning"):  # scipy.signal takes longer to import than all the rest
        values = 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, length + 1)[:-1])
    else:
        values = _by_name(shape, length)
    if values.shape != (length,):
        raise BadInput("the window must have {length} values", length=length)
    before = (n_fft - length) // 2
    return np.pad(values, (before, n_fft - length - before))


def _by_name(shape: Any, length: int) -> np.ndarray:
    from scipy.signal import get_window

    try:
        return np.asarray(get_window(shape, length))
    except ValueError:
        raise BadInput("there is no window {shape!r}", shape=shape) from None


class Transform(Protocol):
    """Cuts frames out of samples and transforms them."""

    rows: int  # the most at a time

    def __call__(self, samples: np.ndarray, hop: int, number: int) -> np.ndarray:
        """Spectra of the first frames, real and imaginary parts in turn.

        The rows beyond `number`, and what may follow the last bin, hold nothing of use.
        Raises `BadInput` if there is NaN or infinity among the samples.
        """


def transform(window: np.ndarray, fft: Fft | None = None) -> Transform:
    """What cuts frames, windows and transforms them, in the precision of the window."""
    name = fft or os.environ.get("OCTOLAB_FFT") or ("mkl" if mkl() else "scipy")
    if name == "scipy":
        return ScipyTransform(window)
    if name != "mkl":
        raise BadInput("fft must be 'scipy' or 'mkl', not {value!r}", value=name)
    if mkl() is None:
        raise BadInput("mkl_fft is not installed: pip install mkl_fft")
    return MklTransform(window)


class ScipyTransform:
    """scipy's transform, of a block of frames at a time."""

    def __init__(self, window: np.ndarray) -> None:
        self.rows = max(1, _BLOCK // len(window) // _GROUP) * _GROUP
        self._window = window
        self._frames = np.zeros((self.rows, len(window)), window.dtype)

    def __call__(self, samples: np.ndarray, hop: int, number: int) -> np.ndarray:
        """As `Transform` says."""
        from scipy.fft import rfft

        from octolab.audio.spectra.kernels import window_frames

        if not window_frames(samples, self._window, hop, number, self._frames):
            raise not_finite()
        # Whole groups: a last odd row may be treated differently in its last bits.
        whole = -(-number // _GROUP) * _GROUP
        spectra: np.ndarray = rfft(self._frames[:whole]).view(self._window.dtype)
        return spectra


class MklTransform:
    """MKL's transform, called for each frame from compiled code.

    ``mkl_fft`` takes a block of frames, which goes out of the fastest cache and comes back;
    so its library is called directly. The frame and the spectra begin at multiples of 64
    bytes, so that all rows are computed in the same way.
    """

    def __init__(self, window: np.ndarray) -> None:
        library = mkl()
        assert library is not None
        self.rows = max(1, _BLOCK // len(window) // ROWS) * ROWS
        self._window = window
        self._frame = _aligned(1, len(window), window.dtype)[0]
        self._spectra = _aligned(self.rows, len(window) + 2, window.dtype)
        self._function = ctypes.cast(library.DftiComputeForward, ctypes.c_void_p).value or 0
        plan = ctypes.c_void_p()
        single = window.dtype == np.float32
        create = library.DftiCreateDescriptor_s_1d if single else library.DftiCreateDescriptor_d_1d
        status = create(ctypes.byref(plan), _REAL, ctypes.c_long(len(window)))
        for setting, value in _SETTINGS.items():
            status = status or library.DftiSetValue(plan, setting, ctypes.c_long(value))
        self._check(status or library.DftiCommitDescriptor(plan))
        self._plan = plan.value or 0
        weakref.finalize(self, library.DftiFreeDescriptor, ctypes.byref(plan)).atexit = False

    def __call__(self, samples: np.ndarray, hop: int, number: int) -> np.ndarray:
        """As `Transform` says."""
        from octolab.audio.spectra.kernels import transform_frames

        status = transform_frames(
            samples,
            self._window,
            hop,
            number,
            self._function,
            self._plan,
            self._frame,
            self._spectra,
        )
        if status < 0:
            raise not_finite()
        self._check(status)
        return self._spectra

    def _check(self, status: int) -> None:
        if status:
            raise BadInput(
                "MKL can't transform frames of {length} samples; pass fft='scipy'",
                length=len(self._window),
            )


def _aligned(rows: int, columns: int, dtype: np.dtype) -> np.ndarray:
    """Zeros whose every row begins at a multiple of 64 bytes; rows may be a little longer."""
    a_line = 64 // dtype.itemsize
    width = -(-columns // a_line) * a_line
    room = np.zeros(rows * width + a_line, dtype)
    skip = -room.ctypes.data % 64 // dtype.itemsize
    return room[skip : skip + rows * width].reshape(rows, width)


@cache
def mkl() -> ctypes.CDLL | None:
    """The library behind ``mkl_fft``, where it is installed and can be called.

    The package itself is not imported: it would load all of scipy.fft, which costs as much as
    the first spectrogram.
    """
    spec = importlib.util.find_spec("mkl_fft")
    for folder in (spec and spec.submodule_search_locations) or ():
        for file in Path(folder).glob("_pydfti*.so"):
            try:
                library = ctypes.CDLL(str(file))  # finds the symbols of what it is linked to
                library.DftiComputeForward  # noqa: B018
            except (OSError, AttributeError):
                continue
            return library
    return None
