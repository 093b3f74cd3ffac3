"""The wheel and the sdist build themselves, front end and all, with no node at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TOOLS = ("sh", "bash", "env", "uname", "git")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the repository, without anything built."""
    copy = tmp_path_factory.mktemp("sources")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def bare_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with a shell and little else: no node, no npm."""
    folder = tmp_path_factory.mktemp("bin")
    for tool in TOOLS:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    assert shutil.which("node", path=str(folder)) is None
    return str(folder)


@pytest.fixture(scope="module")
def wheel(sources: Path, bare_path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `pip install .` makes it."""
    return build_wheel(sources, tmp_path_factory.mktemp("wheel"), bare_path)


def build_wheel(source: Path, out: Path, path: str) -> Path:
    """Run pip, isolated, with that PATH."""
    env = {**os.environ, "PATH": path}
    env.pop("OCTOLAB_SKIP_NPM", None)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(out), str(source)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [built] = out.glob("*.whl")
    return built


def names(wheel: Path) -> set[str]:
    """What is in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.timeout(600)
def test_the_wheel_carries_all_that_is_needed(wheel):
    found = names(wheel)
    data = "octolab-0.1.0.data/data"
    assert {
        "octolab/widgets/static/workbench.js",
        "octolab/widgets/static/workbench.css",
        "octolab/share/notebooks/labs/01_quickstart.ipynb",
        "octolab/share/notebooks/dashboards/workbench.ipynb",
        "octolab/share/datasets/plant_growth.py",
        "octolab/locale/ru/jupyter.json",
        "octolab/catalog/migrations/env.py",
        "octolab/jupyter/share/voila/templates/octolab/index.html.j2",
        f"{data}/share/jupyter/voila/templates/octolab/index.html.j2",
        f"{data}/share/jupyter/voila/templates/octolab/static/shell.js",
        f"{data}/etc/jupyter/jupyter_server_config.d/octolab.json",
    } <= found
    widgets = {path.parent.name for path in (ROOT / "widgets" / "src").glob("*/index.ts")}
    assert {f"octolab/widgets/static/{name}.js" for name in widgets} <= found
    assert not [name for name in found if "node_modules" in name or name.endswith(".ts")]


@pytest.mark.timeout(600)
def test_a_wheel_made_from_the_sdist_is_the_same(wheel, sources, bare_path, tmp_path):
    code = "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=sources, check=True)
    [sdist] = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"octolab/widgets/static/workbench.js", "widgets/package-lock.json"} <= inside
    assert not [name for name in inside if "node_modules" in name]
    assert names(build_wheel(sdist, tmp_path / "wheel", bare_path)) == names(wheel)
