"""The whole command line: every verb brings its own arguments."""

from __future__ import annotations

import argparse
from typing import Any

from octolab import __version__
from octolab.cli import analysing, archiving, capturing, exporting, models, opening
from octolab.cli.options import common


def command() -> argparse.ArgumentParser:
    """The parser of `octolab` and its verbs."""
    octolab = argparse.ArgumentParser(
        prog="octolab",
        description="A research workbench: capture, analyse, keep, look. "
        "Without a verb it opens the workbench in the browser.",
        parents=[common(), opening.window()],
    )
    octolab.add_argument("--version", action="version", version=f"octolab {__version__}")
    octolab.set_defaults(run=opening.workbench, lab=None, port=0, no_browser=False, demo=False)
    verbs = octolab.add_subparsers(title="verbs", metavar="VERB")

    def verb(name: str, run: Any, text: str, *parents: Any) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, parents=[common(), *parents])
        added.set_defaults(run=run)
        return added

    for room in (opening, capturing, analysing, exporting, archiving, models):
        room.declare(verb)
    return octolab
