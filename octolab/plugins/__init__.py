"""The registries of analyzers and storages.

OctoLab's own analyzers and storages come in the same two ways as anybody's: through the
entry-point groups ``octolab.analyzers`` and ``octolab.storages`` of an installed package,
or by calling `register_analyzer` and `register_storage`. Entry points are read on first
use; one that can't be used warns and never breaks the rest.
"""

from octolab.plugins.registry import (
    Analyzer,
    Offer,
    Overlay,
    Progress,
    Registry,
    Run,
    Storage,
    analyzers,
    register_analyzer,
    register_storage,
    storages,
)
from octolab.plugins.running import draw_overlay, following, run_analyzer

__all__ = [
    "Analyzer",
    "Offer",
    "Overlay",
    "Progress",
    "Registry",
    "Run",
    "Storage",
    "analyzers",
    "draw_overlay",
    "following",
    "register_analyzer",
    "register_storage",
    "run_analyzer",
    "storages",
]
