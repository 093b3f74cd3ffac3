"""The server itself, jobs, the log, and the analyzers there are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

import octolab
from octolab import plugins
from octolab.jobs import settled
from octolab.model import ArtifactKind, JobRecord, Level, LogEntry, to_json
from octolab.server.deps import LARGEST, LabDep, Limit, begin
from octolab.server.routes.artifacts import Started

router = APIRouter(tags=["work"])


class Health(BaseModel):
    """That the server runs, and for what."""

    status: str
    version: str
    lab: str
    pid: int


class AnalyzerInfo(BaseModel):
    """An analyzer: what it takes, and its parameters with their defaults."""

    name: str
    title: str
    version: str
    kinds: list[ArtifactKind]
    params: Mapping[str, Any]
    overlay: bool


@router.head("/health", include_in_schema=False)
@router.get("/health")
def health(lab: LabDep) -> Health:
    """Whether the server runs."""
    return Health(status="ok", version=octolab.__version__, lab=lab.name, pid=os.getpid())


@router.get("/analyzers")
def list_analyzers() -> list[AnalyzerInfo]:
    """The analyzers there are."""
    return [
        AnalyzerInfo(
            name=a.name,
            title=a.title or a.name,
            version=a.version,
            kinds=sorted(a.kinds),
            params=to_json(a.params),
            overlay=a.overlay is not None,
        )
        for a in plugins.analyzers.all()
    ]


@router.get("/jobs")
def list_jobs(lab: LabDep, limit: Limit = 100) -> list[JobRecord]:
    """The newest jobs."""
    return [settled(lab.catalog, record) for record in lab.catalog.jobs(limit)]


@router.get("/jobs/{number}")
def get_job(number: str, lab: LabDep) -> JobRecord:
    """How far a job is, and how it ended."""
    return lab.job(number).record


@router.post("/jobs/{number}/cancel")
def cancel_job(number: str, lab: LabDep) -> JobRecord:
    """Ask a job to stop; it does so at its next step."""
    lab.job(number).cancel()
    return lab.job(number).record


@router.post("/verify", status_code=202)
def verify(request: Request, lab: LabDep, repair: bool = False) -> Started:
    """Hash every file again and find any change, loss or stranger, in a job."""
    return Started(
        job=begin(
            request,
            "verify",
            lab.name,
            lambda progress, cancelled: to_json(lab.verify(repair=repair, progress=progress)),
        ).record
    )


@router.get("/logs")
def list_logs(
    lab: LabDep,
    after_id: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    level: Level | None = None,
    limit: Limit = 500,
) -> list[LogEntry]:
    """What happened after one entry, oldest first; `message` is a template for `values`."""
    return lab.catalog.logs(after_id, level, limit)
