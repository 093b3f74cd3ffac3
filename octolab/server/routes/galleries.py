"""Galleries: named, ordered sets of artifacts, and films made of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field

from octolab import plugins
from octolab.lab import Lab
from octolab.lab.batch import analyze
from octolab.lab.galleries import Gallery
from octolab.media import Transition
from octolab.model import ArtifactKind, GalleryInfo
from octolab.server.deps import (
    Cursor,
    Filters,
    Id,
    LabDep,
    Limit,
    begin,
    item_of,
    read_cursor,
)
from octolab.server.routes.artifacts import Chosen, Page, Question, Started, page
from octolab.server.routes.cameras import Body, Text

router = APIRouter(tags=["galleries"])

Pixels = Annotated[int, Field(ge=16, le=7680)]


class Named(Body):
    """A name."""

    name: Text


class Search(Body):
    """What to look for; fields are those of the filters of `/artifacts`."""

    kind: Annotated[tuple[ArtifactKind, ...], Field(max_length=3)] = ()
    tag: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    camera: Text | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    text: Annotated[str, Field(max_length=300)] = ""


class NewGallery(Named):
    """A gallery to fill by hand or, with a search, one that holds whatever matches."""

    search: Search | None = None


class Film(Body):
    """How a timelapse runs; the size is that of the first frame by default."""

    fps: Annotated[float, Field(ge=0.1, le=120)] = 24
    size: tuple[Pixels, Pixels] | None = None
    transition: Transition | None = None


def _gallery(lab: Lab, slug: str) -> Gallery:
    return Gallery(lab, lab.catalog.gallery(slug))


@router.get("/galleries")
def list_galleries(lab: LabDep) -> list[GalleryInfo]:
    """All galleries, in the order they were made."""
    return lab.catalog.galleries()


@router.post("/galleries", status_code=201)
def make_gallery(body: NewGallery, response: Response, lab: LabDep) -> GalleryInfo:
    """Make a gallery; one of that name that is there already is given back.

    With a search, it holds whatever matches from now on, and its name must be new.
    """
    if body.search is None:
        info = lab.gallery(body.name).info
    else:
        wanted = body.search.model_dump()
        info = lab.save_search(body.name, tags=wanted.pop("tag"), **wanted).info
    response.headers["Location"] = f"/api/v1/galleries/{info.slug}"
    return info


@router.get("/galleries/{slug}")
def get_gallery(slug: str, lab: LabDep) -> GalleryInfo:
    """One gallery, by slug or name."""
    return lab.catalog.gallery(slug)


@router.patch("/galleries/{slug}")
def rename_gallery(slug: str, body: Named, lab: LabDep) -> GalleryInfo:
    """Call it something else; its slug stays."""
    gallery = _gallery(lab, slug)
    gallery.rename(body.name)
    return gallery.info


@router.delete("/galleries/{slug}", status_code=204)
def delete_gallery(slug: str, lab: LabDep) -> None:
    """Forget the gallery; its artifacts stay in the lab."""
    _gallery(lab, slug).delete()


@router.get("/galleries/{slug}/items")
def list_items(
    slug: str, lab: LabDep, query: Filters, limit: Limit = 100, cursor: Cursor = None
) -> Page:
    """What is in it, newest first, a page at a time; takes the filters of `/artifacts`."""
    after = read_cursor(cursor, int)
    wanted = replace(query, gallery=lab.catalog.gallery(slug).slug, limit=limit + 1, after=after)
    return page(lab.catalog.find(wanted), limit)


@router.post("/galleries/{slug}/items")
def add_items(slug: str, body: Chosen, lab: LabDep) -> GalleryInfo:
    """Put artifacts into it."""
    gallery = _gallery(lab, slug)
    gallery.add(*[item_of(lab, number) for number in body.ids])
    return gallery.info


@router.delete("/galleries/{slug}/items")
def remove_items(
    slug: str, lab: LabDep, ids: Annotated[list[Id], Query(min_length=1, max_length=1000)]
) -> GalleryInfo:
    """Take artifacts out of it; they stay in the lab."""
    gallery = _gallery(lab, slug)
    gallery.remove(*[item_of(lab, number) for number in ids])
    return gallery.info


@router.post("/galleries/{slug}/timelapse", status_code=202)
def make_timelapse(request: Request, slug: str, body: Film, lab: LabDep) -> Started:
    """Make a film of its frames, in a job whose result is the clip."""
    gallery = _gallery(lab, slug)
    name = gallery.name

    def work(progress: Any, cancelled: Any) -> Any:
        return lab.timelapse(
            gallery.select(kind="frame"),
            fps=body.fps,
            size=body.size,
            transition=body.transition,
            name=name,
            progress=progress,
            cancelled=cancelled,
        )

    return Started(job=begin(request, "timelapse", name, work).record)


@router.post("/galleries/{slug}/analyses", status_code=202)
def analyze_gallery(request: Request, slug: str, body: Question, lab: LabDep) -> Started:
    """Run an analyzer on all that is in it, in a job."""
    chosen = plugins.analyzers.get(body.analyzer)
    chosen.check(body.params)
    work = partial(analyze, lab, list(_gallery(lab, slug)), chosen, body.params, None)
    return Started(job=begin(request, "analysis", chosen.title or chosen.name, work).record)
