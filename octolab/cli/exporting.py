"""`octolab export`: a table of what was marked or found in sounds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from octolab.cli.archiving import by_cid
from octolab.cli.console import bar, lab_path
from octolab.cli.options import Verb, parameter
from octolab.errors import BadInput
from octolab.i18n import translate

DETECTOR = "sound-events"


def _export(arguments: argparse.Namespace) -> None:
    from octolab.audio.tables import write_table
    from octolab.lab.tables import named

    taxa = dict(_taxon(text) for text in arguments.taxon)
    sheets = [sheet for what in arguments.what for sheet in _sheets(arguments, what)]
    sheets = named(sheets, taxa)
    out = write_table(sheets, arguments.output, arguments.format)
    rows, sounds = sum(len(sheet.marks) for sheet in sheets), {sheet.sound for sheet in sheets}
    print(translate("{path}: rows {rows}, sounds {n}", path=out, rows=rows, n=len(sounds)))


def _sheets(arguments: argparse.Namespace, what: str) -> list[Any]:
    """What is told of a file, or of what a lab has under a number, a CID or the file's CID."""
    from octolab import plugins
    from octolab.content import file_cid
    from octolab.lab import Lab
    from octolab.lab.tables import file_sheet, sheets

    path = Path(what)
    if not path.is_file() and {*"./\\"} & {*what}:  # neither a number nor a CID
        raise BadInput("there is no file {path}", path=what)
    params = dict(parameter(text) for text in arguments.param)
    if not path.is_file() or arguments.lab or os.environ.get("OCTOLAB_LAB"):
        with Lab(lab_path(arguments), create=False) as lab:
            if path.is_file():
                found = lab.by_cid(file_cid(path))
            else:
                found = [lab.get(int(what))] if what.isdecimal() else by_cid(lab, what)
            if found:
                analysis = arguments.analyzer
                if params:
                    analysis = found[0].analyze(analysis or DETECTOR, **params)
                return sheets(lab, found[:1], arguments.format, analysis, arguments.threshold)
    analyzer = plugins.analyzers.get(arguments.analyzer or DETECTOR)
    if analyzer.prepare is not None:
        analyzer.prepare(bar)
    return [file_sheet(path, analyzer, params, arguments.threshold)]


def _taxon(text: str) -> tuple[str, str]:
    label, sign, name = text.rpartition("=")
    if not sign or not name:
        raise BadInput("--taxon takes LABEL=SCIENTIFIC NAME, not {text!r}", text=text)
    return label, name


def declare(verb: Verb) -> None:
    """Add the verb to the parser."""
    export = verb("export", _export, "write a table of what was marked or found in sounds")
    export.add_argument("what", nargs="+", metavar="FILE|CID|ID")
    export.add_argument("-o", "--output", required=True, metavar="OUT")
    formats = export.add_mutually_exclusive_group(required=True)
    for name in ("raven", "audacity", "csv", "parquet", "aoef", "darwin-core", "json"):
        formats.add_argument(f"--{name}", dest="format", action="store_const", const=name)
    export.add_argument(
        "--analyzer",
        metavar="NAME",
        help="what it found, not what people marked; "
        f"of a file that is in no lab, {DETECTOR} by default",
    )
    export.add_argument("--threshold", type=float, metavar="X", help="leave out lower scores")
    export.add_argument("-p", "--param", action="append", default=[], metavar="NAME=VALUE")
    export.add_argument("--taxon", action="append", default=[], metavar="LABEL=NAME")
