"""Every text a person can see exists in Russian, with the same values in it."""

from __future__ import annotations

import ast
import json
import os
import re
import string
from pathlib import Path
from typing import get_args

import pytest

import octolab
from octolab import errors, models, plugins
from octolab.i18n import messages, translate
from octolab.model import ArtifactKind, PinState

PACKAGE = Path(octolab.__file__).parent
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}


def _texts() -> list[tuple[str, str]]:
    """Every literal template given to an error, to the log or to `translate`."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = {"log": (0, 1), "translate": (0,), "phrase": (0,)}.get(
                name, (0,) if name in ERRORS else ()
            )
            for argument in [node.args[i] for i in place if i < len(node.args)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    text = argument.value
                    if text not in ("debug", "info", "warning", "error"):
                        found.append((path.relative_to(PACKAGE).as_posix(), text))
    return found


def _fields(template: str) -> set[str]:
    return {name.split("!")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def test_there_are_texts_to_check():
    assert len(_texts()) > 50


def test_every_text_has_a_russian_translation():
    missing = sorted({text for _, text in _texts()} - set(messages("ru")))
    assert not missing


def test_no_text_has_two_translations():
    folder = PACKAGE / "locale" / "ru"
    texts = [text for path in folder.glob("*.json") for text in json.loads(path.read_text("utf-8"))]
    assert sorted(texts) == sorted(set(texts))


def test_words_that_texts_are_made_of_are_translated():
    words = [f"a {kind}" for kind in get_args(ArtifactKind)]
    words += [f"{kind}s" for kind in get_args(ArtifactKind)]
    words += ["analyzer", "storage", *get_args(PinState)]
    for registry in (plugins.analyzers, plugins.storages):
        for plugin in registry.all():
            if registry.installed(plugin.name):  # and not made by a test before this one
                words += [plugin.title, getattr(plugin, "description", "") or plugin.title]
    words += [spec.title for spec in models.list()]
    assert not set(words) - set(messages("ru"))


def test_what_the_system_says_is_told_in_russian():
    error = errors.LabError(
        "{path}: {reason}", path="x", reason=errors.reason(OSError(28, os.strerror(28)))
    )
    assert str(error) == "x: No space left on device"
    assert error.localized("ru") == "x: на диске нет места"


def test_translations_use_the_same_values():
    wrong = [text for text, russian in messages("ru").items() if _fields(text) != _fields(russian)]
    assert not wrong
    percent = re.compile(r"%(?:\(\w+\))?[rs]")  # argparse writes its own texts so
    for text, russian in messages("ru").items():
        assert set(percent.findall(russian)) <= set(percent.findall(text))


def test_an_error_speaks_both_languages(monkeypatch):
    error = errors.NotFound("there is no lab in {path}", path="/x")
    assert str(error) == "there is no lab in /x"
    assert error.localized("ru") == "в /x нет лаборатории"
    monkeypatch.setenv("OCTOLAB_LANG", "ru")
    assert str(error) == "в /x нет лаборатории"


@pytest.mark.parametrize("language", ["en", "xx", None])
def test_an_unknown_language_is_english(language):
    assert (
        translate("there is no lab in {path}", language=language, path="p")
        == "there is no lab in p"
    )


def test_decimals_follow_a_comma_in_russian():
    text = "{camera}: recorded {seconds:.1f} s"
    values = {"camera": "Roof 2.0", "seconds": 17.94}
    assert translate(text, language="ru", **values) == "Roof 2.0: записано 17,9 с"
    assert translate(text, language="en", **values) == "Roof 2.0: recorded 17.9 s"
