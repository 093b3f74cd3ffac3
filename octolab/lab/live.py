"""Live sources, seen from any process.

The server of a lab owns its cameras (see `octolab.server.supervisor`). `Client` finds that
server through a file in the lab, starts one when there is none, and asks it; inside the
server itself the supervisor stands in its place with the same methods.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from filelock import FileLock, Timeout

from octolab import errors
from octolab.errors import LabError, OctolabError, Unavailable
from octolab.jobs import process_lives
from octolab.model import Observed, from_json

if TYPE_CHECKING:
    import httpx

START_TIMEOUT_S = 40.0
CALL_TIMEOUT_S = 20.0
IDLE_TIMEOUT_S = 120
MOST_LOG_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """The newest picture (JPEG) and the state of each camera asked for."""

    pictures: Mapping[str, bytes]
    states: Mapping[str, Observed]


class Live(Protocol):
    """What owns the live sources of a lab."""

    @property
    def running(self) -> bool:
        """Whether somebody owns the sources now."""
        ...

    def ensure(self) -> None:
        """See to it that somebody does."""
        ...

    def snapshot(self, slug: str, gallery: str | None = None) -> int:
        """Take a still; the id of the frame."""
        ...

    def record(self, slug: str, seconds: float) -> int:
        """Record for some seconds; the id of the clip."""
        ...

    def start_recording(self, slug: str) -> None:
        """Begin to record until told to stop."""
        ...

    def stop_recording(self, slug: str) -> int:
        """End a recording; the id of the clip."""
        ...

    def restart(self, slug: str | None = None) -> None:
        """Close and open one camera, or all of them."""
        ...

    def jpeg(self, slug: str, width: int | None = None) -> bytes | None:
        """The newest picture, without keeping it."""
        ...

    def stream(
        self, slugs: Sequence[str] | None = None, *, width: int = 480, fps: float = 10
    ) -> Iterator[LiveBatch]:
        """Live pictures of several cameras together, until closed."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a lab's server listens, and its token; the repr hides the token."""

    url: str
    token: str
    pid: int

    def __repr__(self) -> str:
        return f"Address({self.url!r}, pid={self.pid})"


def server_file(root: Path) -> Path:
    """The file (mode 0600) in which the running server of a lab says where it is."""
    return root / ".octolab" / "server.json"


def find_server(root: Path) -> Address | None:
    """Read where the lab's server is; None when its process is gone, or serves another folder."""
    try:
        told = json.loads(server_file(root).read_text("utf-8"))
        address = Address(told["url"], told["token"], int(told["pid"]))
        here = told["folder"] == folder_number(root)
    except (OSError, ValueError, KeyError):
        return None
    return address if here and process_lives(address.pid) else None


def folder_number(root: Path) -> list[int]:
    """What tells a folder from a copy of it, which has the same server file in it."""
    found = root.stat()
    return [found.st_dev, found.st_ino]


class Client:
    """Asks the server of a lab, starting it on first use.

    Parameters
    ----------
    root : Path
        The folder of the lab.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._http: httpx.Client | None = None
        self._address: Address | None = None

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return find_server(self._root) is not None

    def ensure(self) -> None:
        """Start the server of this lab unless it runs and answers."""
        if self._answers():
            return
        lock = FileLock(self._root / ".octolab" / "start.lock", timeout=START_TIMEOUT_S)
        try:
            with lock:
                if not self._answers():
                    self._start()
        except Timeout:
            raise Unavailable(
                "another process has been starting this lab's server for {seconds} s; "
                "look at {log}",
                seconds=int(START_TIMEOUT_S),
                log=str(self._log),
            ) from None

    @property
    def _log(self) -> Path:
        return self._root / ".octolab" / "server.log"

    def _answers(self) -> bool:
        import httpx

        address = find_server(self._root)
        if address is None:
            return False
        if address != self._address:
            self.close()
            self._address = address
        try:
            return self._client().get("/api/v1/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _start(self) -> None:
        command = [sys.executable, "-m", "octolab.server", "--lab", str(self._root)]
        command += ["--port", "0", "--idle-timeout", str(IDLE_TIMEOUT_S)]
        with suppress(FileNotFoundError):
            if self._log.stat().st_size > MOST_LOG_BYTES:
                self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # it prints its token there
                stderr=log,
                start_new_session=True,
                env={k: v for k, v in os.environ.items() if k != "OCTOLAB_TOKEN"},
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._answers():
                return
            if process.poll() is not None and find_server(self._root) is None:
                break
            time.sleep(0.1)
        raise LabError(
            "the lab's server did not start; the reason stands at the end of {log}",
            log=str(self._log),
        )

    def _client(self) -> httpx.Client:
        import httpx

        if self._http is None:
            assert self._address is not None
            self._http = httpx.Client(
                base_url=self._address.url,
                headers={"Authorization": f"Bearer {self._address.token}"},
                timeout=CALL_TIMEOUT_S,
                trust_env=False,
            )
        return self._http

    def _call(self, method: str, path: str, *, timeout: float = CALL_TIMEOUT_S, **kw: Any) -> Any:
        import httpx

        self.ensure()
        try:
            answer = self._client().request(method, f"/api/v1{path}", timeout=timeout, **kw)
        except httpx.TimeoutException:
            raise Unavailable("the lab's server did not answer in time; try again") from None
        except httpx.HTTPError:
            raise Unavailable("the lab's server can't be reached; try again") from None
        if answer.is_success:
            return answer
        raise _error(answer)

    def snapshot(self, slug: str, gallery: str | None = None) -> int:
        """Take a still; the id of the frame."""
        answer = self._call("POST", f"/cameras/{slug}/snapshot", json={"gallery": gallery})
        return int(answer.json()["id"])

    def record(self, slug: str, seconds: float) -> int:
        """Record for some seconds; the id of the clip."""
        answer = self._call(
            "POST",
            f"/cameras/{slug}/record",
            json={"seconds": seconds},
            timeout=seconds + CALL_TIMEOUT_S,
        )
        return int(answer.json()["id"])

    def start_recording(self, slug: str) -> None:
        """Begin to record until told to stop."""
        self._call("POST", f"/cameras/{slug}/recording/start")

    def stop_recording(self, slug: str) -> int:
        """End a recording; the id of the clip."""
        return int(self._call("POST", f"/cameras/{slug}/recording/stop").json()["id"])

    def restart(self, slug: str | None = None) -> None:
        """Close and open one camera, or all of them."""
        self._call("POST", f"/cameras/{slug}/restart" if slug else "/cameras/restart")

    def jpeg(self, slug: str, width: int | None = None) -> bytes | None:
        """The newest picture, without keeping it; None while there is none."""
        params = {"width": width} if width else {}
        answer = self._call("GET", f"/cameras/{slug}/picture.jpg", params=params)
        return bytes(answer.content) or None

    def stream(
        self, slugs: Sequence[str] | None = None, *, width: int = 480, fps: float = 10
    ) -> Iterator[LiveBatch]:
        """Live pictures of several cameras together, until the iterator is closed.

        Parameters
        ----------
        slugs : sequence of str, optional
            Which cameras; all by default, also those added later.
        width : int
            Width of the pictures in pixels.
        fps : float
            Batches a second at most.

        Yields
        ------
        LiveBatch
        """
        import httpx
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        self.ensure()
        address = self._address
        assert address is not None
        query = {"width": str(width), "fps": str(fps)}
        if slugs is not None:
            query["cameras"] = ",".join(slugs)
        url = httpx.URL(address.url.replace("http", "ws", 1) + "/api/v1/live", params=query)
        try:
            with connect(
                str(url),
                additional_headers={"Authorization": f"Bearer {address.token}"},
                open_timeout=10,
                max_size=64 << 20,
                compression=None,
                proxy=None,
            ) as socket:
                while True:
                    try:
                        message = socket.recv(timeout=15)
                    except TimeoutError:
                        raise Unavailable("the lab's server stopped sending pictures") from None
                    if isinstance(message, bytes):
                        yield unpack_batch(message)
        except (WebSocketException, OSError):
            raise Unavailable("the lab's server can't be reached; try again") from None

    def close(self) -> None:
        """Let go of the connection; the server goes on."""
        if self._http is not None:
            self._http.close()
            self._http = None


def start_server(root: Path) -> None:
    """Start the server of a lab unless it runs; what goes wrong, whoever asks it next is told."""
    client = Client(root)
    with suppress(OctolabError):
        client.ensure()
    client.close()


def pack_batch(batch: LiveBatch) -> bytes:
    """One binary message: header length, JSON header, then the JPEGs in its order."""
    from octolab.model import to_json

    header = {
        "pictures": [{"slug": slug, "size": len(jpeg)} for slug, jpeg in batch.pictures.items()],
        "states": to_json(batch.states),
    }
    text = json.dumps(header).encode()
    return b"".join([struct.pack(">I", len(text)), text, *batch.pictures.values()])


def unpack_batch(message: bytes) -> LiveBatch:
    """Take apart what `pack_batch` made."""
    (length,) = struct.unpack_from(">I", message)
    header = json.loads(message[4 : 4 + length])
    pictures, at = {}, 4 + length
    for entry in header["pictures"]:
        pictures[entry["slug"]] = message[at : at + entry["size"]]
        at += entry["size"]
    states = {slug: from_json(Observed, state) for slug, state in header["states"].items()}
    return LiveBatch(pictures, states)


def _error(answer: httpx.Response) -> OctolabError:
    """The server's error as the type it was raised as there."""
    try:
        told = answer.json()["error"]
        code, text = told["code"], told["message"]
    except (ValueError, KeyError, TypeError):
        code, text = "", f"HTTP {answer.status_code}"
    kinds = {
        kind.code: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, OctolabError)
    }
    return kinds.get(code, OctolabError)("{text}", text=text)
