"""Emptying the trash: files go aside before their rows go, and away after.

The file of a row is set aside in ``.octolab/purged`` under its path in the lab. What a kill
leaves there is settled by the catalog: a file that has its row goes back, another is removed.
So what was deleted for good does not come back as a file without a row, and what was not is
still there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import BaseFileLock, FileLock, Timeout

from octolab.content import make_folder, sync_folder
from octolab.model import Artifact

if TYPE_CHECKING:
    from octolab.catalog import Catalog


def purge(root: Path, catalog: Catalog, trash: Sequence[Artifact]) -> list[Artifact]:
    """Forget artifacts that are in the trash, and remove their files; returns those gone."""
    with _alone(root):
        _settle(root, catalog)
        try:
            _set_aside(root, [artifact.path for artifact in trash])
            gone = set(catalog.purge([artifact.id for artifact in trash]))
        finally:
            _settle(root, catalog)
    return [artifact for artifact in trash if artifact.path in gone]


def settle(root: Path, catalog: Catalog) -> None:
    """Bring to its end what a kill interrupted, unless somebody is at it."""
    if _aside(root).is_dir():
        with contextlib.suppress(Timeout), _alone(root, timeout=0):
            _settle(root, catalog)


def _aside(root: Path) -> Path:
    return root / ".octolab" / "purged"


def _alone(root: Path, timeout: float = -1) -> BaseFileLock:
    return FileLock(root / ".octolab" / "purge.lock", timeout=timeout)


def _set_aside(root: Path, paths: Sequence[str]) -> None:
    touched: dict[Path, None] = {}
    for path in paths:
        place = _aside(root) / path
        make_folder(place.parent)
        with contextlib.suppress(FileNotFoundError):
            (root / path).replace(place)
            touched |= {place.parent: None, (root / path).parent: None}
    for folder in touched:
        sync_folder(folder)


def _settle(root: Path, catalog: Catalog) -> None:
    aside = _aside(root)
    for path in [path for path in aside.rglob("*") if path.is_file()]:
        name = path.relative_to(aside).as_posix()
        if catalog.by_path(name):
            make_folder((root / name).parent)
            path.replace(root / name)
        else:
            path.unlink()
    for folder in sorted(aside.rglob("*"), reverse=True):
        folder.rmdir()
    if aside.is_dir():
        aside.rmdir()
