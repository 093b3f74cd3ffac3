"""Samples that lie in a WAV as they are: read with one call, turned into floats by numpy."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

from octolab.audio.reading import faults
from octolab.audio.reading.riff import WaveFile

_INTEGER, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_DTYPES: Final = {
    "PCM_U8": "u1",
    "PCM_16": "<i2",
    "PCM_32": "<i4",
    "FLOAT": "<f4",
    "DOUBLE": "<f8",
}
FLOATS: Final = ("FLOAT", "DOUBLE")
LEAD: Final = 8  # bytes before the samples, so that they are aligned and 24 bits can be 32
_ENCODINGS: Final = {
    (_INTEGER, 1): "PCM_U8",
    (_INTEGER, 2): "PCM_16",
    (_INTEGER, 3): "PCM_24",
    (_INTEGER, 4): "PCM_32",
    (_FLOAT, 4): "FLOAT",
    (_FLOAT, 8): "DOUBLE",
}


@dataclass(frozen=True)
class PcmFormat:
    """How samples are stored: `width` bytes each, the channels of one moment side by side."""

    encoding: str
    width: int
    channels: int
    sr: int


def pcm_format(form: bytes, name: str) -> PcmFormat | None:
    """Read a ``fmt`` chunk; None when the samples are compressed.

    Raises
    ------
    BadInput
        If its numbers contradict each other.
    """
    tag, channels, sr, byte_rate, frame_size, bits = struct.unpack("<HHIIHH", form[:16])
    if tag == _EXTENSIBLE and len(form) >= 26:
        (tag,) = struct.unpack("<H", form[24:26])
    if tag not in (_INTEGER, _FLOAT):
        return None
    if not sr:
        raise faults.no_rate(name)
    packed = channels * -(-bits // 8)
    if byte_rate == sr * packed:  # bits and bytes a second agree; a frame's size is then theirs
        frame_size = packed
    width = frame_size // channels if channels else 0
    # Samples may lie in larger containers (24 bits in 4 bytes), then at their upper end.
    fits = 0 < bits <= 8 * width and width * channels == frame_size
    encoding = _ENCODINGS.get((tag, width))
    if not fits or encoding is None:
        raise faults.contradiction(name, bits, channels, frame_size)
    return PcmFormat(encoding, width, channels, sr)


def to_float(raw: np.ndarray, encoding: str) -> np.ndarray:
    """Bytes of little-endian samples as float32, 1.0 at full scale.

    Parameters
    ----------
    raw : ndarray (LEAD + n * width,) uint8
        The samples after `LEAD` bytes of any value.
    encoding : str
        One of libsndfile's names, ``PCM_16`` say.

    Returns
    -------
    ndarray (n,) float32
    """
    data = raw[LEAD:]
    if encoding == "PCM_24":
        # Each sample as the upper bytes of 32 bits; the lowest is the byte before it.
        lowest = np.ndarray((len(data) // 3,), "<i4", raw.data, LEAD - 1, (3,))
        return as_floats(lowest & -256)
    return as_floats(data.view(_DTYPES[encoding]))


def as_floats(values: np.ndarray) -> np.ndarray:
    """Samples of any type as float32, 1.0 at full scale."""
    if values.dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            return values.astype(np.float32, copy=False)
    floats = values.astype(np.float32)
    if values.dtype == np.uint8:
        floats -= np.float32(128)
    floats *= np.float32(2.0 ** (1 - 8 * values.dtype.itemsize))
    return floats


class PcmSource:
    """The samples of a WAV that are not compressed."""

    def __init__(self, file: BinaryIO, wave: WaveFile, form: PcmFormat, name: str) -> None:
        self.sr, self.channels = form.sr, form.channels
        self.container, self.encoding = wave.container, form.encoding
        self.may_hold_nan = form.encoding in FLOATS
        self._file, self._name = file, name
        self._offset, self._frame_size = wave.offset, form.width * form.channels
        self.frames = wave.available // self._frame_size
        self.known_frames: int | None = self.frames
        self.likely_frames = self.frames
        self.damaged = (wave.claimed or 0) > wave.available
        if not self.frames:
            raise faults.no_samples(name)

    def read(self, start: int, count: int) -> np.ndarray:
        """Samples (n, channels) float32 from `start`; fewer than `count` only at the end."""
        count = max(0, min(count, self.frames - start))
        raw = np.empty(LEAD + count * self._frame_size, np.uint8)
        self._file.seek(self._offset + start * self._frame_size)
        space, got = raw.data[LEAD:], 0
        while got < len(space):
            more = self._file.readinto(space[got:])  # type: ignore[attr-defined]
            if not more:
                raise faults.shrank(self._name)
            got += more
        return to_float(raw, self.encoding).reshape(count, self.channels)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
