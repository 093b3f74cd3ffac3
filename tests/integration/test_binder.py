"""What Binder reads; rendering and building were tried by hand with repo2docker."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import octolab

ROOT = Path(__file__).parent.parent.parent
BINDER = ROOT / "binder"


def test_binder_takes_a_python_we_support():
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_binder_installs_this_repository():
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["."]
    # repo2docker guesses the file's encoding: ".\n" alone it takes for UTF-16, does not see
    # the local path, and installs before the repository is there
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_a_script_is_executable_and_parses(name):
    script = BINDER / name
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/bash\n")
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_first_visitor_finds_data_and_cameras_also_without_a_network(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/octolab").write_text("#!/bin/sh\nexit 1\n")  # pulls models: no network
    (tmp_path / "bin/octolab").chmod(0o755)
    env = {"PATH": f"{tmp_path}/bin:{Path(sys.executable).parent}:{os.defpath}"}
    env |= {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "home").mkdir()
    subprocess.run([str(BINDER / "postBuild")], env=env, check=True, stdout=subprocess.DEVNULL)
    made = {
        path.name.rpartition("-")[0] for path in (tmp_path / "cache/octolab/datasets").iterdir()
    }
    scripts = {path.stem.replace("_", "-") for path in (ROOT / "datasets").glob("*.py")}
    assert made == scripts
    with octolab.Lab(tmp_path / "home/octolab-demo", create=False) as lab:
        assert len(lab.cameras()) == 3


def test_start_runs_what_it_is_given_with_the_demo_lab():
    done = subprocess.run(
        [str(BINDER / "start"), "printenv", "OCTOLAB_LAB"],
        env={"PATH": os.environ["PATH"], "HOME": "/home/visitor"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "/home/visitor/octolab-demo"
