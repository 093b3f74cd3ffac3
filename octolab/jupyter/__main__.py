"""``python -m octolab.jupyter``: the workbench as a process of its own.

JupyterLab's launcher card starts it behind jupyter-server-proxy.
"""

from __future__ import annotations

import argparse
import os

from octolab.jupyter.launch import open_workbench


def main() -> None:
    """Serve the workbench; the token comes from ``OCTOLAB_TOKEN``, never an argument."""
    parser = argparse.ArgumentParser(prog="python -m octolab.jupyter", description=__doc__)
    parser.add_argument("--lab", default=os.environ.get("OCTOLAB_LAB", "octolab-demo"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--base-url", default="/")
    parser.add_argument("--browser", action="store_true")
    arguments = parser.parse_args()
    open_workbench(
        arguments.lab,
        port=arguments.port,
        browser=arguments.browser,
        base_url=arguments.base_url,
    )


if __name__ == "__main__":
    main()
