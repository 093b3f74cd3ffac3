"""What Binder reads; rendering and building were tried by hand with repo2docker."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

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


def test_start_runs_what_it_is_given_with_the_demo_lab():
    done = subprocess.run(
        [str(BINDER / "start"), "printenv", "OCTOLAB_LAB"],
        env={"PATH": os.environ["PATH"], "HOME": "/home/visitor"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "/home/visitor/octolab-demo"
