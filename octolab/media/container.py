"""Opening videos and sounds with libav, from local files of a known format only."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from octolab.errors import BadInput, OctolabError
from octolab.media.info import display_name

if TYPE_CHECKING:
    from av.container import InputContainer

# The demuxer is named by what was sniffed, so that a text file can never be taken for a
# playlist that makes libav fetch addresses.
_DEMUXERS: Final = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
}


def has_demuxer(media_type: str | None) -> bool:
    """Whether `open_container` takes this media type."""
    return media_type in _DEMUXERS


@contextmanager
def open_container(source: str | Path | bytes, media_type: str) -> Iterator[InputContainer]:
    """Open a video or sound; what libav raises inside becomes `BadInput`."""
    import av

    name = display_name(source)
    try:
        with av.open(
            io.BytesIO(source) if isinstance(source, bytes) else f"file:{source}",
            "r",
            format=_DEMUXERS[media_type],
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        ) as container:
            yield container
    except OctolabError:
        raise
    except (av.FFmpegError, ValueError, MemoryError, OverflowError):
        raise BadInput("{name} is damaged or cut short", name=name) from None
