"""RTSP: libav speaks it, and we see to it that it speaks with nobody but the camera.

libav follows a redirect wherever it leads. So it reaches the camera through a `Relay`, which
lets none pass, and where one leads is checked here as any address is. Only video by UDP, an
owner's choice for a camera of theirs and never for an address from outside, can't come
through it: there a camera made for that could still send libav to another address.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from octolab.capture.addresses import Target
from octolab.capture.faults import Deadline, attempt
from octolab.capture.packets import PacketStream, open_rtsp_packets
from octolab.capture.relay import Relay
from octolab.capture.settings import transport
from octolab.errors import OctolabError, Refused, Unavailable

_REDIRECTS = 3


def open_rtsp(
    target: Target,
    user: str | None,
    password: str | None,
    settings: Mapping[str, Any],
    deadline: Deadline,
    read_timeout_s: float,
    check: Callable[[str], Target],
    *,
    outside: bool,
) -> PacketStream:
    """Open an rtsp or rtsps camera; see `octolab.capture.open_camera`.

    `check` checks the addresses that redirects lead to; `outside` tells that the URL comes
    from others. Credentials stay with the host they were given for.
    """
    way = transport(settings)
    begin = partial(open_rtsp_packets, deadline=deadline, read_timeout_s=read_timeout_s)
    if way == "udp" and not outside:
        return begin(target, user=user, password=password, transport=way)
    home = (target.scheme, target.host)
    for _ in range(_REDIRECTS + 1):
        connect = partial(_connect, target, deadline)
        camera = attempt(connect, target.place, seconds=deadline.seconds)
        relay = Relay(camera, deadline.left() + read_timeout_s)
        near = replace(target, scheme="rtsp", addresses=("127.0.0.1",), port=relay.port)
        try:
            stream = begin(near, user=user, password=password, transport="tcp")
        except OctolabError:
            if relay.moved is None:
                raise
        else:
            relay.trust()
            return stream
        if not relay.moved.lower().startswith(("rtsp://", "rtsps://")):
            raise Refused("{place} leads to an address that is never opened", place=target.place)
        target = check(relay.moved)
        if (target.scheme, target.host) != home:
            user = password = None
    raise Unavailable("{place} redirects again and again", place=target.place)


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
