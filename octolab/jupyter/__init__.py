"""The bridge to Jupyter.

The workbench in Voila (`open_workbench`), the labs in JupyterLab (`open_lab`), a card in
JupyterLab's launcher, the lab's HTTP API under Jupyter's own login, and
``%load_ext octolab``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octolab.jupyter.launch import open_lab, open_workbench
    from octolab.jupyter.notebook import current_lab, sounds, workbench

__all__ = ["current_lab", "open_lab", "open_workbench", "sounds", "workbench"]

_HOME = {
    "current_lab": "octolab.jupyter.notebook",
    "open_lab": "octolab.jupyter.launch",
    "open_workbench": "octolab.jupyter.launch",
    "sounds": "octolab.jupyter.notebook",
    "workbench": "octolab.jupyter.notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'octolab.jupyter' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "octolab.jupyter"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    """Reach the lab's API under Jupyter's login (called by Jupyter Server)."""
    from octolab.jupyter.api_proxy import api_handlers

    settings = server_app.web_app.settings
    server_app.web_app.add_handlers(".*$", api_handlers(settings["base_url"]))
