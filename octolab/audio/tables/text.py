"""Text tables as they come: any of the usual encodings, line ends, delimiters and decimals."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from octolab.errors import BadInput

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(\.\d{3})+,\d+")
_NARROW = re.compile(r"[\u00a0\u2009\u202f]")  # what groups digits besides points and commas
_NOTHING = frozenset({"", "na", "nan", "null", "–"})  # also as R and pandas write it
_SEPARATOR = re.compile(r'"?sep=([^\r\n"])"?\1*[ \t]*(?=[\r\n]|\Z)', re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_CYRILLIC = re.compile(rb"[\xa8\xb8\xc0-\xff]{3,}")
_FORMULA = frozenset("=+-@\t\r")
_SPACES = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")

BROKEN = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What comes of taking apart JSON that is not what it should be."""

T = TypeVar("T")
Row = Mapping[str, str]


# --- reading ---------------------------------------------------------------


def text_of(data: bytes, name: str) -> str:
    """Decode a text file: UTF-8, UTF-16, or what Windows writes in the West or in Russia.

    Raises
    ------
    BadInput
        If it is no text.
    """
    text = _decoded(data).rstrip("\x1a")
    if _CONTROL.search(text):
        raise BadInput("{name} is not a text table", name=name)
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 4:
        return data.decode("utf-16-le" if odd > even else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # letters beyond ASCII stand alone or in pairs in the West, side by side in Russia
    beyond = sum(byte >= 0xC0 for byte in data)
    russian = 2 * sum(map(len, _CYRILLIC.findall(data))) > beyond
    return data.decode("cp1251" if russian else "cp1252", errors="replace")


def separated(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line tells Excel (``sep=;``), and a text with that line empty."""
    told = _SEPARATOR.match(text)
    return (told[1], text[told.end() :]) if told else (None, text)


@dataclass(frozen=True, slots=True)
class Grid:
    """A delimited table: the names in its head, and the cells of each line by name."""

    head: Sequence[str]
    rows: Sequence[tuple[int, Row]]


def grid_of(text: str, name: str) -> Grid:
    """Cut a text with a head line into cells; tabs, semicolons and commas delimit.

    What its first line tells Excel goes before that. Cells that are missing at the end of a
    line are empty. Of two columns of one name the first counts.

    Raises
    ------
    BadInput
        If a line has more cells than the head, or quotes that do not end.
    """
    told, text = separated(text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = told or next((sign for sign in "\t;," if sign in first), ",")
    quoted = delimiter != "\t" or first.lstrip().startswith('"')
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    head: list[str] | None = None
    rows: list[tuple[int, Row]] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = [cell.strip() for cell in cells]
                continue
            if any(cell.strip() for cell in cells[len(head) :]):
                raise at_line(
                    name,
                    reader.line_num,
                    BadInput(
                        "it has {count} cells, more than the head of the table has",
                        count=len(cells),
                    ),
                )
            row: dict[str, str] = {}
            for column, cell in zip(head, cells, strict=False):
                if column:
                    row.setdefault(column, bare(cell.strip()))
            rows.append((reader.line_num, row))
    except csv.Error as error:
        raise at_line(
            name,
            reader.line_num,
            BadInput("it is not a row of a table: {reason}", reason=str(error)),
        ) from None
    return Grid([column for column in head or [] if column], rows)


def each(name: str, rows: Iterable[tuple[int, T]], make: Callable[[int, T], Any]) -> Iterator[Any]:
    """Make something of each row; an error names the file and the line."""
    for line, row in rows:
        try:
            yield make(line, row)
        except BadInput as error:
            raise at_line(name, line, error) from None


def at_line(name: str, line: int, error: BadInput) -> BadInput:
    """An error, with where it is."""
    return BadInput("{name}, line {line}: {what}", name=name, line=line, what=error.told)


def number(value: Any, column: object) -> float:
    """A number of a cell, with a point or a comma, its digits perhaps in groups.

    An error names the column.

    Raises
    ------
    BadInput
        If it is no finite number.
    """
    text = _NARROW.sub("", str(value)).strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(min(",.", key=text.index), "")
    found = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(found):
        raise BadInput("{column} is {text!r}, which is not a number", column=column, text=text[:40])
    return found


def maybe_number(value: Any, column: object) -> float | None:
    """The same; None for an empty cell, or one that says that it is."""
    if value is None or str(value).strip().casefold() in _NOTHING:
        return None
    return number(value, column)


def find_column(head: Iterable[str], names: Sequence[str]) -> str | None:
    """The column of the first of these names that a table has, in whatever case."""
    known = {column.casefold(): column for column in reversed(list(head))}
    return next((known[wanted] for wanted in names if wanted in known), None)


# --- writing ---------------------------------------------------------------


def delimited(rows: Iterable[Sequence[object]], delimiter: str) -> bytes:
    """Rows of text and numbers as UTF-8; tab-delimited ones have no quotes."""
    out = io.StringIO(newline="")
    if delimiter == "\t":
        for row in rows:
            out.write("\t".join(_SPACES.sub(" ", cell(value)) for value in row) + "\n")
    else:
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        writer.writerows([[cell(value) for value in row] for row in rows])
    return out.getvalue().encode()


def cell(value: object) -> str:
    """A value as a cell that a spreadsheet will not run."""
    if value is None:
        return ""
    if isinstance(value, float):
        return plain(value)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and _runs(text) else text


def bare(text: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    return text[1:] if text[:1] == "'" and _runs(text) else text


def _runs(text: str) -> bool:
    """Whether a spreadsheet takes a text for a formula, apostrophes before it put aside."""
    start = text.lstrip("'")
    return start[:1] in _FORMULA and start != "" and not _NUMBER.fullmatch(start)


def plain(value: float) -> str:
    """A number in all its digits, never with an exponent."""
    text = repr(float(value))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
