"""What every verb says, and where it works: the lab, one result, how far it is."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from octolab.content import disk_errors, make_folder
from octolab.errors import BadInput, OctolabError, reason
from octolab.i18n import translate
from octolab.model import to_json

DEMO = "octolab-demo"
_last_bar = 0.0


def lab_path(arguments: argparse.Namespace) -> Path:
    """The lab that was named, else the one of the shell, else the demo."""
    return Path(arguments.lab or os.environ.get("OCTOLAB_LAB") or DEMO).expanduser().resolve()


def file_to_write(name: str, *endings: str) -> Path:
    """Where ``-o`` says a file goes; its folder is made when it is missing.

    Raises
    ------
    BadInput
        If it is a folder, or has none of the endings.
    """
    path = Path(name).expanduser()
    if path.is_dir() or name.endswith(os.sep):
        raise BadInput("{path} is a folder; name the file to write", path=name)
    if endings and not path.name.lower().endswith(endings):
        raise BadInput(
            "{path} can't be written: its name must end with {endings}",
            path=name,
            endings=", ".join(endings),
        )
    with disk_errors(path):
        make_folder(path.parent)
    return path


def show(arguments: argparse.Namespace, data: Any, text: str) -> None:
    """Print one result: the data as JSON if that was asked for, else the text."""
    if arguments.json:
        dump(to_json(data))
    else:
        print(text)


def dump(data: Any) -> None:
    """Print plain data as JSON."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    print()


def line(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, OctolabError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return translate("{path}: {reason}", path=str(error.filename), reason=reason(error))
    return translate(
        "something went wrong ({kind}: {error}); with OCTOLAB_DEBUG=1 it shows where",
        kind=type(error).__name__,
        error=" ".join(str(error).split()),
    )


def bar(done: int, total: int | None = None, message: str = "") -> None:
    """Progress on a terminal, on one line; nothing when nobody watches."""
    global _last_bar
    if not sys.stderr.isatty():
        return
    now = time.monotonic()
    if done == total or now - _last_bar > 0.1:
        _last_bar = now
        share = f"{100 * done // total:3d} %" if total else str(done)
        end = "\n" if done == total else ""
        print(f"\r{share} {message[:60]:60}", end=end, file=sys.stderr, flush=True)
