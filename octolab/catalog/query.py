"""What to find, and its meaning in terms of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog.bits import KINDS
from octolab.catalog.store import Prepared, micros
from octolab.catalog.tables import (
    Number,
    artifact,
    artifact_tag,
    gallery,
    gallery_item,
    source,
    tag,
    tally,
)
from octolab.catalog.tally import DAY, day_of
from octolab.catalog.words import asked, folded, normal
from octolab.errors import BadInput, NotFound
from octolab.model import ArtifactKind

_COMMON_CID = 8  # letters that most CIDs share ("bafkrei") and one more
_TRIGRAM = 3  # letters that the index of words knows
MANY = 5_000
"""How many artifacts make a text a common one; of those with such a text no more are counted."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which artifacts, in which order.

    An empty field means no restriction. ``since`` is inclusive, ``until`` is not; ``tags``
    must all be there; the source ``""`` stands for artifacts without one; ``cid`` is a
    prefix; each word of ``text`` must be in the note, a name or a tag, whatever the case; if
    more than `MANY` artifacts have them, counts and facets are of the newest of these only.
    ``after`` is the time and id of the last artifact of the page before.
    """

    kinds: tuple[ArtifactKind, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    gallery: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    cid: str = ""
    include_deleted: bool = False
    only_deleted: bool = False
    newest_first: bool = True
    limit: int = 100
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag or a gallery that artifacts must bear."""

    number: int
    gallery: bool = False

    @property
    def key(self) -> int:
        """How the tallies number it: galleries are negative."""
        return -self.number if self.gallery else self.number


@dataclass(frozen=True, slots=True)
class Filter:
    """A query with names resolved to numbers; saved queries have been merged in.

    ``sources`` is None for any; ``marks`` come rarest first; ``nothing`` means that no
    artifact can match. ``common`` texts are in so many artifacts that it takes less to walk
    through these in order than to look all up.
    """

    kinds: tuple[str, ...]
    states: tuple[int, ...]
    sources: tuple[int, ...] | None = None
    marks: tuple[Mark, ...] = ()
    since: int | None = None
    until: int | None = None
    texts: tuple[str, ...] = ()
    cids: tuple[str, ...] = ()
    common: bool = False
    nothing: bool = False

    @property
    def tallied(self) -> bool:
        """Whether tallies and bits can tell how many match on whole days."""
        return not self.texts and not self.cids and self.states == (1,)

    @property
    def rare(self) -> bool:
        """Whether few artifacts match, so that these are looked up before their order."""
        return (bool(self.texts) and not self.common) or any(
            isinstance(cid, str) and len(cid) > _COMMON_CID for cid in self.cids
        )


def resolve(connection: Connection, query: Query) -> Filter:
    """Look up what a query names.

    Unknown tags and sources match nothing; an unknown gallery raises NotFound.
    """
    unknown = set(query.kinds) - set(KINDS)
    if unknown:
        raise BadInput(
            "no such kind: {kind}; there are frame, clip and sound", kind=", ".join(sorted(unknown))
        )
    states = (0,) if query.only_deleted else (1, 0) if query.include_deleted else (1,)
    found = Filter(
        kinds=tuple(kind for kind in KINDS if not query.kinds or kind in query.kinds),
        states=states,
        since=None if query.since is None else micros(query.since),
        until=None if query.until is None else micros(query.until),
        texts=asked(query.text),
        cids=(query.cid.strip(),) if query.cid.strip() else (),
    )
    if query.sources:
        ids = _numbers(connection, _SOURCE, {slug for slug in query.sources if slug})
        if "" in query.sources:
            ids.append(0)
        found = replace(found, sources=tuple(sorted(ids)), nothing=not ids)
    if query.tags:
        names = {normal(name) for name in query.tags}
        tags = _numbers(connection, TAG_ID, names)
        found = replace(
            found,
            marks=tuple(Mark(number) for number in sorted(tags)),
            nothing=found.nothing or len(tags) < len(names),
        )
    if query.gallery is not None:
        row = connection.execute(
            sa.select(gallery.c.id, gallery.c.query).where(gallery.c.slug == query.gallery)
        ).first()
        if row is None:
            raise NotFound("there is no gallery {name!r}", name=query.gallery)
        if row.query is None:
            found = replace(found, marks=(*found.marks, Mark(row.id, gallery=True)))
        else:
            saved = replace(saved_query(row.query), gallery=None)
            found = _both(found, resolve(connection, saved))
    if found.since is not None and found.until is not None and found.since >= found.until:
        found = replace(found, nothing=True)
    if found.texts and not found.nothing:
        found = replace(found, common=all(_is_common(connection, one) for one in found.texts))
    if len(found.marks) > 1 and not found.nothing:
        found = replace(found, marks=_rarest_first(connection, found))
    return found


_SOURCE = Prepared(lambda _: sa.select(source.c.id).where(source.c.slug == sa.bindparam("name")))
TAG_ID = Prepared(lambda _: sa.select(tag.c.id).where(tag.c.name == sa.bindparam("name")))


def _numbers(connection: Connection, known: Prepared, names: set[str]) -> list[int]:
    found = (known.run(connection, [{"name": name}]).fetchone() for name in names)
    return [row[0] for row in found if row]


def _rarest_first(connection: Connection, found: Filter) -> tuple[Mark, ...]:
    """The mark that fewest artifacts of these sources and days bear leads."""
    keys = [mark.key for mark in found.marks]
    chosen = sa.select(tally.c.mark, sa.func.sum(tally.c.n)).where(
        tally.c.mark.in_(keys), tally.c.grain == DAY
    )
    if found.sources is not None:
        chosen = chosen.where(tally.c.source_id.in_(found.sources))
    if found.since is not None:
        chosen = chosen.where(tally.c.span >= day_of(found.since))
    if found.until is not None:
        chosen = chosen.where(tally.c.span <= day_of(found.until))
    counts = {row[0]: row[1] for row in connection.execute(chosen.group_by(tally.c.mark))}
    return tuple(sorted(found.marks, key=lambda mark: (counts.get(mark.key, 0), mark.key)))


def saved_query(data: Mapping[str, Any]) -> Query:
    """Rebuild the query that a gallery keeps."""
    kept: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data.items()
        if key not in ("after", "limit")
    }
    for key in ("since", "until"):
        if kept.get(key):
            kept[key] = datetime.fromisoformat(kept[key])
    return Query(**kept)


def _both(one: Filter, other: Filter) -> Filter:
    """What matches both."""
    sources = one.sources if other.sources is None else other.sources
    if one.sources is not None and other.sources is not None:
        sources = tuple(number for number in one.sources if number in other.sources)
    kinds = tuple(kind for kind in one.kinds if kind in other.kinds)
    since = [moment for moment in (one.since, other.since) if moment is not None]
    until = [moment for moment in (one.until, other.until) if moment is not None]
    return Filter(
        kinds=kinds,
        states=one.states,
        sources=sources,
        marks=tuple(dict.fromkeys((*one.marks, *other.marks))),
        since=max(since, default=None),
        until=min(until, default=None),
        texts=tuple(dict.fromkeys((*one.texts, *other.texts))),
        cids=tuple(dict.fromkeys((*one.cids, *other.cids))),
        nothing=one.nothing or other.nothing or not kinds or sources == (),
    )


@dataclass(frozen=True)
class Rows:
    """Where a filter's artifacts come from: columns to select, and what must hold.

    Kind, state, source and time are left to the caller (`within`), so that each can be
    one value that an index serves in order.
    """

    origin: sa.FromClause
    id: sa.ColumnElement[int]
    columns: Any
    conditions: tuple[sa.ColumnElement[bool], ...]
    rare: bool

    def within(
        self,
        states: tuple[int, ...],
        kinds: tuple[str, ...],
        sources: tuple[int, ...] | None,
        since: int | None,
        until: int | None,
    ) -> list[sa.ColumnElement[bool]]:
        """Conditions for state, kind, source and time."""
        live = self.columns.live + 0 if self.rare else self.columns.live
        found = [*self.conditions, _one_of(live, states), _one_of(self.columns.kind, kinds)]
        if sources is not None:
            found.append(_one_of(self.columns.source_id, sources))
        if since is not None:
            found.append(self.columns.captured_us >= since)
        if until is not None:
            found.append(self.columns.captured_us < until)
        return found


def _one_of(column: Any, values: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    chosen: sa.ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return chosen


def rows(connection: Connection | None, found: Filter) -> Rows:
    """Choose the table that leads and the conditions that the others add.

    Only a filter with texts or a rare one needs the connection.
    """
    if connection is not None and found.rare:
        hits = _hits(connection, found).subquery("hits")
        origin: sa.FromClause = hits.join(artifact, artifact.c.id == hits.c.id)
        others = [_marked(artifact.c.id, mark) for mark in found.marks]
        return Rows(origin, artifact.c.id, artifact.c, tuple(others), True)
    prefixes = [_starts(cid) for cid in found.cids]
    if connection is not None:
        prefixes += [_says(connection, text) for text in found.texts]
    if not found.marks:
        return Rows(artifact, artifact.c.id, artifact.c, tuple(prefixes), False)
    lead = _table(found.marks[0])
    origin = lead
    if prefixes:
        origin = lead.join(artifact, artifact.c.id == lead.c.artifact_id)
    others = [_marked(lead.c.artifact_id, mark) for mark in found.marks[1:]]
    conditions = (_is(lead, found.marks[0]), *others, *prefixes)
    return Rows(origin, lead.c.artifact_id, lead.c, conditions, False)


def _table(mark: Mark) -> sa.Table:
    return gallery_item if mark.gallery else artifact_tag


def _is(table: sa.FromClause, mark: Mark) -> sa.ColumnElement[bool]:
    column = table.c.gallery_id if mark.gallery else table.c.tag_id
    return column == mark.number


def _marked(number: Any, mark: Mark) -> sa.ColumnElement[bool]:
    other = _table(mark).alias()
    return sa.exists().where(other.c.artifact_id == number, _is(other, mark))


def _starts(cid: str) -> sa.ColumnElement[bool]:
    return sa.and_(artifact.c.cid >= cid, artifact.c.cid < cid + "\x7f")  # CIDs are ASCII


def _hits(connection: Connection, found: Filter) -> Any:
    """The ids that texts and CID prefixes match."""
    parts = [sa.select(artifact.c.id).where(_starts(cid)) for cid in found.cids]
    for text in found.texts:
        named = _tags_with(connection, text)
        words = _worded(connection, text)
        tagged = sa.select(artifact_tag.c.artifact_id).where(artifact_tag.c.tag_id.in_(named))
        either = sa.union(words, tagged) if named else words
        parts.append(sa.select(either.subquery().c.id))
    return sa.intersect(*parts) if len(parts) > 1 else parts[0]


def _worded(connection: Connection, text: str) -> sa.Select[int]:
    """The ids of artifacts with a text in their words."""
    if connection.dialect.name == "sqlite" and len(text) >= _TRIGRAM:
        quoted = '"' + text.replace('"', '""') + '"'
        return (
            sa.select(sa.literal_column("rowid", Number).label("id"))
            .select_from(sa.table("artifact_words"))
            .where(sa.literal_column("artifact_words", sa.Text).op("MATCH")(quoted))
        )
    return sa.select(artifact.c.id).where(
        artifact.c.words != "", artifact.c.words.contains(text, autoescape=True)
    )


def _says(connection: Connection, text: str) -> sa.ColumnElement[bool]:
    """Whether an artifact has a text in its words or in a tag."""
    said: sa.ColumnElement[bool] = artifact.c.words.contains(text, autoescape=True)
    if named := _tags_with(connection, text):
        other = artifact_tag.alias()
        bears = sa.exists().where(other.c.artifact_id == artifact.c.id, other.c.tag_id.in_(named))
        said = sa.or_(said, bears)
    return said


def _is_common(connection: Connection, text: str) -> bool:
    some = _worded(connection, text).limit(MANY).subquery()
    worded = connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    named = _tags_with(connection, text)
    chosen = sa.select(sa.func.sum(tally.c.n)).where(tally.c.mark.in_(named), tally.c.grain == DAY)
    return worded + (connection.scalar(chosen) or 0 if named else 0) >= MANY


def _tags_with(connection: Connection, text: str) -> list[int]:
    names = connection.execute(sa.select(tag.c.id, tag.c.name))
    return [number for number, name in names if text in folded(name)]
