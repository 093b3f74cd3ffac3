"""A real server process per module, and clients for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import support

TOKEN = "token-of-the-tests"


class Server:
    """``python -m octolab.server`` on a free port."""

    def __init__(self, lab: Path, home: Path, **options: Any) -> None:
        self.lab, self.home, self.options = lab, home, options
        self.process: subprocess.Popen[str] | None = None
        self.url = self.line = ""
        self.http = httpx.Client()

    def start(self, token: str = TOKEN) -> Server:
        env = {
            **os.environ,
            "OCTOLAB_TOKEN": token,
            "OCTOLAB_LANG": "en",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "PYTHONWARNINGS": "error::ResourceWarning",
        }
        command = [sys.executable, "-m", "octolab.server", "--lab", str(self.lab)]
        for name, value in self.options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "stderr.txt").open("a") as log:
            self.process = subprocess.Popen(
                command, env=env, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        assert self.line.startswith("OctoLab: http://"), self.stderr
        self.url = self.line.split()[1].partition("/docs")[0]
        self.http.close()
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
            trust_env=False,
        )
        return self

    @property
    def stderr(self) -> str:
        return (self.home / "stderr.txt").read_text()

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1) + "/api/v1"

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        process, self.process = self.process, None
        self.http.close()
        process.send_signal(number)
        try:
            return process.wait(60)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.lab / ".octolab" / "server.json").read_text())
        return told

    def add_camera(self, url: str, **more: Any) -> str:
        answer = self.http.post("/cameras", json={"url": url, **more})
        assert answer.status_code == 201, answer.text
        slug: str = answer.json()["slug"]
        return slug


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    return support.eventually


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a lab of its own, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder / "lab", folder / "home").start()
    yield running
    if running.process is not None:
        running.end()


@pytest.fixture(scope="module")
def http(server: Server) -> httpx.Client:
    return server.http


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Servers that a test starts and ends itself; all on the same lab unless told otherwise."""
    made: list[Server] = []

    def make(lab: Path | None = None, **options: Any) -> Server:
        made.append(Server(lab or tmp_path / "lab", tmp_path / "home", **options))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.end(signal.SIGKILL)
