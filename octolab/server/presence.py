"""One server per lab: the lock that makes it so, and the file that says where it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import octolab
from octolab.content import atomic_write
from octolab.errors import Conflict, LabError
from octolab.lab.live import find_server, folder_number, server_file
from octolab.model import to_json, utc_now


@contextmanager
def claim(root: Path) -> Iterator[None]:
    """Own the live sources of a lab while the block runs.

    The lock is the kernel's, so it ends with the process however that ends.

    Raises
    ------
    Conflict
        If another server owns them.
    LabError
        If the folder can't be written.
    """
    from filelock import FileLock, Timeout

    folder = root / ".octolab"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "server.lock")
        lock.acquire(timeout=0)
    except Timeout:
        other = find_server(root)
        if other is None:
            raise Conflict("another server of this lab is just starting or ending") from None
        raise Conflict(
            "this lab has its server already, at {url} (process {pid})",
            url=other.url,
            pid=other.pid,
        ) from None
    except OSError as error:
        raise LabError(
            "the lab {path} can't be written ({kind})", path=str(root), kind=type(error).__name__
        ) from None
    try:
        server_file(root).unlink(missing_ok=True)  # of one that was killed
        yield
    finally:
        server_file(root).unlink(missing_ok=True)
        lock.release()


def announce(root: Path, url: str, token: str) -> None:
    """Write where this server is, for the same user's other processes only."""
    told = {
        "url": url,
        "token": token,
        "pid": os.getpid(),
        "folder": folder_number(root),
        "version": octolab.__version__,
        "started": to_json(utc_now()),
    }
    old = os.umask(0o077)
    try:
        atomic_write(server_file(root), json.dumps(told).encode())
    finally:
        os.umask(old)


def address(host: str, port: int) -> str:
    """The URL of a server that listens there, as seen from this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http://{reachable}:{port}"
