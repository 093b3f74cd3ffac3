"""The words of OctoLab as plain data.

Everything here is a frozen dataclass without behaviour beyond turning itself into
JSON and back; nothing is opened, read or imported from the rest of the package.
Times are timezone-aware UTC datetimes; a bare number carries its unit in its name.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, TypeVar

ArtifactKind = Literal["frame", "clip", "sound"]
SourceKind = Literal["camera", "microphone", "sensor"]
SourceState = Literal["off", "connecting", "live", "stalled", "error"]
PinState = Literal["queued", "pinning", "pinned", "failed"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Level = Literal["debug", "info", "warning", "error"]

T = TypeVar("T")


def utc_now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


# --- sources ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desired:
    """What the user wants a source to be doing; the server makes it so."""

    enabled: bool = True
    recording: bool = False
    interval_s: float | None = None
    interval_gallery: str | None = None
    analyzer: str | None = None
    analyzer_params: Mapping[str, Any] = field(default_factory=dict)
    analyzer_fps: float = 1.0


@dataclass(frozen=True, slots=True)
class Observed:
    """What the server last saw a source doing.

    ``detail`` says why, in the server's language; ``reason`` is its template for ``values``,
    for those who speak another.
    """

    state: SourceState = "off"
    detail: str = ""
    at: datetime | None = None
    last_frame_at: datetime | None = None
    recording_since: datetime | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A camera, microphone or sensor.

    ``url`` never holds credentials; ``slug`` names it in file paths and in the API and
    never changes; ``name`` is what people call it.
    """

    id: int
    slug: str
    kind: SourceKind
    name: str
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    desired: Desired = field(default_factory=Desired)
    observed: Observed = field(default_factory=Observed)
    created_at: datetime = field(default_factory=utc_now)


# --- artifacts ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Artifact:
    """An immutable captured file and what the catalog knows of it.

    ``path`` is relative to the lab, with forward slashes. ``uncertainty_s`` bounds the
    error of ``captured_at``; None when it is not known. ``profile`` names the CID profile.
    """

    id: int
    kind: ArtifactKind
    cid: str
    path: str
    media_type: str
    size: int
    captured_at: datetime
    uncertainty_s: float | None = None
    source: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    profile: str = "unixfs-v1-2025"
    meta: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    tags: tuple[str, ...] = ()
    created_at: datetime = field(default_factory=utc_now)
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GalleryInfo:
    """A gallery's name and size; ``query`` is set when it is a saved search."""

    id: int
    slug: str
    name: str
    count: int
    query: Mapping[str, Any] | None = None
    created_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class Facets:
    """How many artifacts a query matches, in all and by each dimension."""

    total: int
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_source: Mapping[str, int] = field(default_factory=dict)
    by_tag: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[str, int] = field(default_factory=dict)


# --- analyses ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """A class name with its confidence, 0 to 1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an image in pixels: ``box`` is x, y, width, height; ``outline`` a polygon."""

    box: tuple[float, float, float, float]
    label: str = ""
    score: float | None = None
    outline: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something heard or seen from ``start`` to ``end`` seconds into the artifact."""

    start: float
    end: float
    label: str = ""
    score: float = 0.0
    low_hz: float | None = None
    high_hz: float | None = None
    peak_hz: float | None = None
    snr_db: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with its unit and, where known, its standard error."""

    value: float
    unit: str = ""
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one analyzer with given parameters found in one artifact.

    An analyzer fills in what it found; the caller that ran it adds ``analyzer``,
    ``version``, ``params``, ``duration_s`` and ``created_at`` (see `octolab.plugins`).
    ``model`` is the sha256 of the model file, ``data`` any further plain JSON.
    """

    labels: tuple[Label, ...] = ()
    regions: tuple[Region, ...] = ()
    events: tuple[Event, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    width: int | None = None
    height: int | None = None
    model: str | None = None
    analyzer: str = ""
    version: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    created_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a person marked in the artifact of that id; ``by`` says who, as far as is known."""

    id: int
    artifact: int
    event: Event
    by: str = ""
    note: str = ""
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)


# --- archive, work, history ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pin:
    """The state of one CID at one storage."""

    cid: str
    storage: str
    state: PinState
    detail: str = ""
    attempts: int = 0
    receipt: Mapping[str, Any] = field(default_factory=dict)
    requested_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one sensor at one moment."""

    sensor: str
    at: datetime
    value: float
    unit: str = ""
    quality: str = "good"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Long work: how far it is and how it ended.

    ``total`` is None until it is known; ``owner`` is the process that does it.
    """

    id: str
    kind: str
    title: str
    state: JobState = "queued"
    done: int = 0
    total: int | None = None
    message: str = ""
    error: str = ""
    result: Any = None
    created_at: datetime = field(default_factory=utc_now)
    finished_at: datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that happened; ``message`` is a translatable template for ``values``.

    A value may be such a text itself: ``{"message": …, "values": {…}}``.
    """

    id: int
    at: datetime
    level: Level
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


# --- JSON ---------------------------------------------------------------


def to_json(value: Any) -> Any:
    """Turn dataclasses, datetimes, tuples and mappings into plain JSON data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(v) for v in value]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy scalar
        return value.item()
    return value


class Misfit(TypeError):
    """Data that can't be what it should be.

    Attributes
    ----------
    place : str
        Where it is, such as ``metrics.area.value``.
    found : str
        What is there.
    """

    def __init__(self, place: str, found: Any) -> None:
        plain = found is None or isinstance(found, str | int | float)
        self.place = place.lstrip(".") or "the data"
        self.found = repr(found)[:80] if plain else type(found).__name__
        super().__init__(f"{self.place} is {self.found}")


def from_json(cls: type[T], data: Any) -> T:
    """Rebuild what `to_json` made; unknown keys are ignored, missing ones take defaults.

    Raises
    ------
    Misfit
        If something in it is of another type, or a number is not finite.
    """
    return typing.cast(T, _convert(cls, data, ""))


def check_plain(data: Any, place: str = "") -> None:
    """See to it that data is plain: texts, finite numbers, lists and mappings of these.

    Raises
    ------
    Misfit
        If something in it is not.
    """
    if isinstance(data, Mapping):
        for key, value in data.items():
            check_plain(value, f"{place}.{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            check_plain(value, f"{place}.{index}")
    elif not (
        data is None
        or isinstance(data, str | int)
        or (isinstance(data, float) and math.isfinite(data))
    ):
        raise Misfit(place, data)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _convert(hint: Any, value: Any, place: str) -> Any:
    if hint is Any:
        check_plain(value, place)
        return value
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        return _convert(next(a for a in args if a is not type(None)), value, place)
    try:
        if dataclasses.is_dataclass(hint):
            hints = _hints(typing.cast(type, hint))
            return typing.cast(type, hint)(
                **{k: _convert(hints[k], v, f"{place}.{k}") for k, v in value.items() if k in hints}
            )
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {k: _convert(args[1], v, f"{place}.{k}") for k, v in value.items()}
        if origin is tuple and isinstance(value, list):
            kinds = args[:1] * len(value) if args[-1] is Ellipsis else args
            pairs = enumerate(zip(kinds, value, strict=True))
            return tuple(_convert(k, v, f"{place}.{index}") for index, (k, v) in pairs)
        if hint is datetime:
            return datetime.fromisoformat(value).astimezone(UTC)
        if hint is float and isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    except Misfit:
        raise
    except (AttributeError, TypeError, ValueError):
        raise Misfit(place, value) from None
    plain = isinstance(hint, type) and hint is not float and isinstance(value, hint)
    if plain or (origin is Literal and value in args):
        return value
    raise Misfit(place, value)
