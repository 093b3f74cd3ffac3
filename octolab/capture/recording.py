"""Recordings that survive a kill: fragmented MP4, made whole when they end.

While it runs, a recording is an MP4 in fragments of about a second, each written through
at once: whatever ends the program, all but the last fragment plays. When it ends well, the
packets are copied into an ordinary MP4 that starts fast. Nothing is decoded for either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av

from octolab.capture.faults import attempt
from octolab.capture.packets import Arrival, PacketStream
from octolab.capture.recorders import COPIED_VIDEO, STARTED, PacketRecorder, PictureRecorder
from octolab.capture.stream import CapturedFrame
from octolab.errors import OctolabError, Unavailable

PREROLL_S = 10.0
"""The furthest back that a copied recording may begin, to begin on a keyframe."""


@dataclass(frozen=True, slots=True)
class RecordedClip:
    """A finished recording."""

    path: Path
    started_at: datetime
    duration_s: float
    width: int
    height: int


class Recording:
    """A recording under way; after a fault it takes no more and keeps what it has.

    Attributes
    ----------
    fault : OctolabError or None
        Why it ended before it was stopped.
    needs_pictures : bool
        Whether packets can't be copied, so that decoded pictures are wanted instead.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fault: OctolabError | None = None
        self.needs_pictures = False
        self._copying: tuple[PacketRecorder, PacketStream] | None = None
        self._encoding: PictureRecorder | None = None

    def picture(self, frame: CapturedFrame, fps: float | None) -> None:
        """Encode one picture."""
        recorder = self._encoding
        if recorder is None:
            recorder = self._encoding = PictureRecorder(self.path, fps)
        self._guarded(lambda: recorder.add(frame))

    def packet(
        self, stream: PacketStream, arrival: Arrival, since_keyframe: Sequence[Arrival]
    ) -> None:
        """Copy one packet; the first time, all since the last keyframe, this one included."""
        if self.needs_pictures:
            return
        if self._copying is None:
            if not arrival.video or not since_keyframe:
                return
            lead = (arrival.at - since_keyframe[0].at).total_seconds()
            if stream.info.codec not in COPIED_VIDEO or lead > PREROLL_S:
                self.needs_pictures = True
                return
            recorder = PacketRecorder(self.path, stream)
            self._copying = recorder, stream
            self._guarded(lambda: recorder.add_all(since_keyframe))
            return
        recorder, source = self._copying
        if source is not stream:  # the camera was gone and is back
            if not recorder.fits(stream):
                self.fault = Unavailable("the camera changed its format: the recording ends there")
            recorder.continue_with(stream)
            self._copying = recorder, stream
        self._guarded(lambda: recorder.add(arrival))

    def close(self) -> None:
        """Write what is left; the file is still in fragments."""
        copying, self._copying = self._copying, None
        encoding, self._encoding = self._encoding, None
        recorder = copying[0] if copying else encoding
        if recorder is not None:
            self._guarded(recorder.close, always=True)

    def _guarded(self, call: Callable[[], object], *, always: bool = False) -> None:
        if self.fault is not None and not always:
            return
        try:
            attempt(call, self.path.name)
        except OctolabError as error:
            self.fault = error


# --- afterwards ----------------------------------------------------------------------------


def recover_recording(path: str | Path) -> RecordedClip | None:
    """Make a recording whole that a kill or a power cut left in fragments.

    The file is replaced by an ordinary MP4 with all that can be played; doing it again
    changes nothing.

    Returns
    -------
    RecordedClip or None
        None when nothing in it can be played; the file is left as it is.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        clip = _remux(path, part)
        if clip is None:
            return None
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
        _sync_folder(path.parent)
        return clip
    except (av.FFmpegError, OSError):
        return None
    finally:
        part.unlink(missing_ok=True)


def finish_recording(path: Path) -> RecordedClip:
    """Make a recording whole that has ended well."""
    clip = recover_recording(path)
    if clip is None:
        # No room for a second copy, perhaps: the fragments play as they are.
        clip = attempt(lambda: _measure(path), path.name)
    return clip


def _remux(path: Path, part: Path) -> RecordedClip | None:
    with (
        av.open(str(path)) as source,
        av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as output,
    ):
        if not source.streams.video:
            return None
        video: Any = source.streams.video[0]
        copies: dict[int, Any] = {}
        for stream in source.streams:
            if stream.type in ("video", "audio"):
                copy: Any = output.add_stream_from_template(stream)
                copy.codec_context.codec_tag = stream.codec_context.codec_tag
                copies[stream.index] = copy
        output.metadata.update(source.metadata)
        first, end = None, None
        for packet in _readable(source, list(copies)):
            if packet.stream is video and packet.pts is not None:
                first = packet.pts if first is None else min(first, packet.pts)
                end = max(end or 0, packet.pts + (packet.duration or 0))
            packet.stream = copies[packet.stream.index]
            output.mux(packet)
        if first is None or end is None:
            return None
        seconds = float((end - first) * video.time_base)
        return RecordedClip(
            path,
            _started(source, path),
            seconds,
            video.codec_context.width,
            video.codec_context.height,
        )


def _measure(path: Path) -> RecordedClip:
    with av.open(str(path)) as source:
        video: Any = source.streams.video[0]
        times = [
            p.pts + (p.duration or 0) for p in _readable(source, [video.index]) if p.pts is not None
        ]
        seconds = float(max(times, default=0) * video.time_base)
        return RecordedClip(
            path,
            _started(source, path),
            seconds,
            video.codec_context.width,
            video.codec_context.height,
        )


def _readable(source: Any, streams: list[int]) -> Iterator[Any]:
    """Packets up to where the file was cut."""
    demux = source.demux(*(source.streams[i] for i in streams))
    while True:
        try:
            packet = next(demux)
        except (StopIteration, av.FFmpegError):
            return
        if packet.is_corrupt:  # the last one, cut off
            return
        if packet.size and packet.dts is not None:
            yield packet


def _started(source: Any, path: Path) -> datetime:
    text = source.metadata.get("comment", "")
    if text.startswith(STARTED):
        return datetime.fromisoformat(text.removeprefix(STARTED))
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
