"""How a captured file enters a lab: written whole, named readably, hashed, then catalogued.

The file is synced and renamed into place before its row is written, so a row always has
its file. A kill between the two leaves a whole file without a row; `adopt` finds and
catalogues such files, which their names allow.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.content import (
    CidStream,
    atomic_file,
    atomic_write,
    bytes_cid,
    file_cid,
    make_folder,
    sync_folder,
)
from octolab.errors import BadInput
from octolab.model import Artifact, ArtifactKind, utc_now

if TYPE_CHECKING:
    from octolab.catalog import Catalog
    from octolab.media import MediaInfo

IMPORTED = "imported"
FOLDERS: Mapping[ArtifactKind, str] = {"frame": "frames", "clip": "clips", "sound": "sounds"}
BLOCK = 1 << 20
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/quicktime": ".mov",
    "video/x-msvideo": ".avi",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
}
_NAME = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6})Z-[a-z2-7]{6}(?P<suffix>\.[a-z0-9]+)"
)


@dataclass(frozen=True)
class Capture:
    """What is known of a file besides its bytes."""

    kind: ArtifactKind
    media_type: str
    captured_at: datetime
    uncertainty_s: float | None = None
    source: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    tags: tuple[str, ...] = ()


def describe(info: MediaInfo, **known: Any) -> Capture:
    """Make a `Capture` of what probing a file told and what the caller knows."""
    return Capture(
        kind=info.kind,
        media_type=info.media_type,
        width=info.width,
        height=info.height,
        duration_s=info.duration_s,
        **known,
    )


def store_bytes(root: Path, catalog: Catalog, data: bytes, capture: Capture) -> Artifact:
    """Keep bytes that are in memory, such as a still."""
    cid = bytes_cid(data)
    place = _place(capture, cid)
    atomic_write(root / place, data)
    return _enter(root, catalog, _artifact(place, cid, len(data), capture))


def store_file(
    root: Path,
    catalog: Catalog,
    source: Path,
    capture: Capture,
    *,
    move: bool = False,
    only_copy: bool = False,
) -> Artifact:
    """Keep a file of any size, hashed in one pass: copied, or moved, for one that is ours.

    When its row can't be written, a file that was moved goes back. The `only_copy` of a
    recording stays in place; it is adopted later.
    """
    taken = move and source.stat().st_dev == root.stat().st_dev  # else it can't be renamed
    if taken:
        part, cid = source, file_cid(source)
        _sync(source)
    else:
        part = root / ".octolab" / "incoming" / uuid.uuid4().hex
        hasher = CidStream()
        with source.open("rb") as reader, atomic_file(part) as writer:
            while block := reader.read(BLOCK):
                hasher.update(block)
                writer.write(block)
        cid = hasher.cid()
    try:
        place = _place(capture, cid)
        path = root / place
        make_folder(path.parent)
        part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        if not taken:
            part.unlink(missing_ok=True)
        raise
    artifact = _artifact(place, cid, path.stat().st_size, capture)
    if only_copy:
        kept = catalog.add_artifact(artifact)
    else:
        kept = _enter(root, catalog, artifact, source if taken else None)
    if move and not taken:
        source.unlink()
    return kept


def _enter(
    root: Path, catalog: Catalog, artifact: Artifact, origin: Path | None = None
) -> Artifact:
    """Write the row of a file that is in place; when that fails, no file is left there either.

    It goes back to its origin if it was moved from there.
    """
    try:
        return catalog.add_artifact(artifact)
    except Exception:
        if not catalog.by_path(artifact.path):
            path = root / artifact.path
            if origin is None:
                path.unlink(missing_ok=True)
            else:
                path.replace(origin)
        raise


def adopt(root: Path, catalog: Catalog, path: Path) -> Artifact | None:
    """Catalogue a file that a kill left without its row; None when its name is not ours."""
    from octolab.media import probe

    relative = path.relative_to(root)
    found = _NAME.fullmatch(path.name)
    if not found or len(relative.parts) != 4 or relative.parts[0] not in FOLDERS.values():
        return None
    try:
        info = probe(path)
    except BadInput:
        return None
    folder = relative.parts[1]
    capture = describe(
        info,
        captured_at=datetime.strptime(found["time"], "%Y-%m-%dT%H-%M-%S.%f").replace(tzinfo=UTC),
        source=None if folder == IMPORTED else folder,
        meta={"adopted": True},
    )
    cid, size = file_cid(path), path.stat().st_size
    return catalog.add_artifact(_artifact(relative.as_posix(), cid, size, capture))


def _sync(path: Path) -> None:
    """Bring a file that something else wrote to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place(capture: Capture, cid: str) -> str:
    """Where in the lab a capture belongs: by kind, source, day and moment.

    The tail of the CID keeps apart what was captured at the same moment.
    """
    try:
        suffix = SUFFIXES[capture.media_type]
    except KeyError:
        raise BadInput(
            "files of type {media_type} can't be kept; convert to one of: {known}",
            media_type=capture.media_type,
            known=", ".join(sorted(SUFFIXES)),
        ) from None
    at = capture.captured_at.astimezone(UTC).isoformat(timespec="microseconds")
    folder = f"{FOLDERS[capture.kind]}/{capture.source or IMPORTED}/{at[:10]}"
    return f"{folder}/{at[:26].replace(':', '-')}Z-{cid[-6:]}{suffix}"


def _artifact(place: str, cid: str, size: int, capture: Capture) -> Artifact:
    return Artifact(
        id=0,
        kind=capture.kind,
        cid=cid,
        path=place,
        media_type=capture.media_type,
        size=size,
        captured_at=capture.captured_at,
        uncertainty_s=capture.uncertainty_s,
        source=capture.source,
        width=capture.width,
        height=capture.height,
        duration_s=capture.duration_s,
        meta=capture.meta,
        note=capture.note,
        tags=capture.tags,
        created_at=utc_now(),
    )
