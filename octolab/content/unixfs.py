"""A file as IPFS sees it: chunks under a balanced tree, and the CID of its root.

Chunk size, tree width and leaf form are a *profile*; the same bytes have another CID under
another profile, so it is recorded with each file. The names are those of IPIP-499.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from octolab.content.cid import DAG_PB, RAW, cid_bytes, cid_text, varint
from octolab.errors import BadInput, reason

DEFAULT_PROFILE = "unixfs-v1-2025"

Sink = Callable[[bytes, bytes], None]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a file is cut up: bytes in a chunk, links in a node, form of leaves and CIDs."""

    name: str
    chunk: int
    width: int
    raw_leaves: bool
    version: int


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("unixfs-v1-2025", 1 << 20, 1024, True, 1),
        Profile("kubo-cidv1", 1 << 18, 174, True, 1),
        Profile("unixfs-v0-2015", 1 << 18, 174, False, 0),
    )
}


class _Node(NamedTuple):
    cid: bytes
    total: int  # bytes of this block and all below it
    size: int  # bytes of the file it holds


class CidStream:
    """The CID of bytes that come piece by piece.

    Memory stays small: raw leaves are hashed as they come, without being kept.

    Parameters
    ----------
    profile : str
        One of `PROFILES`.
    sink : callable, optional
        ``sink(cid, block)`` gets each finished block, in binary; leaves come before the
        nodes that link to them, the root last.

    Examples
    --------
    >>> stream = CidStream()
    >>> stream.update(b"hello ")
    >>> stream.update(b"world")
    >>> stream.cid()
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    """

    def __init__(self, profile: str = DEFAULT_PROFILE, sink: Sink | None = None) -> None:
        self.profile = _profile(profile)
        self.size = 0
        self._sink = sink
        self._keep = sink is not None or not self.profile.raw_leaves
        self._leaf = bytearray()
        self._hash = hashlib.sha256()
        self._held = 0
        self._levels: list[list[_Node]] = [[]]
        self._root: bytes | None = None

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        if self._root is not None:
            raise BadInput("the CID was taken already: no more bytes can be added")
        view = memoryview(data).cast("B")
        self.size += len(view)
        chunk, start = self.profile.chunk, 0
        while start < len(view):
            piece = view[start : start + chunk - self._held]
            self._held += len(piece)
            start += len(piece)
            if not self._keep:
                self._hash.update(piece)
            elif len(piece) < chunk:
                self._leaf += piece
            if self._held == chunk:
                self._finish_leaf(piece if len(piece) == chunk else self._leaf)

    def cid(self) -> str:
        """The CID of all bytes so far; nothing can be added after."""
        return cid_text(self.root())

    def root(self) -> bytes:
        """The same in binary."""
        if self._root is None:
            if self._held or not self.size:
                self._finish_leaf(self._leaf)
            self._root = self._finish_tree()
        return self._root

    def _finish_leaf(self, content: bytearray | memoryview) -> None:
        size, raw = self._held, self.profile.raw_leaves
        head, tail = (b"", b"") if raw else _wrapping(size)
        if self._keep:
            self._hash = hashlib.sha256(head)
            self._hash.update(content)
            self._hash.update(tail)
        cid = cid_bytes(self.profile.version, RAW if raw else DAG_PB, self._hash.digest())
        if self._sink:
            self._sink(cid, b"".join((head, content, tail)))
        self._hash = hashlib.sha256()
        self._leaf.clear()
        self._held = 0
        self._push(0, _Node(cid, len(head) + size + len(tail), size))

    def _push(self, level: int, node: _Node) -> None:
        if level == len(self._levels):
            self._levels.append([])
        row = self._levels[level]
        row.append(node)
        if len(row) == self.profile.width:
            self._levels[level] = []
            self._push(level + 1, self._parent(row))

    def _parent(self, children: list[_Node]) -> _Node:
        size = sum(child.size for child in children)
        sizes = b"".join(b"\x20" + varint(child.size) for child in children)
        data = b"\x08\x02\x18" + varint(size) + sizes
        block = b"".join(map(_link, children)) + b"\x0a" + varint(len(data)) + data
        cid = cid_bytes(self.profile.version, DAG_PB, hashlib.sha256(block).digest())
        if self._sink:
            self._sink(cid, block)
        return _Node(cid, len(block) + sum(child.total for child in children), size)

    def _finish_tree(self) -> bytes:
        level = 0
        while True:
            row = self._levels[level]
            if len(row) == 1 and not any(self._levels[level + 1 :]):
                return row[0].cid
            if row:
                self._levels[level] = []
                self._push(level + 1, self._parent(row))
            level += 1


def _wrapping(size: int) -> tuple[bytes, bytes]:
    """What comes before and after the bytes of a leaf that is a dag-pb block."""
    head = b"\x08\x02" + (b"\x12" + varint(size) if size else b"")
    tail = b"\x18" + varint(size)
    return b"\x0a" + varint(len(head) + size + len(tail)) + head, tail


def _link(child: _Node) -> bytes:
    link = b"\x0a" + varint(len(child.cid)) + child.cid + b"\x12\x00\x18" + varint(child.total)
    return b"\x12" + varint(len(link)) + link


def _profile(name: str) -> Profile:
    try:
        return PROFILES[name]
    except KeyError:
        raise BadInput(
            "no CID profile {name!r}; there are {known}", name=name, known=", ".join(PROFILES)
        ) from None


def bytes_cid(data: bytes | bytearray | memoryview, profile: str = DEFAULT_PROFILE) -> str:
    """The CID of bytes in memory.

    Examples
    --------
    >>> bytes_cid(b"")
    'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    """
    cut = _profile(profile)
    if cut.raw_leaves and memoryview(data).nbytes <= cut.chunk:  # one leaf, which is the root
        return cid_text(cid_bytes(cut.version, RAW, hashlib.sha256(data).digest()))
    stream = CidStream(profile)
    stream.update(data)
    return stream.cid()


def file_cid(path: str | Path, profile: str = DEFAULT_PROFILE) -> str:
    """The CID of a file, read in one pass.

    Parameters
    ----------
    path : str or Path
        The file.
    profile : str
        ``"unixfs-v1-2025"`` (1 MiB chunks, 1024 links, raw leaves), ``"kubo-cidv1"``
        (256 KiB, 174: ``ipfs add --cid-version=1`` on an unconfigured Kubo) or
        ``"unixfs-v0-2015"`` (``ipfs add``: 256 KiB, 174, wrapped leaves, ``Qm…``).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BadInput
        If it can't be read or the profile is not known.
    """
    stream = CidStream(profile)
    feed_file(stream, path)
    return stream.cid()


def feed_file(stream: CidStream, path: str | Path) -> None:
    """Put a whole file into a stream; errors as for `file_cid`."""
    buffer = bytearray(stream.profile.chunk)
    view = memoryview(buffer)
    try:
        with Path(path).open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                stream.update(view[:count])
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadInput(
            "{path} can't be read: {reason}", path=str(path), reason=reason(error)
        ) from error
