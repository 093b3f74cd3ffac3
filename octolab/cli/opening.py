"""`octolab`, `octolab lab` and `octolab serve`: open a lab to look at it."""

from __future__ import annotations

import argparse
from pathlib import Path

from octolab.cli.console import DEMO, lab_path
from octolab.cli.options import Verb, port
from octolab.i18n import translate


def window() -> argparse.ArgumentParser:
    """Where the page opens, of the verbs that open one."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument(
        "--port",
        type=port,
        metavar=translate("N"),
        help=translate("0, the default, chooses a free one"),
    )
    options.add_argument(
        "--no-browser", action="store_true", help=translate("only print the address")
    )
    options.add_argument(
        "--demo", action="store_true", help=translate("fill a new lab with demo cameras")
    )
    return options


def workbench(arguments: argparse.Namespace) -> None:
    """Open the workbench: what the command does without a verb."""
    from octolab.jupyter import open_workbench

    open_workbench(_prepared_lab(arguments), port=arguments.port, browser=not arguments.no_browser)


def _lab(arguments: argparse.Namespace) -> None:
    from octolab.jupyter import open_lab

    open_lab(_prepared_lab(arguments), port=arguments.port, browser=not arguments.no_browser)


def _serve(arguments: argparse.Namespace) -> int:
    from octolab.server.__main__ import main as serve

    command = ["--lab", str(lab_path(arguments)), "--port", str(arguments.port)]
    command += ["--host", arguments.host]
    command += [f"--allow-host={name}" for name in arguments.allow_host]
    if arguments.token_file:
        command += ["--token-file", arguments.token_file]
    return serve(command)


def _prepared_lab(arguments: argparse.Namespace) -> Path:
    """The lab to open; a new one that nobody named becomes the demo."""
    from octolab.lab import Lab
    from octolab.lab.demo import fill

    path = lab_path(arguments)
    new = not (path / "lab.db").exists()
    with Lab(path) as lab:
        if new and (arguments.demo or path.name == DEMO):
            fill(lab)
    return path


def declare(verb: Verb) -> None:
    """Add the verbs to the parser."""
    verb("lab", _lab, translate("open JupyterLab on the lab's notebooks"), window())
    serve = verb("serve", _serve, translate("run the lab's server: HTTP API and live cameras"))
    serve.add_argument(
        "--port", type=port, default=8000, metavar=translate("N"), help=translate("8000 by default")
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        metavar=translate("ADDRESS"),
        help=translate("where to listen; loopback by default"),
    )
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar=translate("NAME"),
        help=translate("a name the server is called by"),
    )
    serve.add_argument(
        "--token-file",
        metavar=translate("FILE"),
        help=translate("holds the token ($OCTOLAB_TOKEN)"),
    )
