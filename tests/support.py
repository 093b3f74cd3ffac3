"""What tests of several rooms share."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page


def eventually(true: Callable[[], Any], within_s: float = 60.0) -> Any:
    """Wait until something holds, and give back what it was."""
    end = time.monotonic() + within_s
    while not (value := true()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
    return value


def until(page: Page, true: Callable[[], object], wait_s: float = 90) -> None:
    """Wait for something, in the lab or on the page, while the page goes on."""
    deadline = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < deadline, page.evaluate("octolabSaid")
        page.wait_for_timeout(50)


def free_port() -> int:
    """One of those that the system gives to nobody who asks for any."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
