"""CAR files: the blocks of a file in one archive, written, read and checked.

Version 1 is written; version 1 and 2 are read. Every block is hashed when it is read, so
what comes out is what the CID says or an error.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from octolab.content.cid import DAG_PB, RAW, SHA2_256, Cid, parse_cid, read_cid, read_varint, varint
from octolab.content.dag import file_node
from octolab.content.files import atomic_file
from octolab.content.unixfs import DEFAULT_PROFILE, PROFILES, CidStream, bytes_cid, feed_file
from octolab.errors import BadInput

_V2 = b"\x0a\xa1gversion\x02"
_LARGEST_BLOCK = 1 << 25
_LARGEST_HEADER = 1 << 20
_DEEPEST = 32


@dataclass(frozen=True)
class CarFile:
    """An archive of blocks.

    Attributes
    ----------
    path : Path
        The file.
    roots : tuple of Cid
        What it says it is an archive of.
    """

    path: Path
    roots: tuple[Cid, ...]
    _start: int
    _end: int

    def blocks(self) -> Iterator[tuple[Cid, bytes]]:
        """Each block with its CID, checked (BadInput when one is damaged or cut short)."""
        with self.path.open("rb") as file:
            for cid, offset, size in self._sections(file):
                yield cid, self._block(file, cid, offset, size)

    def verify(self) -> int:
        """Check every block; returns how many there are."""
        return sum(1 for _ in self.blocks())

    def index(self) -> dict[bytes, tuple[int, int]]:
        """Where the block of each binary CID begins, and its size."""
        with self.path.open("rb") as file:
            return {cid.bytes: (offset, size) for cid, offset, size in self._sections(file)}

    def _sections(self, file: BinaryIO) -> Iterator[tuple[Cid, int, int]]:
        at = self._start
        while at < self._end:
            file.seek(at)
            head = file.read(min(256, self._end - at))
            try:
                length, begin = read_varint(head, 0)
                cid, end = read_cid(head, begin)
            except ValueError:
                raise _damaged(self.path) from None
            size = length - (end - begin)
            if not 0 <= size <= _LARGEST_BLOCK or at + begin + length > self._end:
                raise _damaged(self.path)
            yield cid, at + end, size
            at += begin + length

    def _block(self, file: BinaryIO, cid: Cid, offset: int, size: int) -> bytes:
        file.seek(offset)
        block = file.read(size)
        if len(block) < size or not _matches(block, cid):
            raise _damaged(self.path)
        return block


def write_car(path: str | Path, out: str | Path, profile: str = DEFAULT_PROFILE) -> str:
    """Archive a file as CAR, in one pass over it.

    Parameters
    ----------
    path : str or Path
        The file.
    out : str or Path
        The archive; written whole or not at all.
    profile : str
        How the file is cut up, see `file_cid`.

    Returns
    -------
    str
        The CID of the file, which is the archive's root.
    """
    written: set[bytes] = set()
    with atomic_file(out) as archive:

        def keep(cid: bytes, block: bytes) -> None:
            if cid not in written:
                written.add(cid)
                archive.write(varint(len(cid) + len(block)) + cid)
                archive.write(block)

        stream = CidStream(profile, sink=keep)
        placeholder = bytes(34 if stream.profile.version == 0 else 36)
        archive.write(_header(placeholder))
        feed_file(stream, path)
        root = stream.root()
        archive.seek(0)
        archive.write(_header(root))
    return stream.cid()


def read_car(path: str | Path) -> CarFile:
    """Open an archive; its header is checked now, its blocks when they are read.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BadInput
        If it is not a CAR file.
    """
    place = Path(path)
    with place.open("rb") as file:
        start, end = 0, os.fstat(file.fileno()).st_size
        head = file.read(51)
        if head.startswith(_V2):
            start = int.from_bytes(head[27:35], "little")
            end = min(end, start + int.from_bytes(head[35:43], "little"))
        try:
            file.seek(start)
            length, begin = read_varint(file.read(10), 0)
            if length > _LARGEST_HEADER:
                raise ValueError
            file.seek(start + begin)
            header, _ = _cbor(file.read(length), 0)
            if header["version"] != 1:
                raise ValueError
            roots = tuple(_root(item) for item in header["roots"])
        except (ValueError, KeyError, TypeError, IndexError, UnicodeDecodeError):
            raise BadInput("{path} is not a CAR file", path=str(path)) from None
    return CarFile(place, roots, start + begin + length, end)


def extract_car(path: str | Path, cid: str | None, out: str | Path) -> None:
    """Take a file out of an archive; every block of it is checked.

    Parameters
    ----------
    path : str or Path
        The archive.
    cid : str or None
        The CID of the file; None for the only root.
    out : str or Path
        Where the file goes; written whole or not at all.

    Raises
    ------
    BadInput
        If a block is damaged or missing, or the CID is not that of a file.
    """
    archive = read_car(path)
    if cid is None:
        if len(archive.roots) != 1:
            raise BadInput("{path} has several roots; say which CID to extract", path=str(path))
        root = archive.roots[0]
    else:
        root = parse_cid(cid)
    index = archive.index()
    with archive.path.open("rb") as file, atomic_file(out) as target:

        def block(wanted: Cid) -> bytes:
            try:
                offset, size = index[wanted.bytes]
            except KeyError:
                raise BadInput(
                    "{path} lacks the block {cid}", path=str(path), cid=str(wanted)
                ) from None
            return archive._block(file, wanted, offset, size)

        for piece in file_bytes(root, block):
            target.write(piece)


def file_bytes(root: Cid, block: Callable[[Cid], bytes]) -> Iterator[bytes]:
    """The bytes of a file in order, from its blocks.

    ``block(cid)`` must return the checked block of a CID. Only one block of each level of the
    tree is held at a time.
    """
    yield from _file_bytes(root, block, 0)


def _file_bytes(
    root: Cid, block: Callable[[Cid], bytes], depth: int
) -> Generator[bytes, None, int]:
    data = block(root)
    if root.codec == RAW:
        yield data
        return len(data)
    if root.codec != DAG_PB or depth > _DEEPEST:
        raise _no_file(root)
    try:
        node = file_node(data)
    except ValueError:
        raise _no_file(root) from None
    if node.data:
        yield node.data
    total = len(node.data)
    for link in node.links:
        total += yield from _file_bytes(link, block, depth + 1)
    if node.size is not None and node.size != total:
        raise _no_file(root)
    return total


def verify_bytes(data: bytes, cid: str, profile: str | None = None) -> str:
    """Check that bytes are those of a CID.

    Parameters
    ----------
    data : bytes
        The whole file.
    cid : str
        What it should be.
    profile : str, optional
        The profile it was made with; without, all that we know are tried.

    Returns
    -------
    str
        The profile under which it is that CID.

    Raises
    ------
    BadInput
        If it is not.
    """
    wanted = parse_cid(cid)
    for name, known in PROFILES.items():
        if profile not in (None, name) or known.version != wanted.version:
            continue
        if parse_cid(bytes_cid(data, name)) == wanted:
            return name
    if profile is None and wanted.codec == RAW and _matches(data, wanted):
        return DEFAULT_PROFILE  # one raw block, larger than our chunks
    raise BadInput("these are not the bytes of {cid}", cid=cid)


def _matches(block: bytes, cid: Cid) -> bool:
    return cid.hash_code == SHA2_256 and hashlib.sha256(block).digest() == cid.digest


def _damaged(path: Path) -> BadInput:
    return BadInput("{path} is damaged: a block is cut short or changed", path=str(path))


def _no_file(root: Cid) -> BadInput:
    return BadInput("{cid} is not a file (a folder, or other data)", cid=str(root))


# --- the header: DAG-CBOR, as little of it as CAR uses ----------------------------------------


def _header(root: bytes) -> bytes:
    link = b"\xd8\x2a\x58" + bytes([len(root) + 1]) + b"\x00" + root
    header = b"\xa2eroots\x81" + link + b"gversion\x01"
    return varint(len(header)) + header


def _root(item: Any) -> Cid:
    if not isinstance(item, bytes) or item[:1] != b"\x00":
        raise ValueError("a root is not a CID")
    cid, end = read_cid(item, 1)
    if end != len(item):
        raise ValueError("a root is not a CID")
    return cid


def _cbor(data: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    """Decode integers, bytes, text, lists, maps and tagged links (ValueError otherwise)."""
    kind, low = data[at] >> 5, data[at] & 31
    at += 1
    if depth > 8 or low > 27:
        raise ValueError("not a CAR header")
    if low > 23:
        width = 1 << (low - 24)
        low, at = int.from_bytes(data[at : at + width], "big"), at + width
    if kind == 0:
        return low, at
    if kind in (2, 3):
        if at + low > len(data):
            raise ValueError("not a CAR header")
        piece = data[at : at + low]
        return (piece if kind == 2 else piece.decode()), at + low
    if kind == 4:
        items = []
        for _ in range(low):
            item, at = _cbor(data, at, depth + 1)
            items.append(item)
        return items, at
    if kind == 5:
        found = {}
        for _ in range(low):
            key, at = _cbor(data, at, depth + 1)
            found[key], at = _cbor(data, at, depth + 1)
        return found, at
    if kind == 6 and low == 42:
        return _cbor(data, at, depth + 1)
    raise ValueError("not a CAR header")
