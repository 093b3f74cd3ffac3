"""A folder as a storage."""

from __future__ import annotations

from pathlib import Path

import pytest

from octolab.content import PROFILES, bytes_cid, file_cid
from octolab.errors import BadInput, NotFound
from octolab.storages.local import folder, storage

DATA = bytes(range(256)) * 9000  # over two chunks of the default profile


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OCTOLAB_STORAGE", str(tmp_path / "storage"))
    return tmp_path / "storage"


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "лист #1.jpg"
    path.write_bytes(DATA)
    return path


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_what_is_saved_is_fetched_by_its_cid(profile, picture, place):
    cid = file_cid(picture, profile=profile)
    receipt = storage.save(picture, cid)
    assert Path(receipt["path"]).read_bytes() == DATA
    assert receipt["size"] == len(DATA)
    assert files(place) == [Path(receipt["path"])]
    picture.unlink()
    assert storage.fetch(cid) == DATA


def test_saving_twice_is_saving_once(picture, place):
    cid = bytes_cid(DATA)
    first, second = storage.save(picture, cid), storage.save(picture, f"ipfs://{cid}")
    assert first == second
    assert len(files(place)) == 1


def test_a_file_with_another_cid_is_refused_and_nothing_kept(picture, place):
    with pytest.raises(BadInput, match=r"лист #1\.jpg is not the file of bafk"):
        storage.save(picture, bytes_cid(b"other"))
    assert files(place) == []


def test_what_has_changed_is_not_handed_out_and_can_be_repaired(picture):
    cid = bytes_cid(DATA)
    kept = Path(storage.save(picture, cid)["path"])
    kept.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(BadInput, match="these are not the bytes of"):
        storage.fetch(cid)
    storage.save(picture, cid)
    assert storage.fetch(cid) == DATA


def test_what_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="is not in the local storage"):
        storage.fetch(bytes_cid(b"unknown"))
    with pytest.raises(NotFound, match=r"there is no file gone\.jpg"):
        storage.save(tmp_path / "gone.jpg", bytes_cid(DATA))


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "bafk", "/etc/passwd"])
def test_a_path_is_no_cid(name, picture, place):
    with pytest.raises(BadInput):
        storage.fetch(name)
    with pytest.raises(BadInput):
        storage.save(picture, name)
    assert files(place) == []


def test_without_a_setting_it_is_in_the_users_data(monkeypatch, tmp_path):
    monkeypatch.delenv("OCTOLAB_STORAGE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert folder() == tmp_path / "octolab" / "storage"
