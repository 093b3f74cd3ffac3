"""Who may ask: the right host name, no foreign page, the token; for HTTP and WebSockets.

The token goes with every request, in a header or in the address, never in a cookie, so a
foreign page can't borrow it. The host check stops a foreign name that was made to point
here (DNS rebinding); the origin check stops pages of other sites before they get to try.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import re
from collections.abc import Container
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from octolab.errors import OctolabError, Refused, Unavailable
from octolab.server.problems import Unauthorized, fault, language_of, respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY_VIOLATION = 1008
_QUERY = re.compile(r"\?\S*")


class Guard:
    """ASGI middleware that lets only the right requests in.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    token : str
        What every request must bring.
    hosts : container of str
        Names in small letters this server may be called by, besides localhost and IP
        addresses; looked into at each request, so it may grow.
    serving : callable
        Called with the scope of each request that may pass; entered while it is answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        hosts: Container[str],
        serving: Callable[[Scope], AbstractContextManager[None]],
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = hosts
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] in ("http.response.start", "websocket.accept")
            await send(message)

        try:
            self._check(scope, headers)
            with self._serving(scope):
                await self._app(scope, receive, watched)
        except OctolabError as error:
            await self._refuse(error, headers, started, scope, receive, send)
        except asyncio.CancelledError:  # the server ends and has waited long enough
            ending = Unavailable("the server is ending; try again when it runs")
            await self._refuse(ending, headers, started, scope, receive, send)
        except Exception as error:
            await self._refuse(fault(error), headers, started, scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        check_host(headers.get("host", ""), self._hosts)
        check_origin(headers)
        given = headers.get("authorization", "")
        if given[:7].lower() == "bearer ":
            token = given[7:].strip()
        else:
            token = QueryParams(scope.get("query_string", b"")).get("token", "")
        if not hmac.compare_digest(token.encode(), self._token):
            raise Unauthorized(
                "a token is needed here, the one the server showed when it started: send the "
                "header 'Authorization: Bearer TOKEN', or add ?token=TOKEN to the address"
                if not token
                else "this token is not the one of this lab's server; it is shown when the "
                "server starts"
            )

    async def _refuse(
        self,
        error: OctolabError,
        headers: Headers,
        started: bool,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        language = language_of(headers.get("accept-language"))
        if scope["type"] == "http":
            if not started:
                await respond(error, language)(scope, receive, send)
            return
        if started:
            reason = error.localized(language).encode()[:120].decode(errors="ignore")
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        elif "websocket.http.response" in scope.get("extensions", {}):
            await respond(error, language)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})


def check_host(host: str, known: Container[str] = ()) -> None:
    """Refuse a request that came under a foreign name.

    Parameters
    ----------
    host : str
        The Host header.
    known : container of str
        Further names that are ours, in small letters.

    Raises
    ------
    Refused
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        name = ""
    if name == "localhost" or name.endswith(".localhost") or name in known:
        return
    try:
        ipaddress.ip_address(name)
    except ValueError:
        raise Refused(
            "this server is not known as {host}; if it should be, start it with "
            "--allow-host {host} or name it in OCTOLAB_ALLOWED_HOSTS",
            host=name or "?",
        ) from None


def check_origin(headers: Headers) -> None:
    """Refuse what a page of another origin sends.

    Raises
    ------
    Refused
    """
    origin = headers.get("origin")
    if origin is not None:
        try:
            netloc = urlsplit(origin).netloc
        except ValueError:
            netloc = ""
        if netloc.lower() != headers.get("host", "").lower():
            raise Refused("pages of another origin ({origin}) may not ask here", origin=origin)
    navigation = headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site") == "cross-site" and not navigation:
        raise Refused("pages of another site may not ask here")


class HideQueries(logging.Filter):
    """Keeps tokens and camera passwords out of the access log of uvicorn."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the queries off the addresses in a log line."""
        if isinstance(record.args, tuple):
            record.args = tuple(hide_query(value) for value in record.args)
        return True


def hide_query(value: Any) -> Any:
    """An address without its query; anything else is left as it is."""
    return _QUERY.sub("?…", value) if isinstance(value, str) else value
