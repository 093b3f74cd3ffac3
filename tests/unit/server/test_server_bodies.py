"""What a request may bring: bodies that end, and free JSON that can be kept."""

from __future__ import annotations

import asyncio
import json

import pytest
from fastapi import FastAPI
from pydantic_core import PydanticCustomError
from starlette.middleware import Middleware

from octolab.server import bodies, plain, problems
from octolab.server.bodies import Bodies


def asked(pieces, *, announced=None):
    """The status and the error of a POST whose body comes in pieces and may never end."""
    app = FastAPI(middleware=[Middleware(Bodies)])

    @app.post("/")
    def take(body: dict[str, str]) -> None: ...

    problems.install(app)
    headers = [(b"content-type", b"application/json"), (b"accept-language", b"en")]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    coming, sent = iter(pieces), []

    async def receive():
        piece = next(coming, None)
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    told = json.loads(sent[1]["body"])
    return sent[0]["status"], told and told["error"]["code"]


def test_a_body_that_ends_is_taken():
    assert asked([b'{"a":', b'"b"}', b""]) == (200, None)


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch):
    assert bodies.SILENCE_S < 10, "the answer must come within 10 s"
    monkeypatch.setattr(bodies, "SILENCE_S", 0.05)
    assert asked([b'{"a":']) == (408, "too_slow")


def test_a_body_without_end_is_refused():
    assert asked([b'{"a": "', *[b"x" * 1_000_000] * 6]) == (413, "too_large")


def test_a_body_that_is_announced_as_too_large_is_not_read():
    assert asked([], announced=bodies.MOST_BYTES + 1) == (413, "too_large")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"a": float("inf")}, "plain_number"),
        ({"a": [{"b": float("nan")}]}, "plain_number"),
        ({"a": "\ud800"}, "plain_text"),
        ({"a": {"\udfff": 1}}, "plain_text"),
        ({"a": "x" * 64_000}, "plain_length"),
        ({"a": json.loads("[" * 20 + "]" * 20)}, "plain_depth"),
        ({"a": json.loads("[" * 900 + "]" * 900)}, "plain_depth"),
    ],
)
def test_free_json_that_can_not_be_kept_is_refused(value, kind):
    with pytest.raises(PydanticCustomError) as refused:
        plain.check(value)
    assert refused.value.type == kind
    told = problems.of_validation([{"loc": ("body", "settings"), "type": kind, "msg": "raw"}])
    assert str(told).startswith("settings ")
    assert "raw" not in str(told)


def test_other_free_json_is_left_as_it_is():
    value = {"band": [1, 2.5], "имя": {"a": None, "b": [True]}}
    assert plain.check(value) == value
