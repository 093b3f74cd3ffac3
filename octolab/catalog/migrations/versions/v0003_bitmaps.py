"""Which artifacts bear what, a bit each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MARK, SOURCE, KIND, DAY = range(4)
KINDS = ("frame", "clip", "sound")
BLOCK = 7680
DAY_US = 86_400_000_000
MARKS = """
SELECT artifact_id, tag_id, kind, source_id, captured_us FROM artifact_tag
WHERE live = 1 AND artifact_id >= :first AND artifact_id < :next
UNION ALL
SELECT artifact_id, -gallery_id, kind, source_id, captured_us FROM gallery_item
WHERE live = 1 AND artifact_id >= :first AND artifact_id < :next
"""


def upgrade() -> None:
    """Make the table and fill it, block by block."""
    bitmap = op.create_table(
        "bitmap",
        sa.Column("about", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", NUMBER, autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("about", "key", "block", name="pk_bitmap"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT max(id) FROM artifact"))
    for block in range(0 if last is None else last // BLOCK + 1):
        reach = {"first": block * BLOCK, "next": (block + 1) * BLOCK}
        bits: dict[tuple[int, int], int] = defaultdict(int)
        for number, mark, kind, source, captured_us in connection.execute(sa.text(MARKS), reach):
            place = 1 << number % BLOCK
            bits[MARK, mark] |= place
            bits[SOURCE, source] |= place
            bits[KIND, KINDS.index(kind)] |= place
            bits[DAY, captured_us // DAY_US] |= place
        rows: list[dict[str, Any]] = [
            {
                "block": block,
                "about": about,
                "key": key,
                "bits": found.to_bytes((found.bit_length() + 7) // 8, "little"),
            }
            for (about, key), found in sorted(bits.items())
        ]
        if rows:
            op.bulk_insert(bitmap, rows)
