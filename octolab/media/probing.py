"""What a file holds: kind, type, size, length, time of capture."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.errors import BadInput
from octolab.layouts import channel_count
from octolab.media.container import has_demuxer, open_container
from octolab.media.image import describe_image
from octolab.media.info import MediaInfo, display_name, sniff_source

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream


def probe(source: str | Path | bytes) -> MediaInfo:
    """Tell what a file holds by its content; its name does not matter.

    Parameters
    ----------
    source : path or bytes
        A picture (JPEG, PNG, WebP, TIFF, GIF, BMP), a video (MP4, WebM, Matroska,
        QuickTime, AVI) or a sound (WAV, FLAC, Ogg, MP3, M4A).

    Returns
    -------
    MediaInfo
        From the header, a video's first frame and, when it does not state its length, its
        packets.

    Raises
    ------
    BadInput
        If it is empty, damaged, or neither picture, video nor sound.
    TooLarge
        If a picture is over the limit of `read_image`.
    NotFound
        If there is no such file.
    """
    media_type = sniff_source(source)
    if media_type is not None and media_type.startswith("image/"):
        width, height, taken = describe_image(source)
        return MediaInfo("frame", media_type, width, height, captured_at=taken)
    if media_type is None or not has_demuxer(media_type):
        raise BadInput(
            "{name} is neither a picture, a video nor a sound OctoLab can read",
            name=display_name(source),
        )
    with open_container(source, media_type) as container:
        video = video_stream(container)
        if video is not None:
            return _clip(container, video, media_type)
        audio = audio_stream(container)
        if audio is not None and audio.rate:
            return _sound(container, audio, media_type)
    raise BadInput("{name} holds neither picture nor sound", name=display_name(source))


def video_stream(container: InputContainer) -> VideoStream | None:
    """The first moving picture; cover art of a sound file is not one."""
    import av

    cover = av.stream.Disposition.attached_pic
    return next((s for s in container.streams.video if not s.disposition & cover), None)


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The first sound of a codec that is known."""
    return next((s for s in container.streams.audio if s.codec_context is not None), None)


def duration_of(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    """Seconds a stream lasts; counted from its packets when the header does not say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return container.duration / 1e6
    container.seek(0)
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end or None


def _clip(container: InputContainer, video: VideoStream, media_type: str) -> MediaInfo:
    # The first frame tells whether the video can be decoded at all, and which way is up.
    first = next(container.decode(video), None)
    if first is None:
        raise ValueError("no frame")
    width, height = first.width, first.height
    if first.rotation % 180 == 90:
        width, height = height, width
    if media_type == "video/x-matroska" and video.codec.name in ("vp8", "vp9", "av1"):
        media_type = "video/webm"
    audio = audio_stream(container)
    return MediaInfo(
        "clip",
        media_type.replace("audio/", "video/"),
        width,
        height,
        duration_of(container, video),
        float(video.average_rate) if video.average_rate else None,
        audio.rate if audio else None,
        _channels(audio) if audio else None,
        _creation_time(container),
    )


def _sound(container: InputContainer, audio: AudioStream, media_type: str) -> MediaInfo:
    return MediaInfo(
        "sound",
        media_type.replace("video/quicktime", "audio/mp4").replace("video/", "audio/"),
        duration_s=duration_of(container, audio),
        sample_rate=audio.rate,
        channels=_channels(audio),
        captured_at=_creation_time(container),
    )


def _channels(audio: AudioStream) -> int | None:
    try:
        return channel_count(audio.codec_context.layout, "")
    except BadInput:  # in an order of their own; the file is kept, but not listened to
        return None


def _creation_time(container: InputContainer) -> datetime | None:
    try:
        return datetime.fromisoformat(container.metadata["creation_time"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
