"""Counts kept ready: by day, source, kind, tag and gallery, and by pairs of them.

One row of the table ``tally`` says: of the live artifacts that bear ``mark``, ``n`` have
this source, this kind, fall into this ``span`` and bear ``tag_id``. A mark is a tag
(its id), a gallery (its id, negative) or 0 for all. ``grain`` says what is counted:

- `DAY`: artifacts, the span is a day since 1970, ``tag_id`` is 0;
- `DAY_TAG` and `MONTH_TAG`: artifacts that bear a tag, the span is a day or a month.

So a filter by kinds, sources, days and one tag or gallery is answered in full from a few
rows, however many artifacts there are; for more tags there are `octolab.catalog.bits`.
Counts change in the transaction that changes what they count: what artifacts contribute
before is taken away, what they contribute after is added.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog import bits
from octolab.catalog.store import Among, Prepared, insert
from octolab.catalog.tables import artifact, artifact_tag, bitmap, gallery_item, tally

DAY, DAY_TAG, MONTH_TAG = 0, 1, 2
DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)

Key = tuple[int, int, int, int, str, int]


@dataclass
class Share:
    """What artifacts contribute: to the counts, and their bits."""

    counts: Counter[Key] = field(default_factory=Counter)
    bits: bits.Bits = field(default_factory=dict)


def day_of(moment_us: int) -> int:
    """Days since 1970 of a time."""
    return moment_us // DAY_US


def day_name(day: int) -> str:
    """A day as ``2026-11-22``."""
    return (_EPOCH + timedelta(days=day)).isoformat()


def month_of(day: int) -> int:
    """Months since year 0 of a day."""
    on = _EPOCH + timedelta(days=day)
    return on.year * 12 + on.month - 1


def first_day(month: int) -> int:
    """The first day of a month."""
    return (date(month // 12, month % 12 + 1, 1) - _EPOCH).days


def contribute(
    share: Share,
    number: int,
    *,
    kind: str,
    source_id: int,
    captured_us: int,
    tags: Sequence[int],
    galleries: Sequence[int] = (),
    changed: frozenset[int] | None = None,
) -> None:
    """Count one live artifact, or only what has to do with the marks that may have changed."""
    day = day_of(captured_us)
    month = month_of(day)
    counts, marks = share.counts, [*tags, *[-gallery for gallery in galleries]]
    if marks:
        moved = marks if changed is None else changed.intersection(marks)
        bits.put(share.bits, number, kind=kind, source_id=source_id, day=day, marks=moved)
    for mark in (0, *marks):
        theirs = tags
        if changed is None or mark in changed:
            counts[mark, DAY, source_id, day, kind, 0] += 1
        else:
            theirs = [tag for tag in tags if tag in changed]
        for tag in theirs:
            if tag != mark:
                counts[mark, DAY_TAG, source_id, day, kind, tag] += 1
                counts[mark, MONTH_TAG, source_id, month, kind, tag] += 1


def contributions(
    connection: Connection, ids: Sequence[int], changed: frozenset[int] | None = None
) -> Share:
    """What these artifacts contribute now, in all or as to some marks."""
    share = Share()
    tags: dict[int, list[int]] = defaultdict(list)
    for number, marked in _TAGS.rows(connection, ids):
        tags[number].append(marked)
    galleries: dict[int, list[int]] = defaultdict(list)
    for number, marked in _GALLERIES.rows(connection, ids):
        galleries[number].append(marked)
    for number, kind, source_id, captured_us in _LIVE.rows(connection, ids):
        contribute(
            share,
            number,
            kind=kind,
            source_id=source_id,
            captured_us=captured_us,
            tags=tags.get(number, ()),
            galleries=galleries.get(number, ()),
            changed=changed,
        )
    return share


_TAGS = Among(
    sa.select(artifact_tag.c.artifact_id, artifact_tag.c.tag_id), artifact_tag.c.artifact_id
)
_GALLERIES = Among(
    sa.select(gallery_item.c.artifact_id, gallery_item.c.gallery_id), gallery_item.c.artifact_id
)
_LIVE = Among(
    sa.select(artifact.c.id, artifact.c.kind, artifact.c.source_id, artifact.c.captured_us).where(
        artifact.c.live + 0 == 1
    ),
    artifact.c.id,
)


@contextlib.contextmanager
def recounted(
    connection: Connection, ids: Sequence[int], changed: Iterable[int] | None = None
) -> Iterator[None]:
    """Keep the tallies right while the block changes these artifacts.

    When it changes but a few tags (their numbers) or galleries (theirs, negative) of them,
    ``changed`` names these and there is less to count.
    """
    unique = list(dict.fromkeys(ids))
    only = None if changed is None else frozenset(changed)
    before = contributions(connection, unique, only)
    yield
    apply(connection, contributions(connection, unique, only), before)


def apply(connection: Connection, new: Share, gone: Share | None = None) -> None:
    """Add what artifacts contribute now, and take away what they did before."""
    if gone is not None:
        new.counts.subtract(gone.counts)
    found = [dict(zip(_COLUMNS, (*key, n), strict=True)) for key, n in new.counts.items() if n]
    if found:
        _ADD.run(connection, found)
    bits.change(connection, {} if gone is None else gone.bits, new.bits)


_COLUMNS = ("mark", "grain", "source_id", "span", "kind", "tag_id", "n")


def _adding(dialect: str) -> sa.Executable:
    new = insert(dialect, tally)
    added: sa.Executable = new.on_conflict_do_update(
        index_elements=_COLUMNS[:-1], set_={"n": tally.c.n + new.excluded.n}
    )
    return added


_ADD = Prepared(_adding)


def gallery_counts(connection: Connection) -> dict[int, int]:
    """How many artifacts each gallery holds."""
    chosen = (
        sa.select(tally.c.mark, sa.func.sum(tally.c.n))
        .where(tally.c.mark < 0, tally.c.grain == DAY)
        .group_by(tally.c.mark)
    )
    return {-mark: int(n) for mark, n in connection.execute(chosen)}


def rebuild(connection: Connection) -> None:
    """Count everything anew."""
    connection.execute(sa.delete(tally))
    connection.execute(sa.delete(bitmap))
    last = 0
    while ids := connection.scalars(
        sa.select(artifact.c.id).where(artifact.c.id > last).order_by(artifact.c.id).limit(50_000)
    ).all():
        apply(connection, contributions(connection, ids))
        last = ids[-1]


def forget(connection: Connection, mark: int) -> None:
    """Drop all counts of a mark that is no more."""
    connection.execute(sa.delete(tally).where(tally.c.mark == mark))
    connection.execute(sa.delete(bitmap).where(bitmap.c.about == bits.MARK, bitmap.c.key == mark))
