"""A sound that views look at, and its findings as the plain JSON they are given."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput
from octolab.lab.sounds import file_of, kept_tiles, made_tiles
from octolab.model import Analysis, Annotation, Event

if TYPE_CHECKING:
    from octolab.audio.tiles import Tiles, TilesInfo
    from octolab.jobs import Job
    from octolab.lab import Item, Lab

LONGEST_LABEL = 200


class Heard:
    """One sound, or one channel of it, and its tiles once they are made.

    Attributes
    ----------
    item : Item
        The sound, or the clip whose sound track it is.
    sound : SharedSound
        Its samples.
    job : Job or None
        What makes its tiles now.
    making : Lock
        Held while that is begun.
    told : float
        The share of it that views were told of.
    """

    def __init__(self, lab: Lab, item: Item, channel: int | None) -> None:
        from octolab.audio.tiles import SharedSound

        self._lab = lab
        self._lock = threading.Lock()
        self._tiles: Tiles | None = None
        self._guess: TilesInfo | None = None
        self.item = item
        self.channel = channel
        self.sound = SharedSound(file_of(item), channel, duration_s=item.record.duration_s)
        self.job: Job | None = None
        self.making = threading.Lock()
        self.told = 0.0

    @property
    def tiles(self) -> Tiles | None:
        """Its tiles if they are made already."""
        if self._tiles is None:
            self._keep(kept_tiles(self._lab, self.item, self.channel))
        return self._tiles

    @property
    def info(self) -> TilesInfo:
        """What its tiles show; a guess until they are made."""
        from octolab.audio.tiles import estimate

        if (tiles := self.tiles) is not None:
            return tiles.info
        with self._lock:
            if self._guess is None:
                self._guess = estimate(self.sound)
            return self._guess

    def make(self) -> None:
        """Make its tiles, here and now."""
        self._keep(made_tiles(self._lab, self.item, self.channel))

    def _keep(self, tiles: Tiles | None) -> None:
        self._tiles = tiles
        if tiles is not None:
            self.sound.frames = tiles.info.frames

    def close(self) -> None:
        """Let go of its file."""
        self.sound.close()


def tiles_row(info: TilesInfo) -> dict[str, Any]:
    """What a view must know to ask for tiles."""
    return {
        "columns": info.columns,
        "rows": info.rows,
        "base_s": info.base_s,
        "levels": info.levels,
        "low_hz": info.low_hz,
        "high_hz": info.high_hz,
        "row_hz": info.row_hz,
        "db_low": info.db_low,
        "db_high": info.db_high,
        "peak": info.peak,
        "duration_s": info.duration_s,
    }


def analysis_id(analysis: Analysis) -> str:
    """What tells the analyses of one artifact apart: analyzer, version, parameters, model."""
    run = [analysis.analyzer, analysis.version, analysis.params, analysis.model or ""]
    text = json.dumps(run, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def event_columns(events: Sequence[Event]) -> dict[str, list[Any]]:
    """Events as one list for each property."""
    return {
        "start": [event.start for event in events],
        "end": [event.end for event in events],
        "low": [event.low_hz for event in events],
        "high": [event.high_hz for event in events],
        "peak": [event.peak_hz for event in events],
        "score": [event.score for event in events],
        "snr": [event.snr_db for event in events],
        "label": [event.label for event in events],
    }


def annotation_of(box: Mapping[str, Any]) -> Event | Annotation:
    """What a view drew, as the catalog takes it; without a note, an old note stays.

    Raises
    ------
    BadInput
        If it is not made of numbers and texts.
    """
    try:
        event = Event(
            start=float(box["start"]),
            end=float(box["end"]),
            label=str(box.get("label") or "").strip()[:LONGEST_LABEL],
            score=float(box.get("score") or 0.0),
            low_hz=_number(box.get("low_hz")),
            high_hz=_number(box.get("high_hz")),
            peak_hz=_number(box.get("peak_hz")),
            snr_db=_number(box.get("snr_db")),
        )
    except (KeyError, TypeError, ValueError):
        raise BadInput("an annotation needs a start and an end in seconds") from None
    if box.get("note") is None:
        return event
    by = str(box.get("by") or "")
    return Annotation(id=0, artifact=0, event=event, by=by, note=str(box["note"]))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def annotation_row(annotation: Annotation) -> dict[str, Any]:
    """One annotation as a view shows it."""
    event = annotation.event
    return {
        "id": annotation.id,
        "start": event.start,
        "end": event.end,
        "low_hz": event.low_hz,
        "high_hz": event.high_hz,
        "peak_hz": event.peak_hz,
        "snr_db": event.snr_db,
        "label": event.label,
        "score": event.score,
        "note": annotation.note,
        "by": annotation.by,
    }
