"""Cameras: what there is, what it should be doing, and its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from octolab.errors import Unavailable
from octolab.lab.cameras import LONGEST_RECORDING_S, MOST_LOOKS, SHORTEST_INTERVAL_S
from octolab.model import Analysis, Artifact, Source, to_json
from octolab.server.deps import LabDep, SettingsDep, SupervisorDep, in_thread
from octolab.server.plain import Plain

router = APIRouter(tags=["cameras"])

JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
SNAPSHOT_WITHIN_S = 9.5
Width = Annotated[int | None, Query(ge=16, le=8192, description="pixels; never enlarged")]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """A JSON body; what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class NewCamera(Body):
    """A camera to add; user and password are kept outside the lab."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    name: Text | None = None
    user: Text | None = None
    password: Text | None = None
    settings: Plain = {}


class CameraChange(Body):
    """What to change of a camera; the rest stays."""

    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    name: Text | None = None
    user: Text | None = None
    password: Text | None = None
    settings: Plain | None = None


class Still(Body):
    """Where a still goes, and whether the camera's analyzer looks at it."""

    gallery: Text | None = None
    analyze: bool = False


class Recording(Body):
    """How long to record."""

    seconds: Annotated[float, Field(gt=0, le=LONGEST_RECORDING_S)]


class Interval(Body):
    """Stills by the clock."""

    seconds: Annotated[float, Field(ge=SHORTEST_INTERVAL_S, lt=366 * 86400)]
    gallery: Text | None = None


class LiveAnalysis(Body):
    """An analyzer for the live picture."""

    analyzer: Text
    fps: Annotated[float, Field(gt=0, le=MOST_LOOKS)] = 1.0
    params: Plain = {}


@router.get("/rtsp/snapshot", responses=JPEG, response_class=Response)
async def rtsp_snapshot(
    request: Request,
    settings: SettingsDep,
    url: Annotated[str, Query(min_length=1, max_length=2000, description="rtsp(s) or http(s)")],
    user: str | None = None,
    password: str | None = None,
) -> Response:
    """One still of any network camera, as JPEG; nothing is kept.

    Addresses of the machine's own network interface (link-local), cloud metadata and this
    server are refused; the setting `snapshot_hosts` can narrow it further.
    """
    from functools import partial

    from octolab.capture import snapshot

    port = request.app.state.whereabouts.port
    take = partial(
        snapshot,
        url,
        user=user,
        password=password,
        purpose="snapshot",
        allow_hosts=settings.snapshot_hosts or None,
        own_ports=(port,) if port else (),
    )
    frame = None
    with anyio.move_on_after(SNAPSHOT_WITHIN_S):
        frame = await anyio.to_thread.run_sync(take, abandon_on_cancel=True)
    if frame is None:
        raise Unavailable("the camera did not answer within {seconds} s", seconds=SNAPSHOT_WITHIN_S)
    jpeg = await in_thread(frame.to_jpeg)
    return _picture(jpeg, {"X-Captured-At": to_json(frame.at)})


@router.get("/cameras")
def list_cameras(lab: LabDep) -> list[Source]:
    """All cameras, in the order they were added."""
    return lab.catalog.sources("camera")


@router.post("/cameras", status_code=201)
def add_camera(body: NewCamera, response: Response, lab: LabDep) -> Source:
    """Add a camera; it is opened when somebody first looks, captures or records."""
    camera = lab.add_camera(
        body.url,
        name=body.name,
        user=body.user,
        password=body.password,
        settings=body.settings,
    )
    response.headers["Location"] = f"/api/v1/cameras/{camera.slug}"
    return camera.source


@router.post("/cameras/restart", status_code=204)
def restart_cameras(lab: LabDep, supervisor: SupervisorDep) -> None:
    """Close and open every camera."""
    supervisor.restart()
    lab.log("All cameras restarted")


@router.get("/cameras/{slug}")
def get_camera(slug: str, lab: LabDep) -> Source:
    """One camera, by slug or name."""
    return lab.camera(slug).source


@router.patch("/cameras/{slug}")
def change_camera(slug: str, body: CameraChange, lab: LabDep) -> Source:
    """Change a camera; it is opened anew when that needs it."""
    camera = lab.camera(slug)
    camera.update(**{k: v for k, v in body.model_dump().items() if v is not None})
    return camera.source


@router.delete("/cameras/{slug}", status_code=204)
def remove_camera(slug: str, lab: LabDep) -> None:
    """Stop all it does and forget it; what it captured stays."""
    lab.camera(slug).remove()


@router.post("/cameras/{slug}/snapshot", status_code=201)
async def snapshot(
    slug: str,
    response: Response,
    lab: LabDep,
    supervisor: SupervisorDep,
    body: Still | None = None,
) -> Artifact:
    """Take a still and keep it."""
    wish = body or Still()
    number = await in_thread(supervisor.snapshot, slug, wish.gallery, wish.analyze)
    response.headers["Location"] = f"/api/v1/artifacts/{number}"
    return await in_thread(lab.catalog.artifact, number)


@router.post("/cameras/{slug}/record", status_code=201)
async def record(
    slug: str, body: Recording, response: Response, lab: LabDep, supervisor: SupervisorDep
) -> Artifact:
    """Record for some seconds; the answer comes when the clip is kept."""
    number = await in_thread(supervisor.record, slug, body.seconds)
    response.headers["Location"] = f"/api/v1/artifacts/{number}"
    return await in_thread(lab.catalog.artifact, number)


@router.post("/cameras/{slug}/recording/start")
async def start_recording(slug: str, lab: LabDep, supervisor: SupervisorDep) -> Source:
    """Record until told to stop; goes on after a restart."""
    await in_thread(supervisor.start_recording, slug)
    return await in_thread(lab.catalog.source, slug)


@router.post("/cameras/{slug}/recording/stop")
async def stop_recording(slug: str, lab: LabDep, supervisor: SupervisorDep) -> Artifact:
    """End the recording; the answer is its (last) clip."""
    number = await in_thread(supervisor.stop_recording, slug)
    return await in_thread(lab.catalog.artifact, number)


@router.post("/cameras/{slug}/interval/start")
def start_interval(slug: str, body: Interval, lab: LabDep) -> Source:
    """Take a still every so many seconds; goes on after a restart."""
    camera = lab.camera(slug)
    camera.start_interval(body.seconds, gallery=body.gallery)
    return camera.source


@router.post("/cameras/{slug}/interval/stop")
def stop_interval(slug: str, lab: LabDep) -> Source:
    """Take no more stills by the clock."""
    camera = lab.camera(slug)
    camera.stop_interval()
    return camera.source


@router.post("/cameras/{slug}/analysis/start")
def start_analysis(slug: str, body: LiveAnalysis, lab: LabDep) -> Source:
    """Run an analyzer on the live picture; stills taken meanwhile by the clock get it too."""
    camera = lab.camera(slug)
    camera.start_analysis(body.analyzer, fps=body.fps, params=body.params)
    return camera.source


@router.post("/cameras/{slug}/analysis/stop")
def stop_analysis(slug: str, lab: LabDep) -> Source:
    """Analyse the live picture no more."""
    camera = lab.camera(slug)
    camera.stop_analysis()
    return camera.source


@router.get("/cameras/{slug}/analysis")
def latest_analysis(slug: str, lab: LabDep, supervisor: SupervisorDep) -> Analysis | None:
    """What the analyzer last found in the live picture; null before its first answer."""
    return supervisor.analysis(lab.camera(slug).slug)


@router.post("/cameras/{slug}/enable")
def enable(slug: str, lab: LabDep) -> Source:
    """Let it be opened."""
    camera = lab.camera(slug)
    camera.enable()
    return camera.source


@router.post("/cameras/{slug}/disable")
def disable(slug: str, lab: LabDep) -> Source:
    """Close it; its settings stay."""
    camera = lab.camera(slug)
    camera.disable()
    return camera.source


@router.post("/cameras/{slug}/restart", status_code=204)
def restart(slug: str, lab: LabDep, supervisor: SupervisorDep) -> None:
    """Close and open it again."""
    supervisor.restart(lab.camera(slug).slug)


@router.get(
    "/cameras/{slug}/picture.jpg",
    responses={**JPEG, 204: {"description": "no picture yet"}},
    response_class=Response,
)
async def picture(slug: str, supervisor: SupervisorDep, width: Width = None) -> Response:
    """The newest live picture, without keeping it."""
    jpeg = await in_thread(supervisor.jpeg, slug, width)
    return _picture(jpeg) if jpeg else Response(status_code=204)


def _picture(jpeg: bytes, headers: Mapping[str, str] | None = None) -> Response:
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(jpeg, media_type="image/jpeg", headers={**always, **(headers or {})})
