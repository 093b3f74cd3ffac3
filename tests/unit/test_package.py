"""The package's front door: what it offers and what it costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from pkgutil import iter_modules

import octolab


def test_the_public_names_are_exactly_these():
    assert octolab.__all__ == [
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
    for name in octolab.__all__:
        assert getattr(octolab, name) is not None


def test_importing_it_brings_in_nothing_heavy():
    heavy = ("IPython", "ipywidgets", "traitlets", "fastapi", "cv2", "librosa", "onnxruntime")
    code = f"import octolab, sys; print(*[m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_every_room_is_under_the_rules_of_imports():
    root = Path(__file__).parents[2]
    rules = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    rooms = {f"octolab.{room.name}" for room in iter_modules(octolab.__path__)}
    allowed = {
        "Only widgets and jupyter import Jupyter": {"octolab.widgets", "octolab.jupyter"},
        "Only server imports FastAPI": {"octolab.server"},
    }
    for rule in rules["contracts"]:
        if rule["name"] in allowed:
            assert set(rule["source_modules"]) == rooms - allowed[rule["name"]]


def test_it_tells_type_checkers_that_it_is_typed():
    assert (Path(octolab.__file__).parent / "py.typed").is_file()


def test_engines_work_without_a_lab(shared):
    leaf = shared / "data/vision/plantcv/setaria_small_plant_rgb.png"
    image = octolab.media.read_image(leaf)
    assert octolab.vision.sobel(image).magnitude.shape == image.shape[:2]
    assert octolab.content.file_cid(leaf).startswith("bafkrei")
