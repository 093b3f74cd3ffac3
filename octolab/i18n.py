"""Texts in English and Russian.

English templates are the keys; the files of ``locale/ru/`` (one a room) map them to Russian.
The language is ``OCTOLAB_LANG``, else what the system says, else English.
"""

from __future__ import annotations

import json
import locale
import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "ru")


def current_language() -> str:
    """The language to speak now."""
    for wanted in (os.environ.get("OCTOLAB_LANG"), os.environ.get("LANG"), locale.getlocale()[0]):
        if wanted and wanted[:2].lower() in LANGUAGES:
            return wanted[:2].lower()
    return "en"


@cache
def messages(lang: str) -> dict[str, str]:
    """The catalog of one language: English template to translation."""
    if lang == "en":
        return {}
    found: dict[str, str] = {}
    folder = resources.files("octolab") / "locale" / lang
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            found |= json.loads(file.read_text("utf-8"))
    return found


def translate(message: str, *, language: str | None = None, **values: Any) -> str:
    """Render a template in a language; an untranslated one stays English.

    A value may be a text to translate too, as `phrase` makes one, or a list of such. A text that
    is no template of these values, such as one with stray braces, stays as it is.
    """
    lang = language if language in LANGUAGES else current_language()
    text = messages(lang).get(message, message)
    try:
        spoken = {name: _spoken(value, lang) for name, value in values.items()}
        return text.format(**spoken) if values else text
    except (KeyError, IndexError, ValueError, AttributeError):
        return text


def phrase(message: str, **values: Any) -> dict[str, Any]:
    """A text as a value of another one, to be told in the reader's language."""
    return {"message": message, "values": values}


def _spoken(value: Any, language: str) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_spoken(one, language)) for one in value)
    if isinstance(value, Mapping) and value.keys() == {"message", "values"}:
        return translate(value["message"], language=language, **value["values"])
    return _Comma(value) if language == "ru" and isinstance(value, float) else value


class _Comma(float):
    """A number whose decimals follow a comma."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", ",")
