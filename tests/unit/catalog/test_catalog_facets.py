"""Counts are exactly those of counting by hand, whatever was done before."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from octolab.catalog import Catalog, Query, bits, facets
from octolab.catalog.tables import bitmap, tally
from octolab.model import Analysis, Artifact, Facets, Label

TAGS = ("plant", "bee", "кот", "o'neil", "100%_x")
SOURCES = (None, "bench-3", "hive", "roof")
KINDS = ("frame", "clip", "sound")
START = datetime(2026, 1, 28, tzinfo=UTC)
DAYS = 70


@dataclass
class Known:
    """An artifact as a person would keep it on paper."""

    artifact: Artifact
    tags: set[str]
    note: str = ""
    galleries: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    live: bool = True


class Paper:
    """All artifacts, and what is done to them in the catalog and on paper alike."""

    def __init__(self, catalog: Catalog, seed: int) -> None:
        self.catalog = catalog
        self.random = random.Random(seed)
        self.known: dict[int, Known] = {}
        self.galleries = [catalog.gallery(name, create=True).slug for name in ("Growth", "Bees")]
        self.number = 0

    def some(self) -> list[int]:
        ids = list(self.known)
        return self.random.sample(ids, min(len(ids), self.random.choice((1, 2, 7, 30))))

    def moment(self) -> datetime:
        if self.random.random() < 0.3:  # edges of days
            day = START + timedelta(days=self.random.randrange(DAYS))
            return day + timedelta(microseconds=self.random.choice((-1, 0, 1)))
        return START + timedelta(seconds=self.random.randrange(DAYS * 86400))

    def add(self) -> None:
        new = []
        for _ in range(self.random.choice((1, 3, 20))):
            self.number += 1
            new.append(
                Artifact(
                    id=0,
                    kind=self.random.choice(KINDS),
                    cid=f"bafkrei{self.number:08}",
                    path=f"f/{self.number}",
                    media_type="image/jpeg",
                    size=1,
                    captured_at=self.moment(),
                    source=self.random.choice(SOURCES),
                    note=self.random.choice(("", "", "Лист 7", "a 100% leaf")),
                    tags=tuple(self.random.sample(TAGS, self.random.randrange(4))),
                )
            )
        for artifact in self.catalog.add_artifacts(new):
            self.known[artifact.id] = Known(
                artifact, set(artifact.tags), artifact.note, own=set(artifact.tags)
            )

    def tag(self) -> None:
        ids, names = self.some(), self.random.sample(TAGS, 2)
        self.catalog.add_tags(ids, names)
        for number in ids:
            self.known[number].tags.update(names)
            self.known[number].own.update(names)

    def untag(self) -> None:
        ids, names = self.some(), self.random.sample(TAGS, 2)
        self.catalog.remove_tags(ids, names)
        for number in ids:
            self.known[number].tags.difference_update(names)
            self.known[number].own.difference_update(names)

    def analyze(self) -> None:
        for number in self.some()[:2]:
            analyzer = self.random.choice(("one", "two"))
            names = self.random.sample(TAGS, 2)
            labels = (Label(names[0], 0.2), Label(names[1], 0.19))
            self.catalog.add_analysis(number, Analysis(labels=labels, analyzer=analyzer))
            known = self.known[number]
            before = set().union(*known.labels.values())
            known.labels[analyzer] = {names[0]}
            after = set().union(*known.labels.values())
            known.tags -= (before - after) - known.own
            known.tags.add(names[0])

    def gather(self) -> None:
        ids, slug = self.some(), self.random.choice(self.galleries)
        self.catalog.add_to_gallery(slug, ids)
        for number in ids:
            self.known[number].galleries.add(slug)

    def scatter(self) -> None:
        ids, slug = self.some(), self.random.choice(self.galleries)
        self.catalog.remove_from_gallery(slug, ids)
        for number in ids:
            self.known[number].galleries.discard(slug)

    def delete(self) -> None:
        ids = self.some()
        self.catalog.delete(ids)
        for number in ids:
            self.known[number].live = False

    def restore(self) -> None:
        ids = self.some()
        self.catalog.restore(ids)
        for number in ids:
            self.known[number].live = True

    def purge(self) -> None:
        ids = self.some()
        gone = [number for number in ids if not self.known[number].live]
        paths = self.catalog.purge(ids)
        assert sorted(paths) == sorted(self.known[number].artifact.path for number in gone)
        for number in gone:
            del self.known[number]

    def work(self, steps: int) -> None:
        likely = [self.add, self.add, self.add, self.tag, self.tag, self.gather, self.gather]
        others = [self.untag, self.analyze, self.scatter, self.delete, self.restore, self.purge]
        for _ in range(steps):
            self.random.choice(likely + others)()

    def query(self) -> Query:
        maybe = self.random.random
        since = self.moment() if maybe() < 0.4 else None
        until = self.moment() if maybe() < 0.4 else None
        if maybe() < 0.3:
            since = START + timedelta(days=self.random.randrange(DAYS))
            until = since + timedelta(days=self.random.randrange(1, 60))
        return Query(
            kinds=tuple(self.random.sample(KINDS, self.random.randrange(3))),
            sources=tuple(
                "" if source is None else source
                for source in self.random.sample(SOURCES, self.random.choice((0, 0, 1, 2)))
            ),
            tags=tuple(self.random.sample(TAGS, self.random.choice((0, 0, 1, 1, 2, 3)))),
            gallery=self.random.choice((None, None, *self.galleries)),
            since=since,
            until=until,
            text=self.random.choice(("", "", "", "", "ЛИСТ", "100%", "КОТ", "nowhere")),
            cid=self.random.choice(("", "", "", "bafk", "bafkrei000000")),
            include_deleted=maybe() < 0.1,
            only_deleted=maybe() < 0.1,
            newest_first=maybe() < 0.5,
        )

    def matches(self, query: Query) -> list[Known]:
        found = []
        for known in self.known.values():
            artifact, text = known.artifact, query.text.casefold()
            if (
                (not query.kinds or artifact.kind in query.kinds)
                and (not query.sources or (artifact.source or "") in query.sources)
                and known.tags.issuperset(query.tags)
                and (query.gallery is None or query.gallery in known.galleries)
                and (query.since is None or artifact.captured_at >= query.since)
                and (query.until is None or artifact.captured_at < query.until)
                and (text in known.note.casefold() or any(text in tag for tag in known.tags))
                and artifact.cid.startswith(query.cid)
                and (known.live != query.only_deleted or query.include_deleted)
                and (known.live is False or not query.only_deleted)
            ):
                found.append(known)
        found.sort(
            key=lambda known: (known.artifact.captured_at, known.artifact.id),
            reverse=query.newest_first,
        )
        return found


def by_hand(found: list[Known]) -> Facets:
    return Facets(
        total=len(found),
        by_kind=Counter(known.artifact.kind for known in found),
        by_source=Counter(known.artifact.source or "" for known in found),
        by_tag=Counter(tag for known in found for tag in known.tags),
        by_day=Counter(known.artifact.captured_at.date().isoformat() for known in found),
    )


def counts(catalog: Catalog) -> dict[tuple[object, ...], object]:
    with catalog.read() as connection:
        rows = [*connection.execute(sa.select(tally)), *connection.execute(sa.select(bitmap))]
    return {tuple(keys): kept for *keys, kept in rows if kept}


@pytest.fixture(params=[(bits.BLOCK, facets._FEW), (16, 0)], ids=["", "small-blocks"])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are, and so small that all ways of counting with them are gone."""
    block, few = request.param
    monkeypatch.setattr(bits, "BLOCK", block)
    monkeypatch.setattr(facets, "_FEW", few)


@pytest.mark.parametrize(
    ("place", "seed"), [*(("sqlite", n) for n in range(4)), ("postgresql", 4)], indirect=["place"]
)
@pytest.mark.usefixtures("blocks")
def test_counts_facets_and_pages_are_those_of_counting_by_hand(catalog: Catalog, seed: int):
    paper = Paper(catalog, seed)
    for _ in range(6):
        paper.work(15)
        for _ in range(12):
            query = paper.query()
            found = paper.matches(query)
            ids = [known.artifact.id for known in found]
            assert catalog.facets(query) == by_hand(found), query
            assert catalog.count(query) == len(found), query
            assert catalog.ids(query) == ids, query
            offset = paper.random.randrange(len(ids) + 2)
            page = catalog.page(query, offset, 9)
            assert [artifact.id for artifact in page] == ids[offset : offset + 9], query
            for artifact in page:
                assert set(artifact.tags) == paper.known[artifact.id].tags


@pytest.mark.parametrize(("place", "seed"), [("sqlite", 0), ("postgresql", 1)], indirect=["place"])
@pytest.mark.usefixtures("blocks")
def test_tallies_and_bits_are_those_of_counting_anew(catalog: Catalog, seed: int):
    paper = Paper(catalog, 100 + seed)
    paper.work(80)
    kept = counts(catalog)
    catalog.recount()
    assert counts(catalog) == kept


def test_facets_come_largest_first(catalog: Catalog, make):
    catalog.add_artifacts(
        make(n, tags=("all", *(("few",) if n < 3 else ()), *(("b", "a") if n < 5 else ())))
        for n in range(9)
    )
    assert list(catalog.facets(Query()).by_tag.items()) == [
        ("all", 9),
        ("a", 5),
        ("b", 5),
        ("few", 3),
    ]


def test_times_before_1970_have_their_day(catalog: Catalog, make):
    moment = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    catalog.add_artifact(make(captured_at=moment, tags=("a", "b")))
    assert catalog.facets(Query()).by_day == {"1969-12-31": 1}
    assert catalog.facets(Query(tags=("a", "b"))).by_day == {"1969-12-31": 1}


@pytest.mark.usefixtures("blocks")
def test_a_deleted_gallery_leaves_no_trace_in_counts(catalog: Catalog, make):
    ids = [one.id for one in catalog.add_artifacts(make(n) for n in range(20))]
    catalog.gallery("Old", create=True)
    catalog.add_to_gallery("old", ids)
    catalog.delete_gallery("old")
    catalog.gallery("New", create=True)
    catalog.add_to_gallery("new", ids[:12])
    catalog.add_tags(ids[7:], ["leaf"])
    query = Query(tags=("leaf",), gallery="new")
    assert catalog.count(query) == 5
    assert catalog.facets(query).by_kind == {"frame": 5}
