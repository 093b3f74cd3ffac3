"""Labels of Audacity: begin, end and name with tabs between, a label without length a point.

A label of a spectral selection is followed by a line with a backslash and its two
frequencies, of which one may be unknown (-1).

Reference: Audacity Manual, "Importing and Exporting Labels".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked
from octolab.audio.tables.text import at_line, bare, delimited, number, text_of
from octolab.errors import BadInput
from octolab.model import Event

_LABEL = re.compile(r"\s*[+-]?[\d.,]+\t\s*[+-]?[\d.,]+\s*(\t|$)")
_BEGIN, _END, _LOW, _HIGH = (
    BadInput(text).told
    for text in ("the begin", "the end", "the low frequency", "the high frequency")
)
_NEW_LINE = re.compile(r"\r\n|\r|\n")


def knows(head: str) -> bool:
    """Whether a first line is that of a label file."""
    return bool(_LABEL.match(head))


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read a label file."""
    marks: list[Mark] = []
    open_for_band = False
    for line, text in enumerate(_NEW_LINE.split(text_of(data, name)), 1):
        if not text.strip():
            continue
        cells = text.split("\t")
        try:
            if cells[0].strip() != "\\":
                marks.append(_mark(cells, line))
                open_for_band = True
            elif open_for_band:
                marks[-1] = replace(marks[-1], event=_with_band(marks[-1].event, cells))
                open_for_band = False
            else:
                raise BadInput("frequencies stand below the label that they belong to")
        except BadInput as error:
            raise at_line(name, line, error) from None
    return [Sheet(SoundFile(), marks)]


def _mark(cells: Sequence[str], line: int) -> Mark:
    if len(cells) < 2:
        raise BadInput("a label is a begin, an end and a name, with tabs between them")
    start, end = number(cells[0], _BEGIN), number(cells[1], _END)
    return Mark(checked(Event(start, end, bare(" ".join(cells[2:]).strip()))), line=line)


def _with_band(event: Event, cells: Sequence[str]) -> Event:
    if len(cells) < 3:
        raise BadInput("a line of frequencies is a backslash and two numbers, with tabs between")
    low, high = number(cells[1], _LOW), number(cells[2], _HIGH)
    return checked(
        replace(event, low_hz=None if low < 0 else low, high_hz=None if high < 0 else high)
    )


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write a label file; it is of one sound.

    Raises
    ------
    BadInput
        If there are several sounds.
    """
    if len({sheet.sound for sheet in sheets}) > 1:
        raise BadInput("a label file of Audacity is of one sound; export them one by one")
    rows: list[Sequence[object]] = []
    marks = [mark for sheet in sheets for mark in sheet.marks]
    for mark in sorted(marks, key=lambda one: one.event.start):
        event = mark.event
        rows.append((_fixed(event.start), _fixed(event.end), event.label))
        if event.low_hz is not None or event.high_hz is not None:
            rows.append(("\\", *(_fixed(-1 if hz is None else hz) for hz in _band(event))))
    return delimited(rows, "\t")


def _band(event: Event) -> tuple[float | None, float | None]:
    return event.low_hz, event.high_hz


def _fixed(value: float) -> str:
    return f"{value:.6f}"
