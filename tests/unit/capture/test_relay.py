"""What a camera answers is written anew, and a redirect never is."""

from __future__ import annotations

import pytest

from octolab.capture.relay import Answers

ANSWER = (
    b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=x\r\n"
    b"WWW-Authenticate: Basic realm=x\r\nContent-Length: 5\r\n\r\nv=0\r\n"
)
SAME = (
    b"RTSP/1.0 200 -\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm=x\r\n"
    b"WWW-Authenticate: Basic realm=x\r\nContent-Length: 5\r\n\r\nv=0\r\n"
)
PACKET = b"$\x00\x00\x08\r\n\r\n\x01\x02\x03\x04"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_answers_and_packets_pass_however_they_are_cut(step: int) -> None:
    answers, sent = Answers(), PACKET + ANSWER + PACKET + PACKET + ANSWER
    passed = b"".join(answers.feed(sent[i : i + step]) for i in range(0, len(sent), step))
    assert passed == PACKET + SAME + PACKET + PACKET + SAME
    assert answers.moved is None


@pytest.mark.parametrize(
    "redirect",
    [
        b"RTSP/1.0 302 Found\r\nCSeq: 3\r\nLocation: rtsp://elsewhere/x\r\n\r\n",
        b"RTSP/1.0   301 a\r\nlocation :  rtsp://elsewhere/x \r\n\r\n",
        b"\r\n\r\nR\rTSP/1.0 305 a\nLocation: rtsp://elsewhere/x\r\n\r\n",
    ],
)
def test_a_redirect_ends_it_and_is_told(redirect: bytes) -> None:
    answers = Answers()
    assert answers.feed(PACKET + redirect + ANSWER) == PACKET
    assert answers.moved == "rtsp://elsewhere/x"
    assert answers.feed(ANSWER) == b""


def test_a_redirect_can_not_hide_behind_a_length_that_others_read_otherwise() -> None:
    hidden = b"RTSP/1.0 302 a\r\nLocation: rtsp://elsewhere/\r\n\r\n"
    head = b"RTSP/1.0 200 OK\r\nContent-Length : %d\r\nX: a\nLocation: y\r\n\r\n" % len(hidden)
    passed = Answers().feed(head + hidden)
    assert passed == b"RTSP/1.0 200 -\r\nX: a\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden


def test_a_request_of_the_camera_is_left_out() -> None:
    request = b"REDIRECT rtsp://h/ RTSP/1.0\r\nLocation: rtsp://elsewhere/\r\n\r\n"
    assert Answers().feed(request + ANSWER) == SAME


@pytest.mark.parametrize(
    "other",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"RTSP/1.0 4294967598 x\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_what_is_no_rtsp_ends_it(other: bytes) -> None:
    with pytest.raises(ValueError, match="no "):
        Answers().feed(other)
