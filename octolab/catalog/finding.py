"""Pages of artifacts in order of time.

Each combination of state, kind and source is one range of an index that is in order
already; the pages of all combinations are merged. So a page costs what it holds, whatever
is in the catalog. A jump to an offset goes to the right day by the tallies first.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, product
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, String

from octolab.catalog import facets
from octolab.catalog.query import Filter, Mark, Query, Rows, rows
from octolab.catalog.store import Among, Prepared, maybe_moment, micros, moment
from octolab.catalog.tables import Number, artifact, artifact_tag, source, tag
from octolab.catalog.tally import DAY_US
from octolab.model import Artifact

Place = tuple[int, int]  # time and id, which order artifacts


def places(
    connection: Connection,
    found: Filter,
    *,
    newest_first: bool,
    limit: int,
    offset: int = 0,
    after: Place | None = None,
) -> list[Place]:
    """Time and id of a page of artifacts."""
    if found.nothing or limit <= 0:
        return []
    if offset and found.tallied and after is None:
        found, offset = _skip_days(connection, found, newest_first, offset)
        if found.nothing:
            return []
    wanted = offset + limit
    branches = [
        _branch(connection, found, branch, newest_first, after, wanted)
        for branch in _branches(found)
    ]
    if len(branches) == 1:
        return branches[0][offset:]
    merged = heapq.merge(*branches, reverse=newest_first)
    return list(islice(merged, offset, wanted))


def _branches(found: Filter) -> Iterable[tuple[Any, Any, Any]]:
    """State, kind and source of each; a rare filter is one branch with all of them."""
    if found.rare:
        return [(found.states, found.kinds, found.sources)]
    sources = [None] if found.sources is None else [(number,) for number in found.sources]
    return product([(state,) for state in found.states], [(kind,) for kind in found.kinds], sources)


def _branch(
    connection: Connection,
    found: Filter,
    branch: tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...] | None],
    newest_first: bool,
    after: Place | None,
    limit: int,
) -> list[Place]:
    states, kinds, sources = branch
    values: dict[str, Any] = {"limit": limit}
    if after is not None:
        values.update(after_us=after[0], after_id=after[1])
    if found.rare or found.texts:
        origin = rows(connection, found)
        inside = origin.within(states, kinds, sources, found.since, found.until)
        statement = _ordered(origin, inside, newest_first, after is not None)
        return [(row[0], row[1]) for row in connection.execute(statement, values).all()]
    values.update(since=found.since, until=found.until)
    values.update(live=states[0], kind=kinds[0], source=sources[0] if sources else None)
    values.update({f"mark{i}": mark.number for i, mark in enumerate(found.marks)})
    values.update({f"cid{i}": text for i, text in enumerate(found.cids)})
    shape = (
        tuple(mark.gallery for mark in found.marks),
        len(found.cids),
        sources is not None,
        found.since is not None,
        found.until is not None,
    )
    prepared = _prepared(shape, newest_first, after is not None)
    ordered: list[Place] = prepared.run(connection, [values]).fetchall()
    return ordered


@cache
def _prepared(
    shape: tuple[tuple[bool, ...], int, bool, bool, bool], newest_first: bool, after: bool
) -> Prepared:
    """The statement of a shape of filter: made once, as making it costs more than running it."""
    galleries, cids, source, since, until = shape
    numbers = _binds("mark", len(galleries))
    blank: Any = Filter(
        kinds=(),
        states=(),
        marks=tuple(map(Mark, numbers, galleries)),
        cids=_binds("cid", cids, String()),
    )
    origin = rows(None, blank)
    inside = origin.within(
        _binds("live"),
        _binds("kind", type_=String()),
        _binds("source") if source else None,
        _binds("since")[0] if since else None,
        _binds("until")[0] if until else None,
    )
    statement = _ordered(origin, inside, newest_first, after)
    return Prepared(lambda dialect: statement)


def _binds(name: str, count: int | None = None, type_: Any = Number) -> Any:
    names = [name] if count is None else [f"{name}{index}" for index in range(count)]
    return tuple(sa.bindparam(one, type_=type_) for one in names)


def _ordered(
    origin: Rows, inside: list[sa.ColumnElement[bool]], newest_first: bool, after: bool
) -> sa.Select[Any]:
    at = origin.columns.captured_us
    chosen = sa.select(at, origin.id).select_from(origin.origin).where(*inside)
    if after:
        place = sa.tuple_(at, origin.id)
        start = sa.tuple_(
            sa.bindparam("after_us", type_=Number), sa.bindparam("after_id", type_=Number)
        )
        chosen = chosen.where(place < start if newest_first else place > start)
    order = (at.desc(), origin.id.desc()) if newest_first else (at, origin.id)
    return chosen.order_by(*order).limit(sa.bindparam("limit", type_=Number))


def _skip_days(
    connection: Connection, found: Filter, newest_first: bool, offset: int
) -> tuple[Filter, int]:
    """Leave out whole days before the offset, which the tallies count."""
    days = sorted(facets.days(connection, found).items(), reverse=newest_first)
    for day, count in days:
        if offset < count:
            if newest_first:
                until = (day + 1) * DAY_US
                if found.until is None or until < found.until:
                    found = replace(found, until=until)
            elif found.since is None or day * DAY_US > found.since:
                found = replace(found, since=day * DAY_US)
            return found, offset
        offset -= count
    return replace(found, nothing=True), 0


def after_of(query: Query) -> Place | None:
    """The query's cursor as a place."""
    return None if query.after is None else (micros(query.after[0]), query.after[1])


def artifacts(connection: Connection, ids: Sequence[int]) -> list[Artifact]:
    """The artifacts of these ids, in this order; ids that are gone are left out."""
    tags: dict[int, list[str]] = {}
    for number, name in _TAGS.rows(connection, ids):
        tags.setdefault(number, []).append(name)
    found = {
        row[0]: _artifact(row, tuple(sorted(tags.get(row[0], ()))))
        for row in _ROWS.rows(connection, ids)
    }
    return [found[number] for number in ids if number in found]


_ROWS = Among(
    sa.select(
        artifact.c.id,
        artifact.c.kind,
        artifact.c.cid,
        artifact.c.path,
        artifact.c.media_type,
        artifact.c.size,
        artifact.c.captured_us,
        artifact.c.uncertainty_s,
        source.c.slug,
        artifact.c.width,
        artifact.c.height,
        artifact.c.duration_s,
        artifact.c.profile,
        artifact.c.meta,
        artifact.c.note,
        artifact.c.created_us,
        artifact.c.deleted_us,
    ).join_from(artifact, source, source.c.id == artifact.c.source_id, isouter=True),
    artifact.c.id,
)
_TAGS = Among(
    sa.select(artifact_tag.c.artifact_id, tag.c.name).join(tag, tag.c.id == artifact_tag.c.tag_id),
    artifact_tag.c.artifact_id,
)


def _artifact(row: Sequence[Any], tags: tuple[str, ...]) -> Artifact:
    # columns in the order of Artifact's fields up to `meta`
    meta, note, created_us, deleted_us = row[13:]
    if isinstance(meta, str):
        meta = {} if meta == "{}" else json.loads(meta)
    rest = (meta, note, tags, moment(created_us), maybe_moment(deleted_us))
    fields: tuple[Any, ...] = (*row[:6], moment(row[6]), *row[7:13], *rest)
    return Artifact(*fields)
