"""A new catalog in each sort of database, and artifacts to put into it."""

from __future__ import annotations

import hashlib
import itertools
import runpy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from octolab.catalog import Catalog
from octolab.content import bytes_cid
from octolab.model import Artifact

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


POSTGRES = Path(__file__).parents[2] / "integration" / "peers" / "postgres.py"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Iterator[str]]:
    """URLs of new catalogs in PostgreSQL, each a copy of one that was migrated."""
    with runpy.run_path(str(POSTGRES))["running"]() as server:
        engine = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")

        def make(name: str, template: str = "template0") -> str:
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            return f"{server}/{name}"

        Catalog.open(make("migrated")).close()
        yield (make(f"lab_{number}", "migrated") for number in itertools.count())
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new catalog is: the path or the URL of its database."""
    if request.param == "sqlite":
        return str(tmp_path / "lab.db")
    return next(request.getfixturevalue("postgres"))


@pytest.fixture
def catalog(place: str) -> Iterator[Catalog]:
    opened = Catalog.open(place)
    yield opened
    opened.close()


@pytest.fixture
def make():
    """Make an artifact captured so many seconds after noon."""

    def make(seconds: float = 0, **fields) -> Artifact:
        key = f"{seconds} {sorted(fields.items())}"
        values = {
            "id": 0,
            "kind": "frame",
            "cid": bytes_cid(key.encode()),
            "path": f"frames/{hashlib.sha256(key.encode()).hexdigest()[:16]}.jpg",
            "media_type": "image/jpeg",
            "size": 1000,
            "captured_at": NOON + timedelta(seconds=seconds),
            "created_at": NOON,
        }
        return Artifact(**{**values, **fields})

    return make
