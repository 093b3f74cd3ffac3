"""Opening a sound and reading it: whole, in part, or block by block in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

import numpy as np

from octolab.audio.reading import faults
from octolab.audio.reading.metadata import read_recorded
from octolab.audio.reading.packets import PacketSource, demuxer_of
from octolab.audio.reading.pcm import FLOATS, PcmSource, pcm_format
from octolab.audio.reading.recorded import Recorded
from octolab.audio.reading.resample import check_rate, resampled
from octolab.audio.reading.riff import is_wave, read_chunks
from octolab.errors import BadInput, NotFound, OctolabError

BLOCK: Final = 1 << 16
_LARGEST: Final = 1e10  # beyond what 32-bit numbers become when nobody scales them


@dataclass(frozen=True)
class SoundInfo:
    """What a file of sound is.

    Attributes
    ----------
    sr : int
        Samples a second.
    channels, frames : int
        How many; a frame is one sample of every channel.
    duration_s : float
        Seconds.
    container, encoding : str
        ``WAV`` and ``PCM_16``, ``MP4`` and ``AAC``, …
    recorded : Recorded, optional
        When, where and by what it was recorded, if the file or its name tells.
    warning : str, optional
        What is wrong with a file that could be read in part.
    """

    sr: int
    channels: int
    frames: int
    duration_s: float
    container: str
    encoding: str
    recorded: Recorded | None
    warning: str | None


class _Source(Protocol):
    """Samples by their number, whatever the format."""

    sr: int
    channels: int
    container: str
    encoding: str
    may_hold_nan: bool
    damaged: bool
    known_frames: int | None  # what the header promises

    @property
    def likely_frames(self) -> int: ...

    @property
    def frames(self) -> int: ...

    def read(self, start: int, count: int) -> np.ndarray: ...

    def close(self) -> None: ...


class SoundReader:
    """A sound that is open; made by `open_sound`, for one thread at a time.

    Attributes
    ----------
    name : str
        The file's name.
    sr, channels : int
        Samples a second, and of how many channels.
    container, encoding : str
        As in `SoundInfo`.
    """

    def __init__(self, path: Path, source: _Source) -> None:
        self.path, self.name = path, path.name
        self._source = source
        self.sr, self.channels = source.sr, source.channels
        self.container, self.encoding = source.container, source.encoding

    @property
    def frames(self) -> int:
        """How many samples a channel has, exactly.

        Formats that do not tell (MP3, Matroska, WebM) are decoded to the end for it once;
        after a pass over all blocks it is known anyway.
        """
        with _as_ours(self.name):
            return self._source.frames

    @property
    def known_frames(self) -> int | None:
        """How many the header promises, at no cost; None if it doesn't."""
        return self._source.known_frames

    @property
    def likely_frames(self) -> int:
        """About how many, at no cost, for a progress bar; 0 if the header doesn't tell."""
        return self._source.likely_frames

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.frames / self.sr

    @property
    def warning(self) -> str | None:
        """What is wrong with a file that can be read in part, as far as it is known yet."""
        if not self._source.damaged:
            return None
        return str(faults.partly_read(self.name, self.duration_s))

    def blocks(
        self,
        size: int = BLOCK,
        *,
        start: int = 0,
        stop: int | None = None,
        mono: bool = True,
        sr: int | None = None,
    ) -> Iterator[np.ndarray]:
        """Go through the sound, or a part of it, with the memory of one block.

        Parameters
        ----------
        size : int
            Samples in a block, at the file's own rate; the last block may be shorter.
        start, stop : int
            The part to read, in samples at the file's own rate; to the end by default.
        mono : bool
            Mix the channels into one (their mean).
        sr : int, optional
            A rate in Hz to resample to. Blocks are then of any length, and the same bits
            come out whatever `size` is.

        Yields
        ------
        ndarray (n,) or, if not `mono`, (n, channels) float32
            Samples, 1.0 at full scale.

        Raises
        ------
        BadInput
            When NaN, infinity or a number beyond 1e10, damage or an early end is met, or if the
            part or the rate makes no sense.
        """
        if size < 1 or start < 0 or (stop is not None and stop < start):
            raise BadInput("blocks need size >= 1 and 0 <= start <= stop")
        check_rate(self.sr, sr)
        own = self._blocks(size, start, stop, mono)
        if sr is None or sr == self.sr:
            return own
        return resampled(own, self.sr, sr, 1 if mono else self.channels)

    def read(self, start: int = 0, stop: int | None = None, *, mono: bool = True) -> np.ndarray:
        """Read a part at once; parameters and result as those of `blocks`."""
        parts = [*self.blocks(start=start, stop=stop, mono=mono)]
        none = np.empty((0,) if mono else (0, self.channels), np.float32)
        return np.concatenate([none, *parts]) if len(parts) != 1 else parts[0]

    def _blocks(self, size: int, start: int, stop: int | None, mono: bool) -> Iterator[np.ndarray]:
        while stop is None or start < stop:
            count = size if stop is None else min(size, stop - start)
            with _as_ours(self.name):
                block = self._source.read(start, count)
            if self._source.may_hold_nan:
                self._check(block, start)
            if len(block):
                yield _mixed(block) if mono else np.ascontiguousarray(block)
            if len(block) < count:
                return
            start += count

    def _check(self, block: np.ndarray, start: int) -> None:
        samples = np.abs(block) <= _LARGEST  # NaN is not
        if not samples.all():
            at, channel = np.argwhere(~samples)[0]
            value = float(block[at, channel])
            raise faults.no_sample(self.name, (start + int(at)) / self.sr, value)

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_sound(path: str | Path, *, tolerant: bool = False) -> SoundReader:
    """Open a sound of any length for reading in parts.

    Parameters
    ----------
    path : path
        WAV (also RF64 and BW64; integers of 8 to 32 bits, floats), FLAC, Ogg Vorbis, Opus,
        MP3, AIFF, or the sound of an M4A, MP4, QuickTime, Matroska, WebM or AVI file. Its
        name does not matter.
    tolerant : bool
        Read what is there of a file that is cut short or damaged, as after an empty
        battery, instead of refusing; `SoundReader.warning` then says so.

    Returns
    -------
    SoundReader
        To be closed, or used in a ``with`` block.

    Raises
    ------
    BadInput
        If it is empty, holds no samples, is not a sound, or ends before its header says.
    NotFound
        If there is no such file.

    Notes
    -----
    ``start`` and ``stop`` are exact to the sample in every format. What is decoded there is
    what reading from the beginning gives, to the bit, but for AAC with noise substitution,
    which decoders fill with random numbers.
    """
    path = Path(path)
    with _as_ours(path.name):
        file = path.open("rb", buffering=0)
        try:
            return SoundReader(path, _source(file, path.name, tolerant=tolerant))
        except BaseException:
            file.close()
            raise


def sound_info(
    path: str | Path, *, timezone: str | tzinfo | None = None, tolerant: bool = False
) -> SoundInfo:
    """Tell what a file of sound is, and when and by what it was recorded.

    Parameters
    ----------
    path, tolerant
        As for `open_sound`.
    timezone : str or tzinfo, optional
        As for `read_recorded`.

    Returns
    -------
    SoundInfo
    """
    path = Path(path)
    with open_sound(path, tolerant=tolerant) as sound:
        return SoundInfo(
            sound.sr,
            sound.channels,
            sound.frames,
            sound.duration_s,
            sound.container,
            sound.encoding,
            read_recorded(path, timezone=timezone),
            sound.warning,
        )


def sound_fault(path: str | Path) -> BadInput | None:
    """What is wrong with a file of sound that can be read in part.

    Seen are a header that tells of more than there is, and NaN in a WAV of floats, which is
    read for it; damage within compressed sound shows only when all of it is decoded.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    BadInput
        If nothing of it can be read.
    """
    with open_sound(path, tolerant=True) as sound:
        if sound.known_frames is not None and sound.frames and sound.warning is not None:
            return faults.partly_read(sound.name, sound.duration_s)
        if sound.encoding in FLOATS:
            try:
                for _ in sound.blocks():
                    pass
            except BadInput as error:
                return error
    return None


def _source(file: BinaryIO, name: str, *, tolerant: bool) -> _Source:
    """What can read a file, by its first bytes."""
    head = file.read(16)
    if not head:
        raise faults.empty(name)
    cut = False
    if is_wave(head):
        wave = read_chunks(file, name)
        cut = wave.claimed is not None and wave.claimed > wave.available
        if cut and not tolerant:
            raise faults.cut_short(name)
        if (form := pcm_format(wave.format, name)) is not None:
            return PcmSource(file, wave, form, name)
    demuxer = demuxer_of(head)
    if demuxer is None:
        raise faults.not_a_sound(name)
    source = PacketSource(file, demuxer, name, tolerant=tolerant)
    source.damaged |= cut
    return source


def _mixed(block: np.ndarray) -> np.ndarray:
    """The mean of the channels."""
    if block.shape[1] == 1:
        return block[:, 0]
    total: np.ndarray = block[:, 0] + block[:, 1]
    for channel in range(2, block.shape[1]):
        total += block[:, channel]
    total /= np.float32(block.shape[1])
    return total


@contextmanager
def _as_ours(name: str) -> Iterator[None]:
    """Say in our words what the system says of a file."""
    try:
        yield
    except OctolabError:
        raise
    except FileNotFoundError:
        raise NotFound("there is no file {name}", name=name) from None
    except (OSError, ValueError):  # a folder, no permission, a NUL in the name, a lost disk
        raise faults.unreadable(name) from None
