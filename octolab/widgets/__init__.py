"""Widgets for notebooks and dashboards: views on a `Lab`.

Each takes a lab and works alone in a cell; `Workbench` composes them. What they show lives
in the lab, long work in jobs; a widget only asks and tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octolab.widgets.classes import (
        CameraGrid,
        CidTable,
        GalleryPicker,
        LogConsole,
        SpectrogramViewer,
        TimelapseMaker,
        Toasts,
        Workbench,
    )

__all__ = [
    "CameraGrid",
    "CidTable",
    "GalleryPicker",
    "LogConsole",
    "SpectrogramViewer",
    "TimelapseMaker",
    "Toasts",
    "Workbench",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from octolab.widgets import classes

        return getattr(classes, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
