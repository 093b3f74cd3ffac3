"""Faults of libraries become ours, and nothing of theirs comes along."""

from __future__ import annotations

import errno
import ssl
import threading

import av
import pytest

from octolab.capture.faults import attempt, within
from octolab.errors import LabError, OctolabError, Refused, Unavailable

URL = "rtsp://me:secret@host/cam"


def libav(name: str, code: int = 1) -> Exception:
    error: Exception = getattr(av.error, name)(code, "text with " + URL, URL)
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (libav("HTTPUnauthorizedError"), Refused, "asks for a user and a password"),
        (libav("HTTPForbiddenError"), Refused, "refuses access"),
        (libav("HTTPNotFoundError"), Unavailable, "check the path"),
        (libav("HTTPServerError"), Unavailable, "reports a fault"),
        (libav("TimeoutError", errno.ETIMEDOUT), Unavailable, "did not answer within 3 s"),
        (libav("ExitError"), Unavailable, "did not answer within 3 s"),
        (libav("InvalidDataError"), Unavailable, "no video that can be read"),
        (libav("ConnectionRefusedError", errno.ECONNREFUSED), Unavailable, "nothing listens"),
        (libav("UnknownError"), Unavailable, r"can't be opened \(UnknownError\)"),
        (ConnectionRefusedError(errno.ECONNREFUSED, URL), Unavailable, "nothing listens"),
        (TimeoutError(URL), Unavailable, "did not answer within 3 s"),
        (ssl.SSLCertVerificationError(URL), Unavailable, "check its certificate"),
        (OSError(errno.EHOSTUNREACH, URL), Unavailable, "can't be reached"),
        (OSError(errno.ENOSPC, URL), LabError, "the disk is full"),
        (KeyError(URL), Unavailable, r"can't be opened \(KeyError\)"),
    ],
)
def test_a_fault_is_told_by_its_kind_alone(
    error: Exception, kind: type[OctolabError], said: str
) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(kind, match=said) as told:
        attempt(fail, "rtsp://host/cam", seconds=3.0)
    assert told.value.__context__ is None
    assert told.value.__cause__ is None
    assert "secret" not in repr(told.value) + str(told.value)


def test_what_is_done_in_time_is_returned() -> None:
    assert within(5, lambda: 42) == 42


def test_what_fails_in_time_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_what_comes_too_late_is_handed_over_to_be_closed() -> None:
    go_on, closed = threading.Event(), threading.Event()
    got: list[str] = []

    def late(value: str) -> None:
        got.append(value)
        closed.set()

    with pytest.raises(TimeoutError):
        within(0.05, lambda: go_on.wait(10) and "connection", late=late)
    go_on.set()
    assert closed.wait(10)
    assert got == ["connection"]
