"""Every notebook runs from top to bottom, and once more on what the first run left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from octolab import resources
from octolab.lab.live import find_server

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted(path.relative_to(ROOT) for path in (ROOT / "notebooks").rglob("*.ipynb"))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Path]:
    """The folder of a lab; what serves it is ended afterwards."""
    folder = tmp_path / "lab"
    yield folder
    if server := find_server(folder):
        os.kill(server.pid, signal.SIGTERM)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_twice_in_a_row(notebook, tmp_path, lab):
    shutil.copy(ROOT / notebook, tmp_path)  # it writes beside itself
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider"),
        *("--nbval", "--keep-duplicates", notebook.name, notebook.name, "--nbval-cell-timeout=120"),
        *("--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg")),
    ]
    env = {**os.environ, "OCTOLAB_LAB": str(lab), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    cells = nbformat.read(ROOT / notebook, as_version=4).cells
    count = sum(cell.cell_type == "code" for cell in cells)
    assert f"{2 * count} passed" in done.stdout, done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_clean(notebook):
    raw = (ROOT / notebook).read_bytes()
    assert b"\r" not in raw
    content = nbformat.reads(raw.decode(), as_version=4)
    nbformat.validate(content)
    assert content.metadata.kernelspec.name == "python3"
    assert {"title", "summary"} <= set(content.metadata.octolab)
    for words in (content.metadata.octolab.title, content.metadata.octolab.summary):
        assert set(words) == {"en", "ru"}
    for cell in content.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_tests_see_the_notebooks_people_get():
    assert {path.name for path in NOTEBOOKS} == {
        path.name for path in resources.notebooks().rglob("*.ipynb")
    }
