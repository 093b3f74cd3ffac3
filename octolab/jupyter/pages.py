"""What the landing page and the menu show: a card for each dashboard and each lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from octolab.i18n import current_language

GROUPS = (
    ("dashboards", {"en": "Dashboards", "ru": "Панели"}),
    ("labs", {"en": "Labs", "ru": "Лабораторные работы"}),
)


def page_data(root: Path, base_url: str) -> dict[str, Any]:
    """All the template needs to know; plain data.

    Parameters
    ----------
    root : Path
        The folder that holds ``dashboards/`` and ``labs/``.
    base_url : str
        Under which the Voila server answers; ends with a slash.
    """
    return {
        "home": base_url,
        "render": f"{base_url}voila/render/",
        "static": f"{base_url}voila/templates/octolab/static/",
        "language": current_language(),
        "theme": "",
        "groups": [
            {"title": title, "cards": cards}
            for folder, title in GROUPS
            if (cards := [card(root, path) for path in _in_order(root / folder)])
        ],
    }


def _in_order(folder: Path) -> list[Path]:
    """The notebooks of a folder by name, but first the workbench."""
    return sorted(folder.glob("*.ipynb"), key=lambda path: (path.stem != "workbench", path.name))


def card(root: Path, path: Path) -> dict[str, Any]:
    """Title, summary and length of one notebook, from its ``octolab`` metadata."""
    name = path.stem.replace("_", " ")
    try:
        about = json.loads(path.read_text("utf-8"))["metadata"].get("octolab", {})
    except (OSError, ValueError, KeyError):
        about = {}
    return {
        "path": path.relative_to(root).as_posix(),
        "title": about.get("title", {"en": name, "ru": name}),
        "summary": about.get("summary", {"en": "", "ru": ""}),
        "minutes": about.get("minutes"),
    }
