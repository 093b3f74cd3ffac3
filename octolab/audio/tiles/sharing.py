"""A sound of which several threads read parts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np

from octolab.audio.reading import SoundReader, open_sound
from octolab.errors import BadInput

_BLOCK: Final = 1 << 17
_KEPT: Final = 32  # blocks, 16 MiB: a minute and a half at 48 kHz


class SharedSound:
    """One channel, or the mean of all, of a file; what was read last is kept for neighbours.

    It may be read again after `close`.

    Parameters
    ----------
    path : path
        The file.
    channel : int, optional
        From 0; the mean of all by default.
    duration_s : float, optional
        How long it is about, in seconds, for files that do not tell their length: they
        need not be read to the end then.

    Attributes
    ----------
    sr, channels : int
        Rate in Hz and number of channels of the file.
    frames : int
        Its length in samples.
    told : bool
        Whether the file itself tells its length; else reading far into it is slow at first.

    Raises
    ------
    BadInput, NotFound
        If it can't be read or has no such channel.
    """

    def __init__(
        self, path: str | Path, channel: int | None = None, *, duration_s: float | None = None
    ) -> None:
        self._path = Path(path)
        self._channel = channel
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, np.ndarray] = OrderedDict()
        self._reader: SoundReader | None = open_sound(self._path, tolerant=True)
        self.sr, self.channels = self._reader.sr, self._reader.channels
        try:
            check_channel(channel, self.channels)
            known = self._reader.known_frames
            self.told = known is not None
            if known is None and duration_s:
                known = round(duration_s * self.sr)
            self.frames = self._reader.frames if known is None else known
        except BadInput:
            self.close()
            raise

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.frames / self.sr

    def read(self, start: int, stop: int) -> np.ndarray:
        """Samples `start` to `stop`, (n,) float32; what lies past the ends is left out."""
        start, stop = max(0, start), min(self.frames, stop)
        if start >= stop:
            return np.empty(0, np.float32)
        numbers = range(start // _BLOCK, -(-stop // _BLOCK))
        with self._lock:
            for number in numbers:
                if number not in self._blocks:
                    self._fetch(number, numbers.stop)
            for number in numbers:
                self._blocks.move_to_end(number)
            blocks = [self._blocks[number] for number in numbers]
            while len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        begin = numbers.start * _BLOCK
        return np.concatenate(blocks)[start - begin : stop - begin]

    def _fetch(self, first: int, stop: int) -> None:
        """Read blocks that are missing, up to the next one that is here."""
        last = first + 1
        while last < stop and last not in self._blocks:
            last += 1
        y = self._read(first * _BLOCK, min(last * _BLOCK, self.frames))
        for number in range(first, last):
            at = (number - first) * _BLOCK
            self._blocks[number] = y[at : at + _BLOCK].copy()

    def _read(self, start: int, stop: int) -> np.ndarray:
        if self._reader is None:
            self._reader = open_sound(self._path, tolerant=True)
        y = self._reader.read(start, stop, mono=self._channel is None)
        return y if self._channel is None else y[:, self._channel]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._blocks.clear()
            if self._reader is not None:
                self._reader.close()
                self._reader = None


def check_channel(channel: int | None, channels: int) -> None:
    """See to it that a channel is there, or raise `BadInput`."""
    if channel is not None and not 0 <= channel < channels:
        raise BadInput(
            "there is no channel {channel}; the sound has {count}, counted from 0",
            channel=channel,
            count=channels,
        )
