"""The whole command line: every verb brings its own arguments."""

from __future__ import annotations

import argparse
from typing import Any

from octolab import __version__
from octolab.cli import analysing, archiving, capturing, exporting, models, opening
from octolab.cli.options import common
from octolab.i18n import translate


def command() -> argparse.ArgumentParser:
    """The parser of `octolab` and its verbs, in the language spoken now."""
    # argparse asks gettext for its own words; ours are in the catalog of texts
    vars(argparse).update(_=translate, ngettext=_counted)
    octolab = argparse.ArgumentParser(
        prog="octolab",
        description=translate(
            "A research workbench: capture, analyse, keep, look. "
            "Without a verb it opens the workbench in the browser."
        ),
        parents=[common(), opening.window()],
    )
    octolab.add_argument(
        "--version",
        action="version",
        version=f"octolab {__version__}",
        help=translate("print the version"),
    )
    octolab.set_defaults(run=opening.workbench, lab=None, port=0, no_browser=False, demo=False)
    verbs = octolab.add_subparsers(title=translate("verbs"), metavar=translate("VERB"))

    def verb(name: str, run: Any, text: str, *parents: Any) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, parents=[common(), *parents])
        added.set_defaults(run=run)
        return added

    for group in (opening, capturing, analysing, exporting, archiving, models):
        group.declare(verb)
    return octolab


def _counted(one: str, many: str, count: int) -> str:
    return translate(one if count == 1 else many)
