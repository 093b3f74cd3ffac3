"""What the options of several verbs have in common, and what their values mean."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from octolab.errors import BadInput
from octolab.i18n import translate

Verb = Callable[..., argparse.ArgumentParser]
"""``verb(name, run, text, *parents)`` adds one to the command and gives its parser."""

OWN = ("again", "analyzer", "executor", "out", "progress")
"""What analysing takes by keyword itself, so that no analyzer can be given it."""


def common() -> argparse.ArgumentParser:
    """What may stand before a verb as well as after it: only what is given is set."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--lab", metavar=translate("DIR"), help=translate("the lab's folder ($OCTOLAB_LAB)")
    )
    return common


def printing() -> argparse.ArgumentParser:
    """``--json``, of the verbs that print data."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--json", action="store_true", help=translate("print JSON"))
    return options


def parameters(parser: argparse.ArgumentParser) -> None:
    """``-p``, of the verbs that run an analyzer."""
    parser.add_argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar=translate("NAME=VALUE"),
        help=translate("a parameter of the analyzer; may be given again"),
    )


def parameter(text: str) -> tuple[str, Any]:
    """One ``name=value`` of ``-p``; a value that is JSON is read as such."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise BadInput("-p takes name=value, not {text!r}", text=text)
    if name in OWN:
        raise BadInput("{name!r} is no parameter of an analyzer", name=name)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def size(text: str) -> tuple[int, int]:
    """Width and height of ``1280x720``."""
    width, _, height = text.partition("x")
    try:
        return int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(
            translate("{text!r} is no size; write it like 1280x720", text=text)
        ) from None


def count(text: str) -> int:
    """How many processes, one at least."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(translate("{text!r} is no number of processes", text=text))
    return int(text)


def port(text: str) -> int:
    """Where to listen; 0 takes a free port."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(
            translate("{text!r} is no port: a number from 0 to 65535", text=text)
        )
    return int(text)
