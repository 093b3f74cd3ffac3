"""JPEG in and out, with limits."""

from __future__ import annotations

import numpy as np
import pytest

from octolab.capture import CapturedFrame, encode_jpeg
from octolab.capture.pictures import decode_jpeg, decode_picture, jpeg_size, scaled
from octolab.errors import BadInput, TooLarge
from octolab.model import utc_now

IMAGE = np.dstack([np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))] * 3)


def test_a_picture_survives_jpeg() -> None:
    data = encode_jpeg(IMAGE, quality=95)
    assert jpeg_size(data) == (64, 48)
    assert np.abs(decode_jpeg(data).astype(int) - IMAGE).mean() < 2


def test_colours_stay_in_their_places() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 255
    assert decode_jpeg(encode_jpeg(red))[8, 8].tolist() == pytest.approx([255, 0, 0], abs=3)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (4, 4, 1)])
def test_only_rgb_is_encoded(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="array of uint8"):
        encode_jpeg(np.zeros(shape, np.uint8))
    with pytest.raises(BadInput, match="float64"):
        encode_jpeg(np.zeros((4, 4, 3)))  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"text", encode_jpeg(IMAGE)[:40]])
def test_damaged_jpeg_is_told(data: bytes) -> None:
    with pytest.raises(BadInput, match="damaged picture"):
        decode_jpeg(data)


def test_a_jpeg_that_claims_to_be_huge_is_not_decoded() -> None:
    data = encode_jpeg(IMAGE)
    at = data.index(b"\xff\xc0") + 5
    with pytest.raises(TooLarge, match="65000 x 65000"):
        decode_jpeg(data[:at] + (65_000).to_bytes(2, "big") * 2 + data[at + 4 :])


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.4", b"<svg/>"])
def test_what_is_no_picture_is_told(data: bytes) -> None:
    with pytest.raises(BadInput, match="no picture"):
        decode_picture(data)


def test_pictures_are_scaled_down_but_never_up() -> None:
    assert scaled(IMAGE, 32).shape == (24, 32, 3)
    assert scaled(IMAGE, 640) is IMAGE
    assert scaled(IMAGE, None) is IMAGE


def test_a_frame_decodes_only_when_asked_and_keeps_its_jpeg() -> None:
    data = encode_jpeg(IMAGE)
    frame = CapturedFrame(utc_now(), None, data)
    assert frame.to_jpeg() is data
    assert frame.to_jpeg(width=64) is data
    assert jpeg_size(frame.to_jpeg(width=32)) == (32, 24)
    assert frame.image is frame.image
    asked = []
    lazy = CapturedFrame(utc_now(), None, None, lambda: asked.append(1) or IMAGE)  # type: ignore
    assert asked == []
    assert lazy.image is IMAGE
