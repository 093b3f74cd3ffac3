"""Cutting MJPEG streams the way cameras really send them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octolab.capture import encode_jpeg
from octolab.capture.multipart import MAX_PICTURE, Splitter, boundary
from octolab.errors import TooLarge


def picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return encode_jpeg(noise)


PICTURES = [picture(seed) for seed in range(4)]


def parts(*, length: bool = True, mark: bytes = b"cut", wrong_by: int = 0) -> bytes:
    stream = b""
    for data in PICTURES:
        stream += b"--" + mark + b"\r\nContent-Type: image/jpeg\r\n"
        if length:
            stream += b"content-length: %d\r\n" % (len(data) + wrong_by)
        stream += b"\r\n" + data + b"\r\n"
    return stream + b"--" + mark + b"\r\n"


@pytest.mark.parametrize(
    ("header", "mark"),
    [
        ("multipart/x-mixed-replace; boundary=myboundary", b"myboundary"),
        ('multipart/x-mixed-replace;boundary="--cut here"', b"cut here"),
        ("multipart/x-mixed-replace; Boundary=--cut; x=1", b"cut"),
        ("multipart/x-mixed-replace", b""),
    ],
)
def test_the_boundary_is_found_in_the_content_type(header: str, mark: bytes) -> None:
    assert boundary(header) == mark


@pytest.mark.parametrize("known", [b"cut", b""])
@pytest.mark.parametrize("length", [True, False])
def test_pictures_come_out_as_they_went_in(length: bool, known: bytes) -> None:
    assert Splitter(known).feed(parts(length=length)) == PICTURES


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_however_the_bytes_arrive(cuts: list[int], length: bool) -> None:
    stream, splitter, out, at = parts(length=length), Splitter(b"cut"), [], 0
    for size in [*cuts, len(stream)]:
        out += splitter.feed(stream[at : at + size])
        at += size
    assert out == PICTURES


@pytest.mark.parametrize("wrong_by", [-40, 3])
def test_a_wrong_length_is_not_believed(wrong_by: int) -> None:
    assert Splitter(b"cut").feed(parts(wrong_by=wrong_by)) == PICTURES


def test_a_picture_cut_short_is_left_out() -> None:
    stream = b"--cut\r\n\r\n" + PICTURES[0][:200] + b"\r\n" + parts()
    assert Splitter(b"cut").feed(stream) == PICTURES


def test_noise_before_the_first_picture_does_no_harm() -> None:
    assert Splitter(b"cut").feed(bytes(200_000) + parts()) == PICTURES


def test_a_picture_without_end_is_refused() -> None:
    splitter = Splitter(b"cut")
    splitter.feed(b"--cut\r\n\r\n\xff\xd8")
    with pytest.raises(TooLarge):
        splitter.feed(bytes(MAX_PICTURE + 100_000))
