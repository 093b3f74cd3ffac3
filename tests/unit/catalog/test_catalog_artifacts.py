"""Artifacts: added once, found, tagged, deleted and brought back."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from octolab.catalog import Catalog, Query, facets, query
from octolab.errors import BadInput, Conflict, NotFound
from octolab.model import Analysis, Event, Label, Metric, Region

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def ids(found) -> list[int]:
    return [artifact.id for artifact in found]


def test_an_artifact_comes_back_as_it_was(catalog: Catalog, make):
    new = make(
        source="roof",
        kind="clip",
        uncertainty_s=0.04,
        width=1280,
        height=720,
        duration_s=9.5,
        profile="kubo-cidv1",
        meta={"codec": "h264", "name": "Пчёлы 'и' \"осы\".mp4", "nested": {"a": [1, None]}},
        note="at the «gate»; -- DROP TABLE artifact;",
        tags=("bee", "o'neil"),
        captured_at=NOON + timedelta(microseconds=1),
    )
    kept = catalog.add_artifact(new)
    assert kept == replace(new, id=kept.id)
    assert catalog.artifact(kept.id) == kept
    assert catalog.by_path(new.path) == kept
    assert catalog.by_cid(new.cid) == [kept]
    assert catalog.find(Query()) == [kept]


def test_a_time_in_another_zone_is_the_same_moment(catalog: Catalog, make):
    moscow = timezone(timedelta(hours=3))
    kept = catalog.add_artifact(make(captured_at=NOON.astimezone(moscow)))
    assert catalog.artifact(kept.id).captured_at == NOON
    assert catalog.artifact(kept.id).captured_at.tzinfo is UTC
    assert catalog.count(Query(since=NOON.astimezone(moscow))) == 1


def test_the_same_capture_is_kept_once(catalog: Catalog, make):
    new = make(tags=("a", "b"))
    first, second = catalog.add_artifacts([new, replace(new, path="elsewhere.jpg", tags=())])
    assert first == second == replace(new, id=first.id)
    assert catalog.count(Query()) == 1
    catalog.delete([first.id])
    assert catalog.add_artifact(new) == first == catalog.artifact(first.id)
    assert catalog.facets(Query()).by_tag == {"a": 1, "b": 1}


def test_the_same_picture_at_another_time_is_another_artifact(catalog: Catalog, make):
    one, two = (catalog.add_artifact(make(n, cid="bafkreisame")) for n in (0, 1))
    assert ids(catalog.by_cid("bafkreisame")) == [two.id, one.id]


def test_two_artifacts_cant_share_a_file(catalog: Catalog, make):
    catalog.add_artifact(make(0, path="frames/a.jpg"))
    with pytest.raises(Conflict, match=r"frames/a\.jpg is the path of another artifact"):
        catalog.add_artifacts([make(1), make(2, path="frames/a.jpg")])
    assert catalog.count(Query()) == 1
    assert catalog.facets(Query()).total == 1


def test_what_is_not_there_is_named(catalog: Catalog):
    with pytest.raises(NotFound, match="no artifact 7"):
        catalog.artifact(7)
    with pytest.raises(NotFound, match="no artifact 7"):
        catalog.set_note(7, "x")
    with pytest.raises(NotFound, match="no artifact 7"):
        catalog.add_analysis(7, Analysis())
    with pytest.raises(NotFound, match="no gallery 'none'"):
        catalog.find(Query(gallery="none"))
    with pytest.raises(BadInput, match="no such kind: film"):
        catalog.find(Query(kinds=("film",)))
    assert catalog.by_path("none") is None
    assert catalog.by_cid("bafkreinone") == []
    assert catalog.find(Query(tags=("none",))) == []
    assert catalog.count(Query(sources=("none",))) == 0


def test_pages_follow_each_other_by_cursor(catalog: Catalog, make):
    kinds = ("frame", "clip", "sound")
    kept = catalog.add_artifacts(
        make(n // 3, kind=kinds[n % 3], path=f"p{n}", source=("a", "b", None)[n % 3])
        for n in range(50)
    )
    for newest_first in (True, False):
        query = Query(newest_first=newest_first, limit=7)
        seen = []
        while page := catalog.find(query):
            seen += page
            query = replace(query, after=(page[-1].captured_at, page[-1].id))
        assert seen == sorted(
            kept, key=lambda artifact: (artifact.captured_at, artifact.id), reverse=newest_first
        )


def test_a_page_may_be_asked_for_anywhere(catalog: Catalog, make):
    kept = catalog.add_artifacts(make(n * 3600, path=f"p{n}") for n in range(100))
    query = Query(newest_first=False)
    assert ids(catalog.page(query, 47, 5)) == ids(kept[47:52])
    assert ids(catalog.page(query, 98, 5)) == ids(kept[98:])
    assert catalog.page(query, 100, 5) == []
    assert catalog.page(query, 10**9, 5) == []
    assert catalog.page(query, 0, 0) == []
    assert ids(catalog.artifacts([3, 999, 1])) == [3, 1]


def test_text_is_found_in_notes_names_and_tags_whatever_the_case(catalog: Catalog, make):
    noted = catalog.add_artifact(make(0, note="Первый ЛИСТ, 100%_ok"))
    named = catalog.add_artifact(make(1, meta={"name": "Лист клёна.jpg"}))
    tagged = catalog.add_artifact(make(2, tags=("листва",)))
    other = catalog.add_artifact(make(3, note="1000 ok"))
    assert ids(catalog.find(Query(text="лиСт"))) == [tagged.id, named.id, noted.id]
    assert ids(catalog.find(Query(text="100%_"))) == [noted.id]
    catalog.set_note(other.id, "ещё лист")
    assert catalog.count(Query(text="лист")) == 4
    catalog.set_note(named.id, "")
    assert catalog.count(Query(text="клёна")) == 1
    assert catalog.artifact(other.id).note == "ещё лист"


def test_each_word_of_a_text_must_be_there_in_whatever_order(catalog: Catalog, make):
    noted = catalog.add_artifact(make(0, note="bench  three\nleaf"))
    tagged = catalog.add_artifact(make(1, note="leaf", tags=("bench 3",)))
    catalog.add_artifact(make(2, note="leaf"))
    assert ids(catalog.find(Query(text=" leaf  bench "))) == [tagged.id, noted.id]
    assert catalog.count(Query(text="leaf bench three")) == 1
    assert catalog.count(Query(text="leaf bench four")) == 0


def test_a_common_text_is_found_in_order_and_counted_up_to_a_limit(
    catalog: Catalog, make, monkeypatch
):
    monkeypatch.setattr(query, "MANY", 5)
    monkeypatch.setattr(facets, "MANY", 5)
    catalog.add_artifacts(
        make(
            n,
            meta={"name": f"IMG_{n}.jpg"},
            kind=("frame", "clip")[n % 2],
            tags=("leaf",) * (n < 3),
        )
        for n in range(9)
    )
    other = catalog.add_artifact(make(99, note="bench"))
    assert ids(catalog.find(Query(text="img"))) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert ids(catalog.page(Query(text="img", newest_first=False), 6, 2)) == [7, 8]
    assert ids(catalog.find(Query(text="img", tags=("leaf",)))) == [3, 2, 1]
    assert catalog.count(Query(text="img", tags=("leaf",))) == 3
    assert catalog.count(Query(text="img")) == 5, "of nine"
    assert catalog.facets(Query(text="img")).by_kind == {"clip": 2, "frame": 3}
    assert catalog.facets(Query(text="img", kinds=("clip",))).total == 4
    assert ids(catalog.find(Query(text="IMG_3"))) == [4]
    catalog.set_note(other.id, "bench img")
    assert ids(catalog.find(Query(text="img bench"))) == [other.id]
    catalog.delete([4])
    catalog.purge([4])
    assert catalog.count(Query(text="img_3")) == 0


def test_marks_over_letters_may_be_written_in_two_ways(catalog: Catalog, make):
    def apart(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    whole = catalog.add_artifact(make(0, tags=("Ёжик",), meta={"name": "Йод.png"}))
    other = catalog.add_artifact(make(1, tags=(apart("Ёжик"),), meta={"name": apart("Йод.png")}))
    for spelt in (str, apart):
        assert ids(catalog.find(Query(tags=(spelt(" Ёжик "),)))) == [other.id, whole.id]
        assert ids(catalog.find(Query(text=spelt("йод")))) == [other.id, whole.id]
    assert catalog.gallery(apart("Йод"), create=True) == catalog.gallery("Йод")
    camera = catalog.add_source("camera", apart("Камера й"), "usb://0")
    assert catalog.source("Камера й") == catalog.source(apart("Камера й")) == camera
    with pytest.raises(Conflict, match="already"):
        catalog.save_search(apart("Йод"), Query())


@pytest.mark.parametrize("length", [3, 8, 12, 59])
def test_a_cid_is_found_by_its_beginning(catalog: Catalog, make, length):
    kept = catalog.add_artifacts(make(n, path=f"p{n}") for n in range(30))
    prefix = kept[11].cid[:length]
    wanted = [artifact.id for artifact in reversed(kept) if artifact.cid.startswith(prefix)]
    assert ids(catalog.find(Query(cid=prefix))) == wanted
    assert catalog.count(Query(cid=prefix)) == len(wanted)


def test_tags_are_tidied(catalog: Catalog, make):
    kept = catalog.add_artifact(make(tags=(" big  leaf ", "big leaf", "", "a")))
    assert kept.tags == ("a", "big leaf")
    catalog.add_tags([kept.id], "one tag")
    assert catalog.artifact(kept.id).tags == ("a", "big leaf", "one tag")
    catalog.remove_tags([kept.id, 999], ["big leaf", "unknown"])
    assert catalog.artifact(kept.id).tags == ("a", "one tag")
    with pytest.raises(BadInput, match="too long"):
        catalog.add_tags([kept.id], ["x" * 101])
    assert catalog.tags() == ["a", "big leaf", "one tag"]


def test_ten_thousand_artifacts_are_tagged_and_deleted_at_once(catalog: Catalog, make):
    made = make()
    kept = ids(
        catalog.add_artifacts(
            replace(
                made,
                cid=hashlib.sha256(b"%d" % n).hexdigest(),
                path=f"p{n}",
                captured_at=NOON + timedelta(minutes=n),
            )
            for n in range(10_000)
        )
    )
    catalog.add_tags(kept, ["many"])
    assert catalog.count(Query(tags=("many",))) == 10_000
    assert len(catalog.find(Query(limit=1 << 40))) == 10_000
    catalog.delete(kept)
    assert catalog.count(Query()) == 0
    assert len(catalog.purge(kept)) == 10_000


def test_the_trash_gives_back_everything(catalog: Catalog, make):
    growth = catalog.gallery("Growth", create=True).slug
    kept = catalog.add_artifact(make(tags=("leaf",)))
    catalog.add_to_gallery(growth, [kept.id])
    catalog.delete([kept.id])
    assert catalog.find(Query()) == catalog.by_cid(kept.cid) == []
    assert catalog.gallery(growth).count == 0
    (gone,) = catalog.find(Query(only_deleted=True))
    assert gone.deleted_at is not None
    assert catalog.artifact(kept.id) == gone
    assert catalog.count(Query(include_deleted=True)) == 1
    catalog.restore([kept.id])
    assert catalog.find(Query(gallery=growth, tags=("leaf",))) == [kept]


def test_only_what_is_in_the_trash_is_purged(catalog: Catalog, make):
    one, two = catalog.add_artifacts([make(1), make(2)])
    catalog.add_analysis(one.id, Analysis(analyzer="sobel"))
    catalog.delete([one.id])
    assert catalog.purge([one.id, two.id, 99]) == [one.path]
    assert ids(catalog.find(Query(include_deleted=True))) == [two.id]
    assert catalog.analyses(one.id) == []
    assert catalog.add_artifact(make(1)).id > two.id


def test_an_analysis_comes_back_as_it_was(catalog: Catalog, make):
    kept = catalog.add_artifact(make())
    found = Analysis(
        labels=(Label("кот", 0.9),),
        regions=(Region((1.0, 2.0, 3.0, 4.5), "leaf", 0.5, ((0.0, 1.0), (2.0, 3.0))),),
        events=(Event(0.5, 1.5, "buzz", 0.7, low_hz=200.0),),
        metrics={"area": Metric(12.5, "cm2", 0.1)},
        data={"any": ["thing", 1, None]},
        width=640,
        height=480,
        model="ab" * 32,
        analyzer="mobilenet",
        version="1",
        params={"k": 5},
        duration_s=0.04,
        created_at=NOON,
    )
    assert catalog.add_analysis(kept.id, found) == found
    assert catalog.analyses(kept.id) == [found]


def test_what_can_not_be_seen_of_a_label_is_left_out_of_its_tag(catalog: Catalog, make):
    number = catalog.add_artifact(make()).id
    labels = tuple(Label(name, 0.9) for name in ("bee\x1b", "\u200d"))
    catalog.add_analysis(number, Analysis(labels=labels, analyzer="a"))
    assert catalog.artifact(number).tags == ("bee",)


def test_the_same_run_again_replaces_the_analysis_and_its_tags(catalog: Catalog, make):
    kept = catalog.add_artifact(make(tags=("mine",)))

    def run(analyzer: str, *labels: tuple[str, float], **params: int) -> None:
        catalog.add_analysis(
            kept.id,
            Analysis(
                labels=tuple(Label(*label) for label in labels), analyzer=analyzer, params=params
            ),
        )

    def tags() -> set[str]:
        return set(catalog.artifact(kept.id).tags)

    run("one", ("cat", 0.9), ("mine", 0.8), ("dog", 0.2), ("unsure", 0.19))
    assert tags() == {"mine", "cat", "dog"}
    run("two", ("dog", 0.5))
    run("one", ("fox", 0.4))
    assert tags() == {"mine", "dog", "fox"}
    run("one", ("owl", 0.4), k=2)
    assert tags() == {"mine", "dog", "fox", "owl"}
    assert len(catalog.analyses(kept.id)) == 3
    assert catalog.facets(Query()).by_tag == {"dog": 1, "fox": 1, "mine": 1, "owl": 1}


def test_galleries_hold_artifacts_in_order_of_time(catalog: Catalog, make):
    made = catalog.gallery("Рост 'растений'", create=True)
    assert (made.slug, made.count, made.query) == ("rost-rasteniy", 0, None)
    assert catalog.gallery("Рост 'растений'", create=True) == made
    late, early = catalog.add_artifacts([make(9), make(1)])
    catalog.add_to_gallery(made.slug, [late.id, early.id, late.id, 999])
    query = Query(gallery=made.slug, newest_first=False)
    assert catalog.find(query) == [early, late]
    catalog.remove_from_gallery(made.name, [late.id])
    assert catalog.find(query) == [early]
    assert [gallery.count for gallery in catalog.galleries()] == [1]
    catalog.delete_gallery(made.slug)
    assert catalog.galleries() == []
    assert catalog.count(Query()) == 2
    fresh = catalog.gallery("Рост 'растений'", create=True)
    assert (fresh.count, fresh.id > made.id) == (0, True)


def test_a_gallery_gets_another_name_but_none_that_is_taken(catalog: Catalog):
    catalog.gallery("One", create=True)
    catalog.gallery("Two", create=True)
    assert catalog.rename_gallery("one", "Uno").slug == "one"
    assert catalog.rename_gallery("Uno", "Uno").name == "Uno"
    with pytest.raises(Conflict, match="a gallery 'Two' already"):
        catalog.rename_gallery("one", "Two")
    with pytest.raises(NotFound):
        catalog.rename_gallery("three", "Four")
    with pytest.raises(BadInput):
        catalog.gallery(" ", create=True)


def test_a_saved_search_is_a_gallery_that_fills_itself(catalog: Catalog, make):
    query = Query(tags=("leaf",), sources=("roof",), since=NOON, text="big")
    saved = catalog.save_search(" Leaves ", query)
    assert saved.count == 0
    big, small, early = catalog.add_artifacts(
        [
            make(1, tags=("leaf", "wet"), source="roof", note="Big"),
            make(2, tags=("leaf",), source="roof"),
            make(-1, tags=("leaf",), source="roof", note="big"),
        ]
    )
    assert catalog.gallery("leaves").count == 1
    assert catalog.find(Query(gallery="leaves")) == [big]
    assert catalog.facets(Query(gallery="leaves", tags=("wet",))).total == 1
    assert catalog.count(Query(gallery="leaves", sources=("hive",))) == 0
    assert catalog.count(Query(gallery="leaves", until=NOON)) == 0
    with pytest.raises(Conflict, match="Leaves is a saved search"):
        catalog.add_to_gallery("leaves", [small.id, early.id])
    with pytest.raises(Conflict, match="a gallery 'Leaves' already"):
        catalog.save_search("Leaves", query)
    with pytest.raises(BadInput, match="within a gallery"):
        catalog.save_search("Wet leaves", Query(gallery="leaves", tags=("wet",)))
