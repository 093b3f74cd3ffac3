"""Cameras: opening, reading, recording them.

`open_camera` opens any of them by URL and gives a `CameraStream` to read pictures from;
`CameraReader` keeps one open for a long time for many takers, and records.
"""

from __future__ import annotations

from octolab.capture.addresses import check_url, hide_fields, redact, split_credentials
from octolab.capture.opening import check_camera, open_camera, snapshot
from octolab.capture.pictures import encode_jpeg
from octolab.capture.reader import CameraReader
from octolab.capture.settings import check_settings
from octolab.capture.stream import CameraStream, CapturedFrame, StreamInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from octolab.capture.recording import RecordedClip, recover_recording

__all__ = [
    "CameraReader",
    "CameraStream",
    "CapturedFrame",
    "RecordedClip",
    "StreamInfo",
    "check_camera",
    "check_settings",
    "check_url",
    "encode_jpeg",
    "hide_fields",
    "open_camera",
    "recover_recording",
    "redact",
    "snapshot",
    "split_credentials",
]


def __getattr__(name: str) -> object:
    if name in ("RecordedClip", "recover_recording"):  # they bring in libav
        from octolab.capture import recording

        return getattr(recording, name)
    raise AttributeError(f"module 'octolab.capture' has no attribute {name!r}")
