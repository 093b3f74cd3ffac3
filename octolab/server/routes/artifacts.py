"""Artifacts: finding them, what is known of them, what was found in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from octolab import plugins
from octolab.lab.batch import analyze_one
from octolab.model import Analysis, Artifact, Facets, JobRecord
from octolab.server.deps import (
    Cursor,
    Filters,
    Id,
    LabDep,
    Limit,
    Number,
    begin,
    in_thread,
    item_of,
    read_cursor,
    settled,
    write_cursor,
)
from octolab.server.plain import Plain
from octolab.server.routes.cameras import Body, Text

router = APIRouter(tags=["artifacts"])

Ids = Annotated[list[Id], Field(min_length=1, max_length=100_000)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=100)]


class Page(BaseModel):
    """Some artifacts, and the cursor of those after them; null at the end."""

    items: list[Artifact]
    next: str | None = None


def page(found: list[Artifact], limit: int) -> Page:
    """A page of what was found, one more than the limit if there is more."""
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next=write_cursor(last.captured_at, last.id) if last else None)


class Chosen(Body):
    """Some artifacts by their numbers."""

    ids: Ids


class Tagging(Body):
    """Tags to give."""

    tags: Annotated[Tags, Field(min_length=1)]


class Note(Body):
    """What to write about it."""

    note: Annotated[str, Field(max_length=20_000)]


class Question(Body):
    """An analyzer and its parameters."""

    analyzer: Text
    params: Plain = Field(default_factory=dict)


class Started(BaseModel):
    """Work that goes on in the background; follow it at `/jobs/{id}`."""

    job: JobRecord


@router.get("/artifacts")
def find(lab: LabDep, query: Filters, limit: Limit = 100, cursor: Cursor = None) -> Page:
    """Find artifacts, newest first, a page at a time."""
    after = read_cursor(cursor, int)
    found = lab.catalog.find(replace(query, limit=limit + 1, after=after))
    return page(found, limit)


@router.get("/artifacts/facets")
def facets(lab: LabDep, query: Filters) -> Facets:
    """How many there are by kind, camera, tag and day."""
    return lab.catalog.facets(query)


@router.post("/artifacts/delete", status_code=204)
def delete_some(body: Chosen, lab: LabDep) -> None:
    """Put artifacts into the trash."""
    lab.delete([item_of(lab, number) for number in body.ids])


@router.post("/artifacts/restore", status_code=204)
def restore_some(body: Chosen, lab: LabDep) -> None:
    """Take artifacts out of the trash."""
    lab.restore([item_of(lab, number) for number in body.ids])


@router.get("/artifacts/{number}")
def get_one(number: Number, lab: LabDep) -> Artifact:
    """What is known of an artifact."""
    return lab.catalog.artifact(number)


@router.delete("/artifacts/{number}", status_code=204)
def delete_one(number: Number, lab: LabDep) -> None:
    """Put an artifact into the trash."""
    lab.delete([item_of(lab, number)])


@router.put("/artifacts/{number}/note")
def set_note(number: Number, body: Note, lab: LabDep) -> Artifact:
    """Write a note about it."""
    item = item_of(lab, number)
    item.set_note(body.note)
    return item.record


@router.post("/artifacts/{number}/tags")
def add_tags(number: Number, body: Tagging, lab: LabDep) -> Artifact:
    """Tag it."""
    item = item_of(lab, number)
    item.add_tags(*body.tags)
    return item.record


@router.delete("/artifacts/{number}/tags/{tag:path}")
def remove_tag(number: Number, tag: str, lab: LabDep) -> Artifact:
    """Take a tag off it."""
    item = item_of(lab, number)
    item.remove_tags(tag)
    return item.record


@router.get("/artifacts/{number}/analyses")
def list_analyses(number: Number, lab: LabDep) -> list[Analysis]:
    """All that was found in it, newest first."""
    return item_of(lab, number).analyses()


@router.post(
    "/artifacts/{number}/analyses",
    status_code=201,
    responses={202: {"model": Started, "description": "it takes longer: a job"}},
)
async def analyze(
    request: Request, number: Number, body: Question, response: Response, lab: LabDep
) -> Analysis | Started:
    """Run an analyzer on it and keep what it found."""
    item = await in_thread(item_of, lab, number)
    chosen = plugins.analyzers.get(body.analyzer)
    chosen.require(item.kind)
    chosen.check(body.params)
    work = begin(
        request,
        "analysis",
        f"{chosen.name}: {item.record.path}",
        partial(analyze_one, lab, item, chosen, body.params),
    )
    if await settled(work):
        found = await in_thread(lambda: work.result)
        assert isinstance(found, Analysis)
        return found
    response.status_code = 202
    return Started(job=work.record)
