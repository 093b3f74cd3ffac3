"""Timelapses: pictures one after another become a video that plays everywhere."""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from octolab.content import disk_errors, sync_folder
from octolab.errors import BadInput, OctolabError
from octolab.media.image import read_reduced
from octolab.media.info import MediaInfo
from octolab.media.probing import probe

if TYPE_CHECKING:
    from av import VideoFrame

    from octolab.plugins import Progress

Picture = str | Path | bytes | np.ndarray
Transition = Literal["fade", "zoom"]

_SMOOTH_FPS: Final = 24
_NEARER: Final = 0.1  # how much a picture grows while "zoom" passes over to the next
_SIDES: Final = (16, 8192)
_BT709: Final = 1  # what players assume of HD, and what the stream says of itself
_LIMITED: Final = 1


def timelapse(
    frames: Sequence[Picture],
    out: str | Path,
    *,
    fps: float = 24,
    size: tuple[int, int] | None = None,
    transition: Transition | None = None,
    crf: int = 23,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> MediaInfo:
    """Make a video (MP4, H.264, 4:2:0, index in front) of pictures.

    Parameters
    ----------
    frames : sequence of path, bytes or ndarray (H, W, 3) uint8
        The pictures, in order.
    out : path
        The video; it appears whole or not at all.
    fps : float
        Pictures a second, 0.1 to 120.
    size : (width, height), optional
        In pixels, 16 to 8192; that of the first picture by default. An odd side loses a
        pixel. Pictures of another shape are fitted in, with black beside them.
    transition : {None, "fade", "zoom"}
        ``"fade"`` blends each picture into the next, ``"zoom"`` draws a tenth nearer to its
        middle meanwhile. The video lasts as long as without; it gets 24 frames a second or
        more, at least two for each picture.
    crf : int
        Quality, 0 (largest) to 51; 18 is hardly told from the original.
    progress : callable, optional
        ``progress(done, total, message)`` after each picture; what it raises stops the work.
    cancelled : callable, optional
        Says whether to stop.

    Returns
    -------
    MediaInfo
        What `probe` finds in the finished video.

    Raises
    ------
    BadInput
        If a picture can't be read (the error names it), there is none, or a parameter is
        out of range. No file is left.
    OctolabError
        If it was cancelled. No file is left.
    """
    frames = list(frames)
    total = len(frames)
    _check(total, fps, transition, crf)
    canvas = _even(size or _size_of(_read(frames[0], None, 1)))
    steps = 1 if transition is None else max(2, math.ceil(_SMOOTH_FPS / fps))
    rate = Fraction(fps).limit_denominator(1001) * steps
    out = Path(out)
    part = out.with_name(f"{out.name}.{secrets.token_hex(4)}.part")

    def pictures() -> Iterator[np.ndarray]:
        for number, picture in enumerate(frames, 1):
            yield _fit(_read(picture, canvas, number), canvas)
            if cancelled is not None and cancelled():
                if progress is not None:
                    progress(number, total, "cancelled")
                raise OctolabError("the timelapse was cancelled")
            if progress is not None:
                progress(number, total, picture.name if isinstance(picture, Path) else "")

    with disk_errors(out):
        try:
            shown = pictures() if transition == "zoom" else _planar(pictures())
            passing = _blend(shown, steps, _nearer if transition == "zoom" else None)
            planes = _planar(passing) if transition == "zoom" else passing
            _encode(planes, part, canvas, rate, crf)
            info = probe(part)
            part.replace(out)
            sync_folder(out.parent)
        finally:
            part.unlink(missing_ok=True)
    return info


def encode_png(image: np.ndarray) -> bytes:
    """Encode an array (H, W, 3) RGB or (H, W) grey, uint8, as PNG, without loss."""
    import cv2

    array = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.size
    if not array or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise BadInput("a picture must be an array (H, W, 3) or (H, W) of uint8")
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1])


def _check(total: int, fps: float, transition: str | None, crf: int) -> None:
    if not total:
        raise BadInput("a timelapse needs pictures; none were given")
    if not isinstance(fps, int | float) or not 0.1 <= fps <= 120:
        raise BadInput("fps must be from 0.1 to 120, not {value}", value=fps)
    if transition not in (None, *get_args(Transition)):
        raise BadInput(
            "there is no transition {name!r}; use 'fade', 'zoom' or none", name=transition
        )
    if not isinstance(crf, int) or not 0 <= crf <= 51:
        raise BadInput("crf must be from 0 to 51, not {value}", value=crf)


def _even(size: Any) -> tuple[int, int]:
    try:
        width, height = map(index, size)
    except (TypeError, ValueError):
        raise BadInput(
            "a size is width and height in whole pixels, not {value!r}", value=size
        ) from None
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in (width, height)):
        raise BadInput(
            "a video can't be {width} x {height}: sides must be from {least} to {most} pixels",
            width=width,
            height=height,
            least=_SIDES[0],
            most=_SIDES[1],
        )
    return width & ~1, height & ~1


def _read(picture: Picture, box: tuple[int, int] | None, number: int) -> np.ndarray:
    if not isinstance(picture, np.ndarray):
        return read_reduced(picture, box)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise BadInput("picture {number} must be an array (H, W, 3) of uint8", number=number)
    return picture


def _size_of(pixels: np.ndarray) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _fit(pixels: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
    """Bring a picture onto the canvas: as it is, less an odd pixel, or scaled between bars."""
    import cv2

    width, height = canvas
    own_width, own_height = _size_of(pixels)
    if 0 <= own_width - width <= 1 and 0 <= own_height - height <= 1:
        return pixels[:height, :width]
    scale = min(width / own_width, height / own_height)
    inner = (
        min(width, max(1, round(own_width * scale))),
        min(height, max(1, round(own_height * scale))),
    )
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    whole = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        pixels, inner, interpolation=how
    )
    return whole


def _planar(pictures: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """RGB to 4:2:0 planes, in which blending costs half and encoding nothing more."""
    from av import VideoFrame

    for pixels in pictures:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        yield frame.reformat(
            format="yuv420p", dst_colorspace=_BT709, dst_color_range=_LIMITED
        ).to_ndarray()


def _blend(
    pictures: Iterator[np.ndarray],
    steps: int,
    move: Callable[[np.ndarray, float], np.ndarray] | None = None,
) -> Iterator[np.ndarray]:
    """Put `steps` frames in place of each picture, passing over into the next one.

    A picture moves on by ``move(picture, share)`` until the next has taken its place.
    """
    import cv2

    last = None
    for picture in pictures:
        if last is not None:
            for step in range(1, steps):
                share = step / steps
                before = last if move is None else move(last, share)
                yield cv2.addWeighted(before, 1 - share, picture, share, 0)
        yield picture
        last = picture
    if last is not None:
        for step in range(1, steps):
            yield last if move is None else move(last, step / steps)


def _nearer(picture: np.ndarray, share: float) -> np.ndarray:
    """The picture enlarged about its middle, by fractions of a pixel so that nothing jumps."""
    import cv2

    width, height = _size_of(picture)
    middle = ((width - 1) / 2, (height - 1) / 2)
    turned = cv2.getRotationMatrix2D(middle, 0, 1 + _NEARER * share)
    return np.asarray(cv2.warpAffine(picture, turned, (width, height), flags=cv2.INTER_LINEAR))


def _encode(
    frames: Iterator[np.ndarray], part: Path, size: tuple[int, int], rate: Fraction, crf: int
) -> None:
    import av
    from av import VideoFrame

    with av.open(f"file:{part}", "w", format="mp4", options={"movflags": "+faststart"}) as film:
        stream = film.add_stream(
            "libx264", rate=rate, options={"preset": "veryfast", "crf": str(crf)}
        )
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        for number, planes in enumerate(frames):
            frame: VideoFrame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            frame.time_base = 1 / rate
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    with part.open("rb+") as file:
        os.fsync(file.fileno())
