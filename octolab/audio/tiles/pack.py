"""The file that holds a pyramid: deflated tiles, then an index, then where that begins.

It is read without anything but itself: no sound, no catalog.
"""

from __future__ import annotations

import json
import struct
import threading
import weakref
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from octolab.audio.tiles.grid import COLUMNS, ROWS
from octolab.audio.tiles.levels import Range, decibels, greys
from octolab.audio.tiles.pictures import webp
from octolab.content import PartFile
from octolab.errors import BadInput, NotFound

FORMAT: Final = 1

_MAGIC: Final = b"octotile"
_TAIL: Final = struct.Struct("<QQ8s")  # where the index begins, its length, the magic
_WAVE: Final = np.dtype("<f2")
_LOUDEST: Final = 65504.0  # that a float16 holds


@dataclass(frozen=True, slots=True)
class TilesInfo:
    """What a pyramid shows.

    Attributes
    ----------
    sr, frames : int
        Rate in Hz and length in samples of the sound.
    base_s : float
        Seconds of a column of level 0; those of level L are ``2**L`` times as long.
    levels : int
        Their number; the last one fits one tile.
    row_hz : tuple of float
        The middles of the rows in Hz, lowest first.
    db_low, db_high : float
        What black and white are, in dB of a full-scale sine.
    peak : float
        The largest sample, 1.0 at full scale.
    columns, rows : int
        Of a tile.
    """

    sr: int
    frames: int
    base_s: float
    levels: int
    row_hz: tuple[float, ...] = field(repr=False)
    db_low: float
    db_high: float
    peak: float
    columns: int = COLUMNS
    rows: int = ROWS

    @property
    def low_hz(self) -> float:
        """The lowest frequency shown."""
        return 0.0

    @property
    def high_hz(self) -> float:
        """The highest frequency shown."""
        return self.sr / 2

    @property
    def duration_s(self) -> float:
        """The sound's length in seconds."""
        return self.frames / self.sr


class PackWriter:
    """Writes tiles in any order, and at the end the index."""

    def __init__(self, file: PartFile) -> None:
        self._file = file
        self._at = 0
        self._places: dict[str, tuple[int, int]] = {}

    def picture(self, level: int, index: int, picture: np.ndarray) -> None:
        """Write the picture of a tile, (256, n) codes."""
        self._put(f"picture/{level}/{index}", picture)

    def wave(self, level: int, index: int, wave: np.ndarray) -> None:
        """Write the wave of a tile, (n, 2)."""
        self._put(f"wave/{level}/{index}", wave.clip(-_LOUDEST, _LOUDEST).astype(_WAVE))

    def _put(self, name: str, data: np.ndarray) -> None:
        packed = zlib.compress(np.ascontiguousarray(data).data, 1)
        self._places[name] = (self._at, len(packed))
        self._at += self._file.write(packed)

    def finish(self, info: TilesInfo) -> None:
        """Write the index."""
        index = {"format": FORMAT, "info": asdict(info), "places": self._places}
        packed = zlib.compress(json.dumps(index, separators=(",", ":")).encode())
        self._file.write(packed)
        self._file.write(_TAIL.pack(self._at, len(packed), _MAGIC))


class Tiles:
    """An open pyramid; several threads may use it.

    Attributes
    ----------
    info : TilesInfo
        What it shows.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lock = threading.Lock()
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            raise NotFound("there is no file {name}", name=path.name) from None
        self.close = weakref.finalize(self, self._file.close)
        try:
            index = _index(self._file)
            info = index["info"]
            self.info = TilesInfo(**{**info, "row_hz": tuple(info["row_hz"])})
            self._places: dict[str, tuple[int, int]] = index["places"]
        except (OSError, ValueError, struct.error, zlib.error, KeyError, TypeError):
            self.close()
            raise self._damaged() from None
        self._greys = greys(Range(self.info.db_low, self.info.db_high))

    def __enter__(self) -> Tiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def tile(self, level: int, index: int) -> bytes:
        """One tile as a grey WebP, as wide as it has columns; nothing past the end.

        The upper 128 rows are the means, the lower 128 the peaks; row 0 of each is the
        highest frequency. Black is ``info.db_low``, white ``info.db_high``.
        """
        picture = self._picture(level, index)
        return b"" if picture is None else webp(self._greys[picture])

    def wave(self, level: int, index: int) -> np.ndarray | None:
        """The lowest and highest sample of each column, (n, 2) float32; None past the end."""
        data = self._get(f"wave/{level}/{index}")
        if data is None:
            return None
        return np.frombuffer(data, _WAVE).reshape(-1, 2).astype(np.float32)

    def decibels(self, level: int) -> np.ndarray:
        """A level whole, in dB: (2, 128, n) float32, means and peaks, lowest row first.

        Raises
        ------
        NotFound
            If there is no such level.
        """
        pictures: list[np.ndarray] = []
        while (picture := self._picture(level, len(pictures))) is not None:
            pictures.append(picture.reshape(2, ROWS, -1)[:, ::-1])
        if not pictures:
            raise NotFound("there is no level {level} of {name}", level=level, name=self._name)
        return decibels(np.concatenate(pictures, axis=2))

    def _picture(self, level: int, index: int) -> np.ndarray | None:
        data = self._get(f"picture/{level}/{index}")
        return None if data is None else np.frombuffer(data, np.uint8).reshape(2 * ROWS, -1)

    def _get(self, name: str) -> bytes | None:
        if name not in self._places:
            return None
        offset, size = self._places[name]
        with self._lock:
            self._file.seek(offset)
            packed = self._file.read(size)
        try:
            return zlib.decompress(packed)
        except zlib.error:
            raise self._damaged() from None

    def _damaged(self) -> BadInput:
        return BadInput("{name} is no pack of tiles, or is damaged", name=self._name)


def _index(file: Any) -> dict[str, Any]:
    file.seek(-_TAIL.size, 2)
    begin, size, magic = _TAIL.unpack(file.read(_TAIL.size))
    if magic != _MAGIC:
        raise ValueError("not ours")
    file.seek(begin)
    index: dict[str, Any] = json.loads(zlib.decompress(file.read(size)))
    if index["format"] != FORMAT:
        raise ValueError("of another time")
    return index


def open_tiles(path: str | Path) -> Tiles:
    """Open a pyramid that `make_tiles` made.

    Raises
    ------
    NotFound
        If there is no such file.
    BadInput
        If it is something else, damaged, or of another version of OctoLab.
    """
    return Tiles(Path(path))
