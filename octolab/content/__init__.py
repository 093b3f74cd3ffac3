"""CIDs, UnixFS, CAR files, and files that are written whole or not at all."""

from __future__ import annotations

from octolab.content.car import (
    CarFile,
    extract_car,
    file_bytes,
    read_car,
    verify_bytes,
    write_car,
)
from octolab.content.cid import Cid, parse_cid
from octolab.content.files import (
    PartFile,
    atomic_file,
    atomic_write,
    disk_errors,
    make_folder,
    sync_folder,
)
from octolab.content.unixfs import (
    DEFAULT_PROFILE,
    PROFILES,
    CidStream,
    Profile,
    bytes_cid,
    feed_file,
    file_cid,
)

__all__ = [
    "DEFAULT_PROFILE",
    "PROFILES",
    "CarFile",
    "Cid",
    "CidStream",
    "PartFile",
    "Profile",
    "atomic_file",
    "atomic_write",
    "bytes_cid",
    "disk_errors",
    "extract_car",
    "feed_file",
    "file_bytes",
    "file_cid",
    "make_folder",
    "parse_cid",
    "read_car",
    "sync_folder",
    "verify_bytes",
    "write_car",
]
