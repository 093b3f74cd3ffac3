"""Tables of what was marked and found in a lab's sounds, out to other programs and in from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import BadInput, OctolabError
from octolab.lab.ingest import FOLDERS
from octolab.model import Analysis, Annotation, Event

if TYPE_CHECKING:
    from octolab.audio.tables import Mark, Sheet, SoundFile
    from octolab.lab.artifacts import Item, Recording
    from octolab.lab.lab import Lab

    Read = tuple[Mark, Annotation]  # a mark of a table, and what it becomes

NEAR_S, NEAR_HZ, NEAR_SCORE = 2e-3, 1.0, 1e-3  # what programs round a label by
EVERYTHING = "json"  # the one format that holds annotations and all analyses together


# --- out ---------------------------------------------------------------


def sheets(
    lab: Lab,
    items: Iterable[Item],
    format: str,
    analysis: Analysis | str | None = None,
    threshold: float | None = None,
    taxa: Mapping[str, str] | None = None,
) -> list[Sheet]:
    """What a table of these artifacts holds; parameters as for `Lab.export`."""
    made = [
        sheet
        for item in items
        for sheet in _of(lab, _recording(item), format == EVERYTHING, analysis, threshold)
    ]
    return named(made, taxa) if taxa else made


def _recording(item: Item) -> Recording:
    from octolab.lab.artifacts import Recording

    if not isinstance(item, Recording):
        raise BadInput("{path} is a picture, not a sound", path=item.record.path)
    return item


def _of(
    lab: Lab,
    item: Recording,
    everything: bool,
    analysis: Analysis | str | None,
    threshold: float | None,
) -> list[Sheet]:
    sound = sound_file(item)
    if analysis is not None:
        chosen = analysis if isinstance(analysis, Analysis) else _kept(item, analysis)
        return [found_sheet(sound, chosen, threshold)]
    found = item.analyses() if everything else []
    marked = _marks(lab, item.annotations(), sound)
    return [marked, *(found_sheet(sound, one, threshold) for one in found)]


def _marks(lab: Lab, there: Sequence[Annotation], sound: SoundFile | None = None) -> Sheet:
    """Annotations as a table has them; the key of each is the same for good."""
    from octolab.audio.tables import Mark, Sheet, SoundFile

    marks = [
        Mark(
            one.event,
            by=one.by,
            note=one.note,
            made_at=one.created_at,
            key=f"{lab.id}/annotation/{one.id}",
        )
        for one in there
    ]
    return Sheet(sound or SoundFile(), marks)


def _kept(item: Recording, analyzer: str) -> Analysis:
    """What an analyzer found last; it is run if it never was."""
    kept = (one for one in item.analyses() if one.analyzer == analyzer)
    return next(kept, None) or item.analyze(analyzer)


def found_sheet(sound: SoundFile, analysis: Analysis, threshold: float | None = None) -> Sheet:
    """The events of an analysis with at least that score."""
    from octolab.audio.tables import Mark, Sheet

    events = analysis.events
    if threshold is not None:
        events = tuple(event for event in events if event.score >= threshold)
    return Sheet(sound, [Mark(event) for event in events], analysis)


def named(found: Sequence[Sheet], taxa: Mapping[str, str]) -> list[Sheet]:
    """The same with scientific names for labels."""
    return [replace(sheet, marks=[_with(mark, taxa) for mark in sheet.marks]) for sheet in found]


def _with(mark: Mark, taxa: Mapping[str, str]) -> Mark:
    return replace(mark, taxon=taxa.get(mark.event.label, mark.taxon))


def sound_file(item: Recording) -> SoundFile:
    """What a table says of the sound itself."""
    from octolab.audio.reading import sound_info
    from octolab.audio.tables import SoundFile

    record = item.record
    recorder = record.meta.get("recorder") or {}
    sr = channels = None
    duration_s = record.duration_s
    try:
        info = sound_info(item.path, tolerant=True)
    except OctolabError:
        pass  # its marks can be told all the same
    else:
        sr, channels, duration_s = info.sr, info.channels, info.duration_s
    return SoundFile(
        path=record.path,
        place=str(item.path),
        cid=record.cid,
        media_type=record.media_type,
        duration_s=duration_s,
        sr=sr,
        channels=channels,
        started_at=record.captured_at,
        uncertainty_s=record.uncertainty_s,
        latitude=recorder.get("latitude"),
        longitude=recorder.get("longitude"),
        device=recorder.get("device", ""),
        name=str(record.meta.get("name") or ""),
    )


def loose_sound(path: Path) -> SoundFile:
    """What a table says of a sound that is in no lab."""
    from octolab.audio.reading import sound_info
    from octolab.audio.tables import SoundFile

    known = SoundFile(path=str(path), place=str(path.absolute()), name=path.name)
    try:
        info = sound_info(path, tolerant=True)
    except OctolabError:
        return known  # what was found in it can be told all the same
    known = replace(known, duration_s=info.duration_s, sr=info.sr, channels=info.channels)
    told = info.recorded
    if told is None:
        return known
    return replace(
        known,
        started_at=told.started_at,
        uncertainty_s=told.uncertainty_s,
        latitude=told.latitude,
        longitude=told.longitude,
        device=told.device,
    )


def file_sheet(
    path: Path,
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    threshold: float | None = None,
) -> Sheet:
    """What an analyzer finds in a file that is in no lab."""
    from octolab.content import file_cid
    from octolab.media import probe

    probed = probe(path)
    analyzer.require(probed.kind)
    found = plugins.run_analyzer(analyzer, path, **params)
    sound = replace(loose_sound(path), cid=file_cid(path), media_type=probed.media_type)
    return found_sheet(sound, found, threshold)


# --- in ---------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What came of a table.

    ``new`` are the annotations it added; ``changed`` and ``known`` count those that were there.
    ``named`` is the sound it calls its own, where that is another one.
    """

    new: list[Annotation]
    changed: int = 0
    known: int = 0
    named: str = ""


def take_in(lab: Lab, item: Item, found: Sequence[Sheet], name: str, by: str = "") -> Taken:
    """Mark in a sound what a table has for it; see `Recording.import_annotations`."""
    item = _recording(item)
    told = _told(found)
    if len({sheet.sound for sheet in told}) > 1:
        mine = [sheet for sheet in told if _is(lab, sheet.sound, item)]
        if not mine:
            raise BadInput(
                "{name} is of several sounds, and none is {sound}; it names: {found}",
                name=name,
                sound=_name(item),
                found=_names(told),
            )
        told = [sheet for sheet in mine if _surely(sheet.sound, item)] or mine
        _see_that_it_is_one(item, told, name)
    strange = [
        sheet for sheet in told if _last(sheet.sound.path) and not _is(lab, sheet.sound, item)
    ]
    taken = _merged(lab, item, _checked(item, told, name, by))
    return replace(taken, named=_names(strange)) if strange else taken


def take_in_all(lab: Lab, found: Sequence[Sheet], name: str, by: str = "") -> list[Annotation]:
    """Mark what a table has in the sounds it names; see `Lab.import_annotations`."""
    told = _told(found)
    places: dict[Recording, list[Sheet]] = {}
    missing = []
    for sheet in told:
        item = _found(lab, sheet.sound, name)
        if item is None:
            missing.append(sheet)
        else:
            places.setdefault(item, []).append(sheet)
    if missing:
        if not any(sheet.sound.path or sheet.sound.cid for sheet in missing):
            raise BadInput(
                "{name} does not say which sound it is of; import it into that sound", name=name
            )
        raise BadInput(
            "{name} is of sounds that are not in the lab: {found}", name=name, found=_names(missing)
        )
    for item, some in places.items():
        _see_that_it_is_one(item, some, name)
    new = {item: _checked(item, some, name, by) for item, some in places.items()}
    return [made for item, marks in new.items() for made in _merged(lab, item, marks).new]


def _told(found: Sequence[Sheet]) -> list[Sheet]:
    """What people marked; where a table has none of that, what analyses found."""
    return [sheet for sheet in found if sheet.analysis is None and sheet.marks] or list(found)


def _found(lab: Lab, sound: SoundFile, name: str) -> Recording | None:
    """The sound of the lab that a table means: by its CID, its path in a lab, or its name."""
    from octolab.lab.artifacts import Recording

    paths = _lab_paths(sound.path)
    records = lab.catalog.by_cid(sound.cid) if sound.cid else []
    records.sort(key=lambda record: record.path not in paths)
    if not records:
        there = [lab.catalog.by_path(path) for path in paths]
        records = [one for one in there if one is not None and one.deleted_at is None]
    items = [item for item in lab.handles(records) if isinstance(item, Recording)]
    if items or not (wanted := _last(sound.path)):
        return next(iter(items), None)
    text = PurePosixPath(wanted).stem
    found = lab.find(kind=("sound", "clip"), text=text, limit=None)
    items = [item for item in found if isinstance(item, Recording) and _is(lab, sound, item)]
    if len(items) > 1:
        raise BadInput(
            "{count} sounds are called {called}; import {name} into the one it is of",
            count=len(items),
            called=wanted,
            name=name,
        )
    return next(iter(items), None)


def _lab_paths(path: str) -> list[str]:
    """What a path may be in a lab, wherever the lab was then."""
    parts = PureWindowsPath(path).parts
    return ["/".join(parts[start:]) for start, part in enumerate(parts) if part in FOLDERS.values()]


def _see_that_it_is_one(item: Recording, found: Sequence[Sheet], name: str) -> None:
    """Refuse sounds of a table that only share a file name: recorders use one again and again."""
    if all(_surely(sheet.sound, item) for sheet in found):
        return
    sounds = {sheet.sound.cid or PureWindowsPath(sheet.sound.path) for sheet in found}
    if len(sounds) > 1:
        raise BadInput(
            "{name} is of several sounds called {called}: {found}; make a table of each and "
            "import it there",
            name=name,
            called=_name(item),
            found=_names(found),
        )


def _surely(sound: SoundFile, item: Recording) -> bool:
    """Whether a table means this sound, by its CID or its path in a lab."""
    return item.record.cid == sound.cid or item.record.path in _lab_paths(sound.path)


def _is(lab: Lab, sound: SoundFile, item: Recording) -> bool:
    """Whether a table means this sound, by any name it goes by unless its CID is another's."""
    if _surely(sound, item):
        return True
    record = item.record
    names = {record.path, _last(record.path), str(record.meta.get("name") or "")} - {""}
    named = bool({sound.path, _last(sound.path), sound.name} & names)
    return named and not (sound.cid and lab.catalog.by_cid(sound.cid))


def _last(path: str) -> str:
    return PureWindowsPath(path).name


def _name(item: Recording) -> str:
    return str(item.record.meta.get("name") or item.record.path)


def _names(found: Sequence[Sheet]) -> str:
    names = dict.fromkeys(sheet.sound.path or sheet.sound.cid or "–" for sheet in found)
    shown = list(names)[:5]
    return ", ".join(shown) + (" …" if len(names) > len(shown) else "")


def _checked(item: Recording, found: Sequence[Sheet], name: str, by: str) -> list[Read]:
    """The marks with what they become, none of them past the end of the sound."""
    made = []
    for sheet in found:
        for mark in sheet.marks:
            try:
                event = item.within(mark.event)
            except BadInput as error:
                raise _at(name, mark, error) from None
            made.append((mark, Annotation(0, item.id, event, mark.by or by, _note(mark))))
    return made


def _merged(lab: Lab, item: Recording, marks: Sequence[Read]) -> Taken:
    """Add what is new; what is there already becomes what the table says, and is not doubled."""
    there = item.annotations()
    by_key = dict(_keys(lab, there))
    left = {one.id: one for one in there}
    places: dict[tuple[str, int], list[Annotation]] = {}
    for one in there:
        places.setdefault((one.event.label.strip(), int(one.event.start)), []).append(one)
    top = (sound_file(item).sr or 0) / 2

    def near(event: Event) -> Annotation | None:
        seconds = {int(event.start - NEAR_S), int(event.start + NEAR_S)}
        some = (one for at in seconds for one in places.get((event.label.strip(), at), ()))
        return next((one for one in some if one.id in left and _same(one.event, event, top)), None)

    new: list[Annotation] = []
    change: dict[int, Annotation] = {}
    known = 0
    for mark, made in marks:
        keyed = left.get(by_key.get(mark.key, 0))
        before = keyed or near(made.event)
        if before is None:
            new.append(made)
            continue
        del left[before.id]
        if _same(before.event, made.event, top) and (keyed is None or _says(before, mark)):
            known += 1
        else:
            change[before.id] = made
    if not new and not change:
        return Taken([], known=known)
    after = item.edit_annotations(new, change)
    return Taken(after[len(after) - len(new) :], len(change), known)


def _keys(lab: Lab, there: Sequence[Annotation]) -> Iterator[tuple[str, int]]:
    """What formats with keys call the annotations of a sound."""
    from octolab.audio.tables import identifiers

    sheet = _marks(lab, there)
    for one, mark, number in zip(there, sheet.marks, identifiers(sheet), strict=True):
        yield mark.key, one.id
        yield str(number), one.id


def _same(one: Event, other: Event, top: float) -> bool:
    """Whether two events differ by no more than programs round; no band is the whole of it."""
    bands = ((event.low_hz or 0.0, event.high_hz or top) for event in (one, other))
    return (
        one.label.strip() == other.label.strip()
        and max(abs(one.start - other.start), abs(one.end - other.end)) <= NEAR_S
        and all(abs(a - b) <= NEAR_HZ for a, b in zip(*bands, strict=True))
    )


def _says(one: Annotation, mark: Mark) -> bool:
    """Whether note and score are those of a mark, in whose note a table may lose line ends."""
    notes = (mark.note.split(), _note(mark).split())
    return one.note.split() in notes and abs(one.event.score - mark.event.score) <= NEAR_SCORE


def _at(name: str, mark: Mark, error: BadInput) -> BadInput:
    if mark.line is None:
        return BadInput("{name}: {what}", name=name, what=error.told)
    return BadInput("{name}, line {line}: {what}", name=name, line=mark.line, what=error.told)


def _note(mark: Mark) -> str:
    """The note, and further columns but measurements, which can be made again."""
    said = [f"{column}: {value}" for column, value in mark.other.items() if _worded(column)]
    if mark.taxon and mark.taxon != mark.event.label:
        said.insert(0, mark.taxon)
    return "\n".join([mark.note, *said] if mark.note else said)


def _worded(column: str) -> bool:
    """Whether a column is no measure with its unit, nor where or when Raven had the selection."""
    return not column.endswith(")") and not column.casefold().startswith(("begin ", "end "))
