"""OctoLab: a research workbench in Jupyter.

Capture with cameras, microphones and sensors, analyse, and keep what was found under its
true IPFS CID. `Lab` is the front door; the engines (`content`, `vision`, `audio`, `media`)
work alone on arrays and paths. Importing this package is cheap: everything is loaded when
it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octolab import audio, content, media, vision
    from octolab.errors import OctolabError
    from octolab.lab import Lab
    from octolab.model import Analysis, Event, Label, Metric, Region
    from octolab.plugins import register_analyzer, register_storage

__version__ = "0.1.0"

_HOME = {
    "Lab": "octolab.lab",
    "OctolabError": "octolab.errors",
    "Analysis": "octolab.model",
    "Event": "octolab.model",
    "Label": "octolab.model",
    "Metric": "octolab.model",
    "Region": "octolab.model",
    "register_analyzer": "octolab.plugins",
    "register_storage": "octolab.plugins",
    "audio": "octolab",
    "content": "octolab",
    "media": "octolab",
    "vision": "octolab",
}

__all__ = [
    "Analysis",
    "Event",
    "Lab",
    "Label",
    "Metric",
    "OctolabError",
    "Region",
    "audio",
    "content",
    "media",
    "register_analyzer",
    "register_storage",
    "vision",
]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module 'octolab' has no attribute {name!r}") from None
    if home == "octolab":
        return importlib.import_module(f"octolab.{name}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(ipython: Any) -> None:
    """Called by ``%load_ext octolab``; see `octolab.jupyter.notebook.load`."""
    from octolab.jupyter.notebook import load

    load(ipython)
