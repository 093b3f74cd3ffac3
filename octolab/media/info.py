"""What a media file is, told by its first bytes and never by its name."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from octolab.errors import BadInput, NotFound
from octolab.model import ArtifactKind

SNIFF_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds.

    ``width`` and ``height`` are as shown, after turning by EXIF or by the video's own
    rotation. ``captured_at`` is what the file says of itself, UTC; None when it says
    nothing.
    """

    kind: ArtifactKind
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    fps: float | None = None
    sample_rate: int | None = None
    channels: int | None = None
    captured_at: datetime | None = None


def sniff(head: bytes) -> str | None:
    """The media type of a file from its first `SNIFF_BYTES` bytes, or None.

    Containers that hold sound or pictures alike (MP4, Matroska, Ogg) are given by their
    video type; what is in them is for the demuxer to say.
    """
    for offset, magic, media_type in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return media_type
    if head[:4] in (b"RIFF", b"RF64") and len(head) >= 12:
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand == b"qt  ":
            return "video/quicktime"
        return None if brand in _STILL_BRANDS else "video/mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # QuickTime from before ``ftyp``
        return "video/quicktime"
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] >> 4 != 15:
        return "audio/mpeg"  # an MPEG layer III frame without ID3
    return None


_MAGIC: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
)
_RIFF: Final = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
_STILL_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx ")


def display_name(source: str | Path | bytes) -> str:
    """What to call the source in a message: the file's name, not its folder."""
    return "the data" if isinstance(source, bytes) else Path(source).name


def open_source(source: str | Path | bytes) -> BinaryIO:
    """Open a file or bytes for reading, or say plainly why not."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return Path(source).open("rb")
    except FileNotFoundError:
        raise NotFound("there is no file {name}", name=display_name(source)) from None
    except (OSError, ValueError):  # a folder, no permission, a NUL in the name
        raise BadInput("the file {name} can't be read", name=display_name(source)) from None


def sniff_source(source: str | Path | bytes) -> str | None:
    """The media type of a file or bytes by the content; nothing at all is `BadInput`."""
    with open_source(source) as file:
        head = file.read(SNIFF_BYTES)
    if not head:
        raise BadInput("{name} is empty (0 bytes)", name=display_name(source))
    return sniff(head)
