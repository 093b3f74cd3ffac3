"""Selection tables of Raven (Cornell Lab of Ornithology), text with tabs.

A selection that Raven shows in several views has a row for each; they count once, as the
spectrogram has it. A table over several sounds names them (``Begin File``, ``Begin Path``);
its times run on from sound to sound, ``File Offset (s)`` is the time in the one sound.

Reference: Raven Pro 1.6 User's Manual, "Selections and selection tables".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PureWindowsPath

from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked
from octolab.audio.tables.text import (
    Grid,
    Row,
    delimited,
    each,
    find_column,
    grid_of,
    maybe_number,
    number,
    text_of,
)
from octolab.errors import BadInput
from octolab.model import Event

BEGIN, END, OFFSET = "Begin Time (s)", "End Time (s)", "File Offset (s)"
LOW, HIGH = "Low Freq (Hz)", "High Freq (Hz)"
FILE, PATH = "Begin File", "Begin Path"
SELECTION, VIEW, CHANNEL = "Selection", "View", "Channel"
LABEL, SCORE, SNR, PEAK = "Annotation", "Score", "SNR (dB)", "Peak Freq (Hz)"
BY, NOTE = "Annotator", "Notes"

LABELS = (
    "annotation",
    "label",
    "species",
    "common name",
    "species code",
    "scientific name",
    "tags",
    "tag",
    "class",
    "call type",
    "id",
)
SCORES = ("score", "confidence", "detection score")
SNRS = ("snr (db)", "snr nist quick (db)")
PEAKS = ("peak freq (hz)", "peak frequency (hz)")
BYS = ("annotator", "analyst", "observer")
NOTES = ("notes", "note", "comments", "comment")


def knows(head: str) -> bool:
    """Whether a head line is that of a selection table."""
    return BEGIN.casefold() in head.casefold()


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read a selection table; ``label`` names the column of labels, if it is an unusual one."""
    grid = grid_of(text_of(data, name), name)
    columns = _Columns(grid, name, label)
    found: dict[tuple[str, str], list[Mark]] = {}
    rows = _once(grid.rows, columns)
    for key, mark in each(name, rows, columns.mark):
        found.setdefault(key, []).append(mark)
    return [
        Sheet(SoundFile(path=path or file), marks) for (path, file), marks in found.items()
    ] or [Sheet(SoundFile())]


class _Columns:
    """Where a table has what."""

    def __init__(self, grid: Grid, name: str, label: str | None) -> None:
        head = grid.head

        def find(*names: str) -> str | None:
            return find_column(head, names)

        begin, end = find(BEGIN.casefold()), find(END.casefold())
        for column, wanted in ((begin, BEGIN), (end, END)):
            if column is None:
                raise BadInput(
                    "{name} has no column {column}; it has: {found}",
                    name=name,
                    column=wanted,
                    found=", ".join(head)[:300],
                )
        if label is not None and find(label.casefold()) is None:
            raise BadInput(
                "{name} has no column {column}; it has: {found}",
                name=name,
                column=label,
                found=", ".join(head)[:300],
            )
        self.begin, self.end = begin or BEGIN, end or END
        self.low, self.high = find(LOW.casefold()), find(HIGH.casefold())
        self.selection, self.view = find(SELECTION.casefold()), find(VIEW.casefold())
        self.channel = find(CHANNEL.casefold())
        self.file, self.path = find(FILE.casefold()), find(PATH.casefold())
        self.offset = find(OFFSET.casefold())
        self.label = find(*(LABELS if label is None else (label.casefold(),)))
        self.score, self.snr, self.peak = find(*SCORES), find(*SNRS), find(*PEAKS)
        self.by, self.note = find(*BYS), find(*NOTES)
        known = {column for column in vars(self).values() if column is not None}
        self.other = [column for column in head if column not in known]
        places = (self.file or "", self.path or "")
        files = {tuple(row.get(column, "") for column in places) for _, row in grid.rows}
        self.several = len(files) > 1

    def mark(self, line: int, row: Row) -> tuple[tuple[str, str], Mark]:
        """The sound of a row, and what it marks there."""
        start, end = number(row.get(self.begin, ""), BEGIN), number(row.get(self.end, ""), END)
        offset = maybe_number(row.get(self.offset or ""), OFFSET)
        if offset is not None:
            start, end = offset, offset + (end - start)
        elif self.several:
            raise BadInput(
                "the table is of several sounds but does not say where in which; save it again "
                "with the column {column}",
                column=OFFSET,
            )
        event = Event(
            start,
            end,
            row.get(self.label or "", ""),
            maybe_number(row.get(self.score or ""), SCORE) or 0.0,
            maybe_number(row.get(self.low or ""), LOW),
            maybe_number(row.get(self.high or ""), HIGH),
            maybe_number(row.get(self.peak or ""), PEAK),
            maybe_number(row.get(self.snr or ""), SNR),
        )
        channel = maybe_number(row.get(self.channel or ""), CHANNEL)
        mark = Mark(
            checked(event),
            channel=None if channel is None else int(channel),
            by=row.get(self.by or "", ""),
            note=row.get(self.note or "", ""),
            other={column: row[column] for column in self.other if row.get(column)},
            line=line,
        )
        return (row.get(self.path or "", ""), row.get(self.file or "", "")), mark


def _once(rows: Iterable[tuple[int, Row]], columns: _Columns) -> Iterator[tuple[int, Row]]:
    """The rows without those that show a selection in one more view than the best."""
    if columns.view is None or columns.selection is None:
        yield from rows
        return
    same = (columns.selection, columns.channel, columns.begin, columns.end, columns.file)
    groups: dict[tuple[str, ...], list[tuple[int, Row]]] = {}
    for line, row in rows:
        groups.setdefault(tuple(row.get(column or "", "") for column in same), []).append(
            (line, row)
        )
    for group in groups.values():
        views = [row.get(columns.view, "") for _, row in group]
        best = next((view for view in views if view.casefold().startswith("spectrogram")), views[0])
        yield from (one for one, view in zip(group, views, strict=True) if view == best)


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write a selection table that Raven 1.6 opens.

    A mark without a band gets the whole of it. Raven finds several sounds by their paths.

    Raises
    ------
    BadInput
        If there are several sounds and the length of one is not known: Raven counts the time
        through all of them.
    """
    several = len({sheet.sound for sheet in sheets}) > 1
    marks = [mark for sheet in sheets for mark in sheet.marks]
    extra = {
        SCORE: any(mark.event.score for mark in marks),
        PEAK: any(mark.event.peak_hz is not None for mark in marks),
        SNR: any(mark.event.snr_db is not None for mark in marks),
        BY: any(mark.by for mark in marks),
        NOTE: any(mark.note for mark in marks),
    }
    head = [SELECTION, VIEW, CHANNEL, BEGIN, END, LOW, HIGH]
    head += [FILE, PATH, OFFSET] if several else []
    head += [LABEL, *(column for column, wanted in extra.items() if wanted)]
    taken = {column.casefold() for column in head}
    others = dict.fromkeys(column for mark in marks for column in mark.other)
    head += [column for column in others if column.casefold() not in taken]
    starts = _starts(sheets) if several else {}
    rows: list[list[object]] = []
    for sheet in sheets:
        sound = sheet.sound
        for mark in sorted(sheet.marks, key=lambda one: one.event.start):
            values = _values(mark, sound, starts.get(sound, 0.0))
            values |= {SELECTION: len(rows) + 1}
            rows.append([values.get(column, mark.other.get(column)) for column in head])
    return delimited([head, *rows], "\t")


def _values(mark: Mark, sound: SoundFile, before: float) -> dict[str, object]:
    event = mark.event
    place = sound.place or sound.path
    high = event.high_hz
    if high is None and sound.sr:
        high = sound.sr / 2
    return {
        VIEW: "Spectrogram 1",
        CHANNEL: mark.channel or 1,
        BEGIN: before + event.start,
        END: before + event.end,
        LOW: 0.0 if event.low_hz is None else event.low_hz,
        HIGH: high,
        FILE: PureWindowsPath(place).name,  # takes both kinds of slashes
        PATH: place,
        OFFSET: event.start,
        LABEL: event.label,
        SCORE: event.score,
        PEAK: event.peak_hz,
        SNR: event.snr_db,
        BY: mark.by,
        NOTE: mark.note,
    }


def _starts(sheets: Sequence[Sheet]) -> dict[SoundFile, float]:
    """Where each sound begins when they are played one after another."""
    starts: dict[SoundFile, float] = {}
    now = 0.0
    for sheet in sheets:
        sound = sheet.sound
        if sound in starts:
            continue
        if sound.duration_s is None:
            raise BadInput(
                "the length of {path} is not known; Raven needs it for a table of several sounds",
                path=sound.path,
            )
        starts[sound] = now
        now += sound.duration_s
    return starts
