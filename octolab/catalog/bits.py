"""Which artifacts bear what, a bit each: this counts what the tallies can't tell.

A row of the table ``bitmap`` is about `BLOCK` artifacts whose ids follow each other: bit
``id % BLOCK`` of ``bits`` is set for those that have the ``key``, which is a mark (the id of
a tag, or of a gallery, negative), a source, a kind or a day since 1970. Live artifacts that
bear a mark are in it. So those that bear several marks are the common bits of a few hundred
numbers, and how many of them have something else takes one AND more, however many they are.

Bits change in the transaction that changes what they say. Source, kind and day may stay
when the last mark goes with its gallery: they are looked at together with marks only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import get_args

import sqlalchemy as sa
from sqlalchemy import Connection

from octolab.catalog.store import Prepared, insert
from octolab.catalog.tables import Number, bitmap
from octolab.model import ArtifactKind

MARK, SOURCE, KIND, DAY = range(4)
KINDS: tuple[ArtifactKind, ...] = get_args(ArtifactKind)
BLOCK = 7680  # bits that a page of SQLite holds four rows of

Place = tuple[int, int, int]  # about, key, block
Bits = dict[Place, int]


def put(
    bits: Bits, number: int, *, kind: str, source_id: int, day: int, marks: Iterable[int]
) -> None:
    """Set the bits of one artifact."""
    block, place = divmod(number, BLOCK)
    own = [(SOURCE, source_id), (KIND, _KIND_KEYS[kind]), (DAY, day)]
    for about, key in (*own, *((MARK, mark) for mark in marks)):
        bits[about, key, block] = bits.get((about, key, block), 0) | 1 << place


_KIND_KEYS = {str(kind): key for key, kind in enumerate(KINDS)}


def change(connection: Connection, gone: Bits, new: Bits) -> None:
    """Clear the bits that artifacts had before a change and set those they have now."""
    rows = []
    for place in sorted(gone.keys() | new.keys()):
        before, now = gone.get(place, 0), new.get(place, 0)
        if before != now:
            row = dict(zip(_KEYS, place, strict=True))
            found = _GET.run(connection, [row]).fetchone()
            kept = (int.from_bytes(found[0], "little") if found else 0) & ~before | now
            rows.append({**row, "bits": kept.to_bytes((kept.bit_length() + 7) // 8, "little")})
    if rows:
        _PUT.run(connection, rows)


def matching(
    connection: Connection,
    marks: Sequence[int],
    *,
    kinds: Sequence[str],
    sources: Sequence[int] | None,
    days: tuple[int, int] | None,
) -> dict[int, int]:
    """The artifacts that bear all marks and are of these kinds, sources and days, by block."""
    about, key = bitmap.c.about, bitmap.c.key
    wanted = [sa.and_(about == MARK, key.in_(marks))]
    if len(kinds) < len(KINDS):
        wanted.append(sa.and_(about == KIND, key.in_([_KIND_KEYS[kind] for kind in kinds])))
    if sources is not None:
        wanted.append(sa.and_(about == SOURCE, key.in_(sources)))
    if days is not None:
        wanted.append(sa.and_(about == DAY, key.between(*days)))
    found: dict[int, dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
    chosen = sa.select(bitmap.c.block, about, key, bitmap.c.bits).where(sa.or_(*wanted))
    for block, what, which, bits in connection.execute(chosen):
        # one of the kinds, of the sources and of the days is enough, but it takes every mark
        found[block][what, which if what == MARK else 0] |= int.from_bytes(bits, "little")
    needed = len(marks) + len(wanted) - 1
    return {
        block: reduce(and_, parts.values())
        for block, parts in found.items()
        if len(parts) == needed
    }


def numbers(blocks: Mapping[int, int]) -> Iterator[int]:
    """The ids of artifacts."""
    for block, some in blocks.items():
        while some:
            lowest = some & -some
            yield block * BLOCK + lowest.bit_length() - 1
            some ^= lowest


def counted(connection: Connection, among: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
    """How many of these artifacts have each key: about, key and number, block by block."""
    if not among:
        return
    reach = [{"first": min(among), "last": max(among)}]
    for block, about, key, bits in _ALL.run(connection, reach):
        if n := (int.from_bytes(bits, "little") & among.get(block, 0)).bit_count():
            yield about, key, n


_KEYS = ("about", "key", "block")
_GET = Prepared(
    lambda _: sa.select(bitmap.c.bits).where(
        *(bitmap.c[name] == sa.bindparam(name, type_=Number) for name in _KEYS)
    )
)
_ALL = Prepared(
    lambda _: sa.select(bitmap.c.block, bitmap.c.about, bitmap.c.key, bitmap.c.bits).where(
        bitmap.c.block.between(
            sa.bindparam("first", type_=Number), sa.bindparam("last", type_=Number)
        )
    )
)


def _putting(dialect: str) -> sa.Executable:
    new = insert(dialect, bitmap)
    put: sa.Executable = new.on_conflict_do_update(
        index_elements=_KEYS, set_={"bits": new.excluded.bits}
    )
    return put


_PUT = Prepared(_putting)
