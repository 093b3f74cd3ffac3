"""`octolab export`: a table of what was marked or found in sounds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from octolab.cli.archiving import by_cid, names_a_file
from octolab.cli.console import bar, file_to_write, lab_path, show
from octolab.cli.options import Verb, parameter, parameters, printing
from octolab.errors import BadInput
from octolab.i18n import translate

DETECTOR = "sound-events"
DIGITS = 18
"""More than any number in a catalog has."""
FORMATS = {
    name: name for name in ("raven", "audacity", "csv", "parquet", "aoef", "darwin-core")
} | {"report": "json"}  # --json prints JSON here as everywhere


def _export(arguments: argparse.Namespace) -> None:
    from octolab.audio.tables import write_table
    from octolab.lab.tables import named

    taxa = dict(_taxon(text) for text in arguments.taxon)
    sheets = [sheet for what in arguments.what for sheet in _sheets(arguments, what)]
    sheets = named(sheets, taxa)
    out = write_table(sheets, file_to_write(arguments.output), arguments.format)
    rows, sounds = sum(len(sheet.marks) for sheet in sheets), {sheet.sound for sheet in sheets}
    show(
        arguments,
        {"path": str(out), "rows": rows, "sounds": len(sounds)},
        translate("{path}: rows {rows}, sounds {n}", path=out, rows=rows, n=len(sounds)),
    )


def _sheets(arguments: argparse.Namespace, what: str) -> list[Any]:
    """What is told of a file, or of what a lab has under a number, a CID or the file's CID."""
    from octolab import plugins
    from octolab.content import file_cid
    from octolab.lab import Lab
    from octolab.lab.tables import file_sheet, sheets

    path = Path(what)
    known = not names_a_file(what)
    params = dict(parameter(text) for text in arguments.param)
    if known or arguments.lab or os.environ.get("OCTOLAB_LAB"):
        with Lab(lab_path(arguments), create=False) as lab:
            if not known:
                found = lab.by_cid(file_cid(path))
            elif what.isdecimal() and len(what) <= DIGITS:
                found = [lab.get(int(what))]
            else:
                found = by_cid(lab, what)
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
    export = verb(
        "export",
        _export,
        translate("write a table of what was marked or found in sounds"),
        printing(),
    )
    export.add_argument(
        "what",
        nargs="+",
        metavar=translate("FILE|CID|ID"),
        help=translate("a sound: a file, or what the lab has under a CID or a number"),
    )
    export.add_argument(
        "-o",
        "--output",
        required=True,
        metavar=translate("FILE"),
        help=translate("where to write it"),
    )
    formats = export.add_mutually_exclusive_group(required=True)
    for option, name in FORMATS.items():
        formats.add_argument(
            f"--{option}",
            dest="format",
            action="store_const",
            const=name,
            help=translate("write it in this format"),
        )
    export.add_argument(
        "--analyzer",
        metavar=translate("NAME"),
        help=translate(
            "what it found, not what people marked; of a file that is in no lab, {name} by default",
            name=DETECTOR,
        ),
    )
    export.add_argument(
        "--threshold",
        type=float,
        metavar=translate("X"),
        help=translate("leave out lower scores"),
    )
    parameters(export)
    export.add_argument(
        "--taxon",
        action="append",
        default=[],
        metavar=translate("LABEL=SPECIES"),
        help=translate("the scientific name behind a label; may be given again"),
    )
