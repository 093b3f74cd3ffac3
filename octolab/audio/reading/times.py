"""When a sound was recorded, from what its file says and how its file is named."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import PurePath
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from octolab.errors import BadInput

ZONE_UNKNOWN_S: Final = 14 * 3600.0  # zones reach from UTC-12 to UTC+14

# Eight hexadecimal digits are AudioMoth's first naming: seconds since 1970. What lies before
# there was an AudioMoth, or far ahead, is a number of another kind.
_HEX: Final = re.compile(r"[0-9A-F]{8}")
_HEX_SPAN: Final = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
_DATE: Final = r"(?<!\d)(?P<date>(?:19|20)\d\d([-_.]?)\d\d\2\d\d)"
_ZONE: Final = r"(?:0\d|1[0-4]):?(?:00|15|30|45)(?!\d)"
_MOMENT: Final = re.compile(
    _DATE
    + r"(?:(?P<t>T)|[_$ -]| at )?(?P<hour>\d\d)(?P<sep>[-_.:]?)(?P<minute>\d\d)"
    + r"(?:(?P=sep)(?P<second>\d\d(?:\.\d{1,6})?))?(?!\d)"
    # -0100 may be a number of the file, but not after a time with T as ISO 8601 has it
    + rf"(?P<zone>Z|\+{_ZONE}|-{_ZONE.replace(':?', ':')}|(?(t)-{_ZONE}|(?!)))?"
)
_CLOCK: Final = re.compile(r"[\dW-]+[^\dW+-]\d\d(:?\d\d)?(:?\d\d)?(?:[.,](\d+))?")
_DAY: Final = re.compile(rf"{_DATE}(?!\d)")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?")


class Moment(NamedTuple):
    """A time in UTC and how far from it the truth may lie, in seconds either way."""

    at: datetime
    uncertainty_s: float


def zone_of(zone: str | tzinfo | None) -> tzinfo | None:
    """A time zone by its name (``Europe/Berlin``) or offset (``+02:00``).

    Raises
    ------
    BadInput
        If there is no such zone.
    """
    if zone is None or isinstance(zone, tzinfo):
        return zone
    if zone.upper() in ("UTC", "Z"):
        return UTC
    if found := _OFFSET.fullmatch(zone):
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset < timedelta(days=1):
            return timezone(-offset if sign == "-" else offset)
    try:
        return ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        raise BadInput(
            "there is no time zone {zone!r}; give one such as Europe/Berlin or +02:00", zone=zone
        ) from None


def moment(written: datetime, resolution_s: float, zone: tzinfo | None) -> Moment:
    """Make UTC of a time as it was written.

    Parameters
    ----------
    written : datetime
        With its time zone or without.
    resolution_s : float
        The last digit's worth: 1 for whole seconds.
    zone : tzinfo, optional
        The recorder's, for a time without one; if that is unknown too, UTC is assumed and
        the truth may be 14 hours off.
    """
    if written.tzinfo is not None:
        return Moment(written.astimezone(UTC), resolution_s)
    if zone is None:
        return Moment(written.replace(tzinfo=UTC), ZONE_UNKNOWN_S)
    first, second = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    # in the hour when clocks are turned back a local time means two moments
    return Moment(first, max(resolution_s, abs((second - first).total_seconds())))


def iso_moment(text: str, zone: tzinfo | None) -> Moment | None:
    """A time written as ISO 8601 has it, with ``T`` or a space; None when it is not one.

    A day alone is none either: no time of day is made up.
    """
    text = text.strip()
    if _CLOCK.match(text) is None:
        return None
    try:
        written = datetime.fromisoformat(text)
        return moment(written, _resolution(text), zone)
    except (ValueError, OverflowError):
        return None


def name_moment(name: str, zone: tzinfo | None) -> Moment | None:
    """The time in a file's name.

    Understood are a date and a time in that order, such as ``20190522_060000``,
    ``S4A03895_20190522_060000``, ``2021-09-24T06-00-00.5Z`` or ``20201104T155500+1000``, and
    AudioMoth's hexadecimal seconds, ``5C0C5A10``. AudioMoth names are in UTC by that
    maker's convention, Song Meter's in whatever its clock was set to.
    """
    stem = PurePath(name).stem
    if _HEX.fullmatch(stem.upper()):
        at = datetime.fromtimestamp(int(stem, 16), UTC)
        if _HEX_SPAN[0] < at < _HEX_SPAN[1]:
            return Moment(at, 1.0)
    for found in _MOMENT.finditer(stem):
        time = f"{found['hour']}:{found['minute']}:{found['second'] or '00'}"
        written = f"{_day(found['date'])}T{time}{found['zone'] or ''}"
        if (at_second := iso_moment(written, zone)) is not None:
            unsure = at_second.uncertainty_s if found["second"] else max(60.0, at_second[1])
            return Moment(at_second.at, unsure)
    return None


def name_day(name: str) -> str:
    """The date in a file's name, ``YYYY-MM-DD``, where there is no time of day; else ``""``."""
    for found in _DAY.finditer(name):
        with suppress(ValueError):
            return date.fromisoformat(_day(found["date"])).isoformat()
    return ""


def _day(written: str) -> str:
    """A date with hyphens, whatever it was written with."""
    digits = re.sub(r"\D", "", written)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _resolution(written: str) -> float:
    """What the last digit of a time is worth, in seconds."""
    clock = _CLOCK.match(written)
    minutes, seconds, fraction = clock.groups() if clock else (None, None, None)
    if fraction:
        return 10.0 ** -len(fraction)
    return 1.0 if seconds else 60.0 if minutes else 3600.0
