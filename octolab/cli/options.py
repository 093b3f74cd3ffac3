"""What the options of several verbs have in common, and what their values mean."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from octolab.errors import BadInput

Verb = Callable[..., argparse.ArgumentParser]
"""``verb(name, run, text, *parents)`` adds one to the command and gives its parser."""


def printing() -> argparse.ArgumentParser:
    """``--json``, of the verbs that print data."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--json", action="store_true", help="print JSON")
    return options


def common() -> argparse.ArgumentParser:
    """What may stand before a verb as well as after it: only what is given is set."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--lab", metavar="DIR", help="the lab's folder ($OCTOLAB_LAB)")
    return common


def parameter(text: str) -> tuple[str, Any]:
    """One ``name=value`` of ``-p``; a value that is JSON is read as such."""
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise BadInput("-p takes name=value, not {text!r}", text=text)
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
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 1280x720") from None


def count(text: str) -> int:
    """How many processes, one at least."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)
