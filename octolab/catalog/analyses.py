"""What analyzers found, kept with the artifacts."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog import tally
from octolab.catalog.artifacts import mark, tag_ids, unmark
from octolab.catalog.galleries import Galleries
from octolab.catalog.store import chunks, insert, micros
from octolab.catalog.tables import analysis, annotation, artifact
from octolab.catalog.words import normal, seen, tag_names
from octolab.errors import NotFound
from octolab.model import Analysis, Misfit, from_json, to_json

logger = logging.getLogger("octolab.catalog")

TAG_SCORE = 0.2  # labels at least this sure become tags


class Analyses(Galleries):
    """The analyses of a lab's artifacts."""

    def add_analysis(self, number: int, found: Analysis) -> Analysis:
        """Keep an analysis; the same analyzer, version, parameters and model replace theirs.

        It is one as `octolab.plugins.run_analyzer` returns it; what could not be read again
        raises `octolab.model.Misfit`. Labels with a score of 0.2 or more become tags of the
        artifact; those of the analysis it replaces go, unless a person set them or another
        analysis or an annotation says so too.
        """
        result = to_json(found)
        from_json(Analysis, result)
        run = {
            "artifact_id": number,
            "analyzer": found.analyzer,
            "version": found.version,
            "params": json.dumps(result["params"], sort_keys=True, ensure_ascii=False),
            "model": found.model or "",
        }
        row = {**run, "result": result, "created_us": micros(found.created_at)}
        with self.write("analysis", "artifact") as connection:
            if not connection.scalar(sa.select(artifact.c.id).where(artifact.c.id == number)):
                raise NotFound("there is no artifact {number}", number=number)
            before = given_tags(connection, number)
            new = insert(connection.dialect.name, analysis).values(row)
            changed = {"result": new.excluded.result, "created_us": new.excluded.created_us}
            connection.execute(new.on_conflict_do_update(index_elements=list(run), set_=changed))
            after = given_tags(connection, number)
            labels = _names(found)
            if before != after or labels:
                with tally.recounted(connection, [number]):
                    gone = tag_ids(connection, before - after)
                    unmark(connection, [number], list(gone.values()), by_people=False)
                    fresh = tag_ids(connection, labels)
                    mark(connection, [number], fresh.values(), found.analyzer or "analysis")
        return found

    def analyses(self, number: int) -> list[Analysis]:
        """The analyses of an artifact, newest first."""
        chosen = (
            sa.select(analysis.c.result)
            .where(analysis.c.artifact_id == number)
            .order_by(analysis.c.created_us.desc(), analysis.c.id.desc())
        )
        with self.read() as connection:
            return [*filter(None, map(_read, connection.scalars(chosen)))]

    def analysed(
        self, analyzer: str, version: str, params: Mapping[str, Any], ids: Sequence[int]
    ) -> dict[int, Analysis]:
        """What an analyzer with these parameters found in artifacts, the newest of each.

        Parameters
        ----------
        analyzer, version, params
            As they were kept with the analysis.
        ids : sequence of int
            The artifacts; give some hundreds at a time, for all is held in memory.

        Returns
        -------
        dict of int to Analysis
            Those that were analysed so.
        """
        written = json.dumps(to_json(params), sort_keys=True, ensure_ascii=False)
        found: dict[int, Analysis] = {}
        with self.read() as connection:
            for some in chunks(list(ids)):
                chosen = (
                    sa.select(analysis.c.artifact_id, analysis.c.result)
                    .where(
                        analysis.c.artifact_id.in_(some),
                        analysis.c.analyzer == analyzer,
                        analysis.c.version == version,
                        analysis.c.params == written,
                    )
                    .order_by(analysis.c.created_us, analysis.c.id)
                )
                for number, result in connection.execute(chosen):
                    if (one := _read(result)) is not None:
                        found[number] = one
        return found


def _read(result: Any) -> Analysis | None:
    """An analysis as it was kept; None for one that something else spoilt."""
    try:
        return from_json(Analysis, result)
    except Misfit as error:
        logger.warning("an analysis in the catalog is left out: %s", error)
        return None


def label_tags(labels: Iterable[str]) -> set[str]:
    """Labels as tags: cut to what a tag may be."""
    return set(tag_names(seen(normal(label))[:100] for label in labels))


def given_tags(connection: Connection, number: int) -> set[str]:
    """The tags that all analyses and annotations of an artifact give it."""
    labels = analysis.c.result["labels"]
    found: set[str] = set()
    for row in connection.scalars(sa.select(labels).where(analysis.c.artifact_id == number)):
        found |= _names(_read({"labels": row or []}) or Analysis())
    marked = sa.select(annotation.c.label).distinct().where(annotation.c.artifact_id == number)
    return found | label_tags(connection.scalars(marked))


def _names(found: Analysis) -> set[str]:
    return label_tags(label.name for label in found.labels if label.score >= TAG_SCORE)
