"""Files in: one, whole folders; each with its time, and none twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, Conflict, LabError, NotFound, OctolabError
from octolab.i18n import phrase, translate
from octolab.lab.artifacts import HANDLES, Item
from octolab.lab.ingest import Capture, describe, store_bytes, store_file
from octolab.lab.inputs import Moment, file_time, moment
from octolab.model import Artifact, ArtifactKind, utc_now

if TYPE_CHECKING:
    import numpy as np

    from octolab.audio.reading import Recorded
    from octolab.lab.lab import Lab

    Data = str | os.PathLike[str] | bytes | bytearray | memoryview | np.ndarray
    Places = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

SOUNDS = (
    *(".wav", ".wave", ".w64", ".rf64", ".flac", ".ogg", ".oga", ".opus"),
    *(".mp3", ".m4a", ".aac", ".aif", ".aiff", ".aifc"),
)
"""How the names of files end that a folder is looked through for."""


def add(
    lab: Lab,
    kind: ArtifactKind,
    data: Data,
    *,
    name: str | None = None,
    gallery: str | None = None,
    tags: str | Sequence[str] = (),
    captured_at: Moment | None = None,
    uncertainty_s: float | None = None,
    source: str | None = None,
    meta: Mapping[str, Any] | None = None,
    note: str | None = None,
    move: bool = False,
    timezone: str | None = None,
    modified_at: Moment | None = None,
) -> Item:
    """Keep a file, bytes or an array; see `Lab.add_frame` and `Lab.add_sound`.

    With ``move``, a file of the lab's own making is taken instead of copied.
    """
    from octolab.audio.reading import sound_fault
    from octolab.catalog import tag_names
    from octolab.media import encode_png, probe, read_image

    content: Path | bytes
    if isinstance(data, str | os.PathLike):
        content = Path(data).expanduser()
        if not content.is_file():
            raise NotFound("there is no file {path}", path=str(content))
        name = name or content.name
    else:
        if isinstance(data, bytes | bytearray | memoryview):
            content = bytes(data)
        else:
            content = encode_png(data)
    if not isinstance(meta, Mapping | None) or not isinstance(note, str | None):
        raise BadInput("meta must be a mapping and note a text")
    info = probe(content)
    if info.kind != kind:
        raise BadInput(
            "{name} is {found} ({media_type}), not {kind}",
            name=name or phrase("the data"),
            found=phrase(f"a {info.kind}"),
            media_type=info.media_type,
            kind=phrase(f"a {kind}"),
        )
    if kind == "sound" and not info.duration_s:
        raise BadInput("{name} holds no samples", name=name or phrase("the data"))
    if kind == "frame":
        read_image(content)  # a header may promise what a truncated file does not hold
    told = _told(content, name, timezone) if kind == "sound" else None
    warning = sound_fault(content) if kind == "sound" and isinstance(content, Path) else None
    if captured_at is None and told is not None and told.started_at is not None:
        captured_at = told.started_at
        uncertainty_s = told.uncertainty_s if uncertainty_s is None else uncertainty_s
    if captured_at is None:
        captured_at = info.captured_at or modified_at
    if captured_at is None:
        captured_at = file_time(content) if isinstance(content, Path) else utc_now()
    capture = describe(
        info,
        captured_at=moment(captured_at),
        uncertainty_s=uncertainty_s,
        source=_origin(lab, source) if source else None,
        meta={
            **({"name": name} if name else {}),
            **({"recorder": recorder} if told and (recorder := told.known()) else {}),
            **({"warning": str(warning)} if warning is not None else {}),
            **(meta or {}),
        },
        note=note or "",
        tags=tag_names(tags),
    )
    into = fillable(lab, gallery)
    if not isinstance(content, Path):
        record = store_bytes(lab.path, lab.catalog, content, capture)
    elif move or (kept := _kept(lab, content, capture)) is None:
        record = store_file(lab.path, lab.catalog, content, capture, move=move)
    else:
        record = kept
    if warning is not None:
        lab.log(warning.message, level="warning", **warning.values)
    return added(lab, record, into, capture)


def _told(content: Path | bytes, name: str | None, timezone: str | None) -> Recorded | None:
    """What a sound tells of its recording; the file's own name may know what a new one hides."""
    from octolab.audio.reading import read_recorded

    told = read_recorded(content, name=name, timezone=timezone)
    if (told is None or told.started_at is None) and isinstance(content, Path):
        told = read_recorded(content, timezone=timezone)
    return told


def _origin(lab: Lab, source: str) -> str:
    """The slug of a source, also of one that was removed while its capture was on its way."""
    try:
        return lab.catalog.source(source).slug
    except NotFound:
        return lab.catalog.source(source, removed=True).slug


def _kept(lab: Lab, path: Path, capture: Capture) -> Artifact | None:
    """The same file if it is in the lab already; it need not be copied again."""
    from octolab.catalog import Query
    from octolab.content import file_cid

    at = capture.captured_at
    query = Query(kinds=(capture.kind,), since=at, until=at + timedelta(microseconds=1))
    size = path.stat().st_size
    likely = [
        record
        for record in lab.catalog.find(query)
        if (record.size, record.source) == (size, capture.source)
        and (lab.path / record.path).is_file()
    ]
    cid = file_cid(path) if likely else ""
    return next((record for record in likely if record.cid == cid), None)


def fillable(lab: Lab, gallery: str | None) -> str | None:
    """The slug of a gallery that takes artifacts, looked up before anything is written."""
    if not gallery:
        return None
    info = lab.gallery(gallery).info
    if info.query is not None:
        raise Conflict(
            "{gallery} is a saved search and fills itself; choose another gallery",
            gallery=info.name,
        )
    return info.slug


def added(lab: Lab, record: Artifact, gallery: str | None, capture: Capture) -> Item:
    """The handle of what was kept; what was there already gets what is newly said of it."""
    item = HANDLES[record.kind](lab, record)
    if new := set(capture.tags) - set(record.tags):
        item.add_tags(*sorted(new))
    if capture.note and not record.note:
        item.set_note(capture.note)
    if gallery:
        lab.catalog.add_to_gallery(gallery, [record.id])
    return item


# --- many ---------------------------------------------------------------


@dataclass
class Harvest:
    """What came of adding many files: the artifacts, and the errors by path."""

    items: list[Item] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def sound_files(places: Places) -> list[Path]:
    """The files that places stand for: files as they are, folders with all sounds in them.

    Parameters
    ----------
    places : path or iterable of paths
        In a folder, and the folders in it, files count whose name ends like that of a sound
        and does not begin with a dot.

    Returns
    -------
    list of Path
        Those of a folder by name.

    Raises
    ------
    NotFound
        If a folder holds no sounds. Files that are not there come as they are.
    """
    if isinstance(places, str | os.PathLike):
        places = [places]
    found: dict[Path, None] = {}
    for place in places:
        path = Path(place).expanduser()
        if not path.is_dir():
            found[path] = None
            continue
        inside = sorted(_sounds_in(path))
        if not inside:
            raise NotFound("there are no sounds in the folder {path}", path=str(path))
        found.update(dict.fromkeys(inside))
    return list(found)


def _sounds_in(folder: Path) -> Iterable[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.lower().endswith(SOUNDS):
                yield Path(here, name)


def add_sounds(
    lab: Lab,
    paths: Sequence[Path],
    known: Mapping[str, Any],
    progress: Callable[[int, str], Any],
) -> Harvest:
    """Keep many sounds; a bad file is listed, a full disk ends it.

    Parameters
    ----------
    lab : Lab
        Where to.
    paths : sequence of Path
        The files.
    known : mapping
        What `Lab.add_sound` takes, for all of them.
    progress : callable
        ``progress(done, name)``, before each file; what it raises ends the work.

    Raises
    ------
    LabError
        If the disk is full or the catalog fails; what was added stays.
    """
    harvest = Harvest()
    for done, path in enumerate(paths):
        progress(done, path.name)
        try:
            harvest.items.append(add(lab, "sound", path, **known))
        except LabError:
            raise
        except OctolabError as error:
            harvest.errors[str(path)] = str(error)
        except OSError as error:
            harvest.errors[str(path)] = translate(error.strerror or type(error).__name__)
    return harvest
