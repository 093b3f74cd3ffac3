"""AOEF, the acoustic objects exchange format of the Python package soundevent: JSON.

What people marked becomes an annotation set, what an analysis found a prediction set. A label
is a tag with the key ``label``, a scientific name one with ``dwc:scientificName``; the peak,
the signal-to-noise ratio and the score of the detector are features of the sound event.

Reference: https://mbsantiago.github.io/soundevent (AOEF 1.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked, identifiers
from octolab.audio.tables.text import BROKEN, text_of
from octolab.errors import BadInput
from octolab.model import Event, utc_now

VERSION = "1.1.0"
HIGHEST_HZ = 5_000_000.0  # of the format: "no upper limit"
LABEL, TAXON = "label", "dwc:scientificName"
LABELS = (LABEL, "dwc:vernacularName", TAXON, "species", "event", "class")
SCORE, PEAK, SNR = "score", "peak_hz", "snr_db"

Json = Mapping[str, Any]


def knows(text: str) -> bool:
    """Whether a JSON text looks like AOEF."""
    return '"collection_type"' in text


# --- reading ---------------------------------------------------------------


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read sets of annotations or predictions; ``label`` is the key of the tags that name."""
    try:
        content = json.loads(text_of(data, name))["data"]
        return _sheets(content, name, label)
    except BROKEN as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(
            "{name} is not a whole AOEF file: {reason}",
            name=name,
            reason=f"{type(error).__name__} {error}"[:200],
        ) from None


def _sheets(content: Json, name: str, label: str | None) -> list[Sheet]:
    tags = {tag["id"]: (str(tag["key"]), str(tag["value"])) for tag in content.get("tags") or ()}
    users = {user["uuid"]: _person(user) for user in content.get("users") or ()}
    sounds = {one["uuid"]: _sound(one) for one in content.get("recordings") or ()}
    heard = {one["uuid"]: one for one in content.get("sound_events") or ()}
    told = [
        *(content.get("sound_event_annotations") or ()),
        *(content.get("sound_event_predictions") or ()),
    ]
    if content.get("collection_type") == "dataset":
        raise BadInput("{name} holds recordings but no annotations", name=name)
    if not told:
        told = [{"sound_event": number} for number in heard]
    marks: dict[str, list[Mark]] = {}
    for line, one in enumerate(told, 1):
        event = heard[one["sound_event"]]
        try:
            mark = _mark(one, event, tags, users, label, line)
        except BadInput as error:
            raise BadInput(
                "{name}, sound event {line}: {what}", name=name, line=line, what=error.told
            ) from None
        marks.setdefault(event["recording"], []).append(mark)
    return [Sheet(sounds[key], found) for key, found in marks.items()] or [Sheet(SoundFile())]


def _person(user: Json) -> str:
    known = (user.get(key) for key in ("name", "username", "email", "institution"))
    return str(next((name for name in known if name), ""))


def _sound(recording: Json) -> SoundFile:
    day, clock = recording.get("date"), recording.get("time")
    begun = None
    if day:
        at = time.fromisoformat(clock) if clock else time()
        begun = datetime.combine(datetime.fromisoformat(day), at)
        begun = begun.replace(tzinfo=UTC) if begun.tzinfo is None else begun.astimezone(UTC)
    return SoundFile(
        path=str(recording["path"]),
        cid=recording.get("hash") or "",
        duration_s=float(recording["duration"]),
        sr=int(recording["samplerate"]),
        channels=int(recording["channels"]),
        started_at=begun,
        latitude=recording.get("latitude"),
        longitude=recording.get("longitude"),
    )


def _mark(
    one: Json,
    event: Json,
    tags: Mapping[int, tuple[str, str]],
    users: Mapping[str, str],
    label: str | None,
    line: int,
) -> Mark:
    said = _tags(one, tags)
    wanted = LABELS if label is None else (label,)
    named = next((key for key in (*wanted, *said) if key in said), None)
    taxon = said.get(TAXON, "")
    features: dict[str, Any] = event.get("features") or {}
    times, bands = _bounds(event["geometry"])
    notes = [str(note["message"]) for note in one.get("notes") or ()]
    made = one.get("created_on")
    score = features.get(SCORE, one.get("score", 0.0))
    return Mark(
        checked(
            Event(
                min(times),
                max(times),
                said[named] if named is not None else "",
                float(score or 0.0),
                min(bands) if bands else None,
                max(bands) if bands and max(bands) < HIGHEST_HZ else None,
                features.get(PEAK),
                features.get(SNR),
            )
        ),
        taxon=taxon,
        by=users.get(one.get("created_by") or "", ""),
        note="\n".join(notes),
        made_at=_moment(made) if made else None,
        key=str(one.get("uuid") or ""),
        other={key: value for key, value in said.items() if key not in (named, TAXON)},
        line=line,
    )


def _tags(one: Json, tags: Mapping[int, tuple[str, str]]) -> dict[str, str]:
    """The tags of an annotation, or of a prediction (which have scores: the best of a key)."""
    found = [
        (tag, 1.0) if isinstance(tag, int) else (tag[0], tag[1]) for tag in one.get("tags") or ()
    ]
    said: dict[str, str] = {}
    for number, _ in sorted(found, key=lambda pair: -pair[1]):
        key, value = tags[number]
        said.setdefault(key, value)
    return said


def _bounds(geometry: Json) -> tuple[list[float], list[float]]:
    """All times and all frequencies of a geometry of whatever type."""
    kind, where = geometry["type"], geometry["coordinates"]
    if kind == "TimeStamp":
        return [float(where)], []
    if kind == "TimeInterval":
        return [float(second) for second in where], []
    if kind == "BoundingBox":
        start, low, end, high = (float(number) for number in where)
        if end < start or high < low:
            raise BadInput("its box is reversed")
        return [start, end], [low, high]
    points = list(_points(where))
    return [point[0] for point in points], [point[1] for point in points]


def _points(where: Any) -> Iterable[tuple[float, float]]:
    if isinstance(where[0], list):
        for part in where:
            yield from _points(part)
    else:
        yield float(where[0]), float(where[1])


def _moment(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


# --- writing ---------------------------------------------------------------


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write an annotation set, or a prediction set if all of it is what analyses found.

    Raises
    ------
    BadInput
        If the length or the rate of a sound is not known, without which AOEF can't be.
    """
    kind = "annotation" if any(sheet.analysis is None for sheet in sheets) else "prediction"
    book = _Book(kind)
    for sheet in sheets:
        book.add(sheet)
    now = _naive(utc_now())
    data = {
        "uuid": _number(*(clip["uuid"] for clip in book.clips.values())),
        "collection_type": f"{kind}_set",
        "created_on": now,
        "users": list(book.users.values()),
        "tags": [
            {"id": number, "key": key, "value": value} for (key, value), number in book.tags.items()
        ],
        "recordings": list(book.recordings.values()),
        "sound_events": book.events,
        "clips": list(book.clips.values()),
        f"sound_event_{kind}s": book.told,
        f"clip_{kind}s": [
            {
                "uuid": _number(kind, clip["uuid"]),
                "clip": clip["uuid"],
                "sound_events": book.of[path],
            }
            for path, clip in book.clips.items()
        ],
    }
    whole = {"version": VERSION, "created_on": now, "data": data}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


class _Book:
    """The lists of an AOEF file, which refer to each other by number."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.users: dict[str, dict[str, Any]] = {}
        self.tags: dict[tuple[str, str], int] = {}
        self.recordings: dict[str, dict[str, Any]] = {}
        self.clips: dict[str, dict[str, Any]] = {}
        self.of: dict[str, list[str]] = {}
        self.events: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    def add(self, sheet: Sheet) -> None:
        sound = sheet.sound
        recording = self._recording(sound)
        for mark, number in zip(sheet.marks, identifiers(sheet), strict=True):
            key = str(number)
            event = mark.event
            heard = _number("event", key)
            features = {PEAK: event.peak_hz, SNR: event.snr_db, SCORE: event.score or None}
            known = {name: value for name, value in features.items() if value is not None}
            self.events.append(
                {
                    "uuid": heard,
                    "recording": recording["uuid"],
                    "geometry": _geometry(event, sound),
                    **({"features": known} if known else {}),
                }
            )
            self.told.append({"uuid": key, "sound_event": heard, **self._said(mark)})
            self.of[sound.path].append(key)

    def _recording(self, sound: SoundFile) -> dict[str, Any]:
        if sound.path in self.recordings:
            return self.recordings[sound.path]
        if sound.duration_s is None or not sound.sr:
            raise BadInput(
                "the length and the rate of {path} are not known; AOEF can't be without",
                path=sound.path,
            )
        number = _number(sound.cid or sound.path)
        begun = sound.started_at
        made = {
            "uuid": number,
            "path": sound.path,
            "duration": sound.duration_s,
            "channels": sound.channels or 1,
            "samplerate": sound.sr,
            "hash": sound.cid or None,
            "date": begun.astimezone(UTC).date().isoformat() if begun else None,
            "time": begun.astimezone(UTC).time().isoformat() if begun else None,
            "latitude": sound.latitude,
            "longitude": sound.longitude,
        }
        self.recordings[sound.path] = {key: v for key, v in made.items() if v is not None}
        self.clips[sound.path] = {
            "uuid": _number("clip", number),
            "recording": number,
            "start_time": 0.0,
            "end_time": sound.duration_s,
        }
        self.of[sound.path] = []
        return self.recordings[sound.path]

    def _said(self, mark: Mark) -> dict[str, Any]:
        pairs = [(LABEL, mark.event.label), (TAXON, mark.taxon), *mark.other.items()]
        numbers = [self.tags.setdefault(pair, len(self.tags)) for pair in pairs if pair[1]]
        if self.kind == "prediction":
            score = min(max(mark.event.score, 0.0), 1.0)  # of the format; the feature has it whole
            return {"score": score, "tags": [[number, score] for number in numbers]}
        said: dict[str, Any] = {"tags": numbers}
        if mark.made_at is not None:
            said["created_on"] = _naive(mark.made_at)
        if mark.by:
            user = {"uuid": _number("user", mark.by), "name": mark.by}
            said["created_by"] = self.users.setdefault(mark.by, user)["uuid"]
        if mark.note:
            said["notes"] = [{"uuid": _number("note", mark.note), "message": mark.note}]
        return said


def _geometry(event: Event, sound: SoundFile) -> dict[str, Any]:
    if event.low_hz is None and event.high_hz is None:
        if event.start == event.end:
            return {"type": "TimeStamp", "coordinates": event.start}
        return {"type": "TimeInterval", "coordinates": [event.start, event.end]}
    high = HIGHEST_HZ if event.high_hz is None else event.high_hz
    box = [event.start, event.low_hz or 0.0, event.end, high]
    return {"type": "BoundingBox", "coordinates": box}


def _number(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, "octolab " + " ".join(parts)))


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
