"""CAR files: written, read, checked, taken apart."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import aleph_cid
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octolab.content import (
    PROFILES,
    bytes_cid,
    extract_car,
    file_cid,
    parse_cid,
    read_car,
    verify_bytes,
    write_car,
)
from octolab.errors import BadInput

MIB = 1 << 20


@pytest.fixture
def leaf(tmp_path: Path) -> Path:
    path = tmp_path / "leaf.bin"
    path.write_bytes(hashlib.shake_128(b"leaf").digest(2 * MIB + 77))
    return path


@pytest.mark.parametrize("profile", list(PROFILES))
@pytest.mark.parametrize("size", [0, 1, MIB // 4, MIB // 4 + 1, 50 * MIB])
def test_what_goes_in_comes_out(profile, size, tmp_path: Path):
    source, archive, out = tmp_path / "in", tmp_path / "a.car", tmp_path / "out"
    source.write_bytes(hashlib.shake_128(b"leaf").digest(size))
    root = write_car(source, archive, profile)
    assert root == file_cid(source, profile) == aleph_cid.read_carv1_root(archive)
    assert [str(cid) for cid in read_car(archive).roots] == [root]
    extract_car(archive, root, out)
    assert out.read_bytes() == source.read_bytes()


def test_an_archive_of_another_program_can_be_read(leaf: Path, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "leaf.bin").write_bytes(leaf.read_bytes())
    archive = tmp_path / "a.car"
    root = aleph_cid.write_folder_car(folder, archive)
    car = read_car(archive)
    assert [str(cid) for cid in car.roots] == [root]
    assert car.verify() == 11  # nine leaves, the file, the folder
    extract_car(archive, file_cid(leaf, "kubo-cidv1"), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == leaf.read_bytes()
    with pytest.raises(BadInput, match="is not a file"):
        extract_car(archive, root, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_version_2_is_read_too(leaf: Path, tmp_path: Path):
    archive = tmp_path / "a.car"
    root = write_car(leaf, archive)
    inner = archive.read_bytes()
    head = b"\x0a\xa1gversion\x02" + bytes(16)
    for number in (51, len(inner), 0):
        head += number.to_bytes(8, "little")
    archive.write_bytes(head + inner + b"an index that nobody needs")
    extract_car(archive, None, tmp_path / "out")
    assert file_cid(tmp_path / "out") == root


def test_equal_blocks_are_kept_once(tmp_path: Path):
    source = tmp_path / "zeros"
    source.write_bytes(bytes(5 * MIB))
    write_car(source, tmp_path / "a.car")
    assert read_car(tmp_path / "a.car").verify() == 2
    extract_car(tmp_path / "a.car", None, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == bytes(5 * MIB)


@pytest.mark.parametrize("place", [200, MIB, -1])
def test_one_changed_byte_is_found(leaf: Path, tmp_path: Path, place):
    archive = tmp_path / "a.car"
    write_car(leaf, archive)
    data = bytearray(archive.read_bytes())
    data[place] ^= 1
    archive.write_bytes(data)
    with pytest.raises(BadInput, match="damaged"):
        read_car(archive).verify()
    with pytest.raises(BadInput):
        extract_car(archive, None, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.car", "leaf.bin"]


@pytest.mark.parametrize("cut", [1, 40, MIB, 2 * MIB])
def test_a_cut_tail_is_found(leaf: Path, tmp_path: Path, cut):
    archive = tmp_path / "a.car"
    write_car(leaf, archive)
    archive.write_bytes(archive.read_bytes()[:-cut])
    with pytest.raises(BadInput):
        extract_car(archive, None, tmp_path / "out")


def test_a_missing_block_is_named(leaf: Path, tmp_path: Path):
    archive = tmp_path / "a.car"
    write_car(leaf, archive)
    wanted = bytes_cid(b"something else")
    with pytest.raises(BadInput, match=f"lacks the block {wanted}"):
        extract_car(archive, wanted, tmp_path / "out")


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data):
    path = tmp_path_factory.mktemp("car") / "a.car"
    path.write_bytes(data)
    with contextlib.suppress(BadInput):
        assert read_car(path).verify() >= 0


@pytest.mark.parametrize("profile", list(PROFILES))
def test_bytes_are_known_by_their_cid(profile):
    data = hashlib.shake_128(b"x").digest(MIB + 9)
    assert verify_bytes(data, bytes_cid(data, profile)) == profile
    assert verify_bytes(data, bytes_cid(data, profile), profile) == profile


def test_a_large_raw_block_is_known_by_its_cid():
    data = bytes(3 * MIB)
    digest = hashlib.sha256(data).digest()
    cid = str(type(parse_cid(bytes_cid(b"")))(1, 0x55, digest))
    assert verify_bytes(data, cid) == "unixfs-v1-2025"


def test_other_bytes_are_refused():
    cid = bytes_cid(b"one")
    with pytest.raises(BadInput, match="these are not the bytes of"):
        verify_bytes(b"two", cid)
    with pytest.raises(BadInput, match="these are not the bytes of"):
        verify_bytes(bytes(MIB), bytes_cid(bytes(MIB), "kubo-cidv1"), "unixfs-v1-2025")
