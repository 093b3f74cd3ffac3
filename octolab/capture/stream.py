"""What every camera gives: frames with their time, one at a time.

`CameraStream` is one open connection. Each source (drawn, file, USB, RTSP, HTTP) is a
subclass; `octolab.capture.open_camera` picks it by the scheme of the URL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import numpy as np

Image = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream carries. ``codec`` is ``"rgb"`` for pictures that come uncompressed."""

    width: int
    height: int
    fps: float | None = None
    codec: str = ""
    has_audio: bool = False


@dataclass(frozen=True, eq=False)
class CapturedFrame:
    """One picture and when it was taken.

    Attributes
    ----------
    at : datetime
        UTC.
    uncertainty_s : float or None
        Bounds the error of ``at``; None when it is not known.
    jpeg : bytes or None
        The picture as the source sent it, when it sent JPEG.
    meta : mapping
        What is known of the picture beyond its pixels; drawn sources tell the truth here.
    """

    at: datetime
    uncertainty_s: float | None = None
    jpeg: bytes | None = field(default=None, repr=False)
    pixels: Image | Callable[[], Image] | None = field(default=None, repr=False)
    meta: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def image(self) -> Image:
        """The picture, (H, W, 3) uint8 RGB; decoded when first asked for."""
        if isinstance(self.pixels, np.ndarray):
            return self.pixels
        if self.pixels is not None:
            return self.pixels()
        from octolab.capture.pictures import decode_jpeg

        return decode_jpeg(self.jpeg or b"")

    def to_jpeg(self, *, width: int | None = None, quality: int = 80) -> bytes:
        """The picture as JPEG, scaled down to `width` pixels when it is wider.

        JPEG from the source is passed on untouched when it fits as it is.
        """
        from octolab.capture.pictures import decode_jpeg, encode_jpeg, jpeg_size, scaled

        if self.jpeg is None:
            return encode_jpeg(scaled(self.image, width), quality)
        if width is None or (jpeg_size(self.jpeg) or (0, 0))[0] <= width:
            return self.jpeg
        return encode_jpeg(scaled(decode_jpeg(self.jpeg, min_width=width), width), quality)


class CameraStream(ABC):
    """One open camera. Close it, or use it in a ``with`` block.

    Every call ends within its time limit. What goes wrong is an `Unavailable`, `Refused` or
    `BadInput` that holds no user name and no password.
    """

    info: StreamInfo
    place: str = ""

    @abstractmethod
    def read(self) -> CapturedFrame:
        """Wait for the next picture."""

    @abstractmethod
    def close(self) -> None:
        """Let the camera go; twice does no harm."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.place}>"
