"""Reading and writing a catalog, one transaction at a time."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

from octolab.catalog.opening import told
from octolab.catalog.tables import Number, revision

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WRITER_LOCK = 0x0C70  # of PostgreSQL; SQLite has one writer by nature

CHUNK = 500

T = TypeVar("T")


class Store:
    """A database with read and write transactions.

    A write holds the database's only writer from its first statement on (``BEGIN
    IMMEDIATE``), so two processes wait for each other instead of failing half-way.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._reader = engine.execution_options(octolab_write=False)
        self._writer = engine.execution_options(octolab_write=True)
        self._writing: Connection | None = None
        self._place = place
        self._turn = threading.Lock()
        self._pid = os.getpid()
        self._source_ids: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the database."""
        self._after_fork()
        with self._turn:
            self._let_go()
            self._engine.dispose()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the catalog."""
        self._after_fork()
        with told(self._place), self._reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self, *topics: str) -> Iterator[Connection]:
        """One change: all of it happens or none; bumps the revision of its topics."""
        self._after_fork()
        with told(self._place), self._turn, self._begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITER_LOCK)))
            yield connection
            if topics:
                _BUMP.run(connection, [{"changed": topic} for topic in topics])

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        """Begin on a connection that is kept while all goes well: to fetch one takes time."""
        if self._writing is None:
            self._writing = self._writer.connect()
        try:
            with self._writing.begin():
                yield self._writing
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        kept, self._writing = self._writing, None
        if kept is not None:
            kept.close()

    def _after_fork(self) -> None:
        if os.getpid() != self._pid:
            self._engine.dispose(close=False)
            self._parents = self._writing  # closing it here would roll back what they write
            self._writing = None
            self._turn = threading.Lock()
            self._pid = os.getpid()


class Prepared:
    """A statement that runs with every captured frame: compiled once, run by the driver.

    SQLAlchemy's own execution costs several times what SQLite needs for such a statement.
    Parameters go to the driver as they are; all rows have the same keys.
    """

    def __init__(self, make: Callable[[str], sa.Executable]) -> None:
        self._make = make
        self._compiled: dict[str, tuple[str, list[str] | None, Mapping[str, Any]]] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Execute for each row; returns the driver's cursor."""
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            statement: Any = self._make(dialect.name)
            compiled = statement.compile(dialect=dialect, column_keys=list(rows[0]))
            self._compiled[dialect.name] = (
                compiled.string,
                compiled.positiontup,
                compiled.params,
            )
        text, order, constants = self._compiled[dialect.name]
        values: Any = (
            rows if constants.keys() <= rows[0].keys() else [{**constants, **row} for row in rows]
        )
        if order is not None:
            values = [tuple([row[name] for name in order]) for row in values]
        cursor = connection.connection.cursor()
        if len(values) == 1:
            cursor.execute(text, values[0])
        else:
            cursor.executemany(text, values)
        return cursor


class Among:
    """A statement for the rows of some ids: prepared for a few sizes, filled up with -1."""

    def __init__(self, chosen: sa.Select[Any], column: sa.ColumnElement[int]) -> None:
        def of(size: int) -> Prepared:
            ids = [sa.bindparam(f"n{index}", type_=Number) for index in range(size)]
            return Prepared(lambda _: chosen.where(column.in_(ids)))

        self._of = {size: of(size) for size in (1, 20, 100, CHUNK)}

    def rows(self, connection: Connection, ids: Sequence[int]) -> Iterator[Any]:
        """All rows, in no order."""
        for some in chunks(list(ids)):
            size = next(size for size in self._of if size >= len(some))
            padded = [*some, *[-1] * (size - len(some))]
            wanted = {f"n{index}": number for index, number in enumerate(padded)}
            yield from self._of[size].run(connection, [wanted]).fetchall()


_BUMP = Prepared(
    lambda dialect: (
        sa.update(revision)
        .where(revision.c.topic == sa.bindparam("changed"))
        .values(n=revision.c.n + sa.literal_column("1"))
    )
)


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that can say what happens on conflict, for SQLite or PostgreSQL."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def micros(moment: datetime) -> int:
    """Microseconds since 1970; a time without zone means UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def maybe_micros(moment: datetime | None) -> int | None:
    """The same for a time that may be missing."""
    return None if moment is None else micros(moment)


def moment(number: int) -> datetime:
    """The time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=number)


def maybe_moment(number: int | None) -> datetime | None:
    """The same for a number that may be missing."""
    return None if number is None else moment(number)


def chunks(items: list[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut a list into pieces a statement can take."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
