"""Names and texts as they are kept and looked for.

A letter with a mark may be written as one sign or as two (macOS names files so: й, ё); both
are the same to people. So what is kept and what is looked for go through `normal`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from octolab.errors import BadInput

_LONGEST_NAME = 200
_LONGEST_TAG = 100
_UNSEEN = ("Cc", "Cs")  # control characters and halves of characters
_NAMES = ("name", "filename", "original", "title")  # what a text search finds in `meta`


def normal(text: str) -> str:
    """Text with letters composed and one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """The same whatever the case."""
    return normal(normal(text).casefold())


def seen(text: str) -> str:
    """Text without what no screen shows; empty when there is nothing else."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    return kept if any(sign.isprintable() for sign in kept) else ""


def shown_name(name: str) -> str:
    """The name of a source or a gallery as it is kept."""
    shown = normal(name)
    if not shown:
        raise BadInput("a name can't be empty")
    _check_seen(shown)
    if len(shown) > _LONGEST_NAME:
        raise BadInput("the name {name!r} is too long: 200 letters at most", name=shown[:40] + "…")
    return shown


def tag_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: one space between words, no doubles, in order of the alphabet."""
    cleaned = set()
    for name in (names,) if isinstance(names, str) else names:
        if not isinstance(name, str):
            raise BadInput("a tag is a text, not {value!r}", value=name)
        cleaned.add(normal(name))
    for name in cleaned - {""}:
        _check_seen(name)
        if len(name) > _LONGEST_TAG:
            raise BadInput(
                "the tag {name!r} is too long: {limit} letters at most",
                name=name[:40] + "…",
                limit=_LONGEST_TAG,
            )
    return tuple(sorted(cleaned - {""}))


def _check_seen(name: str) -> None:
    if seen(name) != name:
        raise BadInput("{name!r} can't be a name: it holds what can't be seen", name=name[:40])


def words_of(note: str, meta: Mapping[str, Any]) -> str:
    """What a text search looks through: the note and the names, a line each."""
    named = [str(meta[key]) for key in _NAMES if meta.get(key)]
    return "\n".join(line for part in (note, *named) if (line := folded(part)))


def asked(text: str) -> tuple[str, ...]:
    """The words of a search; each must be there, in whatever order."""
    return tuple(dict.fromkeys(folded(text).split()))
