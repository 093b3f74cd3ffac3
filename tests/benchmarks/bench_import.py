"""`import octolab` stays cheap: its CPU against that of `import numpy`, and what it brings in."""

from __future__ import annotations

import subprocess
import sys

from _measure import cpu_s, paired, report

HEAVY = ("IPython", "ipywidgets", "traitlets", "fastapi", "cv2", "librosa", "onnxruntime")


def main() -> None:
    """Print the ratio and the heavy libraries found (none)."""

    def load(module: str) -> object:
        return subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    pair = paired(lambda: load("octolab"), lambda: load("numpy"), rounds=9, clock=cpu_s)
    report("import octolab", "CPU against import numpy", pair.ratio, 3)
    code = f"import octolab, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    print(f"import octolab: brings in {found.stdout.strip()} (limit [])")


if __name__ == "__main__":
    main()
