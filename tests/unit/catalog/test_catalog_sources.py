"""Cameras and other sources, and the slugs they are known by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from octolab.catalog import Catalog, Query
from octolab.catalog.slugs import slug
from octolab.errors import BadInput, NotFound
from octolab.model import Desired, Observed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bench 3", "bench-3"),
        ("Камера №3, щит", "kamera-no3-shchit"),
        ("Ёж и объезд", "yozh-i-obezd"),
        ("Їжак ґава", "yizhak-gava"),
        ("Crème brûlée — Ångström", "creme-brulee-angstrom"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\"b'c#d%e&f*g:h\\i", "a-b-c-d-e-f-g-h-i"),
        ("蜂", "camera"),
        ("", "camera"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_slug_is_plain_ascii(name, expected):
    assert slug(name, "camera") == expected


def test_a_camera_is_found_by_slug_name_and_id(catalog: Catalog):
    added = catalog.add_source("camera", " Камера  №3 ", "synthetic://plant", {"fps": 5})
    assert (added.slug, added.name) == ("kamera-no3", "Камера №3")
    assert added.settings == {"fps": 5}
    assert added.desired == Desired()
    assert added.observed == Observed()
    for key in ("kamera-no3", "Камера №3", added.id):
        assert catalog.source(key) == added
    assert catalog.sources() == catalog.sources("camera") == [added]
    assert catalog.sources("sensor") == []


def test_slugs_are_unique_and_never_used_again(catalog: Catalog):
    first, second = (catalog.add_source("camera", "Bench", "usb://0") for _ in range(2))
    assert (first.slug, second.slug) == ("bench", "bench-2")
    catalog.remove_source("bench")
    assert catalog.add_source("camera", "bench", "usb://0").slug == "bench-3"
    assert catalog.add_source("camera", "imported", "usb://0").slug == "imported-2"


def test_an_unknown_camera_is_named(catalog: Catalog):
    for call in (catalog.source, catalog.remove_source, catalog.update_source):
        with pytest.raises(NotFound, match="no camera or other source 'roof'"):
            call("roof")


def test_a_removed_camera_is_gone_but_its_frames_keep_its_slug(catalog: Catalog, make):
    catalog.add_source("camera", "Roof", "usb://0")
    frame = catalog.add_artifact(make(source="roof"))
    catalog.remove_source("roof")
    assert catalog.sources() == []
    with pytest.raises(NotFound):
        catalog.source("Roof")
    assert catalog.source("Roof", removed=True).slug == "roof"
    assert catalog.artifact(frame.id).source == "roof"
    assert catalog.find(Query(sources=("roof",))) == [frame]


def test_a_camera_added_again_under_a_name_is_the_one_found(catalog: Catalog):
    catalog.add_source("camera", "Roof", "usb://0")
    catalog.remove_source("roof")
    again = catalog.add_source("camera", "Roof", "usb://1")
    assert catalog.source("Roof", removed=True) == again


def test_only_what_is_given_changes(catalog: Catalog):
    catalog.add_source("camera", "Roof", "usb://0", {"fps": 5})
    changed = catalog.update_source("roof", name="Roof, left")
    assert (changed.slug, changed.name, changed.url) == ("roof", "Roof, left", "usb://0")
    changed = catalog.update_source("roof", url="usb://1", settings={})
    assert (changed.name, changed.url, changed.settings) == ("Roof, left", "usb://1", {})
    assert catalog.update_source("roof") == changed


def test_wishes_add_up(catalog: Catalog):
    catalog.add_source("camera", "Roof", "usb://0")
    catalog.set_desired("roof", interval_s=60.0, interval_gallery="growth")
    source = catalog.set_desired("roof", analyzer="sobel", analyzer_params={"blur": 3})
    assert source.desired == Desired(
        interval_s=60.0, interval_gallery="growth", analyzer="sobel", analyzer_params={"blur": 3}
    )
    with pytest.raises(BadInput, match="a source has no setting 'speed'"):
        catalog.set_desired("roof", speed=3)


def test_what_was_seen_comes_back(catalog: Catalog):
    catalog.add_source("camera", "Roof", "usb://0")
    at = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
    seen = Observed("live", "", at, at, 1280, 720, 14.9)
    catalog.set_observed("roof", seen)
    assert catalog.source("roof").observed == seen


@pytest.mark.parametrize("name", ["\x00\n", "bench\x1b[31m", "\u200d"])
def test_what_can_not_be_seen_is_no_name(catalog: Catalog, make, name):
    for give in (
        lambda: catalog.add_source("camera", name, "usb://0"),
        lambda: catalog.gallery(name, create=True),
        lambda: catalog.add_artifact(make(tags=(name,))),
    ):
        with pytest.raises(BadInput, match="can't be a name"):
            give()
    farmer = "\U0001f469\u200d\U0001f33e"
    assert catalog.add_source("camera", farmer, "usb://0").name == farmer


@pytest.mark.parametrize("name", ["", "  \n", "x" * 201])
def test_a_name_is_neither_empty_nor_endless(catalog: Catalog, name):
    with pytest.raises(BadInput):
        catalog.add_source("camera", name, "usb://0")
    assert catalog.sources() == []
