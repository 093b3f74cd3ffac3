"""Opening a catalog: the engine, its pragmas, and bringing an older one up to date."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, event
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, StatementError

from octolab.catalog.tables import HEAD, TOPICS, metadata, revision, setting
from octolab.errors import BadInput, LabError, OctolabError
from octolab.i18n import phrase
from octolab.model import Misfit, check_plain, to_json

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
HEADER_BYTES = 100


def open_engine(place: str | Path) -> tuple[Engine, str]:
    """Open a catalog by path or URL, made or migrated if need be; with what to call it.

    What it is called holds no password.
    """
    where = _where(str(place))
    path = where if isinstance(where, Path) else None
    shown = str(place) if isinstance(where, Path) else where.render_as_string()
    with told(shown):
        if path is not None and not path.exists():
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
        found = _version_of_file(path) if path is not None else None
        if found not in (None, HEAD):
            _refuse_newer(found, shown)
        engine = _of_file(where) if isinstance(where, Path) else _of_server(where)
        try:
            if found != HEAD:
                _bring_up(engine, path, shown)
        except BaseException:
            engine.dispose()
            raise
    return engine, shown


def _where(place: str) -> Path | sa.URL:
    """The file of a path or ``sqlite:`` URL, or the URL of a PostgreSQL database."""
    if "://" not in place:
        return Path(place)
    try:
        url = sa.make_url(place)
    except (ArgumentError, ValueError):
        raise BadInput(
            "the address of the catalog is none of a database; write it like "
            "postgresql://user@host/name"
        ) from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database:
        return Path(url.database)
    if kind not in ("postgresql", "postgres"):
        raise BadInput("a catalog is a file or in PostgreSQL, not in {kind}", kind=kind)
    return url.set(drivername="postgresql+psycopg")


def _of_server(url: sa.URL) -> Engine:
    if find_spec("psycopg") is None:
        raise BadInput("for a catalog in PostgreSQL: pip install psycopg[binary]")
    return sa.create_engine(url, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}, **_OPTIONS)


def _of_file(path: Path) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={
            "timeout": BUSY_TIMEOUT_S,
            "check_same_thread": False,
            "cached_statements": 512,
        },
        pool_size=8,
        max_overflow=56,
        pool_timeout=BUSY_TIMEOUT_S,
        **_OPTIONS,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, see _begin
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -64000",  # KiB
            "temp_store = MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("octolab_write", False)
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump(value: Any) -> str:
    """JSON as the tables hold it.

    Raises
    ------
    BadInput
        If something in it is not plain, or a number is not finite: no database takes those.
    """
    plain = to_json(value)
    try:
        return _JSON.encode(plain)
    except (TypeError, ValueError):
        try:
            check_plain(plain)
        except Misfit as error:
            raise BadInput(
                "{place} is {found}, which can't be kept; use finite numbers, texts, and lists "
                "and mappings of them",
                place=error.place,
                found=error.found,
            ) from None
        raise


_OPTIONS: dict[str, Any] = {"json_serializer": dump, "json_deserializer": json.loads}


def _version_of_file(path: Path) -> str | None:
    """The version of an existing SQLite file, without changing it; None for a new one.

    Only SQLite may open the file: closing it otherwise drops the locks of all connections
    that this process has to it (POSIX), and other processes then delete its log under them.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    if not size:
        return None
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        if size < HEADER_BYTES:  # which SQLite would take for an empty one
            raise sqlite3.DatabaseError("file is not a database")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" in tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error):
            raise
        tables = {"of something else"}
    finally:
        connection.close()
    if tables:
        raise LabError(
            "{path} is not an OctoLab catalog; move it away or choose another folder",
            path=str(path),
        )
    return None


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return str(found) if found else None


def _refuse_newer(found: str | None, place: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found not in known:
        raise LabError(
            "the catalog {path} was made by a newer OctoLab (its version is {version}, this one "
            "knows up to {known}); update OctoLab to open it",
            path=place,
            version=found,
            known=HEAD,
        )


def config() -> Any:
    """Alembic, told where the migrations are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _bring_up(engine: Engine, path: Path | None, place: str) -> None:
    """Migrate, one process at a time."""
    from alembic import command
    from filelock import FileLock

    lock: Any = contextlib.nullcontext()
    if path is not None:
        lock = FileLock(f"{path}-lock", timeout=BUSY_TIMEOUT_S)
    with lock:
        found = _version(engine)
        if found == HEAD:
            return
        if found is not None:
            _refuse_newer(found, place)
        alembic = config()
        with engine.execution_options(octolab_write=True).begin() as connection:
            alembic.attributes["connection"] = connection
            command.upgrade(alembic, "head")
            topics = set(connection.scalars(sa.select(revision.c.topic)))
            for topic in TOPICS:
                if topic not in topics:
                    connection.execute(sa.insert(revision).values(topic=topic, n=0))
            if not connection.scalar(sa.select(setting.c.key).where(setting.c.key == "lab_id")):
                connection.execute(sa.insert(setting).values(key="lab_id", value=str(uuid.uuid4())))
        if path is not None:  # whoever still waits for this lock will find the work done
            Path(f"{path}-lock").unlink(missing_ok=True)


def differences(engine: Engine) -> list[Any]:
    """What Alembic would change to make the tables those of `octolab.catalog.tables`."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_table_of_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))


def _is_table_of_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it is described in `octolab.catalog.tables`; the index of words makes its own."""
    return kind != "table" or not str(name).startswith("artifact_words")


@contextlib.contextmanager
def told(place: str) -> Iterator[None]:
    """Say in our own words what a database could not do."""
    try:
        yield
    except (StatementError, sqlite3.DatabaseError) as error:
        original = getattr(error, "orig", None) or error
        if isinstance(original, OctolabError):  # of `dump`, on its way to the database
            raise original from None
        reason = str(original)
        message = next((text for sign, text in _TOLD if sign in reason.lower()), None)
        away = isinstance(error, OperationalError | InterfaceError) and not isinstance(
            original, sqlite3.Error
        )
        if message is None and not away:
            raise
        message = message or "the catalog {path} can't be used: {reason}"
        raise LabError(message, path=place, reason=phrase(reason.partition("\n")[0])) from error


_TOLD = (
    (
        "disk is full",
        "the disk is full: the catalog {path} was not changed; free some space and try again",
    ),
    (
        "locked",
        "the catalog {path} is in use by another program that does not let go of it; close that "
        "program and try again",
    ),
    (
        "not a database",
        "the catalog {path} is damaged; restore it from a copy of the lab, or move it away and let "
        "`octolab verify --repair` make a new one from the files",
    ),
    (
        "image is malformed",
        "the catalog {path} is damaged; restore it from a copy of the lab, or move it away and let "
        "`octolab verify --repair` make a new one from the files",
    ),
    (
        "readonly",
        "the catalog {path} can't be written: {reason}",
    ),
    (
        "unable to open",
        "the catalog {path} can't be opened: {reason}",
    ),
    (
        "disk i/o",
        "the catalog {path} can't be read or written: {reason}",
    ),
)
