"""The HTTP API of the lab, reached through Jupyter under Jupyter's own login.

``<base_url>octolab-api/…`` is passed on to the lab's server, which listens on loopback with
a token of its own; the browser never learns either. The lab is ``OCTOLAB_LAB``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from jupyter_server_proxy.handlers import ProxyHandler  # type: ignore[import-untyped]
from tornado import web

if TYPE_CHECKING:
    from octolab.lab.live import Address

PREFIX = "octolab-api"


class LabApi(ProxyHandler):  # type: ignore[misc]
    """Pass a request of a logged-in user on to the server of the lab."""

    def initialize(self) -> None:
        """Tell the server under which path it is seen."""
        self.proxy_base = PREFIX

    def check_xsrf_cookie(self) -> None:
        """As strict as Jupyter's own API: a foreign page can't post with the user's cookie."""
        JupyterHandler.check_xsrf_cookie(self)

    def get_request_headers_override(self) -> dict[str, str]:
        """The token of the lab's server in place of Jupyter's."""
        return {"Authorization": f"Bearer {self._server().token}"}

    def proxy_request_headers(self) -> Any:
        """Without cookies and origin: they are Jupyter's affair."""
        headers = super().proxy_request_headers()
        for name in ("Cookie", "Origin", "Host", "X-Xsrftoken", "Referer"):
            headers.pop(name, None)
        return headers

    async def http_get(self, path: str) -> None:
        """Pass a GET on."""
        await self._pass_on(path)

    async def head(self, path: str) -> None:
        """Pass a HEAD on."""
        await self._pass_on(path)

    async def post(self, path: str) -> None:
        """Pass a POST on."""
        await self._pass_on(path)

    async def put(self, path: str) -> None:
        """Pass a PUT on."""
        await self._pass_on(path)

    async def patch(self, path: str) -> None:
        """Pass a PATCH on."""
        await self._pass_on(path)

    async def delete(self, path: str) -> None:
        """Pass a DELETE on."""
        await self._pass_on(path)

    async def options(self, path: str) -> None:
        """Pass an OPTIONS on."""
        await self._pass_on(path)

    async def open(self, path: str) -> None:
        """Join a WebSocket of the page to one of the server."""
        host, port = self._target()
        await self.proxy_open(host, port, path)

    async def _pass_on(self, path: str) -> None:
        host, port = self._target()
        await self.proxy(host, port, path)

    def _server(self) -> Address:
        from octolab.lab.live import find_server

        server = find_server(Path(os.environ.get("OCTOLAB_LAB", "octolab-demo")).resolve())
        if server is None:
            raise web.HTTPError(503, "the lab's server is not running: open a camera first")
        return server

    def _target(self) -> tuple[str, int]:
        """Host and port of the lab's server; Jupyter's own token is not passed on."""
        query = parse_qsl(self.request.query, keep_blank_values=True)
        self.request.query = urlencode([pair for pair in query if pair[0] != "token"])
        url = urlsplit(self._server().url)
        return url.hostname or "127.0.0.1", url.port or 80


def api_handlers(base_url: str) -> list[tuple[str, type[LabApi], dict[str, Any]]]:
    """The Tornado rule that puts the lab's API under a Jupyter server."""
    return [(url_path_join(base_url, PREFIX) + r"(/.*)", LabApi, {})]
