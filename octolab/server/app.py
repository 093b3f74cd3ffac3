"""The app: its routes, who may use them, and what lives as long as it does."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.middleware import Middleware

import octolab
from octolab.errors import OctolabError
from octolab.lab import Lab
from octolab.server import access, docs, presence, problems, uploads
from octolab.server.access import Guard
from octolab.server.activity import Activity
from octolab.server.bodies import Bodies
from octolab.server.changes import Changes
from octolab.server.once import Once
from octolab.server.problems import ErrorBody
from octolab.server.settings import read_settings
from octolab.server.supervisor import Supervisor

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ABOUT = """The lab of this server: what its cameras see and what was captured.

Every request needs the token, as `Authorization: Bearer TOKEN` or `?token=TOKEN`. Every error
is `{"error": {"code": ..., "message": ...}}`, in the language of `Accept-Language` (en, ru).
WebSockets: `/api/v1/events` (what changed) and `/api/v1/live` (pictures)."""


def create_app(
    lab_path: str | os.PathLike[str] | None = None,
    token: str | None = None,
    *,
    url: str | None = None,
    hosts: Iterable[str] = (),
    idle_timeout_s: float | None = None,
    on_idle: Callable[[], None] | None = None,
) -> FastAPI:
    """Make the server's app; the lab is opened when it starts.

    Parameters
    ----------
    lab_path : path-like, optional
        The lab's folder; by default that of ``OCTOLAB_LAB``, else ``octolab-demo``.
    token : str, optional
        What every request must bring; by default that of ``OCTOLAB_TOKEN``, else a new one
        that is shown once on stderr.
    url : str, optional
        Where it is served, for the lab's other processes to find; told by uvicorn's own
        command line, or learnt from the first request, when not given.
    hosts : iterable of str
        Names it may be called by, besides localhost and IP addresses.
    idle_timeout_s : float, optional
        After so many seconds with nothing live and nobody connected, `on_idle` is called.
    on_idle : callable, optional
        Ends the server.

    Returns
    -------
    FastAPI
    """
    root = Path(lab_path or os.environ.get("OCTOLAB_LAB") or "octolab-demo").expanduser().resolve()
    chosen = token or os.environ.get("OCTOLAB_TOKEN")
    secret = chosen or secrets.token_urlsafe(24)
    activity = Activity()
    whereabouts = _Whereabouts(root, secret, url)

    @contextmanager
    def serving(scope: Scope) -> Iterator[None]:
        whereabouts.learn(scope)
        with activity.connection():
            yield

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with presence.claim(root):
            supervisor = Supervisor(
                activity,
                idle_timeout_s=idle_timeout_s,
                on_idle=on_idle,
                own_ports=lambda: (whereabouts.port,) if whereabouts.port else (),
            )
            with Lab(root, live=supervisor) as lab:
                settings = read_settings(lab.catalog)
                known_hosts.update(name.lower() for name in settings.allowed_hosts)
                uploads.sweep(root / ".octolab" / "incoming")
                app.state.lab, app.state.supervisor = lab, supervisor
                app.state.changes = Changes(lab)
                supervisor.start(lab)
                try:
                    whereabouts.announce()
                    if not chosen and url is None:
                        where = whereabouts.url or "this server"
                        print(f"OctoLab: {where}/docs?token={secret}", file=sys.stderr, flush=True)
                    yield
                finally:
                    supervisor.stop()

    known_hosts = {name.lower() for name in hosts}
    app = FastAPI(
        title="OctoLab",
        version=octolab.__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        middleware=[
            Middleware(OneLine),
            Middleware(Guard, token=secret, hosts=known_hosts, serving=serving),
            Middleware(Bodies),
        ],
    )
    app.state.activity = activity
    app.state.whereabouts = whereabouts
    docs.install(app)
    app.include_router(_api())
    problems.install(app)
    logging.getLogger("uvicorn.access").addFilter(access.HideQueries())
    logging.getLogger("octolab.server").addFilter(Once())
    return app


def _api() -> APIRouter:
    from octolab.server import routes

    errors: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody} for status in ("4XX", "5XX")
    }
    bearer = HTTPBearer(auto_error=False, description="the token the server showed at its start")
    api = APIRouter(prefix="/api/v1", responses=errors)
    for router in routes.HTTP:
        api.include_router(router, dependencies=[Depends(bearer)])
    for router in routes.SOCKETS:
        api.include_router(router)
    return api


class _Whereabouts:
    """Where this server is; told to the lab's other processes as soon as it is known."""

    def __init__(self, root: Path, token: str, url: str | None) -> None:
        self._root, self._token = root, token
        self.url = url or _uvicorn_url()
        self._told = False

    @property
    def port(self) -> int | None:
        """The port it listens on."""
        return int(self.url.rsplit(":", 1)[1]) if self.url else None

    def announce(self) -> None:
        """Write the server file, once the address is known."""
        if self.url and not self._told:
            self._told = True
            presence.announce(self._root, self.url, self._token)

    def learn(self, scope: Scope) -> None:
        """Take the address from a request."""
        if self._told or not (server := scope.get("server")) or not server[1]:
            return
        self.url = presence.address(*server)
        self.announce()


def _uvicorn_url() -> str | None:
    """The address on the command line of uvicorn; None when it was started otherwise."""
    try:
        import click
    except ImportError:
        return None
    context = click.get_current_context(silent=True)
    told = context.params if context else {}
    if not told.get("port") or told.get("uds") or told.get("fd") is not None:
        return None
    return presence.address(str(told.get("host") or "127.0.0.1"), int(told["port"]))


class OneLine:
    """ASGI middleware: a start that fails is told in one line, not by a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the traceback of a failed start."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def without_traceback(message: Message) -> None:
            if message["type"] != "lifespan.startup.failed":
                await send(message)

        try:
            await self._app(scope, receive, without_traceback)
        except OctolabError as error:
            await send({"type": "lifespan.startup.failed", "message": f"octolab: {error}"})
