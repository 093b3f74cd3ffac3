"""What people mark: added, changed, removed in one go, found by their labels."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from octolab.catalog import Catalog, Query
from octolab.catalog.opening import config
from octolab.errors import BadInput, NotFound
from octolab.model import Analysis, Annotation, Event, Label

SONG = Event(1.25, 2.5, "Robin", 0.0, 1800.0, 5200.0, 3100.0, 12.5)
CALL = Event(4.0, 4.25, "call")


@pytest.fixture
def number(catalog: Catalog, make) -> int:
    return catalog.add_artifact(make(kind="sound", path="sounds/a.wav")).id


def events(annotations: list[Annotation]) -> list[Event]:
    return [one.event for one in annotations]


def tags(catalog: Catalog, number: int) -> tuple[str, ...]:
    return catalog.artifact(number).tags


def test_annotations_come_back_as_they_were_made(catalog: Catalog, number: int):
    made = catalog.edit_annotations(number, [SONG, CALL], by="Ada")
    assert events(made) == [SONG, CALL]
    assert [(one.artifact, one.by, one.note) for one in made] == [(number, "Ada", "")] * 2
    assert made[0].created_at == made[0].updated_at
    assert catalog.annotations(number) == made


def test_one_edit_adds_changes_and_removes(catalog: Catalog, number: int):
    first, second = catalog.edit_annotations(number, [SONG, CALL], by="Ada")
    longer = replace(SONG, end=3.0, label="Thrush")
    after = catalog.edit_annotations(
        number, [Event(0.0, 0.0)], {first.id: longer}, [second.id], by="Bob"
    )
    assert events(after) == [longer, Event(0.0, 0.0)]
    assert (after[0].id, after[0].by, after[0].created_at) == (first.id, "Bob", first.created_at)
    assert after[0].updated_at > first.updated_at
    assert after[1].id > second.id


def test_the_added_ones_are_the_last_in_the_order_given(catalog: Catalog, number: int):
    catalog.edit_annotations(number, [SONG])
    later = [Event(n / 10, n / 10 + 1, f"{n % 7}") for n in range(700, 0, -1)]
    assert events(catalog.edit_annotations(number, later)) == [SONG, *later]


def test_a_note_is_kept_with_an_annotation(catalog: Catalog, number: int):
    noted = Annotation(0, 0, SONG, by="Ада", note="вдалеке")
    (kept,) = catalog.edit_annotations(number, [noted], by="import")
    assert (kept.by, kept.note) == ("Ада", "вдалеке")
    (kept,) = catalog.edit_annotations(number, change={kept.id: CALL})
    assert (kept.event, kept.by, kept.note) == (CALL, "Ада", "вдалеке")
    (kept,) = catalog.edit_annotations(number, change={kept.id: replace(kept, note="")})
    assert kept.note == ""


def test_an_edit_happens_whole_or_not_at_all(catalog: Catalog, number: int, make):
    (kept,) = catalog.edit_annotations(number, [SONG])
    before = catalog.revisions()
    with pytest.raises(NotFound, match="annotation 99 is gone"):
        catalog.edit_annotations(number, [CALL], {99: CALL}, [kept.id])
    with pytest.raises(NotFound, match="no artifact 77"):
        catalog.edit_annotations(77, [CALL])
    other = catalog.add_artifact(make(9)).id
    with pytest.raises(NotFound, match=f"annotation {kept.id} is gone"):
        catalog.edit_annotations(other, [CALL], {kept.id: CALL})
    catalog.edit_annotations(other, remove=[kept.id])  # not theirs
    assert catalog.annotations() == [kept]
    assert catalog.revisions()["annotation"] == before["annotation"] + 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Event(2.0, 1.0), "can't last from 2.0 to 1.0 s"),
        (Event(-0.5, 1.0), "can't last from -0.5 to 1.0 s"),
        (Event(math.nan, 1.0), "not a number"),
        (Event(0.0, math.inf), "not a number"),
        (Event(0.0, 1.0, low_hz=900.0, high_hz=300.0), "can't reach from 900.0 to 300.0 Hz"),
        (Event(0.0, 1.0, low_hz=-1.0), "can't reach"),
        (Event(0.0, 1.0, score=math.nan), "not a number"),
    ],
)
def test_an_impossible_annotation_is_refused(catalog: Catalog, number: int, event, why):
    with pytest.raises(BadInput, match=why) as caught:
        catalog.edit_annotations(number, [SONG, event])
    assert caught.value.localized("ru") != caught.value.localized("en")
    assert catalog.annotations(number) == []


def test_labels_are_tags_as_long_as_anything_gives_them(catalog: Catalog, number: int):
    robin, call = catalog.edit_annotations(number, [SONG, CALL, replace(CALL, start=0.0)])[:2]
    assert tags(catalog, number) == ("Robin", "call")
    assert [one.id for one in catalog.find(Query(tags=("Robin",)))] == [number]
    assert catalog.facets(Query()).by_tag == {"Robin": 1, "call": 1}
    catalog.edit_annotations(number, remove=[robin.id, call.id])
    assert tags(catalog, number) == ("call",)
    assert catalog.facets(Query()).by_tag == {"call": 1}
    catalog.recount()
    assert catalog.facets(Query()).by_tag == {"call": 1}


def test_a_label_takes_off_no_tag_of_a_person_or_an_analysis(catalog: Catalog, number: int):
    catalog.add_tags([number], ["call"])
    catalog.add_analysis(number, Analysis((Label("Robin", 0.9),), analyzer="birds"))
    made = catalog.edit_annotations(number, [SONG, CALL, Event(0, 1, "Wren")])
    catalog.edit_annotations(number, remove=[one.id for one in made])
    assert tags(catalog, number) == ("Robin", "call")


def test_an_analysis_takes_off_no_tag_of_a_label(catalog: Catalog, number: int):
    catalog.add_analysis(number, Analysis((Label("Robin", 0.9),), analyzer="birds"))
    catalog.edit_annotations(number, [SONG])
    catalog.add_analysis(number, Analysis((), analyzer="birds"))
    assert tags(catalog, number) == ("Robin",)


def test_a_label_may_be_long_or_empty(catalog: Catalog, number: int):
    long = Event(0, 1, "x" * 5000)
    (kept, _) = catalog.edit_annotations(number, [long, Event(0, 1)])
    assert kept.event == long
    assert tags(catalog, number) == ("x" * 100,)


def test_annotations_of_the_whole_lab_are_found_by_label(catalog: Catalog, number: int, make):
    other = catalog.add_artifact(make(1)).id
    catalog.edit_annotations(number, [SONG, CALL])
    catalog.edit_annotations(other, [CALL])
    assert [one.artifact for one in catalog.annotations(label="call")] == [number, other]
    catalog.delete([other])
    assert events(catalog.annotations()) == [SONG, CALL]
    assert events(catalog.annotations(other)) == [CALL]


def test_purging_an_artifact_forgets_its_annotations(catalog: Catalog, number: int):
    catalog.edit_annotations(number, [SONG])
    catalog.delete([number])
    before = catalog.revisions()["annotation"]
    catalog.purge([number])
    assert catalog.annotations(number) == []
    assert catalog.revisions()["annotation"] == before + 1


def test_a_catalog_of_before_gets_the_table_and_keeps_what_it_had(tmp_path: Path):
    from alembic import command

    path = tmp_path / "lab.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        old = config()
        old.attributes["connection"] = connection
        command.upgrade(old, "0001")
        connection.exec_driver_sql("INSERT INTO revision VALUES ('artifact', 41)")
        connection.exec_driver_sql("INSERT INTO setting VALUES ('lab_id', '\"abc\"')")
        connection.exec_driver_sql(
            "INSERT INTO artifact VALUES (7, 'sound', 'bafkreia', 'sounds/a.wav', 'audio/wav', 9,"
            " 0, NULL, 0, NULL, NULL, 1.5, 'unixfs-v1-2025', '{}', '', '', 0, NULL, 1)"
        )
    engine.dispose()
    catalog = Catalog.open(path)
    assert catalog.lab_id == "abc"
    assert events(catalog.edit_annotations(7, [CALL])) == [CALL]
    assert catalog.revisions()["artifact"] == 42
    assert catalog.revisions()["annotation"] == 1
    catalog.close()
