"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "artifact",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("cid", sa.String(length=128), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("captured_us", NUMBER, nullable=False),
        sa.Column("uncertainty_s", sa.Float(), nullable=True),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("meta", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.Column("deleted_us", NUMBER, nullable=True),
        sa.Column("live", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifact"),
        sa.UniqueConstraint("cid", "source_id", "captured_us", name="uq_artifact_capture"),
        sa.UniqueConstraint("path", name="uq_artifact_path"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_artifact_source",
        "artifact",
        ["live", "kind", "source_id", "captured_us", "id"],
        unique=False,
    )
    op.create_index(
        "ix_artifact_time", "artifact", ["live", "kind", "captured_us", "id"], unique=False
    )
    op.create_index(
        "ix_artifact_words",
        "artifact",
        ["words"],
        unique=False,
        sqlite_where=sa.text("words != ''"),
        postgresql_where=sa.text("words != ''"),
    )
    op.create_table(
        "gallery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", JSON, nullable=True),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gallery"),
        sa.UniqueConstraint("name", name="uq_gallery_name"),
        sa.UniqueConstraint("slug", name="uq_gallery_slug"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", NUMBER, nullable=False),
        sa.Column("total", NUMBER, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("result", JSON, nullable=True),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.Column("finished_us", NUMBER, nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("cancel", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_created_us", "job", ["created_us"], unique=False)
    op.create_table(
        "log",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at_us", NUMBER, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_log_level", "log", ["level", "id"], unique=False)
    op.create_table(
        "pin",
        sa.Column("cid", sa.String(length=128), nullable=False),
        sa.Column("storage", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", JSON, nullable=False),
        sa.Column("requested_us", NUMBER, nullable=False),
        sa.Column("updated_us", NUMBER, nullable=False),
        sa.Column("verified_us", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("cid", "storage", name="pk_pin"),
    )
    op.create_index("ix_pin_state", "pin", ["state"], unique=False)
    op.create_table(
        "revision",
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("n", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_revision"),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_setting"),
    )
    op.create_table(
        "source",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("desired", JSON, nullable=False),
        sa.Column("observed", JSON, nullable=False),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.Column("removed_us", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("slug", name="uq_source_slug"),
    )
    op.create_table(
        "tag",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("name", name="uq_tag_name"),
    )
    op.create_table(
        "tally",
        sa.Column("mark", NUMBER, autoincrement=False, nullable=False),
        sa.Column("grain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("span", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("tag_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "mark", "grain", "source_id", "span", "kind", "tag_id", name="pk_tally"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "analysis",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("artifact_id", NUMBER, nullable=False),
        sa.Column("analyzer", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("created_us", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name="fk_analysis_artifact_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_analysis"),
        sa.UniqueConstraint(
            "artifact_id", "analyzer", "version", "params", "model", name="uq_analysis_run"
        ),
    )
    op.create_table(
        "artifact_tag",
        sa.Column("artifact_id", NUMBER, nullable=False),
        sa.Column("tag_id", NUMBER, nullable=False),
        sa.Column("live", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("captured_us", NUMBER, nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name="fk_artifact_tag_artifact_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name="fk_artifact_tag_tag_id"),
        sa.PrimaryKeyConstraint("artifact_id", "tag_id", name="pk_artifact_tag"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_artifact_tag_source",
        "artifact_tag",
        ["tag_id", "live", "kind", "source_id", "captured_us", "artifact_id"],
        unique=False,
    )
    op.create_index(
        "ix_artifact_tag_time",
        "artifact_tag",
        ["tag_id", "live", "kind", "captured_us", "artifact_id"],
        unique=False,
    )
    op.create_table(
        "gallery_item",
        sa.Column("artifact_id", NUMBER, nullable=False),
        sa.Column("gallery_id", NUMBER, nullable=False),
        sa.Column("live", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source_id", NUMBER, nullable=False),
        sa.Column("captured_us", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name="fk_gallery_item_artifact_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gallery_id"],
            ["gallery.id"],
            name="fk_gallery_item_gallery_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact_id", "gallery_id", name="pk_gallery_item"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_gallery_item_source",
        "gallery_item",
        ["gallery_id", "live", "kind", "source_id", "captured_us", "artifact_id"],
        unique=False,
    )
    op.create_index(
        "ix_gallery_item_time",
        "gallery_item",
        ["gallery_id", "live", "kind", "captured_us", "artifact_id"],
        unique=False,
    )
