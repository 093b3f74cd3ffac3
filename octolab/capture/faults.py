"""Time limits, and faults told in our words.

Libraries put the URL, with its password, into their exceptions. So nothing of theirs may
travel on, not even as ``__context__``: `attempt` raises our error only after it has left
the ``except`` block.
"""

from __future__ import annotations

import errno
import ssl
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from octolab.errors import LabError, OctolabError, Refused, Unavailable

T = TypeVar("T")


class Deadline:
    """A moment by which a whole operation must have ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self.left() == 0.0


def attempt(call: Callable[[], T], place: str, *, seconds: float = 0.0, login: bool = False) -> T:
    """Call something of libav's, httpx's or the system's; its faults become ours.

    Parameters
    ----------
    call : callable
        What to try.
    place : str
        The camera as people may see it.
    seconds : float
        The time limit, to be told when it was not kept.
    login : bool
        Whether a user was given: "wrong password" differs from "asks for a password".
    """
    fault: OctolabError
    try:
        return call()
    except OctolabError as error:
        fault = error
    except Exception as error:
        fault = explain(error, place, seconds=seconds, login=login)
    raise fault


def within(
    seconds: float, call: Callable[[], T], *, late: Callable[[T], object] | None = None
) -> T:
    """Call something that keeps no time limit itself: the caller goes on when time is up.

    The call runs in a thread of its own, which is left behind when it takes too long;
    `late` then gets what it returned after all, to close it.

    Raises
    ------
    TimeoutError
        When time is up; what the call raised, otherwise.
    """
    outcome: list[tuple[T | None, BaseException | None]] = []
    given_up = False
    ended = threading.Event()
    handing_over = threading.Lock()

    def run() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = call()
        except BaseException as raised:
            error = raised
        with handing_over:
            outcome.append((value, error))
            ended.set()
            abandoned = given_up
        if abandoned and late is not None and error is None:
            late(value)  # type: ignore[arg-type]

    threading.Thread(target=run, name="octolab-limited", daemon=True).start()
    ended.wait(seconds)
    with handing_over:
        given_up = not outcome
    if given_up:
        raise TimeoutError
    value, error = outcome[0]
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


def explain(
    error: Exception, place: str, *, seconds: float = 0.0, login: bool = False
) -> OctolabError:
    """Tell a fault by its class alone; its text is never used."""
    name = type(error).__name__
    if name == "HTTPUnauthorizedError":
        return refused_login(place, login)
    if name == "HTTPForbiddenError":
        return Refused("{place} refuses access", place=place)
    if name in ("HTTPNotFoundError", "FileNotFoundError"):
        return Unavailable("{place} is not there: check the path", place=place)
    if name in ("HTTPServerError", "HTTPBadRequestError", "HTTPOtherClientError"):
        return Unavailable("the camera reports a fault at {place}", place=place)
    if name in ("TimeoutError", "timeout", "ExitError") or "Timeout" in name:
        return silent(place, seconds)
    if isinstance(error, ConnectionRefusedError):
        return Unavailable(
            "nothing listens at {place}: check address and port, and that the camera is on",
            place=place,
        )
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return hung_up(place)
    if name in ("InvalidDataError", "EOFError", "DecoderNotFoundError", "PatchWelcomeError"):
        return no_video(place)
    if "Protocol" in name:  # what answers there does not speak HTTP
        return no_video(place)
    if isinstance(error, ssl.SSLError):
        return Unavailable("no secure connection to {place}: check its certificate", place=place)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LabError("the disk is full")
    if isinstance(error, PermissionError):
        return Refused("{place} may not be opened by this user", place=place)
    if isinstance(error, OSError):
        return Unavailable("{place} can't be reached", place=place)
    return Unavailable("{place} can't be opened ({kind})", place=place, kind=name)


def refused_login(place: str, login: bool) -> OctolabError:
    """Said when a camera answers 401."""
    if login:
        return Refused("{place} refuses this user and password", place=place)
    return Refused("{place} asks for a user and a password", place=place)


def silent(place: str, seconds: float) -> OctolabError:
    """Said when a time limit has passed."""
    if not seconds:
        return Unavailable("{place} did not answer in time", place=place)
    return Unavailable(
        "{place} did not answer within {seconds:g} s", place=place, seconds=round(seconds, 1)
    )


def hung_up(place: str) -> OctolabError:
    """Said when a camera ended the connection."""
    return Unavailable("{place} closed the connection", place=place)


def no_video(place: str) -> OctolabError:
    """Said when what came was no video and no picture."""
    return Unavailable("{place} sends no video that can be read", place=place)
