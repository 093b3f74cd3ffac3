"""A folder on this computer, or one that is mounted, as a storage.

Each file lies under its CID in ``OCTOLAB_STORAGE``, else in the user's data folder. It is
hashed on its way in and again on its way out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from octolab.content import PROFILES, CidStream, atomic_file, file_cid, parse_cid, verify_bytes
from octolab.errors import BadInput, NotFound
from octolab.plugins import Storage

_BLOCK: Final = 1 << 20


def folder() -> Path:
    """Where files are kept."""
    chosen = os.environ.get("OCTOLAB_STORAGE")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("octolab", appauthor=False)) / "storage"


def save(path: Path, cid: str) -> Mapping[str, Any]:
    """Keep a copy of a file.

    Parameters
    ----------
    path : Path
        The file.
    cid : str
        Its CID, of any profile we know.

    Returns
    -------
    mapping
        ``path`` and ``size`` of the copy.

    Raises
    ------
    BadInput
        If the file's bytes do not have that CID; nothing is kept then.
    NotFound
        If there is no such file.
    LabError
        If the disk is full or can't be written to.
    """
    cid = str(parse_cid(cid))
    target = _place(cid)
    path = Path(path)
    if not path.is_file():
        raise NotFound("there is no file {name}", name=path.name)
    if not (target.is_file() and _matches(target, cid)):
        _copy(path, target, cid)
    return {"path": str(target), "size": target.stat().st_size}


def fetch(cid: str) -> bytes:
    """The bytes of a CID, verified.

    Raises
    ------
    NotFound
        If it is not kept here.
    BadInput
        If what is kept has changed, or the CID is none.
    """
    target = _place(cid)
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        raise NotFound("{cid} is not in the local storage", cid=cid) from None
    verify_bytes(data, cid)
    return data


def _place(cid: str) -> Path:
    """Where a CID belongs; parsing it first keeps any path out of the name."""
    text = str(parse_cid(cid))
    return folder() / text[-2:] / text


def _copy(path: Path, target: Path, cid: str) -> None:
    stream = CidStream()
    with path.open("rb") as source, atomic_file(target) as copy:
        while block := source.read(_BLOCK):
            stream.update(block)
            copy.write(block)
        if stream.cid() != cid and not _matches(path, cid):
            raise BadInput("{name} is not the file of {cid}", name=path.name, cid=cid)


def _matches(path: Path, cid: str) -> bool:
    return any(file_cid(path, profile=profile) == cid for profile in PROFILES)


storage = Storage("local", save, fetch, title="Local folder")
