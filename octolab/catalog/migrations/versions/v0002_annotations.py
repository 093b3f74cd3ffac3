"""What people marked in artifacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "annotation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("artifact_id", NUMBER, nullable=False),
        sa.Column("start_s", sa.Float(), nullable=False),
        sa.Column("end_s", sa.Float(), nullable=False),
        sa.Column("low_hz", sa.Float(), nullable=True),
        sa.Column("high_hz", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("peak_hz", sa.Float(), nullable=True),
        sa.Column("snr_db", sa.Float(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.Column("updated_us", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name="fk_annotation_artifact_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotation"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_annotation_artifact", "annotation", ["artifact_id", "id"], unique=False)
    op.create_index("ix_annotation_label", "annotation", ["label"], unique=False)
