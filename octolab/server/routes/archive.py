"""What was sent to which storage, and getting it back by CID."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from octolab import plugins
from octolab.errors import BadInput
from octolab.lab import Lab
from octolab.lab.artifacts import Item
from octolab.model import Pin, PinState
from octolab.server.deps import (
    Cursor,
    Id,
    LabDep,
    Limit,
    begin,
    in_thread,
    item_of,
    read_cursor,
    settled,
    write_cursor,
)
from octolab.server.ranges import Ranged
from octolab.server.routes.artifacts import Started
from octolab.server.routes.cameras import Body, Text
from octolab.server.routes.files import FOREVER, SAFE, download_name

router = APIRouter(tags=["archive"])


class StorageInfo(BaseModel):
    """A place that keeps bytes under their CID."""

    name: str
    title: str


class Pins(BaseModel):
    """Some pins, and the cursor of those after them; null at the end."""

    items: list[Pin]
    next: str | None = None


class Publish(Body):
    """What to send, by number or CID, and where to."""

    artifact: Id | None = None
    cid: Text | None = None
    storage: Text = "local"


@router.get("/storages")
def list_storages() -> list[StorageInfo]:
    """The storages there are."""
    return [StorageInfo(name=s.name, title=s.title) for s in plugins.storages.all()]


@router.get("/pins")
def list_pins(
    lab: LabDep,
    cid: Annotated[str | None, Query(max_length=100)] = None,
    storage: str | None = None,
    state: PinState | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Pins:
    """What was sent where, and how it stands; last changed first, a page at a time."""
    after = read_cursor(cursor, str, str)
    found = lab.catalog.pins(cid, storage, state, limit=limit + 1, after=after)
    items = found[:limit]
    last = items[-1] if len(found) > limit else None
    cursor = write_cursor(last.updated_at, last.cid, last.storage) if last else None
    return Pins(items=items, next=cursor)


@router.post(
    "/pins",
    status_code=201,
    responses={202: {"model": Started, "description": "it takes longer: a job"}},
)
async def publish(
    request: Request, body: Publish, response: Response, lab: LabDep
) -> Pin | Started:
    """Send an artifact to a storage, under its CID."""
    plugins.storages.get(body.storage)
    item = await in_thread(_item, lab, body.artifact, body.cid)
    work = begin(
        request,
        "publish",
        f"{body.storage}: {item.record.path}",
        lambda progress, cancelled: item.publish(body.storage),
    )
    if await settled(work):
        pin = await in_thread(lambda: work.result)
        assert isinstance(pin, Pin)
        return pin
    response.status_code = 202
    return Started(job=work.record)


@router.head("/cids/{cid}", include_in_schema=False)
@router.get("/cids/{cid}", response_class=Ranged)
def get_by_cid(cid: str, lab: LabDep) -> Ranged:
    """The file of a CID that this lab has, verified."""
    item = _item(lab, None, cid)
    return Ranged(
        lab.fetch(cid),
        media_type=item.record.media_type,
        filename=download_name(item),
        content_disposition_type="inline",
        headers={**SAFE, "Cache-Control": FOREVER, "X-Ipfs-Cid": cid},
    )


def _item(lab: Lab, number: int | None, cid: str | None) -> Item:
    from octolab.content import parse_cid
    from octolab.errors import NotFound

    if (number is None) == (cid is None):
        raise BadInput("say what to send: either artifact or cid")
    if number is not None:
        return item_of(lab, number)
    assert cid is not None
    parse_cid(cid)
    found = lab.by_cid(cid)
    if not found:
        raise NotFound("{cid} is not in this lab", cid=cid)
    return found[0]
