"""Comma-separated tables: one row an event, for spreadsheets and scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from octolab.audio.tables import flat
from octolab.audio.tables.sheet import Sheet, iso
from octolab.audio.tables.text import delimited, grid_of, text_of

_FOR_EXCEL = b"\xef\xbb\xbf"


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read a table with a head line; semicolons and tabs delimit as well."""
    grid = grid_of(text_of(data, name), name)
    return flat.sheets(name, grid.head, grid.rows, label)


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write a table that spreadsheets open in any language."""
    head, rows = flat.rows(sheets)
    texts = (
        [iso(value) if isinstance(value, datetime) else value for value in row] for row in rows
    )
    return _FOR_EXCEL + delimited([head, *texts], ",")
