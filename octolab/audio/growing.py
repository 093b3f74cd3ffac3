"""A WAV file that is whole after each piece it grows by, so that a kill loses little of it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final

from octolab.content import disk_errors
from octolab.errors import BadInput

LONGEST: Final = 2**32 - 1 - 2**16  # the header counts bytes in 32 bits
UNCERTAINTY: Final = "OctoLab|Uncertainty s"


class GrowingWav:
    """Samples of 16 bits on their way from a microphone to a file.

    The time of the first sample stands in the file, as GUANO, whatever becomes of the rest.

    Parameters
    ----------
    path : Path
        A file that is not there yet; it is there with the first samples.
    sr, channels : int
        Samples a second, and how many at a time.
    started_at : datetime
        The moment of the first sample.
    uncertainty_s : float
        How far from it the truth may lie.
    device : str
        The microphone.

    Attributes
    ----------
    size : int
        Bytes of samples it has.
    """

    def __init__(
        self,
        path: Path,
        *,
        sr: int,
        channels: int,
        started_at: datetime,
        uncertainty_s: float,
        device: str = "",
    ) -> None:
        self.path = path
        self.size = 0
        self._frame = 2 * channels
        told = {
            "GUANO|Version": "1.0",
            "Timestamp": started_at.astimezone(UTC).isoformat(timespec="microseconds"),
            UNCERTAINTY: f"{uncertainty_s:.6f}",
            "Model": " ".join(device.split()),
        }
        guano = "".join(f"{key}: {value}\n" for key, value in told.items() if value).encode()
        guano += b" " * (len(guano) % 2)
        form = struct.pack("<HHIIHH", 1, channels, sr, sr * self._frame, self._frame, 16)
        self._about = _chunk(b"fmt ", form) + _chunk(b"guan", guano)
        self._file: FileIO | None = None

    def _head(self, size: int) -> bytes:
        whole = 4 + len(self._about) + 8 + size
        riff = struct.pack("<4sI4s", b"RIFF", whole, b"WAVE")
        return riff + self._about + struct.pack("<4sI", b"data", size)

    def append(self, samples: bytes) -> None:
        """Add samples of 16 bits, lowest byte first, those of one moment side by side.

        Raises
        ------
        BadInput
            If they are no whole moments, or more than a WAV file can hold.
        LabError
            If the disk is full.
        """
        if len(samples) % self._frame:
            raise BadInput("the samples of one moment are not all there")
        if self.size + len(samples) > LONGEST:
            raise BadInput("a WAV file can't hold more than 4 GB")
        size = self.size + len(samples)
        head = self._head(size)
        with disk_errors(self.path):
            if self._file is None:
                self._file = self.path.open("xb", buffering=0)
            _write(self._file, len(head) + self.size, samples)
            _write(self._file, 0, head)
        self.size = size

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


def _write(file: FileIO, at: int, data: bytes) -> None:
    file.seek(at)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _chunk(ident: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", ident, len(data)) + data
