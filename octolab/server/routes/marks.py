"""What was found in sounds and clips, and what people marked in them."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from octolab.errors import BadInput, NotFound
from octolab.lab import Lab
from octolab.lab.artifacts import Recording
from octolab.model import Analysis, Annotation, Event
from octolab.server.deps import Id, LabDep, Number, in_thread, item_of
from octolab.server.routes.cameras import Body
from octolab.server.routes.files import SAFE

router = APIRouter(tags=["sounds"])

LONGEST_S = 1e8
MOST = 20_000  # so many fit into a request (`octolab.server.bodies`)
Second = Annotated[float, Field(ge=0, le=LONGEST_S)]
Hertz = Annotated[float, Field(ge=0, le=1e9)]
Table = Literal["json", "csv", "raven", "audacity", "parquet", "aoef"]


class MarkBody(Body):
    """An event to mark; seconds count from the first sample."""

    start: Second
    end: Second
    label: Annotated[str, Field(max_length=1000)] = ""
    score: float = 0.0
    low_hz: Hertz | None = None
    high_hz: Hertz | None = None
    peak_hz: Hertz | None = None
    snr_db: float | None = None
    note: Annotated[str, Field(max_length=20_000)] = ""

    def annotation(self, number: int) -> Annotation:
        """The same as the catalog takes it."""
        event = Event(**{one.name: getattr(self, one.name) for one in fields(Event)})
        return Annotation(id=0, artifact=number, event=event, note=self.note)


class Edit(Body):
    """What to add, to change (by the annotation's id) and to remove: all of it, or nothing."""

    add: Annotated[list[MarkBody], Field(default_factory=list, max_length=MOST)]
    change: Annotated[dict[Id, MarkBody], Field(default_factory=dict, max_length=MOST)]
    remove: Annotated[list[Id], Field(default_factory=list, max_length=MOST)]
    by: Annotated[str, Field(max_length=200)] = ""


def _recording(lab: Lab, number: int) -> Recording:
    item = item_of(lab, number)
    if not isinstance(item, Recording):
        raise BadInput("{path} is a picture, not a sound", path=item.record.path)
    return item


@router.get(
    "/artifacts/{number}/events",
    response_model=list[Event],
    responses={200: {"content": {"text/csv": {}, "text/tab-separated-values": {}}}},
)
def get_events(
    number: Number,
    lab: LabDep,
    analyzer: Annotated[str | None, Query(max_length=200, description="the newest of all")] = None,
    threshold: Annotated[
        float | None, Query(allow_inf_nan=False, description="the least score")
    ] = None,
    format: Table = "json",
) -> Any:
    """The events an analyzer found, as JSON or as a table for another program."""
    from octolab.audio.tables import format_named
    from octolab.lab.tables import found_sheet, sound_file

    item = _recording(lab, number)
    found = _newest(item, analyzer)
    if format == "json":
        return [one for one in found.events if threshold is None or one.score >= threshold]
    chosen = format_named(format)
    name = f"{item.path.stem}{chosen.suffix}"
    return Response(
        chosen.encode([found_sheet(sound_file(item), found, threshold)]),
        media_type=chosen.media_type,
        headers={**SAFE, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _newest(item: Recording, analyzer: str | None) -> Analysis:
    """The newest analysis of an analyzer, or of any that looks for events."""
    kept = item.analyses()
    named = [one for one in kept if one.analyzer == analyzer]
    found = named if analyzer else [one for one in kept if one.events] or kept
    if not found:
        raise NotFound(
            "{path} was not analysed so; POST to its analyses first", path=item.record.path
        )
    return found[0]


@router.get("/artifacts/{number}/annotations")
def list_annotations(number: Number, lab: LabDep) -> list[Annotation]:
    """What people marked in it, by the time it begins at."""
    return _recording(lab, number).annotations()


@router.patch("/artifacts/{number}/annotations")
async def edit_annotations(number: Number, body: Edit, lab: LabDep) -> list[Annotation]:
    """Add, change and remove annotations; all there are afterwards."""

    def edit() -> list[Annotation]:
        item = _recording(lab, number)
        item.edit_annotations(
            [mark.annotation(number) for mark in body.add],
            {key: mark.annotation(number) for key, mark in body.change.items()},
            body.remove,
            body.by,
        )
        return item.annotations()

    return await in_thread(edit)
