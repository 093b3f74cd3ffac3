"""Files that are whole or absent."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from octolab.content import atomic_file, atomic_write
from octolab.errors import Conflict, LabError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_bytes_are_written_into_new_folders(tmp_path: Path):
    path = tmp_path / "кадры" / "bench 'three'" / 'leaf "1" #%&*.jpg'
    atomic_write(path, b"abc")
    assert path.read_bytes() == b"abc"
    assert names(path.parent) == [path.name]


def test_pieces_are_written_in_order(tmp_path: Path):
    atomic_write(tmp_path / "a", iter([b"one ", b"", b"two"]))
    assert (tmp_path / "a").read_bytes() == b"one two"


def test_a_name_as_long_as_a_name_can_be(tmp_path: Path):
    path = tmp_path / ("ж" * 125 + ".jpg")
    atomic_write(path, b"abc")
    assert names(tmp_path) == [path.name]


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path: Path):
    path = tmp_path / "a"
    atomic_write(path, b"old")

    def pieces():
        yield b"new"
        raise RuntimeError("the camera went away")

    with pytest.raises(RuntimeError):
        atomic_write(path, pieces())
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_file_that_is_there_can_be_protected(tmp_path: Path):
    path = tmp_path / "a"
    atomic_write(path, b"old", replace=False)
    with pytest.raises(Conflict, match="is there already"):
        atomic_write(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_until_it_is_whole_a_file_is_a_part(tmp_path: Path):
    with atomic_file(tmp_path / "a.jpg") as file:
        file.write(b"half")
        (part,) = names(tmp_path)
        assert part.startswith("a.jpg.")
        assert part.endswith(".part")
        file.write(b" whole")
    assert (tmp_path / "a.jpg").read_bytes() == b"half whole"


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch, call):
    real = getattr(os, call)
    calls = []

    def full(handle: int, *rest: object) -> object:
        calls.append(handle)
        if len(calls) > 1 or call == "fsync":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, *(piece[:2] for piece in rest))  # a short write first

    monkeypatch.setattr(os, call, full)
    with pytest.raises(LabError, match=r"the disk is full: .*free some space"):
        atomic_write(tmp_path / "a.jpg", b"abcdef")
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_a_limit_on_file_size_is_told_and_leaves_nothing(tmp_path: Path):
    code = """
import resource, sys
from octolab.content import atomic_write
from octolab.errors import LabError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    atomic_write(sys.argv[1], bytes(1_000_000))
except LabError as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.jpg")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert told.stdout.startswith("the disk is full: ")
    assert names(tmp_path) == []


def test_a_folder_may_be_renamed_while_a_file_is_written(tmp_path: Path):
    with atomic_file(tmp_path / "old" / "a.jpg") as file:
        file.write(b"half")
        (tmp_path / "old").rename(tmp_path / "new")
        file.write(b" whole")
    assert (tmp_path / "new" / "a.jpg").read_bytes() == b"half whole"


def test_nothing_stays_open(tmp_path: Path):
    before = names(Path("/proc/self/fd"))
    atomic_write(tmp_path / "a", b"old")
    for target in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises((LabError, Conflict)):
            atomic_write(target, b"new", replace=False)
    assert names(Path("/proc/self/fd")) == before


def test_a_place_that_is_no_folder_is_told(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((LabError, Conflict)):
        atomic_write(tmp_path / "file" / "a.jpg", b"abc")
    assert names(tmp_path) == ["file"]
