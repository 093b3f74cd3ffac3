"""The detector as an analyzer: `sound-events`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from octolab.audio.events.presets import PRESETS, settings_of
from octolab.audio.events.stream import Example, detect_in
from octolab.audio.reading import open_sound
from octolab.model import Analysis, Metric
from octolab.plugins import Analyzer, Progress


def find_events(
    path: str | Path,
    *,
    preset: str | None = None,
    method: str | None = None,
    band: Sequence[float] | None = None,
    threshold: float | None = None,
    release: float | None = None,
    min_duration_s: float | None = None,
    max_duration_s: float | None = None,
    merge_gap_s: float | None = None,
    template: Example | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Find events in a file; the parameters are those of `octolab.audio.detect_events`.

    Returns
    -------
    Analysis
        The events; metrics ``events`` (their number), ``events_per_minute`` and
        ``sounding`` (the seconds of all events together); in ``data["settings"]`` what the
        parameters came to.
    """
    settings = settings_of(
        preset,
        method=method,
        band=band,
        threshold=threshold,
        release=release,
        min_duration_s=min_duration_s,
        max_duration_s=max_duration_s,
        merge_gap_s=merge_gap_s,
    )
    with open_sound(path) as sound:
        found = detect_in(sound, settings, template=template, progress=progress)
        minutes = sound.duration_s / 60
    chosen = asdict(settings)
    del chosen["kinds"]
    return Analysis(
        events=tuple(found),
        metrics={
            "events": Metric(float(len(found))),
            "events_per_minute": Metric(len(found) / minutes, "1/min"),
            "sounding": Metric(sum(event.end - event.start for event in found), "s"),
        },
        data={"settings": chosen},
    )


analyzer = Analyzer(
    "sound-events",
    run=find_events,
    kinds=frozenset({"sound"}),
    title="Sound events",
    description="When something is to be heard above the background, with its frequencies, "
    "how far it stands out and its signal-to-noise ratio.",
    params={
        "preset": None,
        "method": None,
        "band": None,
        "threshold": None,
        "release": None,
        "min_duration_s": None,
        "max_duration_s": None,
        "merge_gap_s": None,
        "template": None,
    },
    presets=PRESETS,
)
