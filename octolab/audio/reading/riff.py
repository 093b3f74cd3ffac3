"""The chunks of a WAV file: how its samples are stored, where they are, what is told of them.

Written from "Multimedia Programming Interface and Data Specifications 1.0" (RIFF WAVE) and
EBU Tech 3306 (RF64, BW64).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from octolab.audio.reading.faults import broken_header

CHUNK_LIMIT: Final = 1 << 20  # bytes of one chunk of metadata that are looked at

_KINDS: Final = {b"RIFF": "WAV", b"RF64": "RF64", b"BW64": "RF64"}
_METADATA: Final = (b"LIST", b"guan", b"wamd", b"bext")
_MOST_CHUNKS: Final = 10_000
# What programs write that can't know the length when they begin: ffmpeg into a pipe and
# RF64 writers that were killed; SoX into a pipe.
_UNKNOWN: Final = 0xFFFFFFFF
_UNKNOWN_TO_SOX: Final = 0x7FFFF000


@dataclass(frozen=True)
class WaveFile:
    """What the chunks of a WAV tell.

    ``claimed`` is how many bytes of samples the header tells of, None when it was written
    before that was known; ``available`` is how many are there.
    """

    container: str
    format: bytes
    offset: int
    claimed: int | None
    available: int
    chunks: Mapping[bytes, bytes]


def is_wave(head: bytes) -> bool:
    """Whether a file's first 12 bytes are those of a WAV (RIFF, RF64 or BW64)."""
    return head[:4] in _KINDS and head[8:12] == b"WAVE"


def read_chunks(file: BinaryIO, name: str) -> WaveFile:
    """Walk through the chunks of a WAV, over the samples.

    Raises
    ------
    BadInput
        If the file ends before its samples begin.
    """
    size = file.seek(0, 2)
    file.seek(0)
    container = _KINDS[file.read(12)[:4]]
    chunks: dict[bytes, bytes] = {}
    form, offset, claimed, available, long_size = b"", 0, None, 0, 0
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > size:
            break
        file.seek(at)
        ident, length = struct.unpack("<4sI", file.read(8))
        if offset and not _is_name(ident):  # what a crash or a preallocation left
            break
        at += 8
        if ident == b"ds64" and length >= 16:
            long_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        elif ident == b"fmt " and not form:
            form = file.read(min(length, 40))
        elif ident == b"data" and not offset:
            if container == "RF64" and length == _UNKNOWN and long_size:
                length = long_size
            streamed = _is_streamed(file, at, length, size)
            offset, claimed = at, None if streamed else length
            rest = size - at
            available = rest if claimed is None else min(length, rest)
            length = available
        elif ident in _METADATA and length <= CHUNK_LIMIT:
            chunk = file.read(length)
            if ident != b"LIST" or chunk.startswith(b"INFO"):
                chunks.setdefault(ident, chunk)
        at = _after(file, at + length, size)
    if len(form) < 16 or not offset:
        raise broken_header(name)
    return WaveFile(container, form, offset, claimed, available, chunks)


def _is_streamed(file: BinaryIO, at: int, length: int, size: int) -> bool:
    """Whether samples go on to the end of the file, whatever its header says."""
    if length == _UNKNOWN_TO_SOX:
        return at + length != size and not _is_chunk(file, at + length, size)
    if length == 0:
        return at < size and not _is_chunk(file, at, size)
    return length == _UNKNOWN


def _after(file: BinaryIO, end: int, size: int) -> int:
    """Where the next chunk begins: at an even place, unless the writer forgot to pad."""
    if end % 2 and not _is_chunk(file, end + 1, size) and _is_chunk(file, end, size):
        return end
    return end + end % 2


def _is_chunk(file: BinaryIO, at: int, size: int) -> bool:
    """Whether a place looks like the head of a chunk that fits into the file."""
    file.seek(at)
    head = file.read(8)
    if len(head) < 8 or not _is_name(head[:4]):
        return False
    return at + 8 + int(struct.unpack("<4xI", head)[0]) <= size


def _is_name(ident: bytes) -> bool:
    """Whether four bytes can be the name of a chunk."""
    return all(32 <= letter < 127 for letter in ident)
