"""Small pictures of large files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from octolab.errors import BadInput
from octolab.media.container import has_demuxer, open_container
from octolab.media.image import read_reduced
from octolab.media.info import display_name, sniff_source
from octolab.media.probing import duration_of, video_stream

_QUALITY: Final = 80
_AT: Final = 0.1


def thumbnail(source: str | Path | bytes, size: tuple[int, int] = (320, 240)) -> bytes:
    """Make a small JPEG of a picture, or of a video's frame at a tenth of its length.

    Parameters
    ----------
    source : path or bytes
        A picture or a video.
    size : tuple of int
        Width and height it must fit into; the aspect is kept, nothing is enlarged.

    Returns
    -------
    bytes
        JPEG.

    Raises
    ------
    BadInput, TooLarge, NotFound
        As `read_image`; also if a video holds no frame that can be decoded.
    """
    import simplejpeg

    is_film = has_demuxer(sniff_source(source))
    pixels = video_frame(source) if is_film else read_reduced(source, size)
    return bytes(simplejpeg.encode_jpeg(_fit(pixels, size), quality=_QUALITY))


def video_frame(source: str | Path | bytes, *, at: float = _AT) -> np.ndarray:
    """Decode one frame of a video.

    Parameters
    ----------
    source : path or bytes
        The video.
    at : float
        Where, as a share of its length, 0 to 1.

    Returns
    -------
    ndarray (H, W, 3) uint8
        RGB, turned upright.

    Raises
    ------
    BadInput
        If it is no video, or no frame of it can be decoded.
    """
    media_type = sniff_source(source)
    if media_type is None or not has_demuxer(media_type):
        raise BadInput("{name} is not a video OctoLab can read", name=display_name(source))
    with open_container(source, media_type) as container:
        stream = video_stream(container)
        if stream is None:
            raise BadInput("{name} holds no moving picture", name=display_name(source))
        wanted = at * (duration_of(container, stream) or 0.0)
        container.seek(int(wanted * 1e6))
        found = None
        for frame in container.decode(stream):
            found = frame
            if frame.time is None or frame.time >= wanted:
                break
        if found is None:
            raise BadInput("{name} is damaged or cut short", name=display_name(source))
        # libav turns counter-clockwise by `rotation`; so does rot90.
        return np.ascontiguousarray(
            np.rot90(found.to_ndarray(format="rgb24"), found.rotation // 90)
        )


def _fit(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    import cv2

    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    if scale >= 1:
        return pixels
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA))
