"""Records as the plain JSON that views are given (mirrored in widgets/src/lib/types.ts)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import NotFound
from octolab.model import Analysis, Artifact

if TYPE_CHECKING:
    from octolab.lab import Lab
    from octolab.widgets.panel import Panel

MOST_EVENTS = 200


def camera_names(lab: Lab) -> dict[str, str]:
    """Slugs of the sources to what people call them, also of those that were removed."""
    return {source.slug: source.name for source in lab.catalog.sources(removed=True)}


def artifact_name(record: Artifact) -> str:
    """What to call an artifact: its original name, else its file's."""
    return str(record.meta.get("name") or record.path.rsplit("/", 1)[-1])


def artifact_row(
    record: Artifact, names: Mapping[str, str], selected: Collection[int] = ()
) -> dict[str, Any]:
    """One artifact as a tile shows it."""
    return {
        "id": record.id,
        "kind": record.kind,
        "cid": record.cid,
        "name": artifact_name(record),
        "at": record.captured_at,
        "source": record.source,
        "camera": names.get(record.source, record.source) if record.source else None,
        "tags": record.tags,
        "width": record.width,
        "height": record.height,
        "duration_s": record.duration_s,
        "size": record.size,
        "media_type": record.media_type,
        "selected": record.id in selected,
    }


def analysis_row(panel: Panel, analysis: Analysis) -> dict[str, Any]:
    """One analysis as the full view shows it; regions are drawn in the kernel, so counted."""
    try:
        chosen = plugins.analyzers.get(analysis.analyzer)
        title, overlay = chosen.title or chosen.name, chosen.overlay is not None
    except NotFound:
        title, overlay = analysis.analyzer, False
    return {
        "analyzer": analysis.analyzer,
        "title": panel.word(title),
        "version": analysis.version,
        "params": analysis.params,
        "labels": sorted(analysis.labels, key=lambda label: -label.score),
        "regions": len(analysis.regions),
        "events": analysis.events[:MOST_EVENTS],
        "metrics": analysis.metrics,
        "model": analysis.model,
        "duration_s": analysis.duration_s,
        "created_at": analysis.created_at,
        "overlay": overlay or bool(analysis.regions),
    }


def analyzer_choices(panel: Panel) -> list[dict[str, Any]]:
    """The analyzers there are now, also those a notebook cell has just registered."""
    return [
        {
            "name": one.name,
            "title": panel.word(one.title or one.name),
            "kinds": sorted(one.kinds),
            "overlay": one.overlay is not None,
            "installed": plugins.analyzers.installed(one.name),
        }
        for one in plugins.analyzers.all()
    ]


def storage_choices(panel: Panel) -> list[dict[str, str]]:
    """The storages there are now."""
    return [
        {"name": one.name, "title": panel.word(one.title or one.name)}
        for one in plugins.storages.all()
    ]
