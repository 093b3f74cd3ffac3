"""The `octolab` command.

Each verb is a thin layer over the library: it prints one result to standard output (JSON
with ``--json``), and one clear line to standard error, with a non-zero exit code, when
something is wrong.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

from octolab.cli.console import line
from octolab.cli.parser import command

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. With ``OCTOLAB_DEBUG=1`` faults show their place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal can't show must not end us
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = command().parse_args(argv)
        return int(arguments.run(arguments) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("OCTOLAB_DEBUG"):
            traceback.print_exc()
        print(f"octolab: {line(error)}", file=sys.stderr)
        return 1
