"""What every table of marks in sounds comes down to, whatever its format."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from octolab.errors import BadInput
from octolab.model import Analysis, Event

ROUNDING_S = 1e-3  # a label may begin that much before the sound: its program rounded
_NAMESPACE = UUID("6b0d3c4e-7a53-5f0e-9d0b-0c70c70c70c7")


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A sound as a table knows it; nothing of it need be known.

    ``path`` is what the table calls it, ``name`` what people do, ``place`` where it is on this
    machine. Latitude and longitude are in degrees (WGS 84), ``started_at`` is the time of its
    first sample.
    """

    path: str = ""
    place: str = ""
    cid: str = ""
    media_type: str = ""
    duration_s: float | None = None
    sr: int | None = None
    channels: int | None = None
    started_at: datetime | None = None
    uncertainty_s: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    device: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a table: an event, and what is said of it.

    ``channel`` counts from 1. ``taxon`` is its scientific name, ``key`` names the mark for
    good, ``other`` holds further columns, ``line`` is where a table had it.
    """

    event: Event
    channel: int | None = None
    taxon: str = ""
    by: str = ""
    note: str = ""
    made_at: datetime | None = None
    key: str = ""
    other: Mapping[str, str] = field(default_factory=dict)
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The marks in one sound: those people made, or those of an analysis."""

    sound: SoundFile
    marks: Sequence[Mark] = ()
    analysis: Analysis | None = None


def checked(event: Event) -> Event:
    """An event of a table, if there can be such a one.

    Raises
    ------
    BadInput
        If it begins before the sound, ends before it begins, or its band is reversed.
    """
    numbers = (getattr(event, one.name) for one in fields(event) if one.name != "label")
    if not all(math.isfinite(value) for value in numbers if value is not None):
        raise BadInput("it has a time or frequency that is not a number")
    start, end = event.start, event.end
    if -ROUNDING_S < start < 0:
        start, end = 0.0, max(end, 0.0)
        event = replace(event, start=start, end=end)
    if start < 0:
        raise BadInput("it begins at {start} s, before the sound does", start=start)
    if end < start:
        raise BadInput("it ends at {end} s, before it begins at {start} s", start=start, end=end)
    low, high = event.low_hz, event.high_hz
    if min(low or 0, high or 0) < 0 or (low or 0) > (math.inf if high is None else high):
        raise BadInput("its band can't go from {low} to {high} Hz", low=low or 0.0, high=high)
    return event


def moment_of(sound: SoundFile, seconds: float) -> datetime | None:
    """The absolute time of a place in a sound, if that is known."""
    if sound.started_at is None:
        return None
    return sound.started_at.astimezone(UTC) + timedelta(seconds=seconds)


def iso(moment: datetime | None) -> str:
    """A time as ``2026-11-22T12:00:00.250Z``."""
    if moment is None:
        return ""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def identifiers(sheet: Sheet) -> list[UUID]:
    """A number for each mark of a sheet: the same whenever the same marks are written."""
    sound = sheet.sound.cid or sheet.sound.path
    finder = sheet.analysis.analyzer if sheet.analysis else ""
    found: dict[str, int] = {}
    numbers = []
    for mark in sheet.marks:
        e = mark.event
        name = mark.key or f"{sound} {finder} {e.start} {e.end} {e.low_hz} {e.high_hz} {e.label}"
        found[name] = found.get(name, 0) + 1
        numbers.append(uuid5(_NAMESPACE, f"{name} {found[name]}"))
    return numbers
