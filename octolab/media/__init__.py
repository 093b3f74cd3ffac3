"""Pictures, videos and sounds as files: reading, probing, small previews, timelapses."""

from __future__ import annotations

from octolab.media.film import Transition, encode_png, timelapse
from octolab.media.image import read_image
from octolab.media.info import MediaInfo
from octolab.media.probing import probe
from octolab.media.thumbnails import thumbnail, video_frame

__all__ = [
    "MediaInfo",
    "Transition",
    "encode_png",
    "probe",
    "read_image",
    "thumbnail",
    "timelapse",
    "video_frame",
]
