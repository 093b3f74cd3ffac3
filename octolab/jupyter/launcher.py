"""The card in JupyterLab's launcher that opens the workbench.

jupyter-server-proxy finds `workbench` through its entry-point group, draws the card,
starts the workbench on the first click and passes requests on under Jupyter's login.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any

from octolab.i18n import translate
from octolab.jupyter.paths import ICON


def workbench() -> dict[str, Any]:
    """What jupyter-server-proxy has to know."""
    token = secrets.token_hex(24)
    return {
        "command": [
            sys.executable,
            "-m",
            "octolab.jupyter",
            "--port={port}",
            "--base-url={base_url}octolab/",
        ],
        "environment": {"OCTOLAB_TOKEN": token},
        "request_headers_override": {"Authorization": f"token {token}"},
        "absolute_url": True,
        "timeout": 60,
        "new_browser_tab": True,
        "launcher_entry": {
            "title": translate("OctoLab workbench"),
            "icon_path": str(ICON),
            "category": "OctoLab",
        },
    }
