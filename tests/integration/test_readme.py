"""The code in README runs as it stands, block after block, in a folder of its own."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import octolab
from octolab import resources
from octolab.audio.tables import read_table
from octolab.lab.live import find_server

ROOT = Path(__file__).parent.parent.parent


def blocks(name: str) -> list[str]:
    """The blocks of Python in a page."""
    text = (ROOT / name).read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a reader would be: a recorder's card, and a lab in which frames have come."""
    field = resources.dataset("field-sounds")
    shutil.copy(field / "birds.wav", tmp_path / "20260510_040000.WAV")
    (tmp_path / "summer").mkdir()
    for name in ("knocks", "wind"):
        shutil.copy(field / f"{name}.wav", tmp_path / "summer")
    frames = sorted(resources.dataset("plant-growth").glob("*.jpg"))
    with octolab.Lab(tmp_path / "greenhouse") as lab:
        for frame in frames[:3]:
            lab.add_frame(frame, gallery="growth")
    yield tmp_path
    if server := find_server(tmp_path / "greenhouse"):
        os.kill(server.pid, signal.SIGTERM)


def test_what_readme_shows_works_as_it_stands(folder):
    code = "\n".join(blocks("README.md"))
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=220
    )
    assert run.returncode == 0, run.stderr
    assert (folder / "dawn.Table.1.selections.txt").is_file()
    assert read_table(folder / "summer.parquet")
    with octolab.Lab(folder / "greenhouse", create=False) as lab:
        assert len(lab.find(kind="clip")) == 1
        assert set(lab.find(kind="sound", text="20260510")[0].tags) == {"high", "low"}


def test_both_languages_show_the_same_code():
    english, russian = (map(ast.parse, blocks(name)) for name in ("README.md", "README.ru.md"))
    assert [ast.dump(block) for block in english] == [ast.dump(block) for block in russian]
