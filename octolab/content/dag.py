"""Reading dag-pb blocks: which blocks a UnixFS file is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from octolab.content.cid import Cid, read_cid, read_varint

_RAW_LEAF, _FILE = 0, 2


class FileNode(NamedTuple):
    """A block of a file: bytes of its own, then what its links hold; ``size`` is of all."""

    data: bytes
    links: tuple[Cid, ...]
    size: int | None


def file_node(block: bytes) -> FileNode:
    """Decode a dag-pb block of a UnixFS file (ValueError if it is none)."""
    data, links = b"", []
    for number, value in _fields(block):
        if number == 1 and isinstance(value, bytes):
            data = value
        elif number == 2 and isinstance(value, bytes):
            links.append(_link(value))
    kind, content, size = None, b"", None
    for number, value in _fields(data):
        if number == 1:
            kind = value
        elif number == 2 and isinstance(value, bytes):
            content = value
        elif number == 3 and isinstance(value, int):
            size = value
    if kind not in (_RAW_LEAF, _FILE):
        raise ValueError("not a file")
    return FileNode(content, tuple(links), size)


def _link(data: bytes) -> Cid:
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            cid, end = read_cid(value, 0)
            if end == len(value):
                return cid
    raise ValueError("a link without a CID")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: numbers and byte strings."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2 and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("not a dag-pb block")
