"""An index of the words of artifacts, where SQLite needs one of its own."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS artifact_words USING fts5(
    words, content='artifact', content_rowid='id', tokenize='trigram case_sensitive 1'
)
"""
PUT = "INSERT INTO artifact_words (rowid, words) VALUES (new.id, new.words)"
TAKE = (
    "INSERT INTO artifact_words (artifact_words, rowid, words) VALUES ('delete', old.id, old.words)"
)
TRIGGERS = {
    "artifact_words_new": f"AFTER INSERT ON artifact WHEN new.words != '' BEGIN {PUT}; END",
    "artifact_words_gone": f"AFTER DELETE ON artifact WHEN old.words != '' BEGIN {TAKE}; END",
    "artifact_words_old": (
        f"BEFORE UPDATE OF words ON artifact WHEN old.words != '' BEGIN {TAKE}; END"
    ),
    "artifact_words_changed": (
        f"AFTER UPDATE OF words ON artifact WHEN new.words != '' BEGIN {PUT}; END"
    ),
}


def upgrade() -> None:
    """Make it and fill it; triggers keep it."""
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute(TABLE)
    op.execute("INSERT INTO artifact_words (artifact_words) VALUES ('delete-all')")
    op.execute(
        "INSERT INTO artifact_words (rowid, words) SELECT id, words FROM artifact WHERE words != ''"
    )
    for name, what in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {what}")
