"""The `octolab` command.

Each verb is a thin layer over the library: it prints one result to standard output (JSON
with ``--json``), and one clear line to standard error, with a non-zero exit code, when
something is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from octolab.cli.parser import command
from octolab.errors import OctolabError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    arguments = command().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except OctolabError as error:
        print(f"octolab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
