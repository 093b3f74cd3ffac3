"""The panel that shows sounds: pictures at every zoom, the sound itself, what was found.

Views ask for tiles of the pyramid (`octolab.audio.tiles`), which for a long sound a job
makes once, and for finer ones, made from the file when asked for. An ``id`` is that of a
sound, or of a clip for its sound track.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import BadInput, NotFound, OctolabError
from octolab.lab.artifacts import Recording
from octolab.lab.batch import analyze_one
from octolab.model import Analysis
from octolab.widgets import listening
from octolab.widgets.hearing import (
    analysis_id,
    annotation_of,
    annotation_row,
    event_columns,
    tiles_row,
)
from octolab.widgets.listening import Listening
from octolab.widgets.overlays import prepare
from octolab.widgets.panel import Answer, Buffers, action
from octolab.widgets.plain import artifact_name

if TYPE_CHECKING:
    from octolab.lab import Item, Lab
    from octolab.model import Annotation, Artifact

MOST_LISTED = 500
MOST_CLIPS = 100  # their files are asked whether there is sound


class Sounds(Listening):
    """Shows sounds with what was found and marked in them."""

    name = "sounds"
    topics = frozenset({"analysis", "annotation", "artifact", "job"})

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._telling = threading.Lock()
        self._revision = 0
        self._tracks: dict[str, bool] = {}
        self._told: dict[tuple[str, int], Any] = {}

    # --- which there are ---------------------------------------------------------------

    @action
    def list(self, text: str = "") -> list[dict[str, Any]]:
        """Sounds, and clips that have a sound track; newest first."""
        find = self.lab.catalog.find
        found = find(self.lab.query(kind="sound", text=text, limit=MOST_LISTED))
        clips = find(self.lab.query(kind="clip", text=text, limit=MOST_CLIPS))
        found += [record for record in clips if self._has_track(record)]
        found.sort(key=lambda record: (record.captured_at, record.id), reverse=True)
        return [
            {
                "id": record.id,
                "name": artifact_name(record),
                "duration_s": record.duration_s,
                "captured_at_ms": record.captured_at.timestamp() * 1000,
            }
            for record in found
        ]

    def _has_track(self, record: Artifact) -> bool:
        """Whether a clip has sound; asked of the file once."""
        from octolab.audio.reading import open_sound

        if record.cid not in self._tracks:
            try:
                open_sound(self.lab.path / record.path, tolerant=True).close()
                self._tracks[record.cid] = True
            except OctolabError:
                self._tracks[record.cid] = False
        return self._tracks[record.cid]

    @action
    def open(self, id: int, channel: int | None = None) -> dict[str, Any]:
        """All there is to know of a sound; its tiles are made if need be."""
        one = self.one(id, channel)
        self.ready(one)
        record = one.item.record
        with self._telling:
            analyses = {"analyses": self._analyses(one.item)}
            marked = self._marked(one.item)
            for what, found in (("analyses", analyses), ("annotations", marked)):
                self._told.setdefault((what, record.id), found[what])  # the answer tells the first
                self._tell(what, record.id, found)
        return {
            "id": record.id,
            "name": artifact_name(record),
            "sr": one.sound.sr,
            "channels": one.sound.channels,
            "duration_s": one.sound.duration_s,
            "started_at_ms": record.captured_at.timestamp() * 1000,
            "uncertainty_s": record.uncertainty_s,
            "ready": one.tiles is not None,
            "job": one.job.id if one.job is not None else None,
            "tiles": tiles_row(one.info),
            **analyses,
            **marked,
        }

    # --- what analyzers found ---------------------------------------------------------------

    @action
    def events(self, id: int, analysis: str) -> dict[str, Any]:
        """The events of an analysis, by columns."""
        return event_columns(_analysis(self.lab.get(int(id)), analysis).events)

    @action
    def detectors(self) -> list[dict[str, Any]]:
        """The analyzers that take sounds."""
        return [
            {
                "analyzer": one.name,
                "title": self.word(one.title or one.name),
                "description": self.word(one.description),
                "presets": [
                    {
                        "name": preset.name,
                        "title": self.word(preset.title),
                        "description": self.word(preset.description),
                    }
                    for preset in one.presets
                ],
                "params": dict(one.params),
            }
            for one in plugins.analyzers.all()
            if "sound" in one.kinds
        ]

    @action
    def detect(
        self, id: int, analyzer: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run an analyzer and keep what it found; on a long sound as a job."""
        one = self.one(id)
        chosen = plugins.analyzers.get(analyzer)
        chosen.require(one.item.kind)
        wanted = dict(params or {})
        chosen.check(wanted)
        if one.sound.duration_s > listening.AT_ONCE_S:
            work = partial(_detect, self.lab, one.item, chosen, wanted)
            return {"job": self.lab.run_job("analysis", chosen.title or analyzer, work).id}
        prepare(self, analyzer)
        return {"analysis": analysis_id(one.item.analyze(analyzer, **wanted))}

    def _analyses(self, item: Item) -> list[dict[str, Any]]:
        return [
            {
                "id": analysis_id(one),
                "analyzer": one.analyzer,
                "title": self._title(one),
                "count": len(one.events),
                "created_at_ms": one.created_at.timestamp() * 1000,
                "threshold": _threshold(one),
            }
            for one in item.analyses()
        ]

    def _title(self, analysis: Analysis) -> str:
        try:
            return self.word(plugins.analyzers.get(analysis.analyzer).title or analysis.analyzer)
        except NotFound:
            return analysis.analyzer

    # --- what people marked ---------------------------------------------------------------

    def _marked(self, item: Item) -> dict[str, Any]:
        """What people marked; of two such lists the one with the higher revision is the newer."""
        self._revision += 1
        rows = [annotation_row(one) for one in self.lab.catalog.annotations(item.id)]
        return {"revision": self._revision, "annotations": rows}

    @action
    def edit(
        self,
        id: int,
        add: Sequence[Mapping[str, Any]] = (),
        change: Mapping[str, Mapping[str, Any]] | None = None,
        remove: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Add, change and remove annotations, all at once; the whole list after that."""
        item = self.lab.get(int(id))
        if not isinstance(item, Recording):
            raise BadInput("{path} is a picture, not a sound", path=item.record.path)
        after = item.edit_annotations(
            add=[annotation_of(one) for one in add],
            change={int(number): annotation_of(one) for number, one in (change or {}).items()},
            remove=[int(number) for number in remove],
        )
        return self._edited(item, after[len(after) - len(add) :])

    @action
    def export(
        self,
        id: int,
        format: str,
        source: str = "annotations",
        threshold: float | None = None,
        rejected: Sequence[int] = (),
    ) -> Answer:
        """The annotations, or what an analysis found, as a table for another program.

        ``rejected`` are the places of events in the analysis that are left out.
        """
        from octolab.audio.tables import format_named
        from octolab.lab.tables import sheets

        item = self.lab.get(int(id))
        chosen = format_named(format)
        analysis = None if source == "annotations" else _without(_analysis(item, source), rejected)
        data = chosen.encode(sheets(self.lab, [item], chosen.name, analysis, threshold))
        stem = PurePath(artifact_name(item.record)).stem
        return Answer({"name": f"{stem}{chosen.suffix}"}, [data])

    @action
    def import_(self, id: int, name: str, buffers: Buffers = ()) -> dict[str, Any]:
        """Add the annotations of a table that another program wrote, those that are new."""
        from octolab.audio.tables import decode_table
        from octolab.lab.tables import take_in

        item = self.lab.get(int(id))
        if len(buffers) != 1:
            raise BadInput("the page sent {count} pieces where one was due", count=len(buffers))
        found = decode_table(bytes(buffers[0]), name)
        taken = take_in(self.lab, item, found, name)
        return {
            **self._edited(item, taken.new),
            "changed": taken.changed,
            "known": taken.known,
            "named": taken.named,
        }

    def _edited(self, item: Item, added: Sequence[Annotation]) -> dict[str, Any]:
        """The answer to an edit, of which the other views are told."""
        with self._telling:
            found = self._marked(item)  # read again: another edit may have come in between
            self._tell("annotations", item.id, found)
        return {**found, "added": [one.id for one in added]}

    # --- what changes ---------------------------------------------------------------

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views of new findings, marks and sounds, and how far tiles are."""
        heard = self.heard()
        with self._telling:
            if "job" in topics:
                for one in heard:
                    self.follow(one)
            items = {one.item.id: one.item for one in heard}.values()
            for item in items if "analysis" in topics else ():
                self._tell("analyses", item.id, {"analyses": self._analyses(item)})
            for item in items if "annotation" in topics else ():
                self._tell("annotations", item.id, self._marked(item))
        if "artifact" in topics:
            self.push("changed")

    def _tell(self, what: str, id: int, found: Mapping[str, Any]) -> None:
        """Tell what an artifact has now, unless the views know."""
        if self._told.get((what, id)) != found[what]:
            self._told[what, id] = found[what]
            self.push(what, {"id": id, **found})


def _analysis(item: Item, number: str) -> Analysis:
    for one in item.analyses():
        if analysis_id(one) == number:
            return one
    raise NotFound("that analysis is gone; open the sound again")


def _without(analysis: Analysis, rejected: Sequence[int]) -> Analysis:
    out = {int(place) for place in rejected}
    events = (event for place, event in enumerate(analysis.events) if place not in out)
    return replace(analysis, events=tuple(events))


def _detect(
    lab: Lab,
    item: Item,
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    progress: Callable[..., None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Analyse one sound within a job, whose result says which analysis that made."""
    return {"analysis": analysis_id(analyze_one(lab, item, analyzer, params, progress, cancelled))}


def _threshold(analysis: Analysis) -> float | None:
    """The least score it kept: as asked for, else what its preset came to."""
    asked = analysis.params.get("threshold")
    return asked if asked is not None else analysis.data.get("settings", {}).get("threshold")
