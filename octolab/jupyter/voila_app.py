"""Voila with OctoLab's template, cards, and its own idea of safety.

A viewer can use what a page shows but can't run code: Voila itself refuses
``execute_request``. Every page, file and socket needs the token; a page from another
origin and a host name that is not ours are refused.
"""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import Any

import tornado.web
from jinja2 import ChoiceLoader, FileSystemLoader
from jupyter_core.paths import jupyter_config_path, jupyter_path
from jupyter_server.log import log_request
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError
from traitlets import Unicode, default
from voila.app import Voila
from voila.handler import BaseVoilaHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from octolab.jupyter.api_proxy import api_handlers
from octolab.jupyter.pages import page_data
from octolab.jupyter.paths import TEMPLATE

UPLOAD_LIMIT = 256 * 1024 * 1024
"""Bytes one message of a page may have: a webcam clip or a dropped file."""

UNUSED = ("/voila/files/", "/voila/tree", "/voila/query/", "/voila/api/contents")


def wake_server() -> None:
    """Start the server of the lab unless it runs; what goes wrong the page will say."""
    from octolab.lab.live import start_server

    lab = Path(os.environ["OCTOLAB_LAB"])
    if (lab / "lab.db").is_file():
        start_server(lab)


class Landing(BaseVoilaHandler):  # type: ignore[misc]
    """The first page: cards of what there is."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Draw the cards."""
        page = page_data(Path(self.settings["octolab_root"]), self.base_url)
        self.set_header("Content-Type", "text/html")
        self.set_header("Cache-Control", "no-store")
        self.write(self.get_template("landing.html").render(page=page))


class Notebook(TornadoVoilaHandler):  # type: ignore[misc]
    """A notebook as a page; a warm kernel serves any theme and language.

    Voila keeps a warm kernel for one theme only, because its templates draw the theme on
    the server. Ours chooses it in the browser. While the page loads, the lab's server is
    started, so that live pictures are there as soon as it is drawn.
    """

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Draw the page."""
        _ = self.xsrf_token  # sets the cookie without which the page can't end its kernel
        IOLoop.current().run_in_executor(None, wake_server)
        await super().get(path)

    def should_use_rendered_notebook(
        self,
        notebook_data: dict[str, Any],
        pool_size: int,
        template_name: str,
        theme: str,
        request_args: dict[str, Any],
    ) -> bool:
        """Whether a warm kernel is there."""
        return pool_size > 0 and bool(notebook_data)


class KernelSocket(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """The socket between a page and its kernel.

    Voila reads every binary message as one of the newer protocol. A message with buffers
    (live pictures) that comes when the page has just gone is of the older one: its first
    bytes then are taken for a count of some 10**18 parts, and the server hangs for good.
    """

    @property
    def ping_timeout(self) -> float:
        """Milliseconds without an answer after which the page is gone: two pings and a half.

        Jupyter compares this with the age of the last answer when it sends the next ping, so
        with one interval it would end healthy connections after 30 s. Tornado asks before the
        socket is open, and allows no more than the interval.
        """
        interval: float = self.ping_interval
        return interval * 2.5 if self.ping_callback else interval

    def write_message(self, message: bytes | dict[str, Any], binary: bool = False) -> Any:
        """Send to the page, if it is still there."""
        if self.ws_connection is None:
            raise WebSocketClosedError
        if binary and self.selected_subprotocol != "v1.kernel.websocket.jupyter.org":
            return KernelWebsocketHandler.write_message(self, message, binary)
        return super().write_message(message, binary)


OURS = {TornadoVoilaHandler: Notebook, VoilaKernelWebsocketHandler: KernelSocket}


class OctolabVoila(Voila):  # type: ignore[misc]
    """Voila over a folder of labs and dashboards."""

    start_page = Unicode("", config=True, help="The notebook the browser opens; else the cards.")

    @default("config_file_paths")
    def _only_installed_config(self) -> list[str]:
        """Not from the working directory: a ``voila.py`` in a lab must not be run."""
        return list(jupyter_config_path())

    @property
    def data_dir(self) -> str:
        """Voila's own data; the first folder of the path, ours, has only the template."""
        folders = (Path(path) for path in jupyter_path("voila"))
        return next((str(path) for path in folders if (path / "schemas").is_dir()), "")

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, with a host check and room for uploads."""
        settings: dict[str, Any] = super().init_settings()
        settings.update(
            octolab_root=self.root_dir,
            allow_remote_access=self.ip not in ("127.0.0.1", "localhost", "::1"),
            local_hostnames=["localhost"],
            websocket_max_message_size=UPLOAD_LIMIT,
            ws_ping_timeout=30_000,
            log_function=log_request,
        )
        own = FileSystemLoader([str(TEMPLATE)])  # for login and errors, before Jupyter's own
        settings["jinja2_env"].loader = ChoiceLoader([own, settings["jinja2_env"].loader])
        return settings

    def init_handlers(self) -> list[Any]:
        """Voila's routes, without those the workbench has no use for."""
        kept = []
        for rule in super().init_handlers():
            pattern = rule[0]
            if any(part in pattern for part in UNUSED) or pattern == self.server_url:
                continue
            kept.append((pattern, OURS.get(rule[1], rule[1]), *rule[2:]))
        landing = (self.server_url, Landing, {"voila_configuration": self.voila_configuration})
        return [landing, *api_handlers(self.server_url), *kept]

    @property
    def page_url(self) -> str:
        """The address to open, with the token."""
        host = "127.0.0.1" if self.ip in ("", "0.0.0.0", "::") else self.ip
        path = self.base_url
        if self.start_page:
            path = url_path_join(path, "voila/render", self.start_page)
        query = f"?token={self.token}" if self.token else ""
        return f"http://{host}:{self.port}{path}{query}"

    def launch_browser(self) -> None:
        """Open the page through a file, so that no process list shows the token."""
        try:
            browser = webbrowser.get(self.browser or None)
        except webbrowser.Error:
            return
        with tempfile.NamedTemporaryFile(
            "w", suffix=".html", prefix="octolab-", dir=self.connection_dir, delete=False
        ) as file:
            template = self.app.settings["voila_jinja2_env"].get_template("browser-open.html")
            file.write(template.render(open_url=self.page_url))
        threading.Thread(target=lambda: browser.open(Path(file.name).as_uri()), daemon=True).start()
