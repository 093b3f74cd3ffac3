"""A picture for a page that has just gone must not hang the server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.base import serialize_binary_message
from tornado.websocket import WebSocketClosedError

from octolab.jupyter.voila_app import KernelSocket

PICTURE = serialize_binary_message({"header": {}, "buffers": [b"\xff\xd8" * 1000]})


def socket_with(connection: object) -> KernelSocket:
    socket = object.__new__(KernelSocket)
    socket.ws_connection = connection
    return socket


@pytest.mark.timeout(30)
def test_a_picture_for_a_closed_page_is_dropped():
    with pytest.raises(WebSocketClosedError):
        socket_with(None).write_message(PICTURE, binary=True)


@pytest.mark.timeout(30)
def test_a_client_of_the_older_protocol_gets_its_picture():
    sent: list[tuple[object, bool]] = []
    connection = SimpleNamespace(
        selected_subprotocol=None,
        is_closing=lambda: False,
        write_message=lambda message, binary: sent.append((message, binary)),
    )
    socket_with(connection).write_message(PICTURE, binary=True)
    assert sent == [(PICTURE, True)]
