"""The bytes of artifacts: the file, a small picture, what an analysis drew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from octolab.errors import LabError, NotFound
from octolab.lab.artifacts import Frame, Item
from octolab.server.deps import LabDep, Number, in_thread, item_of
from octolab.server.ranges import Ranged, check_range
from octolab.server.routes.cameras import JPEG

router = APIRouter(tags=["files"])

FOREVER = "private, max-age=31536000, immutable"
SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
Side = Annotated[int, Query(ge=16, le=2048, description="pixels")]


@router.head("/artifacts/{number}/file", include_in_schema=False)
@router.get(
    "/artifacts/{number}/file",
    response_class=Ranged,
    responses={200: {"content": {"*/*": {}}}, 206: {"description": "a range of it"}},
)
def get_file(
    number: Number,
    lab: LabDep,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    download: bool = False,
) -> Ranged:
    """The file itself, whole or a range of it."""
    item = item_of(lab, number)
    try:
        size = item.path.stat().st_size
    except FileNotFoundError:
        raise _gone(item) from None
    check_range(range_, size)
    return Ranged(
        item.path,
        media_type=item.record.media_type,
        filename=download_name(item),
        content_disposition_type="attachment" if download else "inline",
        headers={**SAFE, "Cache-Control": FOREVER, "X-Ipfs-Cid": item.cid},
    )


@router.head("/artifacts/{number}/thumbnail", include_in_schema=False)
@router.get("/artifacts/{number}/thumbnail", responses=JPEG, response_class=Response)
def get_thumbnail(number: Number, lab: LabDep, width: Side = 320, height: Side = 240) -> Response:
    """A small JPEG of it that fits into width and height."""
    item = item_of(lab, number)
    try:
        jpeg = item.thumbnail((width, height))
    except FileNotFoundError:
        raise _gone(item) from None
    return Response(jpeg, media_type="image/jpeg", headers={**SAFE, "Cache-Control": FOREVER})


@router.head("/artifacts/{number}/overlay.jpg", include_in_schema=False)
@router.get("/artifacts/{number}/overlay.jpg", responses=JPEG, response_class=Response)
async def get_overlay(number: Number, lab: LabDep, analyzer: str) -> Response:
    """The newest analysis of one analyzer, drawn over the frame."""
    jpeg = await in_thread(_overlay, item_of(lab, number), analyzer)
    return Response(jpeg, media_type="image/jpeg", headers={**SAFE, "Cache-Control": "no-store"})


def _overlay(item: Item, analyzer: str) -> bytes:
    from octolab.capture import encode_jpeg

    found = next((a for a in item.analyses() if a.analyzer == analyzer), None)
    if found is None or not isinstance(item, Frame):
        raise NotFound(
            "{analyzer} has found nothing in artifact {number} yet",
            analyzer=analyzer,
            number=item.id,
        )
    return encode_jpeg(item.overlay(found))


def download_name(item: Item) -> str:
    """What a saved file is called: the name it came with, else that in the lab."""
    kept = Path(item.record.path)
    given = item.meta.get("name")
    if not isinstance(given, str) or not given:
        return f"{item.source or 'octolab'} {kept.name}"
    return given if Path(given).suffix.lower() == kept.suffix else f"{given}{kept.suffix}"


def _gone(item: Item) -> LabError:
    return LabError(
        "the file {path} is gone from the lab; `octolab verify` lists all that are",
        path=item.record.path,
    )
