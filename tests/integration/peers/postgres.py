"""A PostgreSQL server of the test's own, from the Debian package."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import free_port

USER = "octolab"


@contextmanager
def running() -> Iterator[str]:
    """The URL of a new server without its database's name; it ends with the block."""
    [*_, programs] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="octolab-postgres-"))
    as_whom: tuple[str, ...] = ()
    if os.geteuid() == 0:  # which the server refuses to be
        shutil.chown(folder, "postgres")
        as_whom = ("runuser", "-u", "postgres", "--")
    data = str(folder / "data")
    settings = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_whom, str(programs / program), "-D", data, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )

    try:
        run("initdb", "--auth=trust", f"--username={USER}", "--no-sync")
        port = free_port()
        run("pg_ctl", "start", "-w", "-l", str(folder / "log.txt"), "-o", f"-p {port} {settings}")
        try:
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)
