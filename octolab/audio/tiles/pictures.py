"""Grey pictures as WebP, small enough for a slow line."""

from __future__ import annotations

import io
from typing import Final

import numpy as np

LARGEST: Final = 15 * 1024

_BEST: Final = 75
_METHOD: Final = 1  # the encoder's effort, 0 to 6: pictures of noise gain nothing from more
_QUALITIES: Final = (0, 10, 20, 30, 40, 50, 60, 75)
_SIZES: Final = (0.0, 0.22, 0.39, 0.57, 0.68, 0.77, 0.85, 1.0)  # of spectrograms, against 75


def webp(picture: np.ndarray, largest: int = LARGEST) -> bytes:
    """Encode a grey picture, coarser than usual when it would be too large.

    Parameters
    ----------
    picture : ndarray (rows, columns) uint8
        Grey.
    largest : int
        Bytes that the result does not exceed, unless the picture is much larger than
        512 x 256 pixels.

    Returns
    -------
    bytes
        A WebP, of quality 75 where that is small enough.
    """
    from PIL import Image

    image = Image.fromarray(picture)
    quality = float(_BEST)
    while True:
        file = io.BytesIO()
        image.save(file, "WEBP", quality=int(quality), method=_METHOD)
        excess = file.tell() / largest
        if excess <= 1 or quality < 1:
            return file.getvalue()
        wanted = 0.95 * np.interp(quality, _QUALITIES, _SIZES) / excess
        quality = min(quality - 1, float(np.interp(wanted, _SIZES, _QUALITIES)))
