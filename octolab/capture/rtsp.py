"""RTSP: who answers there, before libav is let loose on it.

libav follows a redirect wherever it leads. So where the URL comes from outside, one DESCRIBE
of our own goes first, over a socket with a time limit, and a redirect is checked like any
address. That connection is held until libav has its own: a camera that stopped its encoder
in between would not have it running again in time.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from octolab.capture.addresses import Target
from octolab.capture.faults import Deadline, attempt, no_video, silent
from octolab.capture.packets import PacketStream, open_rtsp_packets
from octolab.errors import BadInput, Refused, Unavailable

_REDIRECTS = 3
_LONGEST_HEAD = 16_384


def open_rtsp(
    target: Target,
    user: str | None,
    password: str | None,
    settings: Mapping[str, Any],
    deadline: Deadline,
    read_timeout_s: float,
    check_redirects: Callable[[str], Target] | None,
) -> PacketStream:
    """Open an rtsp or rtsps camera; see `octolab.capture.open_camera`.

    `check_redirects`, for URLs from outside, checks where a redirect leads.
    """
    transport = str(settings.get("rtsp_transport", "tcp"))
    if transport not in ("tcp", "udp"):
        raise BadInput("rtsp_transport must be tcp or udp, not {value!r}", value=transport)
    with ExitStack() as held:
        if check_redirects is not None:
            target = _final(target, deadline, check_redirects, held)
        return open_rtsp_packets(
            target,
            user=user,
            password=password,
            transport=transport,
            deadline=deadline,
            read_timeout_s=read_timeout_s,
        )


def _final(
    target: Target, deadline: Deadline, check: Callable[[str], Target], held: ExitStack
) -> Target:
    """Where redirects lead in the end."""
    for _ in range(_REDIRECTS + 1):
        describe = partial(_describe, target, deadline, held)
        moved = attempt(describe, target.place, seconds=deadline.seconds)
        if moved is None:
            return target
        if not moved.lower().startswith(("rtsp://", "rtsps://")):
            raise Refused("{place} leads to an address that is never opened", place=target.place)
        target = check(moved)
    raise Unavailable("{place} redirects again and again", place=target.place)


def _describe(target: Target, deadline: Deadline, held: ExitStack) -> str | None:
    """Where the camera redirects to, if it does."""
    request = (
        f"DESCRIBE {target.url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n"
        "User-Agent: octolab\r\n\r\n"
    )
    connection = held.enter_context(_connect(target, deadline))
    connection.settimeout(max(0.05, deadline.left()))
    connection.sendall(request.encode())
    status, *fields = _head(connection, target, deadline).decode("latin-1").split("\r\n")
    if not status.startswith("RTSP/"):
        raise no_video(target.place)
    if status.split(" ")[1:2] and status.split(" ")[1].startswith("3"):
        for field in fields:
            name, _, value = field.partition(":")
            if name.strip().lower() == "location":
                return value.strip()
    return None


def _connect(target: Target, deadline: Deadline) -> socket.socket:
    plain = socket.create_connection(
        (target.addresses[0], target.port), timeout=max(0.05, deadline.left())
    )
    if target.scheme != "rtsps":
        return plain
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # cameras sign their own; libav does the same
    try:
        return context.wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def _head(connection: socket.socket, target: Target, deadline: Deadline) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        if deadline.passed:
            raise silent(target.place, deadline.seconds)
        connection.settimeout(max(0.05, deadline.left()))
        more = connection.recv(4096)
        head += more
        if not more or len(head) > _LONGEST_HEAD or not b"RTSP/".startswith(head[:5]):
            raise no_video(target.place)
    return head.partition(b"\r\n\r\n")[0]
