"""A browser, and the servers it visits: each on its own loopback port, lab and token.

Every page is watched: an error on the console, an uncaught exception, a failed request or
a request that would leave the machine fails the test that opened it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from support import free_port

import octolab
from octolab.lab.live import find_server

CHROMIUM = os.environ.get("OCTOLAB_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
WAIT_MS = 90_000  # what is slow on a busy machine is no fault; what never comes is
LOCAL = {"127.0.0.1", "localhost"}
TOKEN = "a-token-for-tests"
WORKBENCH = "voila/render/dashboards/workbench.ipynb"

# Notes on a page go away by themselves, maybe between two looks of a slow test: all are kept.
NOTES = """
window.octolabSaid = [];
window.octolabMost = 0;
new MutationObserver((changes) => {
  for (const node of changes.flatMap((one) => [...one.addedNodes])) {
    if (node.matches?.('.ol-toast') && node.checkVisibility()) octolabSaid.push(node.innerText);
  }
  const shown = document.querySelectorAll('.ol-toast:not(.ol-leaving)').length;
  octolabMost = Math.max(octolabMost, shown);
}).observe(document, {childList: true, subtree: true});
"""

SERVE_PAGES = """
import sys
from pathlib import Path
from octolab import resources
from octolab.jupyter import open_workbench
resources.notebooks = lambda: Path(sys.argv[3])
open_workbench(sys.argv[1], port=int(sys.argv[2]), browser=False, warm_kernels=0)
"""


@dataclass(frozen=True)
class Site:
    """A running server: where, and the lab it works on."""

    url: str
    lab: Path
    process: subprocess.Popen[bytes]
    log: Path

    def at(self, path: str = "", **query: str) -> str:
        """The address of a page, with the token."""
        pairs = "&".join(f"{key}={value}" for key, value in {"token": TOKEN, **query}.items())
        return f"{self.url}/{path}?{pairs}"


def wait_for_server(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers anything at all."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}:\n{log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=20).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"nothing answers at {url}:\n{log.read_text()}")


def serve(
    command: list[str], url: str, ready: str, lab: Path, env: dict[str, str], log: Path
) -> Iterator[Site]:
    """Run a server for as long as it is wanted, then press Ctrl-C."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=lab.parent
        )
    try:
        wait_for_server(url + ready, process, log)
        yield Site(url, lab, process, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        stop_lab_server(lab)  # after its clients, which would start it again


def stop_lab_server(lab: Path) -> None:
    """End the process that owns the lab's cameras."""
    if server := find_server(lab):
        os.kill(server.pid, signal.SIGTERM)


@pytest.fixture(scope="session")
def server_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without anything of the user's own."""
    home = tmp_path_factory.mktemp("home")
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(home / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter-run"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "lab-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "lab-workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "OCTOLAB_LANG": "en",
        "OCTOLAB_TOKEN": TOKEN,
    }


@pytest.fixture
def new_lab(tmp_path: Path) -> Path:
    """A lab with a plant and a test card in front of its two cameras."""
    return make_lab(tmp_path / "lab")


def make_lab(folder: Path) -> Path:
    """Make a lab with two drawn cameras."""
    with octolab.Lab(folder) as lab:
        lab.add_camera("synthetic://plant?size=640x360", name="Bench 3")
        lab.add_camera("synthetic://testcard?size=640x360", name="Test card")
    return folder


@pytest.fixture(scope="session")
def voila(server_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The workbench, served by Voila."""
    folder = tmp_path_factory.mktemp("voila")
    lab = make_lab(folder / "lab")
    port = free_port()
    command = [sys.executable, "-m", "octolab.jupyter", f"--lab={lab}", f"--port={port}"]
    yield from serve(
        command, f"http://127.0.0.1:{port}", "/login", lab, server_env, folder / "voila.log"
    )


@pytest.fixture
def own_page(
    request: pytest.FixtureRequest, server_env, new_lab: Path, tmp_path: Path
) -> Iterator[Site]:
    """A notebook of one cell, given as the fixture's parameter, served by Voila."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(request.param)])
    (tmp_path / "pages" / "labs").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "pages" / "labs" / "own.ipynb")
    port = free_port()
    command = [sys.executable, "-c", SERVE_PAGES, str(new_lab), str(port), str(tmp_path / "pages")]
    url = f"http://127.0.0.1:{port}"
    yield from serve(command, url, "/login", new_lab, server_env, tmp_path / "voila.log")


@pytest.fixture(scope="session")
def jupyterlab(
    server_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """JupyterLab as `octolab lab` opens it."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    lab = make_lab(folder / "lab")
    port = free_port()
    config = Path(server_env["JUPYTER_CONFIG_DIR"])
    config.mkdir(parents=True, exist_ok=True)
    exposed = {"LabApp": {"expose_app_in_browser": True}}  # so that tests can run commands
    (config / "jupyter_lab_config.json").write_text(json.dumps(exposed))
    code = (
        "import sys; from octolab.jupyter import open_lab;"
        "open_lab(sys.argv[1], port=int(sys.argv[2]), browser=False)"
    )
    command = [sys.executable, "-c", code, str(lab), str(port)]
    yield from serve(
        command, f"http://127.0.0.1:{port}", "/api", lab, server_env, folder / "lab.log"
    )


@pytest.fixture(scope="module")  # its event loop must not outlive the browser tests
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, with a camera and a microphone that are not there."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong on the pages of one test; `expected` patterns are no fault."""

    faults: list[str]
    expected: list[str]

    def over(self, page: Page) -> None:
        """Begin to watch a page."""
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("websocket", lambda socket: self._address(socket.url))

    def _console(self, message: object) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: object) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in LOCAL:
            self.faults.append(f"leaves the machine: {url}")

    def _response(self, response: object) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def unexpected(self) -> list[str]:
        """The faults no pattern excuses."""
        return [f for f in self.faults if not any(re.search(p, f) for p in self.expected)]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """The faults of this test's pages; there must be none in the end."""
    watch = Watch([], [])
    yield watch
    assert not watch.unexpected()


def open_page(
    chromium: Browser, watch: Watch, width: int, height: int
) -> tuple[BrowserContext, Page]:
    """Make a page in a context of its own."""
    context = chromium.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    context.add_init_script(NOTES)
    context.grant_permissions(["camera", "microphone", "clipboard-read", "clipboard-write"])
    page = context.new_page()
    watch.over(page)
    return context, page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Let a failed test say what its page shows, and what its server said last."""
    report = yield
    if report.when == "call" and report.failed:
        for name, it in item.funcargs.items():
            if isinstance(it, Page):
                report.sections.append((f"the {name} shows", shown(it)))
            elif isinstance(it, Site):
                report.sections.append((f"{name} said", it.log.read_text()[-3000:]))
    return report


def shown(page: Page) -> str:
    """The page's visible text, or why it can't be had."""
    try:
        return page.locator("body").inner_text(timeout=5000)[-4000:]
    except Error as error:
        return str(error)


def leave(page: Page) -> None:
    """Go away as a person does: the page then ends its kernel, which closing a context does not."""
    page.goto("about:blank")


@pytest.fixture
def page(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A page of a laptop."""
    context, page = open_page(chromium, watch, 1280, 800)
    yield page
    leave(page)
    context.close()


@pytest.fixture
def phone(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A page as narrow as a phone."""
    context, page = open_page(chromium, watch, 390, 844)
    yield page
    leave(page)
    context.close()
