"""Whether everything that was captured is still there, and unchanged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.content import file_cid
from octolab.lab.ingest import FOLDERS, adopt
from octolab.lab.trash import settle

if TYPE_CHECKING:
    from octolab.catalog import Catalog
    from octolab.model import Artifact

PAGE = 1000
PART_LIFE_S = 3600
ROW_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found; paths are relative to the lab.

    ``orphans`` are files without a row, ``leftovers`` what interrupted writes left,
    ``adopted`` the orphans that were catalogued.
    """

    checked: int
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing is changed, missing, or unknown."""
        return not (self.changed or self.missing or self.orphans)


def verify(
    root: Path,
    catalog: Catalog,
    *,
    repair: bool = False,
    progress: Callable[..., None] | None = None,
) -> VerifyReport:
    """Hash every file of the catalog and look at every file of the lab."""
    from octolab.catalog import Query

    settle(root, catalog)
    total = catalog.count(Query(include_deleted=True))
    changed, missing = [], []
    checked = 0
    known: set[str] = set()
    for artifact in _artifacts(catalog):
        known.add(artifact.path)
        path = root / artifact.path
        if not path.is_file():
            missing.append(artifact.path)
        elif file_cid(path, profile=artifact.profile) != artifact.cid:
            changed.append(artifact.path)
        checked += 1
        if progress:
            progress(checked, total, artifact.path)
    orphans, leftovers, adopted = [], [], []
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        if name in known or catalog.by_path(name):
            continue
        if path.suffix == ".part":
            leftovers.append(name)
        elif _row_comes(catalog, name, path):
            continue
        elif repair and adopt(root, catalog, path):
            adopted.append(name)
        else:
            orphans.append(name)
    return VerifyReport(
        checked, tuple(changed), tuple(missing), tuple(orphans), tuple(leftovers), tuple(adopted)
    )


def _row_comes(catalog: Catalog, name: str, path: Path) -> bool:
    """Whether a file is being taken in right now: its row follows it by a moment."""
    patience = time.monotonic() + ROW_WITHIN_S
    try:
        while time.time() - path.stat().st_ctime < ROW_WITHIN_S and time.monotonic() < patience:
            time.sleep(0.05)
            if catalog.by_path(name):
                return True
    except FileNotFoundError:  # thrown away meanwhile
        return True
    return False


def recover(root: Path, catalog: Catalog, since: float) -> list[Artifact]:
    """Adopt whole files without a row in the folders that changed after `since` (a timestamp).

    Quick enough for every start of the server: a folder that nobody wrote into is skipped.
    """
    settle(root, catalog)
    found = []
    for folder in _folders(root):
        if folder.stat().st_mtime < since:
            continue
        for path in sorted(folder.iterdir()):
            name = path.relative_to(root).as_posix()
            if path.suffix == ".part":
                _discard_old(path)
            elif catalog.by_path(name) or _row_comes(catalog, name, path):
                continue
            elif artifact := adopt(root, catalog, path):
                found.append(artifact)
    return found


def _discard_old(part: Path) -> None:
    """Remove what an interrupted write left; a young one may belong to a write under way."""
    try:
        if time.time() - part.stat().st_mtime > PART_LIFE_S:
            part.unlink()
    except FileNotFoundError:
        pass


def _artifacts(catalog: Catalog) -> Iterator[Artifact]:
    from octolab.catalog import Query

    query = Query(include_deleted=True, newest_first=False, limit=PAGE)
    while page := catalog.find(query):
        yield from page
        query = replace(query, after=(page[-1].captured_at, page[-1].id))


def _folders(root: Path) -> Iterator[Path]:
    for name in FOLDERS.values():
        yield from (path for path in (root / name).glob("*/*") if path.is_dir())


def _files(root: Path) -> Iterator[Path]:
    for name in FOLDERS.values():
        yield from (path for path in sorted((root / name).rglob("*")) if path.is_file())
