"""The columns that CSV and Parquet have in common: one row an event.

``start_s`` and ``end_s`` count from the first sample of the sound, ``start_utc`` and
``end_utc`` are the same as times, ``recorded_utc`` is when the sound begins. Tables of others
are read too when their columns have one of the usual names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from octolab.audio.tables import raven
from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked, moment_of
from octolab.audio.tables.text import each, find_column, maybe_number, number
from octolab.errors import BadInput
from octolab.model import Event

Value = str | float | int | datetime | None

NUMBERS = ("start_s", "end_s", "low_hz", "high_hz", "score", "peak_hz", "snr_db")
TIMES = ("recorded_utc", "start_utc", "end_utc")
COLUMNS = (
    "start_s",
    "end_s",
    "low_hz",
    "high_hz",
    "label",
    "score",
    "peak_hz",
    "snr_db",
    "path",
    "name",
    "cid",
    *TIMES,
    "channel",
    "taxon",
    "by",
    "note",
    "analyzer",
)

# what others call them, the surest first
NAMES: Mapping[str, Sequence[str]] = {
    "start_s": ("start_s", "start_time", "start", "start (s)", "begin_s", "begin", "onset", "tmin"),
    "end_s": ("end_s", "end_time", "end", "end (s)", "stop", "offset", "tmax"),
    "duration_s": ("duration_s", "duration", "duration (s)"),
    "low_hz": ("low_hz", "low_f", "low_freq", "freq_low", "min_freq", "fmin", "freq_min"),
    "high_hz": ("high_hz", "high_f", "high_freq", "freq_high", "max_freq", "fmax", "freq_max"),
    "label": raven.LABELS,
    "score": raven.SCORES,
    "peak_hz": ("peak_hz", "peak_freq", *raven.PEAKS),
    "snr_db": ("snr_db", "snr", *raven.SNRS),
    "path": ("path", "file", "filename", "file_path", "audio_file", "filepath", "begin path"),
    "name": ("name",),
    "cid": ("cid",),
    "recorded_utc": ("recorded_utc",),
    "channel": ("channel",),
    "taxon": ("taxon", "scientific name", "scientific_name", "scientificname"),
    "by": ("by", *raven.BYS),
    "note": raven.NOTES,
}


def rows(sheets: Sequence[Sheet]) -> tuple[list[str], Iterator[list[Value]]]:
    """The head and the rows of a table."""
    others: dict[str, str] = {}
    for sheet in sheets:
        for mark in sheet.marks:
            for column in mark.other:
                others.setdefault(column.casefold(), column)
    further = [column for key, column in others.items() if key not in COLUMNS]
    return [*COLUMNS, *further], _rows(sheets, further)


def _rows(sheets: Sequence[Sheet], others: Sequence[str]) -> Iterator[list[Value]]:
    for sheet in sheets:
        sound = sheet.sound
        for mark in sheet.marks:
            event = mark.event
            yield [
                event.start,
                event.end,
                event.low_hz,
                event.high_hz,
                event.label,
                event.score,
                event.peak_hz,
                event.snr_db,
                sound.path,
                sound.name,
                sound.cid,
                moment_of(sound, 0),
                moment_of(sound, event.start),
                moment_of(sound, event.end),
                mark.channel,
                mark.taxon,
                mark.by,
                mark.note,
                sheet.analysis.analyzer if sheet.analysis else "",
                *(mark.other.get(column, "") for column in others),
            ]


def sheets(
    name: str,
    head: Sequence[str],
    lines: Iterable[tuple[int, Mapping[str, Any]]],
    label: str | None = None,
) -> list[Sheet]:
    """Make sheets of the rows of a table.

    Raises
    ------
    BadInput
        If it has no columns of begins and ends, or a row is not possible.
    """
    wanted = dict(NAMES)
    if label is not None:
        wanted["label"] = (label.casefold(),)
    columns = {key: find_column(head, names) for key, names in wanted.items()}
    if columns["end_s"] is None:
        columns["end_s"] = columns["duration_s"]
    lasts = columns["end_s"] is not None and columns["end_s"] == columns.pop("duration_s")
    for key in ("start_s", "end_s", *(["label"] if label is not None else [])):
        if columns[key] is None:
            raise BadInput(
                "{name} has no column {column}; it has: {found}",
                name=name,
                column=label if key == "label" else key,
                found=", ".join(head)[:300],
            )
    known = {*columns.values(), "start_utc", "end_utc", "analyzer"}
    other = [column for column in head if column not in known]

    def make(line: int, row: Mapping[str, Any]) -> tuple[SoundFile, Mark]:
        def text(key: str) -> str:
            value = row.get(columns[key] or "")
            return "" if value is None else str(value)

        def quantity(key: str) -> float | None:
            return maybe_number(row.get(columns[key] or ""), columns[key] or key)

        start, end = (
            number(row.get(columns[key] or "", ""), columns[key] or key)
            for key in ("start_s", "end_s")
        )
        end += start if lasts else 0.0
        channel = quantity("channel")
        event = Event(
            start,
            end,
            text("label"),
            quantity("score") or 0.0,
            *(quantity(key) for key in ("low_hz", "high_hz", "peak_hz", "snr_db")),
        )
        mark = Mark(
            checked(event),
            channel=None if channel is None else int(channel),
            taxon=text("taxon"),
            by=text("by"),
            note=text("note"),
            other={column: str(row[column]) for column in other if row.get(column)},
            line=line,
        )
        begun = _moment(row.get(columns["recorded_utc"] or ""))
        return SoundFile(
            path=text("path"), name=text("name"), cid=text("cid"), started_at=begun
        ), mark

    found: dict[SoundFile, list[Mark]] = {}
    for sound, mark in each(name, lines, make):
        found.setdefault(sound, []).append(mark)
    return [Sheet(sound, marks) for sound, marks in found.items()] or [Sheet(SoundFile())]


def _moment(value: Any) -> datetime | None:
    """A time in UTC; what is none counts as not known."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
