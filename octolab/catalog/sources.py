"""Cameras, microphones and sensors: what is wanted of them and what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from octolab.catalog import slugs
from octolab.catalog.store import Store, insert, micros, moment
from octolab.catalog.tables import source
from octolab.catalog.words import normal, shown_name
from octolab.errors import BadInput, NotFound
from octolab.model import Desired, Observed, Source, SourceKind, from_json, to_json, utc_now

_RESERVED = {"imported"}  # the folder of files that came from no source
_DESIRED = {field.name for field in fields(Desired)}


class Sources(Store):
    """The sources of a lab."""

    def add_source(
        self,
        kind: SourceKind,
        name: str,
        url: str,
        settings: Mapping[str, Any] | None = None,
    ) -> Source:
        """Add a source; its slug is made from the name and never changes."""
        shown = shown_name(name)
        with self.write("source") as connection:
            taken = set(connection.scalars(sa.select(source.c.slug))) | _RESERVED
            row = _new(slugs.unique(slugs.slug(shown, kind), taken.__contains__), kind)
            row.update(name=shown, url=url, settings=dict(settings or {}), removed_us=None)
            adding = sa.insert(source).returning(source.c.id)
            return _source(_by_id(connection, connection.scalars(adding, row).one()))

    def sources(self, kind: SourceKind | None = None, *, removed: bool = False) -> list[Source]:
        """All sources, or those of a kind, in the order they were added.

        With `removed`, also those that were removed: their artifacts are still here.
        """
        chosen = sa.select(source).order_by(source.c.id)
        if not removed:
            chosen = chosen.where(source.c.removed_us.is_(None))
        if kind is not None:
            chosen = chosen.where(source.c.kind == kind)
        with self.read() as connection:
            return [_source(row) for row in connection.execute(chosen)]

    def source(self, key: str | int, *, removed: bool = False) -> Source:
        """Find a source by slug, name or id (NotFound).

        With `removed`, one that was removed is found too: its artifacts are still here.
        """
        with self.read() as connection:
            return _source(_find(connection, key, removed=removed))

    def update_source(
        self,
        key: str | int,
        *,
        name: str | None = None,
        url: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Source:
        """Change what is given."""
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = shown_name(name)
        if url is not None:
            values["url"] = url
        if settings is not None:
            values["settings"] = dict(settings)
        return self._change(key, values)

    def set_desired(self, key: str | int, **wanted: Any) -> Source:
        """Change fields of `Desired`; the server makes it so."""
        unknown = set(wanted) - _DESIRED
        if unknown:
            raise BadInput("a source has no setting {name!r}", name=", ".join(sorted(unknown)))
        with self.write("source") as connection:
            row = _find(connection, key)
            desired = replace(from_json(Desired, row.desired), **wanted)
            connection.execute(
                sa.update(source).where(source.c.id == row.id).values(desired=to_json(desired))
            )
            return _source(_by_id(connection, row.id))

    def set_observed(self, key: str | int, observed: Observed) -> None:
        """Note what a source was seen doing."""
        self._change(key, {"observed": to_json(observed)})

    def remove_source(self, key: str | int) -> None:
        """Forget a source; its artifacts keep its slug, which is not used again."""
        self._change(key, {"removed_us": micros(utc_now())})

    def _change(self, key: str | int, values: Mapping[str, Any]) -> Source:
        with self.write("source") as connection:
            row = _find(connection, key)
            if values:
                connection.execute(sa.update(source).where(source.c.id == row.id).values(values))
            return _source(_by_id(connection, row.id))

    def _ids_of_sources(
        self, connection: Connection, wanted: Iterable[str | None]
    ) -> dict[str | None, int]:
        """The numbers of slugs; a slug seen for the first time gets one.

        Such a source (of an imported lab, or a device that only sends) is not listed. Slugs
        and numbers never change, so what was read is remembered.
        """
        found: dict[str | None, int] = {None: 0}
        for slug in wanted:
            if slug is None:
                continue
            if slug not in self._source_ids:
                chosen = sa.select(source.c.id).where(source.c.slug == slug)
                number = connection.scalar(chosen)
                if number is None:
                    row = _new(slug, "camera")
                    connection.execute(insert(connection.dialect.name, source).values(row))
                    found[slug] = connection.scalars(chosen).one()
                    continue
                self._source_ids[slug] = number
            found[slug] = self._source_ids[slug]
        return found


def _new(slug: str, kind: str) -> dict[str, Any]:
    now = micros(utc_now())
    return {
        "slug": slug,
        "kind": kind,
        "name": slug,
        "url": "",
        "settings": {},
        "desired": to_json(Desired()),
        "observed": to_json(Observed()),
        "created_us": now,
        "removed_us": now,
    }


def _find(connection: Connection, key: str | int, *, removed: bool = False) -> Row[Any]:
    chosen = sa.select(source).order_by(source.c.removed_us.is_not(None), source.c.id).limit(1)
    if not removed:
        chosen = chosen.where(source.c.removed_us.is_(None))
    columns = (source.c.id,) if isinstance(key, int) else (source.c.slug, source.c.name)
    for column in columns:
        wanted = normal(key) if column is source.c.name and isinstance(key, str) else key
        if row := connection.execute(chosen.where(column == wanted)).first():
            return row
    raise NotFound("there is no camera or other source {name!r}", name=key)


def _by_id(connection: Connection, number: int) -> Row[Any]:
    return connection.execute(sa.select(source).where(source.c.id == number)).one()


def _observed(data: Mapping[str, Any]) -> Observed:
    times = {key: data.get(key) for key in ("at", "last_frame_at")}
    moments = {key: datetime.fromisoformat(text) for key, text in times.items() if text}
    return Observed(**{**data, **moments})


def _source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        slug=row.slug,
        kind=row.kind,
        name=row.name,
        url=row.url,
        settings=row.settings,
        desired=from_json(Desired, row.desired),
        observed=_observed(row.observed),
        created_at=moment(row.created_us),
    )
