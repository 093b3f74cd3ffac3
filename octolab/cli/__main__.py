"""``python -m octolab.cli``: the `octolab` command."""

import sys

from octolab.cli import main

sys.exit(main())
