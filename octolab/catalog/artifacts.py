"""Frames, clips and sounds: adding, finding, tagging, deleting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog import facets, finding, tally
from octolab.catalog.opening import dump
from octolab.catalog.query import TAG_ID, Query, resolve, rows
from octolab.catalog.sources import Sources
from octolab.catalog.store import Prepared, chunks, insert, micros
from octolab.catalog.tables import artifact, artifact_tag, gallery_item, tag
from octolab.catalog.words import tag_names, words_of
from octolab.errors import Conflict, NotFound
from octolab.model import Artifact, Facets, utc_now


class Artifacts(Sources):
    """The artifacts of a lab."""

    # --- adding ---------------------------------------------------------------

    def add_artifact(self, new: Artifact) -> Artifact:
        """Add an artifact (its id does not matter) and return it with its id.

        When the same content of the same source and moment is there, that one is returned,
        taken out of the trash if need be.

        Raises
        ------
        Conflict
            If its path is that of another artifact.
        """
        return self.add_artifacts([new])[0]

    def add_artifacts(self, new: Iterable[Artifact]) -> list[Artifact]:
        """Add many in one transaction."""
        items = [(item, tag_names(item.tags)) for item in new]
        if not items:
            return []
        added: list[Artifact | None] = []
        share = tally.Share()
        with self.write("artifact") as connection:
            sources = self._ids_of_sources(connection, {item.source for item, _ in items})
            tags = tag_ids(connection, {name for _, names in items for name in names})
            marks = []
            for item, names in items:
                source_id = sources[item.source]
                number = _insert(connection, item, source_id)
                if number is None:
                    added.append(None)
                    continue
                added.append(replace(item, id=number, tags=names, deleted_at=None))
                numbers = [tags[name] for name in names]
                at = micros(item.captured_at)
                marks += [
                    {
                        "artifact_id": number,
                        "tag_id": mark,
                        "live": 1,
                        "kind": item.kind,
                        "source_id": source_id,
                        "captured_us": at,
                        "origin": "",
                    }
                    for mark in numbers
                ]
                tally.contribute(
                    share, number, kind=item.kind, source_id=source_id, captured_us=at, tags=numbers
                )
            if marks:
                _MARK.run(connection, marks)
            tally.apply(connection, share)
            return [
                kept or _known(connection, item, sources[item.source])
                for kept, (item, _) in zip(added, items, strict=True)
            ]

    # --- looking ---------------------------------------------------------------

    def artifact(self, number: int) -> Artifact:
        """The artifact of an id, also when it is in the trash (NotFound)."""
        with self.read() as connection:
            found = finding.artifacts(connection, [number])
        if not found:
            raise NotFound("there is no artifact {number}", number=number)
        return found[0]

    def artifacts(self, ids: Sequence[int]) -> list[Artifact]:
        """The artifacts of these ids, in this order; ids that are gone are left out."""
        with self.read() as connection:
            return finding.artifacts(connection, ids)

    def by_cid(self, cid: str) -> list[Artifact]:
        """Every artifact with that CID that is not in the trash, newest first."""
        chosen = (
            sa.select(artifact.c.id)
            .where(artifact.c.cid == cid, artifact.c.live + 0 == 1)
            .order_by(artifact.c.captured_us.desc(), artifact.c.id.desc())
        )
        with self.read() as connection:
            return finding.artifacts(connection, connection.scalars(chosen).all())

    def by_path(self, path: str) -> Artifact | None:
        """The artifact whose file is there, also when it is in the trash."""
        chosen = sa.select(artifact.c.id).where(artifact.c.path == path)
        with self.read() as connection:
            return next(iter(finding.artifacts(connection, connection.scalars(chosen).all())), None)

    def find(self, query: Query) -> list[Artifact]:
        """The artifacts a query matches, one page."""
        return self._page(query, 0, query.limit, finding.after_of(query))

    def page(self, query: Query, offset: int, limit: int) -> list[Artifact]:
        """The artifacts at a place of the whole result, which may be anywhere."""
        return self._page(query, offset, limit, None)

    def _page(
        self, query: Query, offset: int, limit: int, after: finding.Place | None
    ) -> list[Artifact]:
        with self.read() as connection:
            places = finding.places(
                connection,
                resolve(connection, query),
                newest_first=query.newest_first,
                limit=limit,
                offset=max(0, offset),
                after=after,
            )
            return finding.artifacts(connection, [number for _, number in places])

    def ids(self, query: Query) -> list[int]:
        """The ids of all artifacts a query matches, in its order, whatever its limit."""
        with self.read() as connection:
            found = resolve(connection, query)
            if found.nothing:
                return []
            origin = rows(connection, found)
            order = [origin.columns.captured_us, origin.id]
            chosen = (
                sa.select(origin.id)
                .select_from(origin.origin)
                .where(
                    *origin.within(
                        found.states, found.kinds, found.sources, found.since, found.until
                    )
                )
                .order_by(*(column.desc() if query.newest_first else column for column in order))
            )
            return list(connection.scalars(chosen))

    def count(self, query: Query) -> int:
        """How many artifacts a query matches, whatever its limit."""
        with self.read() as connection:
            return facets.count(connection, resolve(connection, query))

    def facets(self, query: Query) -> Facets:
        """How many artifacts a query matches by kind, source, tag and day (UTC).

        Artifacts without a source are counted under ``""``.
        """
        with self.read() as connection:
            return facets.facets(connection, resolve(connection, query))

    def tags(self) -> list[str]:
        """The names of all tags that were ever used."""
        with self.read() as connection:
            return list(connection.scalars(sa.select(tag.c.name).order_by(tag.c.name)))

    # --- changing ---------------------------------------------------------------

    def set_note(self, number: int, text: str) -> None:
        """Write a note on an artifact."""
        with self.write("artifact") as connection:
            meta = connection.execute(
                sa.select(artifact.c.meta).where(artifact.c.id == number)
            ).first()
            if meta is None:
                raise NotFound("there is no artifact {number}", number=number)
            connection.execute(
                sa.update(artifact)
                .where(artifact.c.id == number)
                .values(note=text, words=words_of(text, meta[0]))
            )

    def add_tags(self, ids: Sequence[int], names: Iterable[str]) -> None:
        """Tag artifacts; ids that are gone are left out."""
        wanted = tag_names(names)
        if not wanted or not ids:
            return
        with self.write("artifact") as connection:
            numbers = tag_ids(connection, wanted)
            with tally.recounted(connection, ids, numbers.values()):
                mark(connection, ids, numbers.values(), "")

    def remove_tags(self, ids: Sequence[int], names: Iterable[str]) -> None:
        """Take tags off artifacts."""
        wanted = tag_names(names)
        if not wanted or not ids:
            return
        with self.write("artifact") as connection:
            numbers = connection.scalars(sa.select(tag.c.id).where(tag.c.name.in_(wanted))).all()
            with tally.recounted(connection, ids, numbers):
                unmark(connection, ids, numbers)

    def delete(self, ids: Sequence[int]) -> None:
        """Put artifacts into the trash."""
        with self.write("artifact", "gallery") as connection:
            _set_live(connection, ids, live=False)

    def restore(self, ids: Sequence[int]) -> None:
        """Take artifacts out of the trash, with the tags and galleries they had."""
        with self.write("artifact", "gallery") as connection:
            _set_live(connection, ids, live=True)

    def purge(self, ids: Sequence[int]) -> list[str]:
        """Forget artifacts for good; returns the paths of their files.

        Only what is in the trash can be purged; other ids are left alone.
        """
        paths: list[str] = []
        with self.write("artifact", "gallery", "analysis", "annotation") as connection:
            for some in chunks(list(ids)):
                gone = connection.execute(
                    sa.select(artifact.c.id, artifact.c.path).where(
                        artifact.c.id.in_(some), artifact.c.live == 0
                    )
                ).all()
                paths += [row.path for row in gone]
                connection.execute(
                    sa.delete(artifact).where(artifact.c.id.in_([row.id for row in gone]))
                )
        return paths

    def recount(self) -> None:
        """Count all tallies anew, should anybody have changed the tables by hand."""
        with self.write("artifact", "gallery") as connection:
            tally.rebuild(connection)


# --- shared with analyses and galleries ---------------------------------------------------


def tag_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The numbers of tags; new ones get theirs."""
    found: dict[str, int] = {}
    for name in sorted(names):
        row = TAG_ID.run(connection, [{"name": name}]).fetchone()
        new = sa.insert(tag).returning(tag.c.id)
        found[name] = row[0] if row else connection.scalars(new, {"name": name}).one()
    return found


def mark(connection: Connection, ids: Sequence[int], tags: Iterable[int], origin: str) -> None:
    """Tag artifacts; a person's tag (origin ``""``) outranks an analyzer's."""
    new = insert(connection.dialect.name, artifact_tag)
    columns = ["artifact_id", "tag_id", "live", "kind", "source_id", "captured_us", "origin"]
    for number in tags:
        for some in chunks(list(ids)):
            chosen = sa.select(
                artifact.c.id,
                sa.literal(number),
                artifact.c.live,
                artifact.c.kind,
                artifact.c.source_id,
                artifact.c.captured_us,
                sa.literal(origin),
            ).where(artifact.c.id.in_(some))
            adding = new.from_select(columns, chosen)
            keys = ["artifact_id", "tag_id"]
            if origin:
                adding = adding.on_conflict_do_nothing(index_elements=keys)
            else:
                adding = adding.on_conflict_do_update(index_elements=keys, set_={"origin": ""})
            connection.execute(adding)


def unmark(
    connection: Connection, ids: Sequence[int], tags: Sequence[int], *, by_people: bool = True
) -> None:
    """Take tags off; those people set only if `by_people`."""
    for some in chunks(list(ids)):
        leaving = sa.delete(artifact_tag).where(
            artifact_tag.c.artifact_id.in_(some), artifact_tag.c.tag_id.in_(tags)
        )
        if not by_people:
            leaving = leaving.where(artifact_tag.c.origin != "")
        connection.execute(leaving)


def _set_live(connection: Connection, ids: Sequence[int], *, live: bool) -> None:
    now = micros(utc_now())
    with tally.recounted(connection, ids):
        for some in chunks(list(ids)):
            connection.execute(
                sa.update(artifact)
                .where(artifact.c.id.in_(some), artifact.c.live + 0 == int(not live))
                .values(live=int(live), deleted_us=None if live else now)
            )
            for table in (artifact_tag, gallery_item):
                connection.execute(
                    sa.update(table).where(table.c.artifact_id.in_(some)).values(live=int(live))
                )


def _known(connection: Connection, item: Artifact, source_id: int) -> Artifact:
    """The artifact of a capture that is there already, taken out of the trash."""
    number = connection.scalar(
        sa.select(artifact.c.id).where(
            artifact.c.cid == item.cid,
            artifact.c.source_id == source_id,
            artifact.c.captured_us == micros(item.captured_at),
        )
    )
    if number is None:
        raise Conflict("{path} is the path of another artifact", path=item.path)
    found = finding.artifacts(connection, [number])[0]
    if found.deleted_at is not None:
        _set_live(connection, [number], live=True)
        found = replace(found, deleted_at=None)
    return found


def _insert(connection: Connection, item: Artifact, source_id: int) -> int | None:
    """Insert a row; None when the same capture is there."""
    row = {
        "kind": item.kind,
        "cid": item.cid,
        "path": item.path,
        "media_type": item.media_type,
        "size": item.size,
        "captured_us": micros(item.captured_at),
        "uncertainty_s": item.uncertainty_s,
        "source_id": source_id,
        "width": item.width,
        "height": item.height,
        "duration_s": item.duration_s,
        "profile": item.profile,
        "meta": dump(item.meta) if item.meta else "{}",
        "note": item.note,
        "words": words_of(item.note, item.meta),
        "created_us": micros(item.created_at),
        "deleted_us": None,
        "live": 1,
    }
    found = _ADD.run(connection, [row]).fetchone()
    return found[0] if found else None


def _adding(dialect: str) -> sa.Executable:
    new: sa.Executable = insert(dialect, artifact).on_conflict_do_nothing().returning(artifact.c.id)
    return new


_ADD = Prepared(_adding)
_MARK = Prepared(lambda _: sa.insert(artifact_tag))
