"""What people marked in artifacts, edited and kept together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from octolab.catalog import tally
from octolab.catalog.analyses import Analyses, given_tags, label_tags
from octolab.catalog.artifacts import mark, tag_ids, unmark
from octolab.catalog.store import chunks, micros, moment
from octolab.catalog.tables import annotation, artifact
from octolab.errors import BadInput, NotFound
from octolab.model import Annotation, Event, utc_now

ORIGIN = "annotation"  # of the tags that labels become

Mark = Event | Annotation


class Annotations(Analyses):
    """The annotations of a lab's artifacts; their labels are tags of the artifacts too."""

    def annotations(
        self, number: int | None = None, *, label: str | None = None
    ) -> list[Annotation]:
        """The annotations of an artifact, or of all that are not in the trash.

        They come by artifact, in the order they were made; only those with the label if one
        is given.
        """
        with self.read() as connection:
            return _annotations(connection, number, label)

    def edit_annotations(
        self,
        number: int,
        add: Sequence[Mark] = (),
        change: Mapping[int, Mark] | None = None,
        remove: Iterable[int] = (),
        by: str = "",
    ) -> list[Annotation]:
        """Add, change and remove annotations of an artifact: all of it, or nothing.

        Parameters
        ----------
        number : int
            The artifact.
        add : sequence of Event or Annotation
            What to mark. An annotation brings its note and, unless that is empty, who made it;
            its id and times are not used.
        change : mapping of int to Event or Annotation
            What annotations of these ids become; an event leaves the note.
        remove : iterable of int
            The ids of those to remove; ids that are gone are left out.
        by : str
            Who does so.

        Returns
        -------
        list of Annotation
            All annotations of the artifact after the edit, in the order they were made: the
            added ones are the last, in the order given.

        Raises
        ------
        NotFound
            If the artifact, or an annotation to change, is not there.
        BadInput
            If a time or frequency is not a number or an interval is reversed.
        """
        new, changed = list(add), dict(change or {})
        for one in (*new, *changed.values()):
            _check(_event(one))
        gone = list(dict.fromkeys(remove))
        with self.write("annotation", "artifact") as connection:
            if not connection.scalar(sa.select(artifact.c.id).where(artifact.c.id == number)):
                raise NotFound("there is no artifact {number}", number=number)
            touched = {**changed, **dict.fromkeys(gone)}
            before = {one.id: one for one in _annotations(connection, number) if one.id in touched}
            missing = next((key for key in changed if key not in before), None)
            if missing is not None:
                raise NotFound(
                    "the annotation {number} is gone; somebody removed it", number=missing
                )
            for some in chunks(gone):
                connection.execute(
                    sa.delete(annotation).where(
                        annotation.c.artifact_id == number, annotation.c.id.in_(some)
                    )
                )
            self._write_annotations(connection, number, new, changed, by)
            fresh = label_tags(_event(one).label for one in (*new, *changed.values()))
            stale = label_tags(one.event.label for one in before.values()) - fresh
            _retag(connection, number, stale, fresh)
            return _annotations(connection, number)

    def _write_annotations(
        self,
        connection: Connection,
        number: int,
        add: Sequence[Mark],
        change: Mapping[int, Mark],
        by: str,
    ) -> None:
        now = micros(utc_now())
        rows = [
            {
                **_row(one),
                "artifact_id": number,
                "by": (one.by if isinstance(one, Annotation) else "") or by,
                "note": one.note if isinstance(one, Annotation) else "",
                "created_us": now,
                "updated_us": now,
            }
            for one in add
        ]
        if rows:
            connection.execute(sa.insert(annotation), rows)
        for key, one in change.items():
            note = {"note": one.note} if isinstance(one, Annotation) else {}
            connection.execute(
                sa.update(annotation)
                .where(annotation.c.id == key)
                .values(**_row(one), **note, **({"by": by} if by else {}), updated_us=now)
            )


def _retag(connection: Connection, number: int, stale: set[str], fresh: set[str]) -> None:
    """Take tags off that nothing gives any more, and set those of new labels."""
    gone = stale - given_tags(connection, number) if stale else set()
    if not gone and not fresh:
        return
    numbers = tag_ids(connection, gone | fresh)
    with tally.recounted(connection, [number], numbers.values()):
        unmark(connection, [number], [numbers[name] for name in gone], by_people=False)
        mark(connection, [number], [numbers[name] for name in fresh], ORIGIN)


def _event(one: Mark) -> Event:
    return one.event if isinstance(one, Annotation) else one


def _check(event: Event) -> None:
    numbers = (getattr(event, name) for name in _COLUMNS if name != "label")
    if not all(math.isfinite(n) for n in numbers if n is not None):
        raise BadInput("an annotation has a time or frequency that is not a number")
    if not 0 <= event.start <= event.end:
        raise BadInput(
            "an annotation can't last from {start} to {end} s", start=event.start, end=event.end
        )
    if not 0 <= (event.low_hz or 0) <= (math.inf if event.high_hz is None else event.high_hz):
        raise BadInput(
            "an annotation can't reach from {low} to {high} Hz",
            low=event.low_hz,
            high=event.high_hz,
        )


_COLUMNS = {
    field.name: {"start": "start_s", "end": "end_s"}.get(field.name, field.name)
    for field in fields(Event)
}


def _row(one: Mark) -> dict[str, Any]:
    event = _event(one)
    return {column: getattr(event, name) for name, column in _COLUMNS.items()}


def _annotations(
    connection: Connection, number: int | None = None, label: str | None = None
) -> list[Annotation]:
    chosen = sa.select(annotation).order_by(annotation.c.artifact_id, annotation.c.id)
    if number is None:
        chosen = chosen.join(artifact).where(artifact.c.live + 0 == 1)
    else:
        chosen = chosen.where(annotation.c.artifact_id == number)
    if label is not None:
        chosen = chosen.where(annotation.c.label == label)
    return [_annotation(row) for row in connection.execute(chosen)]


def _annotation(row: Row[Any]) -> Annotation:
    values = row._mapping
    return Annotation(
        id=row.id,
        artifact=row.artifact_id,
        event=Event(**{name: values[column] for name, column in _COLUMNS.items()}),
        by=row.by,
        note=row.note,
        created_at=moment(row.created_us),
        updated_at=moment(row.updated_us),
    )
