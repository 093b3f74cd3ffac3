"""Where the bridge's own files are, and how Jupyter finds them.

An installed wheel has them in ``share/jupyter`` and ``etc/jupyter`` too; the copy in the
package makes a checkout work like an installation.
"""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent
SHARE = HERE / "share"
TEMPLATE = SHARE / "voila" / "templates" / "octolab"
ICON = HERE / "icons" / "octolab.svg"


def add_jupyter_path() -> None:
    """Let Jupyter, and what it starts, find OctoLab's Voila template."""
    known = os.environ.get("JUPYTER_PATH", "")
    if str(SHARE) not in known.split(os.pathsep):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE), known]))
