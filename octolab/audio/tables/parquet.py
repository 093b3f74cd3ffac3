"""Parquet tables: one row an event, typed, for pandas, R, DuckDB and the like.

Times are UTC without a zone, as their names say.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.audio.tables import flat
from octolab.audio.tables.sheet import Sheet
from octolab.errors import BadInput

if TYPE_CHECKING:
    import duckdb
    import numpy as np

MAGIC = b"PAR1"
_INTEGERS = ("channel",)


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read a table of events."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, _opened() as database:
        path = Path(folder) / "events.parquet"
        path.write_bytes(data)
        try:
            described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
            kinds = {row[0]: str(row[1]) for row in described.fetchall()}
            chosen = ", ".join(_selected(column, kind) for column, kind in kinds.items())
            found = database.execute(f"SELECT {chosen} FROM read_parquet(?)", [str(path)])
            rows = found.fetchall()
        except duckdb.Error as error:
            raise BadInput(
                "{name} is not a whole Parquet table: {reason}",
                name=name,
                reason=str(error).splitlines()[0][:200],
            ) from None
    head = list(kinds)
    lines = ((line, dict(zip(head, row, strict=True))) for line, row in enumerate(rows, 1))
    return flat.sheets(name, head, lines, label)


def _selected(column: str, kind: str) -> str:
    quoted = '"{}"'.format(column.replace('"', '""'))
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({quoted})) AS {quoted}"
    return quoted


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write a table of events, compressed by zstd."""
    head, rows = flat.rows(sheets)
    values = list(zip(*rows, strict=True)) or [()] * len(head)
    marks = {column: _array(column, cells) for column, cells in zip(head, values, strict=True)}
    with tempfile.TemporaryDirectory() as folder, _opened() as database:
        path = Path(folder) / "events.parquet"
        database.register("marks", marks)
        database.execute("COPY marks TO ? (FORMAT parquet, COMPRESSION zstd)", [str(path)])
        return path.read_bytes()


def _array(column: str, cells: Sequence[Any]) -> np.ndarray:
    import numpy as np

    if column in flat.TIMES:
        naive = [
            cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else None
            for cell in cells
        ]
        return np.array(naive, "datetime64[us]")
    if column in flat.NUMBERS or column in _INTEGERS:
        kind = np.int32 if column in _INTEGERS else np.float64
        numbers = np.array([0 if cell is None else cell for cell in cells], kind)
        return np.ma.MaskedArray(numbers, [cell is None for cell in cells])
    return np.array(cells, object)


def _opened() -> duckdb.DuckDBPyConnection:
    import duckdb

    database = duckdb.connect(":memory:")
    for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
        database.execute(f"SET {setting} = false")  # never look for extensions on the network
    return database
