"""Galleries: named sets of artifacts in order of time, and saved queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from octolab.catalog import facets, slugs, tally
from octolab.catalog.artifacts import Artifacts
from octolab.catalog.query import Query, resolve
from octolab.catalog.store import chunks, insert, micros, moment
from octolab.catalog.tables import artifact, gallery, gallery_item
from octolab.catalog.words import normal, shown_name
from octolab.errors import BadInput, Conflict, NotFound
from octolab.model import GalleryInfo, to_json, utc_now


class Galleries(Artifacts):
    """The galleries of a lab."""

    def gallery(self, key: str, *, create: bool = False) -> GalleryInfo:
        """Find a gallery by slug or name; `create` makes the one that is missing."""
        name = shown_name(key) if create else key
        with self.read() as connection:
            row = _find(connection, name)
            if row is not None:
                return _info(connection, row)
        if not create:
            raise NotFound("there is no gallery {name!r}", name=key)
        with self.write("gallery") as connection:
            return _info(connection, _find(connection, name) or _make(connection, name, None))

    def save_search(self, name: str, query: Query) -> GalleryInfo:
        """Make a gallery of a query: it holds whatever matches, from now on.

        Raises
        ------
        Conflict
            If there is a gallery of that name.
        BadInput
            If the query is about a gallery itself.
        """
        if query.gallery is not None:
            raise BadInput("a search within a gallery can't be saved; leave out the gallery")
        shown = shown_name(name)
        with self.write("gallery") as connection:
            resolve(connection, query)
            if _find(connection, shown) is not None:
                raise Conflict("there is a gallery {name!r} already", name=shown)
            return _info(connection, _make(connection, shown, query))

    def galleries(self) -> list[GalleryInfo]:
        """All galleries, in the order they were made."""
        with self.read() as connection:
            counts = tally.gallery_counts(connection)
            return [
                _info(connection, row, counts.get(row.id, 0) if row.query is None else None)
                for row in connection.execute(_SELECT).all()
            ]

    def add_to_gallery(self, key: str, ids: Sequence[int]) -> None:
        """Put artifacts into a gallery; ids that are gone are left out."""
        with self.write("gallery") as connection:
            number = _set(connection, key)
            with tally.recounted(connection, ids, [-number]):
                for some in chunks(list(ids)):
                    chosen = sa.select(
                        artifact.c.id,
                        sa.literal(number),
                        artifact.c.live,
                        artifact.c.kind,
                        artifact.c.source_id,
                        artifact.c.captured_us,
                    ).where(artifact.c.id.in_(some))
                    adding = insert(connection.dialect.name, gallery_item)
                    connection.execute(
                        adding.from_select(_COLUMNS, chosen).on_conflict_do_nothing(
                            index_elements=["artifact_id", "gallery_id"]
                        )
                    )

    def remove_from_gallery(self, key: str, ids: Sequence[int]) -> None:
        """Take artifacts out of a gallery; they stay in the lab."""
        with self.write("gallery") as connection:
            number = _set(connection, key)
            with tally.recounted(connection, ids, [-number]):
                for some in chunks(list(ids)):
                    connection.execute(
                        sa.delete(gallery_item).where(
                            gallery_item.c.gallery_id == number,
                            gallery_item.c.artifact_id.in_(some),
                        )
                    )

    def rename_gallery(self, key: str, name: str) -> GalleryInfo:
        """Give a gallery another name; its slug stays."""
        shown = shown_name(name)
        with self.write("gallery") as connection:
            row = _one(connection, key)
            taken = connection.scalar(sa.select(gallery.c.id).where(gallery.c.name == shown))
            if taken not in (None, row.id):
                raise Conflict("there is a gallery {name!r} already", name=shown)
            connection.execute(sa.update(gallery).where(gallery.c.id == row.id).values(name=shown))
            return _info(connection, _one(connection, row.slug))

    def delete_gallery(self, key: str) -> None:
        """Forget a gallery; its artifacts stay in the lab."""
        with self.write("gallery") as connection:
            row = _one(connection, key)
            tally.forget(connection, -row.id)
            connection.execute(sa.delete(gallery).where(gallery.c.id == row.id))


_SELECT = sa.select(gallery).order_by(gallery.c.id)
_COLUMNS = ["artifact_id", "gallery_id", "live", "kind", "source_id", "captured_us"]


def _make(connection: Connection, name: str, query: Query | None) -> Row[Any]:
    taken = set(connection.scalars(sa.select(gallery.c.slug)))
    connection.execute(
        sa.insert(gallery).values(
            slug=slugs.unique(slugs.slug(name, "gallery"), taken.__contains__),
            name=name,
            query=None if query is None else to_json(replace(query, limit=100, after=None)),
            created_us=micros(utc_now()),
        )
    )
    return connection.execute(_SELECT.where(gallery.c.name == name)).one()


def _find(connection: Connection, key: str) -> Row[Any] | None:
    for column, wanted in ((gallery.c.slug, key), (gallery.c.name, normal(key))):
        if row := connection.execute(_SELECT.where(column == wanted)).first():
            return row
    return None


def _one(connection: Connection, key: str) -> Row[Any]:
    row = _find(connection, key)
    if row is None:
        raise NotFound("there is no gallery {name!r}", name=key)
    return row


def _set(connection: Connection, key: str) -> int:
    row = _one(connection, key)
    if row.query is not None:
        raise Conflict(
            "{gallery} is a saved search and fills itself; choose another gallery",
            gallery=row.name,
        )
    number: int = row.id
    return number


def _info(connection: Connection, row: Row[Any], count: int | None = None) -> GalleryInfo:
    if count is None:
        count = facets.count(connection, resolve(connection, Query(gallery=row.slug)))
    return GalleryInfo(
        id=row.id,
        slug=row.slug,
        name=row.name,
        count=count,
        query=row.query,
        created_at=moment(row.created_us),
    )
