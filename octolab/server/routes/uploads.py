"""Files in: stills, clips, sounds."""

from __future__ import annotations

import wave
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from octolab import plugins
from octolab.errors import BadInput
from octolab.lab import Lab
from octolab.lab.artifacts import Item, Sound
from octolab.lab.batch import analyze_one
from octolab.lab.trash import purge
from octolab.model import Analysis, Artifact, JobRecord, utc_now
from octolab.server.deps import LabDep, SettingsDep, begin, in_thread, settled
from octolab.server.uploads import Question, Upload, receive

if TYPE_CHECKING:
    import numpy as np

router = APIRouter(tags=["uploads"])

AT_ONCE_S = 60.0
TRIED_S = 10.0
ANALYZER = "sound-events"
SUMMARY = "sound-energy"
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "metadata": {
                            "type": "string",
                            "description": "JSON: name, gallery, tags, captured_at (with time "
                            "zone), camera, note; all optional",
                            "example": '{"gallery": "growth", "tags": ["plant"]}',
                        },
                    },
                },
                "encoding": {"metadata": {"contentType": "application/json"}},
            }
        },
    }
}
AUDIO = deepcopy(FORM)
AUDIO["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]["metadata"] |= {
    "description": "JSON: as for the others, and analyzer, preset, params; all optional",
    "example": '{"preset": "bird", "params": {"threshold": 6}}',
}


class Heard(BaseModel):
    """A sound that was kept and what was found in it; a job when that takes longer.

    The analysis is that of the chosen analyzer, with the length, rate and level of the sound
    among its metrics. The result of the job says where to find it.
    """

    artifact: Artifact
    analysis: Analysis | None = None
    job: JobRecord | None = None


@router.post("/frames", status_code=201, openapi_extra=FORM)
async def add_frame(
    request: Request, response: Response, lab: LabDep, settings: SettingsDep
) -> Artifact:
    """Keep a picture: JPEG, PNG, WebP, TIFF, GIF or BMP."""
    item = await _keep(request, lab, partial(_add, lab.add_frame), settings.max_frame_bytes)
    return _created(response, item)


@router.post("/clips", status_code=201, openapi_extra=FORM)
async def add_clip(
    request: Request, response: Response, lab: LabDep, settings: SettingsDep
) -> Artifact:
    """Keep a video: MP4, WebM, Matroska, MOV or AVI."""
    item = await _keep(request, lab, partial(_add, lab.add_clip), settings.max_media_bytes)
    return _created(response, item)


@router.post("/sounds", status_code=201, openapi_extra=FORM)
async def add_sound(
    request: Request, response: Response, lab: LabDep, settings: SettingsDep
) -> Artifact:
    """Keep a sound without listening to it: WAV, FLAC, Ogg, MP3 or M4A."""
    item = await _keep(request, lab, partial(_add, lab.add_sound), settings.max_media_bytes)
    return _created(response, item)


@router.post("/audio", status_code=201, openapi_extra=AUDIO, responses={202: {"model": Heard}})
async def add_audio(
    request: Request, response: Response, lab: LabDep, settings: SettingsDep
) -> Heard:
    """Keep a sound and listen to it: its length, rate and level, and the events in it.

    More than a minute of sound is heard in a job (202); its result leads to the analysis. A
    sound that can't be read, or not be heard as asked, is refused and not kept.
    """
    began = utc_now()
    folder = lab.path / ".octolab" / "incoming"
    async with receive(request, folder, settings.max_media_bytes, Question) as upload:
        assert isinstance(upload.metadata, Question)
        asked = upload.metadata
        analyzer, params = await in_thread(_asked, asked)
        item = await in_thread(_heard, lab, upload, analyzer, params)
    artifact = _created(response, item)

    def listen(progress: Any, cancelled: Any) -> dict[str, Any]:
        found = _listen(lab, item, analyzer, params, progress, cancelled)
        heard.append(found)
        path = f"/api/v1/artifacts/{item.id}"
        return {
            "artifact": item.id,
            "analyzer": analyzer.name,
            "analyses": f"{path}/analyses",
            "events": f"{path}/events?analyzer={analyzer.name}",
            "count": len(found.events),
        }

    heard: list[Analysis] = []
    job = begin(request, "analysis", artifact.path, listen)
    try:
        if (item.duration_s or 0.0) <= AT_ONCE_S and await settled(job):
            return Heard(artifact=artifact, analysis=heard[0])
    except BadInput:
        if artifact.created_at >= began:  # else it was in the lab before
            await in_thread(_forget, lab, artifact)
        raise
    response.status_code = 202
    return Heard(artifact=artifact, job=job.record)


def _asked(question: Question) -> tuple[plugins.Analyzer, dict[str, Any]]:
    """The analyzer and its parameters, checked before the sound is kept."""
    analyzer = plugins.analyzers.get(question.analyzer or ANALYZER)
    analyzer.require("sound")
    params = dict(question.params)
    if question.preset is not None:
        params["preset"] = question.preset
    analyzer.check(params)
    return analyzer, params


def _heard(lab: Lab, upload: Upload, analyzer: plugins.Analyzer, params: dict[str, Any]) -> Sound:
    """Keep a sound that can be read, a short one to its end, and its beginning heard as asked."""
    from octolab.audio.reading import open_sound
    from octolab.media import probe

    if probe(upload.path).kind == "sound":  # else adding it says what it is
        with open_sound(upload.path) as sound:
            if sound.known_frames is not None and sound.known_frames <= AT_ONCE_S * sound.sr:
                for _ in sound.blocks():
                    pass
            beginning = sound.read(0, round(TRIED_S * sound.sr))
            _try(analyzer, params, beginning, sound.sr, upload.path)
    item = _add(lab.add_sound, upload)
    assert isinstance(item, Sound)
    return item


def _try(
    analyzer: plugins.Analyzer, params: dict[str, Any], y: np.ndarray, sr: int, beside: Path
) -> None:
    """Run an analyzer on some of a sound: what its parameters are worth shows only then."""
    path = beside.with_suffix(".wav")
    try:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, sr, 0, "NONE", ""))
            file.writeframes((y.clip(-1, 1) * 32767).astype("<i2").tobytes())
        plugins.run_analyzer(analyzer, path, **params)
    finally:
        path.unlink(missing_ok=True)


def _forget(lab: Lab, artifact: Artifact) -> None:
    """Take a sound away again that was kept and then could not be heard as asked."""
    lab.catalog.delete([artifact.id])
    purge(lab.path, lab.catalog, [artifact])


def _listen(
    lab: Lab,
    item: Sound,
    analyzer: plugins.Analyzer,
    params: dict[str, Any],
    progress: Any,
    cancelled: Any,
) -> Analysis:
    """What the analyzer finds, with the metrics of the summary; both are kept."""
    found = analyze_one(lab, item, analyzer, params, progress, cancelled)
    if analyzer.name == SUMMARY:
        return found
    summary = analyze_one(lab, item, plugins.analyzers.get(SUMMARY), {}, progress, cancelled)
    return replace(
        found,
        metrics={**summary.metrics, **found.metrics},
        data={**summary.data, **found.data},
    )


async def _keep(request: Request, lab: Lab, add: Callable[[Upload], Item], limit: int) -> Item:
    async with receive(request, lab.path / ".octolab" / "incoming", limit) as upload:
        return await in_thread(add, upload)


def _add(add: Callable[..., Item], upload: Upload) -> Item:
    known: dict[str, Any] = upload.known()
    return add(upload.path, **known)


def _created(response: Response, item: Item) -> Artifact:
    response.headers["Location"] = f"/api/v1/artifacts/{item.id}"
    return item.record
