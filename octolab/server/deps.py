"""What routes share: the lab and its supervisor, waiting for long work, paging."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import anyio
from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime, Field

from octolab.errors import BadInput
from octolab.jobs import Job, Work
from octolab.lab import Lab
from octolab.lab.artifacts import Item
from octolab.lab.inputs import moment
from octolab.model import ArtifactKind
from octolab.server.activity import Activity
from octolab.server.settings import Settings, read_settings
from octolab.server.supervisor import Supervisor

T = TypeVar("T")

ANSWER_WITHIN_S = 8.0
AT_ONCE = 64
LARGEST = 2**63 - 1
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_waiting: list[anyio.CapacityLimiter] = []


def the_lab(request: Request) -> Lab:
    """The lab that is served."""
    lab: Lab = request.app.state.lab
    return lab


def the_supervisor(request: Request) -> Supervisor:
    """What owns its cameras."""
    supervisor: Supervisor = request.app.state.supervisor
    return supervisor


def the_settings(request: Request) -> Settings:
    """Its limits as they are now."""
    return read_settings(the_lab(request).catalog)


LabDep = Annotated[Lab, Depends(the_lab)]
SupervisorDep = Annotated[Supervisor, Depends(the_supervisor)]
SettingsDep = Annotated[Settings, Depends(the_settings)]
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Number = Annotated[int, Path(ge=1, le=LARGEST, description="the artifact's `id`")]
Limit = Annotated[int, Query(ge=1, le=1000, description="at most so many")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the page before")]


async def in_thread(call: Callable[..., T], *args: Any) -> T:
    """Run what may take long in a thread of its own, apart from those of short requests."""
    if not _waiting:
        _waiting.append(anyio.CapacityLimiter(AT_ONCE))
    return await anyio.to_thread.run_sync(call, *args, limiter=_waiting[0])


def begin(request: Request, kind: str, title: str, work: Work) -> Job:
    """Begin a job; the server stays as long as it runs."""
    activity: Activity = request.app.state.activity

    def busy(progress: Any, cancelled: Any) -> Any:
        with activity.connection():
            return work(progress, cancelled)

    return the_lab(request).run_job(kind, title, busy)


async def settled(job: Job, within_s: float = ANSWER_WITHIN_S) -> bool:
    """Wait a little for a job; whether it is done.

    Raises
    ------
    OctolabError
        What the work raised.
    """
    return await in_thread(_settled, job, within_s)


def _settled(job: Job, within_s: float) -> bool:
    from octolab.errors import Unavailable

    try:
        job.wait(within_s)
    except Unavailable:
        if job.state in ("queued", "running"):
            return False
        raise
    return True


# --- what to find ---------------------------------------------------------------


def filters(
    lab: LabDep,
    kind: Annotated[list[ArtifactKind] | None, Query(description="any of these")] = None,
    tag: Annotated[list[str] | None, Query(description="all of these")] = None,
    camera: Annotated[str | None, Query(description="name or slug")] = None,
    gallery: Annotated[str | None, Query(description="name or slug")] = None,
    since: Annotated[AwareDatetime | None, Query(description="captured then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="captured before")] = None,
    text: Annotated[str, Query(max_length=300)] = "",
    cid: Annotated[str | None, Query(max_length=100, description="or its beginning")] = None,
    deleted: Annotated[bool, Query(description="what is in the trash")] = False,
    oldest_first: bool = False,
) -> Any:
    """The catalog query that the parameters of a request make."""
    from dataclasses import replace

    query = lab.query(
        kind=kind,
        tags=tag or (),
        camera=camera,
        gallery=gallery,
        since=since,
        until=until,
        text=text,
        newest_first=not oldest_first,
    )
    return replace(query, cid=cid or "", only_deleted=deleted)


Filters = Annotated[Any, Depends(filters)]


def write_cursor(at: datetime, *key: str | int) -> str:
    """Where a page ended, by a moment and what is unique at it, as an opaque text."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    plain = ".".join(str(part) for part in (micros, *key))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(text: str | None, *kinds: Callable[[str], Any]) -> Any:
    """What `write_cursor` wrote, its key made what it was; None if there is none.

    Raises
    ------
    BadInput
        If it is something else.
    """
    if not text:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        micros, *parts = plain.decode().split(".")
        at = _EPOCH + timedelta(microseconds=int(micros))
        key = [kind(part) for kind, part in zip(kinds, parts, strict=True)]
    except (binascii.Error, ValueError, OverflowError):
        raise BadInput("the cursor is not one that this server gave") from None
    return moment(at), *key


def item_of(lab: Lab, number: int) -> Item:
    """The artifact of that number.

    Raises
    ------
    NotFound
    """
    return lab.get(number)
