"""What recorders write beside the samples: GUANO, wamd, AudioMoth comments, bext, tags.

Written from the GUANO specification 1.0 (guano-md.org), the header file of Wildlife
Acoustics for its ``wamd`` chunk (wa_meta 1.0), EBU Tech 3285 (bext) and the comments that
AudioMoth's firmware writes (openacousticdevices.info, versions 1.0 to 1.11).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta, tzinfo
from itertools import pairwise
from typing import Final, TypeVar

from octolab.audio.growing import UNCERTAINTY
from octolab.audio.reading.recorded import Recorded
from octolab.audio.reading.times import iso_moment

_Value = TypeVar("_Value")

_LONGEST: Final = 4000  # characters of one field that are kept
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")

# --- GUANO ---------------------------------------------------------------------------------


def guano(chunk: bytes, zone: tzinfo | None) -> Recorded:
    """The fields of a ``guan`` chunk."""
    raw: dict[str, str] = {}
    for line in chunk.decode("utf-8-sig", "replace").split("\n"):
        key, _, value = line.partition(":")
        if value := value.strip("\0 \r\t")[:_LONGEST]:
            raw[key.strip()] = value.replace("\\n", "\n")
    position = [float(found) for found in _NUMBER.findall(raw.get("Loc Position", ""))]
    latitude, longitude = _place(*position) if len(position) == 2 else (None, None)
    settings = re.search(r"GAIN (\w+)", raw.get("OAD|Recording Settings", ""))
    at = iso_moment(raw.get("Timestamp", ""), zone)
    unsure = _first(raw, _number, UNCERTAINTY)
    if at is not None and unsure is not None:
        at = at._replace(uncertainty_s=unsure)
    return Recorded(
        device=" ".join(filter(None, (raw.get("Make"), raw.get("Model")))),
        serial=raw.get("Serial", ""),
        latitude=latitude,
        longitude=longitude,
        temperature_c=_first(raw, _number, "Temperature Ext", "Temperature Int"),
        battery_v=_first(raw, _number, "OAD|Battery Voltage", "Battery Voltage"),
        gain=next((raw[key] for key in raw if key.split("|")[-1] == "Gain"), "")
        or (settings[1] if settings else ""),
        comment=raw.get("Note", ""),
        raw={f"guano: {key}": value for key, value in raw.items()},
    ).timed(at, "guano")


# --- Wildlife Acoustics --------------------------------------------------------------------

_WAMD: Final = {
    0x01: "model",
    0x02: "serial",
    0x03: "firmware",
    0x04: "prefix",
    0x05: "start",
    0x06: "position at start",
    0x08: "software",
    0x0A: "notes",
    0x0B: "auto id",
    0x0C: "manual id",
    0x12: "microphones",
    0x13: "sensitivity",
    0x14: "last position",
    0x15: "temperature inside",
    0x16: "temperature outside",
    0x17: "humidity",
    0x18: "light",
}


def wamd(chunk: bytes, zone: tzinfo | None) -> Recorded:
    """The fields of a ``wamd`` chunk."""
    raw: dict[str, str] = {}
    at = 0
    while at + 6 <= len(chunk):
        tag, length = struct.unpack("<HI", chunk[at : at + 6])
        value = chunk[at + 6 : at + 6 + length]
        at += 6 + length
        if tag == 0 and value[:2] != b"\x01\x00":
            return Recorded()  # of a version nobody has described
        if tag in _WAMD and (text := _text(value)):
            raw[_WAMD[tag]] = text
    latitude, longitude = _first(raw, _wgs84, "position at start", "last position") or (None, None)
    model = raw.get("model", "")
    return Recorded(
        device=f"Wildlife Acoustics {model}".strip() if model else "",
        serial=raw.get("serial", ""),
        latitude=latitude,
        longitude=longitude,
        temperature_c=_first(raw, _celsius, "temperature outside", "temperature inside"),
        comment=raw.get("notes", ""),
        raw={f"wamd: {key}": value for key, value in raw.items()},
    ).timed(iso_moment(raw.get("start", ""), zone), "wamd")


def _wgs84(text: str) -> tuple[float, float] | None:
    """Degrees of ``WGS84,42.30000,N,71.10000,W[,altitude]``."""
    parts = [part.strip() for part in text.split(",")]
    found = []
    for number, side in pairwise(parts[1:]):
        if side.upper() in ("N", "S", "E", "W") and (degrees := _number(number)) is not None:
            found.append(-abs(degrees) if side.upper() in ("S", "W") else degrees)
    if not found:  # with signs and without letters
        found = [degrees for part in parts[1:3] if (degrees := _number(part)) is not None]
    latitude, longitude = _place(*found) if len(found) == 2 else (None, None)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _celsius(text: str) -> float | None:
    value = _number(text)
    if value is not None and text.strip().upper().endswith("F"):
        return round((value - 32) / 1.8, 2)
    return value


# --- comments and other tags ---------------------------------------------------------------

_AUDIOMOTH: Final = re.compile(
    r"Recorded at (\d\d:\d\d:\d\d(?:\.\d+)?) (\d\d)/(\d\d)/(\d{4})"
    r"(?: \(UTC(?:([+-])(\d{1,2})(?::(\d\d))?)?\))?"
)
_MADE_BY: Final = re.compile(r"\b(?:AudioMoth|deployment) ([0-9A-F]{16})\b")
_GAIN: Final = re.compile(r"at gain setting (\w+)|at ([a-z-]+) gain")
_BATTERY: Final = re.compile(r"battery (?:state )?was (\d+\.\d+)V")
_TEMPERATURE: Final = re.compile(r"temperature was (-?\d+\.\d+)C")
_INFO: Final = {b"ICMT": "comment", b"IART": "artist", b"ICRD": "date", b"INAM": "title"}


def info(chunk: bytes, zone: tzinfo | None) -> Recorded:
    """The tags of a WAV's ``LIST INFO`` chunk."""
    told: dict[str, str] = {}
    at = 4
    while at + 8 <= len(chunk):
        ident, length = struct.unpack("<4sI", chunk[at : at + 8])
        if name := _INFO.get(ident):
            told[name] = _text(chunk[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return tags(told, zone)


def tags(told: Mapping[str, str], zone: tzinfo | None, length_s: float = 0.0) -> Recorded:
    """Comment, artist, place and time of creation, as any format may hold them.

    Some programs write the time of creation when they begin a file, some when they end it:
    it is uncertain by the sound's `length_s`.
    """
    raw = {key.lower(): value.strip()[:_LONGEST] for key, value in told.items() if value.strip()}
    comment, artist = raw.get("comment", ""), _MADE_BY.search(raw.get("artist", ""))
    apple = {key.rpartition(".")[2]: value for key, value in raw.items() if "quicktime" in key}
    place = [float(n) for n in _NUMBER.findall(raw.get("location", apple.get("iso6709", "")))]
    latitude, longitude = _place(*place[:2]) if len(place) > 1 else (None, None)
    started = iso_moment(apple.get("creationdate", ""), zone)
    if started is None and (created := iso_moment(raw.get("creation_time", ""), zone)):
        started = created._replace(uncertainty_s=max(created.uncertainty_s, length_s))
    known = _opensoundscape(comment, zone) or _audiomoth(comment) or Recorded(comment=comment)
    return replace(
        known if known.started_at else known.timed(started, "container"),
        device=known.device
        or " ".join(filter(None, (apple.get("make"), apple.get("model"))))
        or ("AudioMoth" if artist else ""),
        serial=known.serial or (artist[1] if artist else ""),
        latitude=latitude,
        longitude=longitude,
        raw={f"tag: {key}": value for key, value in raw.items()},
    )


def _audiomoth(comment: str) -> Recorded | None:
    """What AudioMoth's firmware says in a sentence; its first versions knew UTC only."""
    found = _AUDIOMOTH.search(comment)
    if not found or not ("AudioMoth" in comment or "deployment" in comment):
        return None
    time, day, month, year, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    serial, gain = _MADE_BY.search(comment), _GAIN.search(comment)
    battery, temperature = _BATTERY.search(comment), _TEMPERATURE.search(comment)
    started = iso_moment(f"{year}-{month}-{day}T{time}+00:00", None)
    if started is not None:
        started = started._replace(at=started.at + (offset if sign == "-" else -offset))
    return Recorded(
        device="AudioMoth",
        serial=serial[1] if serial else "",
        gain=(gain[1] or gain[2]) if gain else "",
        battery_v=float(battery[1]) if battery else None,
        temperature_c=float(temperature[1]) if temperature else None,
        comment=comment,
    ).timed(started, "audiomoth")


def _opensoundscape(comment: str, zone: tzinfo | None) -> Recorded | None:
    """A clip that OpenSoundscape cut: its own start, with the comment of what it is cut from."""
    before, mark, told = comment.partition("opso_metadata")
    try:
        fields = json.loads(told) if mark and not before else None
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    text = {key: str(value) for key, value in fields.items()}
    whole = _audiomoth(text.get("comment", "")) or Recorded(comment=text.get("comment", ""))
    started = iso_moment(text.get("recording_start_time", ""), zone)
    return replace(whole, started_at=None, uncertainty_s=None).timed(started, "opensoundscape")


# --- broadcast WAV -------------------------------------------------------------------------


def bext(chunk: bytes, zone: tzinfo | None) -> Recorded:
    """The fields of a ``bext`` chunk; its time of origination has no zone."""
    if len(chunk) < 338:
        return Recorded()
    description, originator, reference = (
        _text(chunk[a:b]) for a, b in ((0, 256), (256, 288), (288, 320))
    )
    day, time = _text(chunk[320:330]), _text(chunk[330:338])
    written = f"{re.sub('[^0-9]', '-', day)}T{re.sub('[^0-9]', ':', time)}"
    raw = {
        "description": description,
        "originator": originator,
        "reference": reference,
        "origination": f"{day} {time}".strip(),
    }
    return Recorded(
        device=originator,
        serial=reference,
        comment=description,
        raw={f"bext: {key}": value for key, value in raw.items() if value},
    ).timed(iso_moment(written, zone), "bext")


# --- their parts ---------------------------------------------------------------------------


def _text(data: bytes) -> str:
    """Text that ends at the first NUL."""
    return data.partition(b"\0")[0].decode("utf-8", "replace").strip()[:_LONGEST]


def _number(text: str) -> float | None:
    found = _NUMBER.search(text)
    return float(found[0]) if found else None


def _first(
    raw: Mapping[str, str], parse: Callable[[str], _Value | None], *keys: str
) -> _Value | None:
    """The first of some fields that can be parsed."""
    return next((value for key in keys if (value := parse(raw.get(key, ""))) is not None), None)


def _place(latitude: float, longitude: float) -> tuple[float | None, float | None]:
    """A position on the Earth, or none; 0, 0 is what devices write that don't know."""
    on_earth = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (latitude, longitude) if on_earth and (latitude or longitude) else (None, None)
