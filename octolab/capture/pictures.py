"""JPEG in and out, and other still pictures from cameras; with limits."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from octolab.capture.stream import Image
from octolab.errors import BadInput, TooLarge

MAX_PIXELS = 100_000_000


def encode_jpeg(image: Image, quality: int = 90) -> bytes:
    """Encode an RGB picture as JPEG.

    Parameters
    ----------
    image : ndarray
        (H, W, 3) uint8 RGB.
    quality : int
        1 to 100.

    Raises
    ------
    BadInput
        If `image` is not such an array.
    """
    import simplejpeg

    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise BadInput(
            "a picture must be an (H, W, 3) array of uint8, not {shape} of {dtype}",
            shape=image.shape,
            dtype=str(image.dtype),
        )
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(image), quality=quality, colorspace="RGB", colorsubsampling="420"
    )
    return data


def decode_jpeg(data: bytes, *, min_width: int = 0) -> Image:
    """Decode a JPEG to (H, W, 3) uint8 RGB.

    With `min_width` the decoder may halve the picture (again and again) as long as it stays
    at least that wide, which costs far less than decoding all of it.
    """
    import simplejpeg

    size = jpeg_size(data)
    if size is None:
        raise BadInput("the camera sent a damaged picture")
    if size[0] * size[1] > MAX_PIXELS:
        raise TooLarge(
            "the camera sent a picture of {width} x {height} pixels: too large",
            width=size[0],
            height=size[1],
        )
    image: Image | None = _attempt(
        lambda: simplejpeg.decode_jpeg(
            data, colorspace="RGB", min_width=min_width, min_height=0, fastdct=True
        )
    )
    if image is None:
        raise BadInput("the camera sent a damaged picture")
    return image


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the header; None when it is no JPEG."""
    import simplejpeg

    header = _attempt(lambda: simplejpeg.decode_jpeg_header(data, strict=False))
    return None if header is None else (int(header[1]), int(header[0]))


def decode_picture(data: bytes) -> Image:
    """Decode a PNG, WebP, GIF, BMP or TIFF to (H, W, 3) uint8 RGB, its size checked first."""
    from PIL import Image as Pillow

    fault: Exception
    try:
        with Pillow.open(
            io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]
        ) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                fault = TooLarge(
                    "the camera sent a picture of {width} x {height} pixels: too large",
                    width=width,
                    height=height,
                )
            else:
                return np.asarray(opened.convert("RGB"))
    except Pillow.DecompressionBombError:
        fault = TooLarge("the camera sent a picture that is too large")
    except (OSError, ValueError, SyntaxError):
        fault = BadInput("the camera sent no picture")
    raise fault


def scaled(image: Image, width: int | None) -> Image:
    """The picture scaled down to `width` pixels; as it is when it is no wider."""
    if width is None or image.shape[1] <= width:
        return image
    import cv2

    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


def _attempt(call: Any) -> Any:
    try:
        return call()
    except (ValueError, TypeError, KeyError):  # simplejpeg raises both for damaged headers
        return None
