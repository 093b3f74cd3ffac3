"""What users hand in, made definite: moments, names, arrays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from octolab.errors import BadInput

Moment = datetime | date | str


def moment(when: Moment) -> datetime:
    """Turn a datetime, date or ISO text into an aware UTC datetime; naive means UTC.

    Raises
    ------
    BadInput
        If it is no time, or not between the years 1900 and 2200.
    """
    try:
        if isinstance(when, str):
            when = datetime.fromisoformat(when)
        elif not isinstance(when, datetime):
            when = datetime(when.year, when.month, when.day)
        aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, AttributeError, OverflowError):
        raise BadInput(
            "{value!r} is no time; write it like 2026-11-22T09:30:00Z", value=str(when)
        ) from None
    if not 1900 <= aware.year < 2200:
        raise BadInput("the year {year} can't be right for a capture", year=aware.year)
    return aware


def name_of(url: str) -> str:
    """Make a name for a camera from its address."""
    parts = urlsplit(url)
    if parts.scheme in ("synthetic", "webcam"):
        return parts.netloc or parts.scheme
    if parts.scheme == "file":
        return Path(parts.path).stem or "file"
    return f"{parts.scheme}-{parts.hostname or parts.netloc}"


def file_time(path: Path) -> datetime:
    """When a file was last written, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
