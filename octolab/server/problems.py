"""Every error an HTTP client can meet, as one JSON shape in its language.

``{"error": {"code": ..., "message": ...}}``: our own errors, those of the framework (no such
path, wrong method, unreadable parameters) and those nobody foresaw, which are logged without
secrets and told as "something went wrong here".
"""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket

from octolab.errors import (
    BadInput,
    LabError,
    NotFound,
    OctolabError,
    Refused,
    Unavailable,
)
from octolab.i18n import LANGUAGES, current_language

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import HTTPConnection, Request

logger = logging.getLogger("octolab.server")

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Unauthorized(Refused):
    """No token, or a wrong one."""

    code = "unauthorized"
    http_status = 401


class MethodNotAllowed(BadInput):
    """The path exists, but not for this method."""

    code = "method_not_allowed"
    http_status = 405


class RangeNotSatisfiable(BadInput):
    """Bytes asked for that the file does not have."""

    code = "range_not_satisfiable"
    http_status = 416


class TooSlow(Unavailable):
    """A body that stopped coming."""

    code = "too_slow"
    http_status = 408


class ServerFault(OctolabError):
    """Something nobody foresaw."""

    code = "internal"
    http_status = 500


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, a sentence for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


def language_of(accept: str | None) -> str:
    """The language of ours that an Accept-Language header likes best.

    Parameters
    ----------
    accept : str or None
        The header; without one the server's own language is taken.
    """
    best, best_weight = current_language(), 0.0
    for part in (accept or "").split(","):
        tag, _, options = part.strip().partition(";")
        try:
            weight = float(options.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag[:2].lower() in LANGUAGES and weight > best_weight:
            best, best_weight = tag[:2].lower(), weight
    return best


def disk_error(error: OSError) -> LabError | None:
    """What to tell when the disk, a quota or a file size limit is full; None for the rest."""
    if error.errno not in NO_ROOM:
        return None
    return LabError("the disk is full: nothing was kept; free some space and try again")


def respond(
    error: OctolabError, language: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer for one of our errors."""
    given = dict(headers or {})
    if isinstance(error, Unauthorized):
        given["WWW-Authenticate"] = 'Bearer realm="octolab"'
    return JSONResponse(
        {"error": {"code": error.code, "message": error.localized(language)}},
        status_code=error.http_status,
        headers=given,
    )


def fault(error: Exception) -> OctolabError:
    """Turn what nobody foresaw into an error that can be told, and log it without secrets."""
    if isinstance(error, OSError) and (full := disk_error(error)):
        return full
    from octolab.capture import redact

    lines = traceback.format_exception(type(error), error, error.__traceback__)
    logger.error("unforeseen: %s", redact("".join(lines)))
    return ServerFault(
        "something went wrong in the server ({kind}); its log says more",
        kind=type(error).__name__,
    )


def of_status(error: HTTPException, method: str, path: str) -> OctolabError:
    """Our error for one the framework raised by status code."""
    if error.status_code == 404:
        return _nothing(path)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return MethodNotAllowed(
            "{method} is not possible at {path}; possible: {allowed}",
            method=method,
            path=path,
            allowed=allowed or "GET",
        )
    other = BadInput("the request can't be understood: {detail}", detail=str(error.detail))
    other.http_status = error.status_code
    return other


def _nothing(path: str) -> NotFound:
    return NotFound("there is nothing at {path}; /docs lists what there is", path=path)


def of_validation(problems: list[Any]) -> BadInput:
    """Our error for parameters or a body that do not fit; the first problem is told."""
    first: dict[str, Any] = problems[0] if problems else {"loc": (), "type": "", "msg": ""}
    where = ".".join(str(part) for part in first["loc"][1:]) or "body"
    kind = str(first["type"])
    if kind == "missing":
        return BadInput("{field} is missing", field=where)
    if kind == "extra_forbidden":
        return BadInput("{field} is not known here", field=where)
    if kind in ("json_invalid", "model_attributes_type", "dict_type"):
        return BadInput("the body must be a JSON object; this one is not")
    context = first.get("ctx", {})
    for bound, template in _BOUNDS.items():
        if bound in context:
            limit = context[bound]
            plain = f"{limit:g}" if isinstance(limit, float) else limit
            return BadInput(template, field=where, bound=plain)
    for start, template in _SHAPES.items():
        if kind.startswith(start):
            return BadInput(template, field=where)
    return BadInput("{field} does not fit: {problem}", field=where, problem=str(first["msg"]))


_BOUNDS = {
    "ge": "{field} must be {bound} or more",
    "gt": "{field} must be more than {bound}",
    "le": "{field} must be {bound} or less",
    "lt": "{field} must be less than {bound}",
    "max_length": "{field} is too long: {bound} at most",
    "min_length": "{field} is too short: {bound} at least",
    "expected": "{field} must be {bound}",
}
_SHAPES = {
    "int": "{field} must be a whole number",
    "float": "{field} must be a number",
    "finite": "{field} must be a finite number",
    "string": "{field} must be a text",
    "bool": "{field} must be true or false",
    "timezone": "{field} needs a time zone, such as Z at its end",
    "datetime": "{field} must be a time such as 2026-11-22T09:30:00Z",
    "date": "{field} must be a time such as 2026-11-22T09:30:00Z",
    "list": "{field} must be a list",
    "tuple": "{field} must be a list",
    "plain_number": "{field} holds a number that is not finite",
    "plain_text": "{field} holds text that is not valid Unicode",
    "plain_depth": "{field} is nested too deep",
    "plain_length": "{field} is too long",
}


def install(app: FastAPI) -> None:
    """Make the app answer every error in our shape; after all routes were added.

    Errors on WebSockets go on to the guard, which knows whether one was accepted already.
    """

    @app.websocket("/{path:path}")  # the framework would refuse it without a word
    async def nothing(socket: WebSocket) -> None:
        raise _nothing(socket.url.path)

    def told(connection: HTTPConnection, error: Exception) -> OctolabError:
        if isinstance(error, OctolabError):
            return error
        if isinstance(error.__cause__, OctolabError):  # raised while the framework read a body
            return error.__cause__
        if isinstance(error, HTTPException):
            return of_status(error, connection.scope.get("method", "GET"), connection.url.path)
        assert isinstance(error, RequestValidationError | WebSocketRequestValidationError)
        return of_validation(list(error.errors()))

    def answer(connection: Request, error: Exception) -> JSONResponse:
        ours = told(connection, error)
        if connection.scope["type"] == "websocket":
            raise ours from None
        headers = error.headers if isinstance(error, HTTPException) else None
        return respond(ours, language_of(connection.headers.get("accept-language")), headers)

    for kind in (
        OctolabError,
        HTTPException,
        RequestValidationError,
        WebSocketRequestValidationError,
    ):
        app.add_exception_handler(kind, answer)
