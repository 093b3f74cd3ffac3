"""A report in JSON: recordings with all that is known of them, annotations and analyses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked, iso, moment_of
from octolab.audio.tables.text import BROKEN, text_of
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Misfit, from_json, to_json, utc_now

KIND, VERSION = "octolab sound report", 1


def knows(text: str) -> bool:
    """Whether a JSON text looks like a report."""
    return f'"{KIND}"' in text


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write a report; each event has its time in UTC beside its seconds."""
    sounds: dict[str, dict[str, Any]] = {}
    for sheet in sheets:
        sound = sheet.sound
        entry = sounds.setdefault(sound.path, {**_sound(sound), "annotations": [], "analyses": []})
        if sheet.analysis is None:
            entry["annotations"] += [_annotation(sound, mark) for mark in sheet.marks]
        else:
            analysis = to_json(sheet.analysis)
            analysis["events"] = [_event(sound, mark.event) for mark in sheet.marks]
            entry["analyses"].append(analysis)
    whole = {
        "format": KIND,
        "version": VERSION,
        "made_at": iso(utc_now()),
        "sounds": list(sounds.values()),
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _sound(sound: SoundFile) -> dict[str, Any]:
    known: dict[str, Any] = to_json(sound)
    del known["place"]  # of this machine, nobody else's matter
    return known


def _event(sound: SoundFile, event: Event) -> dict[str, Any]:
    return {**to_json(event), "start_utc": iso(moment_of(sound, event.start)) or None}


def _annotation(sound: SoundFile, mark: Mark) -> dict[str, Any]:
    said: dict[str, Any] = to_json(mark)
    del said["event"], said["line"]
    return {**_event(sound, mark.event), **said}


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read a report."""
    try:
        whole = json.loads(text_of(data, name))
        return [sheet for entry in whole["sounds"] for sheet in _sheets(entry)] or [
            Sheet(SoundFile())
        ]
    except Misfit as error:
        raise BadInput(
            "{name} is not a whole report: {reason}", name=name, reason=str(error)
        ) from None
    except BROKEN as error:
        if isinstance(error, BadInput) and "{name}" in error.message:
            raise
        reason = error.told if isinstance(error, BadInput) else f"{type(error).__name__} {error}"
        raise BadInput("{name} is not a whole report: {reason}", name=name, reason=reason) from None


def _sheets(entry: dict[str, Any]) -> list[Sheet]:
    sound = from_json(SoundFile, entry)
    names = {field.name for field in fields(Mark)}
    marks = [
        from_json(
            Mark,
            {**{key: value for key, value in one.items() if key in names}, "event": one},
        )
        for one in entry.get("annotations", ())
    ]
    analyses = [from_json(Analysis, one) for one in entry.get("analyses", ())]
    found = [Sheet(sound, [_checked(Mark(event)) for event in one.events], one) for one in analyses]
    if marks or not found:
        found.insert(0, Sheet(sound, [_checked(mark) for mark in marks]))
    return found


def _checked(mark: Mark) -> Mark:
    checked(mark.event)
    return mark
