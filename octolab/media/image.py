"""Reading pictures: the header first, then the pixels, always to RGB as one would see it."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from octolab.errors import BadInput, OctolabError, TooLarge
from octolab.media.info import SNIFF_BYTES, display_name, open_source, sniff

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_PIXELS: Final = 100e6
MAX_BYTES: Final = 512 << 20

_READERS: Final = {
    "image/jpeg": ("JpegImagePlugin", "JpegImageFile"),
    "image/png": ("PngImagePlugin", "PngImageFile"),
    "image/webp": ("WebPImagePlugin", "WebPImageFile"),
    "image/tiff": ("TiffImagePlugin", "TiffImageFile"),
    "image/gif": ("GifImagePlugin", "GifImageFile"),
    "image/bmp": ("BmpImagePlugin", "BmpImageFile"),
}
_ORIENTATION: Final = 0x0112


def read_image(source: str | Path | bytes, *, max_pixels: float = MAX_PIXELS) -> np.ndarray:
    """Read a picture as people see it: turned upright, three 8-bit channels.

    Grey becomes RGB, 16-bit values keep their upper byte, CMYK is converted, transparency
    lies on white, and of an animation the first picture is read.

    Parameters
    ----------
    source : path or bytes
        A JPEG, PNG, WebP, TIFF, GIF or BMP file or its content; the name is not looked at.
    max_pixels : float
        The largest width x height to decode; checked in the header, before any decoding.

    Returns
    -------
    ndarray (H, W, 3) uint8
        RGB, the caller's own.

    Raises
    ------
    BadInput
        If it is empty, not a picture, damaged or cut short.
    TooLarge
        If it has more than `max_pixels` pixels, or more than 512 MiB.
    NotFound
        If there is no such file.
    """
    return read_reduced(source, None, max_pixels=max_pixels)


def read_reduced(
    source: str | Path | bytes, box: tuple[int, int] | None, *, max_pixels: float = MAX_PIXELS
) -> np.ndarray:
    """Like `read_image`, but a JPEG may come smaller, still filling `box` when fitted to it.

    A JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the work.
    """
    with _picture(source, max_pixels) as (image, file):
        orientation = _orientation(image)
        if image.format == "JPEG" and image.mode in ("RGB", "L"):
            least = (0, 0)
            if box is not None:
                wide, high = box if orientation < 5 else box[::-1]
                scale = min(wide / image.width, high / image.height)
                least = (round(image.width * scale), round(image.height * scale))
            pixels = _decode_jpeg(image, file, least)
        else:
            pixels = _to_rgb(image, display_name(source))
    return upright(pixels, orientation)


def describe_image(
    source: str | Path | bytes, *, max_pixels: float = MAX_PIXELS
) -> tuple[int, int, datetime | None]:
    """Width, height (both as shown) and time of capture, from the header alone."""
    with _picture(source, max_pixels) as (image, _):
        width, height = image.size
        if _orientation(image) in (5, 6, 7, 8):
            width, height = height, width
        return width, height, _exif_time(image.getexif())


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror pixels by an EXIF orientation (1 to 8; anything else is left)."""
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


@contextmanager
def _picture(source: str | Path | bytes, max_pixels: float) -> Iterator[tuple[ImageFile, BinaryIO]]:
    """Open the header of a picture of allowed size; faults of any decoder become ours."""
    name = display_name(source)
    with open_source(source) as file:
        head = file.read(SNIFF_BYTES)
        if not head:
            raise BadInput("{name} is empty (0 bytes)", name=name)
        media_type = sniff(head) or ""
        if media_type not in _READERS:
            raise BadInput(
                "{name} is not a picture OctoLab can read (JPEG, PNG, WebP, TIFF, GIF or BMP)",
                name=name,
            )
        size = file.seek(0, io.SEEK_END)
        if size > MAX_BYTES:
            raise TooLarge(
                "{name} has {size} MiB; pictures may have up to {limit} MiB",
                name=name,
                size=size >> 20,
                limit=MAX_BYTES >> 20,
            )
        file.seek(0)
        try:
            # The plugin itself, not Image.open: that one guesses among 40 formats and warns
            # of large pictures by a limit that is global to the process.
            module, reader = _READERS[media_type]
            plugin = getattr(importlib.import_module(f"PIL.{module}"), reader)
            with plugin(file) as image:
                width, height = image.size
                if width * height > max_pixels:
                    raise TooLarge(
                        "{name} is {width} x {height} pixels; the limit is {limit} megapixels",
                        name=name,
                        width=width,
                        height=height,
                        limit=f"{max_pixels / 1e6:g}",
                    )
                yield image, file
        except OctolabError:
            raise
        except MemoryError:
            raise TooLarge("{name} does not fit into memory", name=name) from None
        except Exception:  # decoders raise what they like; the file is at fault
            raise BadInput("{name} is damaged or cut short", name=name) from None


def _orientation(image: ImageFile) -> int:
    if image.format == "TIFF":  # Pillow turns these itself
        return 1
    found = image.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) else 1


def _decode_jpeg(image: ImageFile, file: BinaryIO, least: tuple[int, int]) -> np.ndarray:
    import simplejpeg

    file.seek(0)
    try:
        pixels: np.ndarray = simplejpeg.decode_jpeg(
            file.read(), "RGB", min_width=least[0], min_height=least[1]
        )
    except ValueError:
        # Strict about harmless oddities too; Pillow refuses only what is cut short.
        file.seek(0)
        pixels = np.array(image.convert("RGB"))
    return pixels


def _to_rgb(image: ImageFile, name: str) -> np.ndarray:
    from PIL import Image

    if image.mode.startswith("I;16"):
        grey = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("I", "F"):
        raise BadInput(
            "{name} holds measured values, not a picture; save it with 8 or 16 bits a channel",
            name=name,
        )
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return np.array(Image.alpha_composite(white, layer).convert("RGB"))
    return np.array(image.convert("RGB"))


def _exif_time(exif: Any) -> datetime | None:
    """When the shutter opened; without a time zone it is taken as this machine's."""
    details = exif.get_ifd(0x8769)
    text = details.get(0x9003) or exif.get(0x0132)
    fraction = str(details.get(0x9291) or "").strip().rstrip("\0")
    zone = str(details.get(0x9011) or details.get(0x9010) or "").strip().rstrip("\0")
    try:
        taken = datetime.strptime(str(text).strip().rstrip("\0")[:19], "%Y:%m:%d %H:%M:%S")
        if fraction.isdigit():
            taken = taken.replace(microsecond=int(f"{fraction:0<6}"[:6]))
        if zone:
            taken = taken.replace(tzinfo=datetime.strptime(zone, "%z").tzinfo)
        return taken.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
