"""The formats that tables of marks come in: named, told apart, read and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from octolab.audio.tables import aoef, audacity, commas, darwincore, parquet, raven, report
from octolab.audio.tables.sheet import Sheet
from octolab.audio.tables.text import separated, text_of
from octolab.content import atomic_write
from octolab.errors import BadInput, NotFound, TooLarge

LARGEST = 1 << 28


class Decode(Protocol):
    """What reads a format."""

    def __call__(self, data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
        """Read the bytes of a file of that name."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``suffix`` is how its files' names end."""

    name: str
    title: str
    suffix: str
    media_type: str
    encode: Callable[[Sequence[Sheet]], bytes]
    decode: Decode


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "raven",
            "Raven selection table",
            ".selections.txt",
            "text/tab-separated-values",
            raven.encode,
            raven.decode,
        ),
        Format(
            "audacity",
            "Audacity labels",
            ".labels.txt",
            "text/plain",
            audacity.encode,
            audacity.decode,
        ),
        Format("csv", "CSV table", ".csv", "text/csv", commas.encode, commas.decode),
        Format(
            "parquet",
            "Parquet table",
            ".parquet",
            "application/vnd.apache.parquet",
            parquet.encode,
            parquet.decode,
        ),
        Format(
            "aoef", "AOEF (soundevent)", ".aoef.json", "application/json", aoef.encode, aoef.decode
        ),
        Format(
            "darwin-core",
            "Darwin Core archive",
            ".dwca.zip",
            "application/zip",
            darwincore.encode,
            darwincore.decode,
        ),
        Format("json", "JSON report", ".json", "application/json", report.encode, report.decode),
    )
}


def format_named(name: str) -> Format:
    """The format of a name (NotFound)."""
    if name not in FORMATS:
        raise NotFound(
            "there is no table format {name!r}; there are: {known}",
            name=name,
            known=", ".join(FORMATS),
        )
    return FORMATS[name]


def format_of(data: bytes, name: str) -> Format:
    """The format of a file, by what is in it.

    Raises
    ------
    BadInput
        If the file is empty or no table.
    """
    if data.startswith(parquet.MAGIC):
        return FORMATS["parquet"]
    if data.startswith(darwincore.MAGIC):
        return FORMATS["darwin-core"]
    _, text = separated(text_of(data, name))
    if not text.strip():
        if name.lower().endswith(FORMATS["audacity"].suffix):
            return FORMATS["audacity"]  # without labels, it has no head either
        raise BadInput("{name} is empty", name=name)
    if text.lstrip().startswith("{"):
        found = next((one for one in ("aoef", "json") if _JSON[one](text)), None)
        if found is None:
            raise BadInput("{name} is JSON, but neither AOEF nor a report of ours", name=name)
        return FORMATS[found]
    first = next(line for line in text.splitlines() if line.strip())
    if raven.knows(first):
        return FORMATS["raven"]
    return FORMATS["audacity" if audacity.knows(first) else "csv"]


_JSON = {"aoef": aoef.knows, "json": report.knows}


def decode_table(
    data: bytes, name: str, format: str | None = None, *, label: str | None = None
) -> list[Sheet]:
    """Read a table from bytes; parameters and errors as for `read_table`."""
    chosen = format_named(format) if format is not None else format_of(data, name)
    return chosen.decode(data, name, label=label)


def read_table(
    path: str | os.PathLike[str], format: str | None = None, *, label: str | None = None
) -> list[Sheet]:
    """Read marks in sounds from a table.

    Parameters
    ----------
    path : path-like
        The file.
    format : str, optional
        One of `FORMATS`; found out from the content by default.
    label : str, optional
        The column (or key of tags, or term) that holds the labels, if the usual ones do not.

    Returns
    -------
    list of Sheet
        One for each sound the table names, at least one.

    Raises
    ------
    BadInput
        If it is no such table or a row is not possible; the error names the line.
    NotFound
        If there is no such file or format.
    TooLarge
        If it has more than 256 MiB.
    """
    place = Path(path)
    if not place.is_file():
        raise NotFound("there is no file {path}", path=str(place))
    if place.stat().st_size > LARGEST:
        raise TooLarge("{name} is larger than {limit} MiB", name=place.name, limit=LARGEST >> 20)
    return decode_table(place.read_bytes(), place.name, format, label=label)


def write_table(sheets: Iterable[Sheet], path: str | os.PathLike[str], format: str) -> Path:
    """Write marks in sounds as a table, whole or not at all.

    Parameters
    ----------
    sheets : iterable of Sheet
        The sounds and the marks in them.
    path : path-like
        The file.
    format : str
        One of `FORMATS`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BadInput
        If the format can't hold them; its module says what it needs.
    NotFound
        If there is no such format.
    LabError
        If the file can't be written.
    """
    place = Path(path)
    atomic_write(place, format_named(format).encode(list(sheets)))
    return place
