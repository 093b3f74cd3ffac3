"""The tables of a catalog.

Times are integer microseconds UTC (``…_us``), so they compare and index well everywhere.
Rows that mark an artifact (``artifact_tag``, ``gallery_item``) repeat its kind, source,
time and whether it is live, so that one index range answers "this tag, this camera, these
days, newest first". ``tally`` keeps counts, ``bitmap`` who is counted, both changed together
with what they count; see `octolab.catalog.tally` and `octolab.catalog.bits`. In SQLite
``artifact_words`` finds any three letters in the words of artifacts; triggers keep it.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0004"
TOPICS = ("source", "artifact", "gallery", "analysis", "annotation", "pin", "job", "log")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True)

source = Table(
    "source",
    metadata,
    Column("id", Number, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("desired", Json, nullable=False),
    Column("observed", Json, nullable=False),
    Column("created_us", Number, nullable=False),
    Column("removed_us", Number),
)

# source_id is 0 for what came from no source of ours
artifact = Table(
    "artifact",
    metadata,
    Column("id", Number, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("cid", String(128), nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("media_type", String(80), nullable=False),
    Column("size", Number, nullable=False),
    Column("captured_us", Number, nullable=False),
    Column("uncertainty_s", Float),
    Column("source_id", Number, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_s", Float),
    Column("profile", String(32), nullable=False),
    Column("meta", Json, nullable=False),
    Column("note", Text, nullable=False),
    Column("words", Text, nullable=False),  # note and name, case-folded, for the text search
    Column("created_us", Number, nullable=False),
    Column("deleted_us", Number),
    Column("live", SmallInteger, nullable=False),
    UniqueConstraint("cid", "source_id", "captured_us", name="uq_artifact_capture"),
    sqlite_autoincrement=True,
)
Index(
    "ix_artifact_time",
    artifact.c.live,
    artifact.c.kind,
    artifact.c.captured_us,
    artifact.c.id,
)
Index(
    "ix_artifact_source",
    artifact.c.live,
    artifact.c.kind,
    artifact.c.source_id,
    artifact.c.captured_us,
    artifact.c.id,
)
Index(
    "ix_artifact_words",
    artifact.c.words,
    sqlite_where=artifact.c.words != "",
    postgresql_where=artifact.c.words != "",
)

tag = Table(
    "tag",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
)


# origin: "" when a person set the tag, else the analyzer that did
artifact_tag = Table(
    "artifact_tag",
    metadata,
    Column("artifact_id", Number, ForeignKey("artifact.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", Number, ForeignKey("tag.id"), primary_key=True),
    Column("live", SmallInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("source_id", Number, nullable=False),
    Column("captured_us", Number, nullable=False),
    Column("origin", String(80), nullable=False),
    sqlite_with_rowid=False,
)

gallery = Table(
    "gallery",
    metadata,
    Column("id", Number, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("query", Json),
    Column("created_us", Number, nullable=False),
    sqlite_autoincrement=True,
)

gallery_item = Table(
    "gallery_item",
    metadata,
    Column("artifact_id", Number, ForeignKey("artifact.id", ondelete="CASCADE"), primary_key=True),
    Column("gallery_id", Number, ForeignKey("gallery.id", ondelete="CASCADE"), primary_key=True),
    Column("live", SmallInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("source_id", Number, nullable=False),
    Column("captured_us", Number, nullable=False),
    sqlite_with_rowid=False,
)

for _table, _mark in ((artifact_tag, "tag_id"), (gallery_item, "gallery_id")):
    _time = [_table.c.captured_us, _table.c.artifact_id]
    _state = [_table.c[_mark], _table.c.live, _table.c.kind]
    Index(f"ix_{_table.name}_time", *_state, *_time)
    Index(f"ix_{_table.name}_source", *_state, _table.c.source_id, *_time)

tally = Table(
    "tally",
    metadata,
    Column("mark", Number, primary_key=True, autoincrement=False),
    Column("grain", SmallInteger, primary_key=True, autoincrement=False),
    Column("source_id", Number, primary_key=True, autoincrement=False),
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),
    Column("tag_id", Number, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

bitmap = Table(
    "bitmap",
    metadata,
    Column("about", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", Number, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("bits", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

analysis = Table(
    "analysis",
    metadata,
    Column("id", Number, primary_key=True),
    Column("artifact_id", Number, ForeignKey("artifact.id", ondelete="CASCADE"), nullable=False),
    Column("analyzer", String(80), nullable=False),
    Column("version", String(40), nullable=False),
    Column("params", Text, nullable=False),  # canonical JSON
    Column("model", String(64), nullable=False),
    Column("result", Json, nullable=False),
    Column("created_us", Number, nullable=False),
    UniqueConstraint(
        "artifact_id", "analyzer", "version", "params", "model", name="uq_analysis_run"
    ),
)

annotation = Table(
    "annotation",
    metadata,
    Column("id", Number, primary_key=True),
    Column("artifact_id", Number, ForeignKey("artifact.id", ondelete="CASCADE"), nullable=False),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("low_hz", Float),
    Column("high_hz", Float),
    Column("label", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("peak_hz", Float),
    Column("snr_db", Float),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_us", Number, nullable=False),
    Column("updated_us", Number, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_annotation_artifact", annotation.c.artifact_id, annotation.c.id)
Index("ix_annotation_label", annotation.c.label)

pin = Table(
    "pin",
    metadata,
    Column("cid", String(128), primary_key=True),
    Column("storage", String(80), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("receipt", Json, nullable=False),
    Column("requested_us", Number, nullable=False),
    Column("updated_us", Number, nullable=False),
    Column("verified_us", Number),
)

job = Table(
    "job",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("done", Number, nullable=False),
    Column("total", Number),
    Column("message", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("result", Json),
    Column("created_us", Number, nullable=False, index=True),
    Column("finished_us", Number),
    Column("owner", String(200), nullable=False),
    Column("cancel", SmallInteger, nullable=False),
)

log = Table(
    "log",
    metadata,
    Column("id", Number, primary_key=True),
    Column("at_us", Number, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("values", Json, nullable=False),
    Column("origin", String(80), nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_log_level", log.c.level, log.c.id)

setting = Table(
    "setting",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", Json),
)

revision = Table(
    "revision",
    metadata,
    Column("topic", String(16), primary_key=True),
    Column("n", Number, nullable=False),
)
