"""Counts by kind, source, tag and day: from tallies or bits where they can tell, else counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog import bits
from octolab.catalog.query import MANY, Filter, rows
from octolab.catalog.store import Among, chunks
from octolab.catalog.tables import artifact_tag, source, tag, tally
from octolab.catalog.tally import (
    DAY,
    DAY_TAG,
    DAY_US,
    MONTH_TAG,
    day_name,
    day_of,
    first_day,
    month_of,
)
from octolab.model import Facets

_FOREVER = (-1 << 31, (1 << 31) - 1)
_FEW = 3_000  # artifacts whose tags are read sooner than all bits
_BEFORE_1970 = 1 << 20  # days added so that integer division rounds down for all times


@dataclass
class _Sums:
    kinds: Counter[str] = field(default_factory=Counter)
    sources: Counter[int] = field(default_factory=Counter)
    tags: Counter[int] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)


def facets(connection: Connection, found: Filter) -> Facets:
    """How many artifacts match, in all and by each dimension."""
    sums = _Sums()
    if not found.nothing:
        for part in _parts(found):
            if isinstance(part, Filter):
                _count_groups(connection, part, sums)
                _count_tags(connection, part, sums)
            elif len(found.marks) > 1:
                _count_marked(connection, found, part, sums)
            else:
                _sum_groups(connection, found, part, sums)
                _sum_tags(connection, found, part, sums)
    slugs = _names(connection, source.c.id, source.c.slug, sums.sources)
    tags = _names(connection, tag.c.id, tag.c.name, sums.tags)
    return Facets(
        total=sum(sums.kinds.values()),
        by_kind={kind: n for kind, n in sorted(sums.kinds.items()) if n},
        by_source=_named({0: "", **slugs}, sums.sources),
        by_tag=_named(tags, sums.tags),
        by_day={day_name(day): n for day, n in sorted(sums.days.items()) if n},
    )


def count(connection: Connection, found: Filter) -> int:
    """How many artifacts match."""
    total = 0
    if found.nothing:
        return total
    for part in _parts(found):
        if isinstance(part, Filter):
            inner = _inside(connection, part).subquery()
            total += connection.scalar(sa.select(sa.func.count()).select_from(inner)) or 0
        elif len(found.marks) > 1:
            total += sum(some.bit_count() for some in _matching(connection, found, part).values())
        else:
            chosen = sa.select(sa.func.sum(tally.c.n)).where(*_day_rows(found, part))
            total += connection.scalar(chosen) or 0
    return total


def days(connection: Connection, found: Filter) -> Counter[int]:
    """How many artifacts match on each day."""
    sums = _Sums()
    for part in _parts(found):
        if isinstance(part, Filter):
            _count_groups(connection, part, sums)
        elif len(found.marks) > 1:
            _count_marked(connection, found, part, sums)
        else:
            _sum_days(connection, found, part, sums)
    return sums.days


# --- what the tallies can tell ---------------------------------------------------------------


def _parts(found: Filter) -> Iterator[Filter | tuple[int, int]]:
    """Cut a filter into whole days (first, last) and what is left of days, to be counted.

    What neither tallies nor bits can tell is left as it is.
    """
    if not found.tallied:
        yield found
        return
    first, last = _FOREVER
    if found.since is not None:
        first = -(-found.since // DAY_US)
    if found.until is not None:
        last = found.until // DAY_US - 1
    if first > last + 1:  # both within one day
        yield found
        return
    if found.since is not None and found.since % DAY_US:
        yield replace(found, until=first * DAY_US)
    if first <= last:
        yield first, last
    if found.until is not None and found.until % DAY_US:
        yield replace(found, since=(last + 1) * DAY_US)


def _day_rows(
    found: Filter, days: tuple[int, int], grain: int = DAY
) -> list[sa.ColumnElement[bool]]:
    mark = found.marks[0].key if found.marks else 0
    chosen = [tally.c.mark == mark, tally.c.grain == grain]
    if found.sources is not None:
        chosen.append(tally.c.source_id.in_(found.sources))
    if days != _FOREVER:
        chosen.append(tally.c.span.between(*days))
    if len(found.kinds) < 3:
        chosen.append(tally.c.kind.in_(found.kinds))
    return chosen


def _sum_days(connection: Connection, found: Filter, days: tuple[int, int], sums: _Sums) -> None:
    chosen = (
        sa.select(tally.c.span, sa.func.sum(tally.c.n))
        .where(*_day_rows(found, days))
        .group_by(tally.c.span)
    )
    for span, n in connection.execute(chosen):
        sums.days[span] += int(n)


def _sum_groups(connection: Connection, found: Filter, days: tuple[int, int], sums: _Sums) -> None:
    _sum_days(connection, found, days, sums)
    chosen = (
        sa.select(tally.c.source_id, tally.c.kind, sa.func.sum(tally.c.n))
        .where(*_day_rows(found, days))
        .group_by(tally.c.source_id, tally.c.kind)
    )
    for number, kind, n in connection.execute(chosen):
        sums.sources[number] += int(n)
        sums.kinds[kind] += int(n)


def _sum_tags(connection: Connection, found: Filter, days: tuple[int, int], sums: _Sums) -> None:
    """Whole months in one grain, the days before and after them in the other."""
    first, last = days
    ranges = [(MONTH_TAG, _FOREVER)]
    if days != _FOREVER:
        ranges = list(_month_ranges(connection, found, first, last))
    for grain, spans in ranges:
        chosen = (
            sa.select(tally.c.tag_id, sa.func.sum(tally.c.n))
            .where(*_day_rows(found, spans, grain))
            .group_by(tally.c.tag_id)
        )
        for number, n in connection.execute(chosen):
            sums.tags[number] += int(n)
    if found.marks and not found.marks[0].gallery:  # every match bears the tag that was asked for
        chosen = sa.select(sa.func.sum(tally.c.n)).where(*_day_rows(found, days))
        sums.tags[found.marks[0].number] += int(connection.scalar(chosen) or 0)


def _month_ranges(
    connection: Connection, found: Filter, first: int, last: int
) -> Iterator[tuple[int, tuple[int, int]]]:
    known = sa.select(sa.func.min(tally.c.span), sa.func.max(tally.c.span)).where(
        *_day_rows(found, _FOREVER)
    )
    lowest, highest = connection.execute(known).one()
    if lowest is None:
        return
    first, last = max(first, lowest), min(last, highest)
    if first > last:
        return
    month = month_of(first)
    if first_day(month) < first:
        month += 1
    end = month_of(last + 1)
    if month >= end:
        yield DAY_TAG, (first, last)
        return
    if first < first_day(month):
        yield DAY_TAG, (first, first_day(month) - 1)
    yield MONTH_TAG, (month, end - 1)
    if first_day(end) <= last:
        yield DAY_TAG, (first_day(end), last)


# --- what the bits can tell ---------------------------------------------------------------


def _matching(connection: Connection, found: Filter, days: tuple[int, int]) -> dict[int, int]:
    return bits.matching(
        connection,
        [mark.key for mark in found.marks],
        kinds=found.kinds,
        sources=found.sources,
        days=None if days == _FOREVER else days,
    )


def _count_marked(
    connection: Connection, found: Filter, days: tuple[int, int], sums: _Sums
) -> None:
    matching = _matching(connection, found, days)
    if sum(some.bit_count() for some in matching.values()) > _FEW:
        _count_bits(connection, matching, sums)
    else:
        _count_few(connection, list(bits.numbers(matching)), sums)


def _count_bits(connection: Connection, matching: dict[int, int], sums: _Sums) -> None:
    for about, key, n in bits.counted(connection, matching):
        if about == bits.SOURCE:
            sums.sources[key] += n
        elif about == bits.KIND:
            sums.kinds[bits.KINDS[key]] += n
        elif about == bits.DAY:
            sums.days[key] += n
        elif key > 0:  # a tag, not a gallery
            sums.tags[key] += n


def _count_few(connection: Connection, ids: list[int], sums: _Sums) -> None:
    """Look at each: of two marks one is a tag, so the tags tell all."""
    each = {}
    for number, mark, kind, source_id, captured_us in _TAGGED.rows(connection, ids):
        sums.tags[mark] += 1
        each[number] = kind, source_id, captured_us
    for kind, source_id, captured_us in each.values():
        sums.kinds[kind] += 1
        sums.sources[source_id] += 1
        sums.days[day_of(captured_us)] += 1


_TAGGED = Among(
    sa.select(
        artifact_tag.c.artifact_id,
        artifact_tag.c.tag_id,
        artifact_tag.c.kind,
        artifact_tag.c.source_id,
        artifact_tag.c.captured_us,
    ),
    artifact_tag.c.artifact_id,
)


# --- what has to be counted ---------------------------------------------------------------


def _inside(connection: Connection, found: Filter) -> sa.Select[Any]:
    origin = rows(connection, found)
    columns = origin.columns
    chosen = sa.select(
        origin.id.label("id"), columns.kind, columns.source_id, columns.captured_us
    ).select_from(origin.origin)
    if not found.common:
        inside = origin.within(found.states, found.kinds, found.sources, found.since, found.until)
        return chosen.where(*inside)
    # each state, kind and source is in order in an index; the newest of all come of their newest
    sources = [None] if found.sources is None else [(number,) for number in found.sources]
    newest = []
    for state, kind, source_ids in product(found.states, found.kinds, sources):
        inside = origin.within((state,), (kind,), source_ids, found.since, found.until)
        order = (columns.captured_us.desc(), origin.id.desc())
        newest.append(sa.select(chosen.where(*inside).order_by(*order).limit(MANY).subquery()))
    merged = sa.union_all(*newest).subquery()
    order = (merged.c.captured_us.desc(), merged.c.id.desc())
    return sa.select(merged).order_by(*order).limit(MANY)


def _count_groups(connection: Connection, found: Filter, sums: _Sums) -> None:
    if found.tallied:  # then it is a part of one day, see _parts
        _count_each_source(connection, found, sums)
        return
    inner = _inside(connection, found).subquery()
    day = (inner.c.captured_us + _BEFORE_1970 * DAY_US) // DAY_US
    chosen = sa.select(inner.c.kind, inner.c.source_id, day, sa.func.count()).group_by(
        inner.c.kind, inner.c.source_id, day
    )
    for kind, number, shifted, n in connection.execute(chosen):
        sums.kinds[kind] += n
        sums.sources[number] += n
        sums.days[int(shifted) - _BEFORE_1970] += n


def _count_each_source(connection: Connection, found: Filter, sums: _Sums) -> None:
    """Source by source along an index that is in order."""
    origin = rows(None, found)
    each = sa.union_all(sa.select(source.c.id), sa.select(sa.literal(0))).subquery()
    chosen = sa.select(each.c.id)
    if found.sources is not None:
        chosen = chosen.where(each.c.id.in_(found.sources))
    for kind in found.kinds:
        inside = origin.within(found.states, (kind,), None, found.since, found.until)
        bearing = (
            sa.select(sa.func.count())
            .select_from(origin.origin)
            .where(*inside, origin.columns.source_id == each.c.id)
            .correlate(each)
        )
        for number, n in connection.execute(chosen.add_columns(bearing.scalar_subquery())):
            if n:
                sums.kinds[kind] += n
                sums.sources[number] += n
                sums.days[(found.since or 0) // DAY_US] += n


def _count_tags(connection: Connection, found: Filter, sums: _Sums) -> None:
    if found.tallied and not found.marks:
        _count_each_tag(connection, found, sums)
        return
    inner = _inside(connection, found).subquery()
    chosen = (
        sa.select(artifact_tag.c.tag_id, sa.func.count())
        .select_from(inner.join(artifact_tag, artifact_tag.c.artifact_id == inner.c.id))
        .group_by(artifact_tag.c.tag_id)
    )
    for number, n in connection.execute(chosen):
        sums.tags[number] += n


def _count_each_tag(connection: Connection, found: Filter, sums: _Sums) -> None:
    """Tag by tag along an index that is in order: quicker than to look at each artifact."""
    marking = artifact_tag.c
    inside = [marking.tag_id == tag.c.id, marking.live == 1, marking.kind.in_(found.kinds)]
    if found.sources is not None:
        inside.append(marking.source_id.in_(found.sources))
    if found.since is not None:
        inside.append(marking.captured_us >= found.since)
    if found.until is not None:
        inside.append(marking.captured_us < found.until)
    bearing = sa.select(sa.func.count()).select_from(artifact_tag).where(*inside)
    for number, n in connection.execute(sa.select(tag.c.id, bearing.scalar_subquery())):
        if n:
            sums.tags[number] += n


def _names(connection: Connection, number: Any, name: Any, counts: Counter[int]) -> dict[int, str]:
    wanted: Sequence[int] = [key for key, n in counts.items() if n]
    found: dict[int, str] = {}
    for some in chunks(list(wanted)):
        chosen = sa.select(number, name).where(number.in_(some))
        found.update((row[0], row[1]) for row in connection.execute(chosen))
    return found


def _named(names: dict[int, str], counts: Counter[int]) -> dict[str, int]:
    """Largest first, then by name."""
    pairs = [(names[number], n) for number, n in counts.items() if n]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
