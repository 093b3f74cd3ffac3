"""Writing a recording while it runs: encoding pictures, or copying packets as they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.video.frame import PictureType

from octolab.capture.packets import Arrival, PacketStream
from octolab.capture.stream import CapturedFrame

COPIED_VIDEO = frozenset({"h264", "hevc", "av1", "vp9"})
COPIED_AUDIO = frozenset({"aac", "mp3", "opus", "ac3", "flac", "alac"})
STARTED = "octolab started "

_FRAGMENTS = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "flush_packets": "1",
    "strict": "-2",
}
_TICKS = Fraction(1, 90_000)
FRAGMENT_S = 1


class PictureRecorder:
    """Encodes pictures as H.264."""

    def __init__(self, path: Path, fps: float | None) -> None:
        self.path, self._fps = path, min(max(fps or 15.0, 1.0), 60.0)
        self._output: OutputContainer | None = None
        self._stream: Any = None
        self._started: datetime | None = None
        self._last = -1
        self._keyed: int | None = None

    def add(self, frame: CapturedFrame) -> None:
        """Encode one picture at its own time."""
        image = frame.image[: frame.image.shape[0] // 2 * 2, : frame.image.shape[1] // 2 * 2]
        if self._output is None or self._started is None:
            self._started = frame.at
            self._open(image.shape[1], image.shape[0], frame.at)
        elif image.shape[:2] != (self._stream.height, self._stream.width):
            return  # the camera changed its size; what was recorded keeps its own
        picture = av.VideoFrame.from_ndarray(image, format="rgb24")
        ticks = round((frame.at - self._started).total_seconds() / _TICKS)
        picture.pts = self._last = max(ticks, self._last + 1)
        picture.time_base = _TICKS
        if self._keyed is None or (picture.pts - self._keyed) * _TICKS >= FRAGMENT_S:
            self._keyed = picture.pts  # by the clock: a busy machine may skip pictures
            picture.pict_type = PictureType.I
        self._mux(self._stream.encode(picture))

    def close(self) -> None:
        """Write what is left."""
        if self._output is None:
            return
        output, self._output = self._output, None
        try:
            for packet in self._stream.encode(None):
                output.mux(packet)
        finally:
            output.close()

    def _open(self, width: int, height: int, at: datetime) -> None:
        self._output = _fragmented(self.path, at)
        options = {
            "preset": "veryfast",
            "crf": "23",
            "tune": "zerolatency",  # a kill loses no frames held back for looking ahead
            "x264-params": "sliced-threads=0:slices=1",
        }
        stream: Any = self._output.add_stream(
            "libx264", rate=Fraction(self._fps).limit_denominator(1000), options=options
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = _TICKS
        stream.codec_context.gop_size = max(1, round(self._fps))
        stream.codec_context.thread_count = 1
        self._stream = stream

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        assert self._output is not None
        for packet in packets:
            self._output.mux(packet)


class PacketRecorder:
    """Copies packets; repairs their times where MP4 would refuse them."""

    def __init__(self, path: Path, stream: PacketStream) -> None:
        self.path = path
        self._source = stream
        self._output: OutputContainer | None = None
        self._tracks: dict[bool, _Track] = {}
        self._held: Arrival | None = None

    def add(self, arrival: Arrival) -> None:
        """Take one packet. Frames that come in several packets of one time are joined."""
        if not arrival.video:
            self._write(arrival)
            return
        held, self._held = self._held, arrival
        if held is None:
            return
        if arrival.packet.dts is not None and arrival.packet.dts == held.packet.dts:
            self._held = _joined(held, arrival)
        else:
            self._write(held)

    def add_all(self, arrivals: Iterable[Arrival]) -> None:
        """Take several packets."""
        for arrival in arrivals:
            self.add(arrival)

    def close(self) -> None:
        """Write what is left."""
        held, self._held = self._held, None
        try:
            if held is not None:
                self._write(held)
            for track in self._tracks.values():
                track.finish()
        finally:
            output, self._output = self._output, None
            if output is not None:
                output.close()

    def fits(self, stream: PacketStream) -> bool:
        """Whether a new connection of the camera can go on in the same recording."""
        old, new = self._source, stream
        return (
            (old.info.codec, old.info.width, old.info.height)
            == (new.info.codec, new.info.width, new.info.height)
            and old.video.codec_context.extradata == new.video.codec_context.extradata
            and old.info.has_audio == new.info.has_audio
        )

    def continue_with(self, stream: PacketStream) -> None:
        """Go on with a new connection: its times start anew, from its first keyframe."""
        self._held = None
        self._source = stream
        for track in self._tracks.values():
            track.restart()

    def _write(self, arrival: Arrival) -> None:
        if self._output is None:
            if not (arrival.video and arrival.packet.is_keyframe):
                return
            self._open(arrival.at)
        track = self._tracks.get(arrival.video)
        if track is not None:
            track.write(arrival)

    def _open(self, at: datetime) -> None:
        output = self._output = _fragmented(self.path, at)
        source = self._source
        video: Any = output.add_stream_from_template(source.video)
        if source.info.codec == "hevc":
            video.codec_context.codec_tag = "hvc1"
        step = 1 / (source.info.fps or 15.0)
        self._tracks = {True: _Track(output, video, source.video, at, step)}
        if source.audio is not None:
            if source.audio.codec_context.name in COPIED_AUDIO:
                copy: Any = output.add_stream_from_template(source.audio)
                self._tracks[False] = _Track(output, copy, source.audio, at, 0.02)
            else:
                self._tracks[False] = _TranscodedAudio(output, source, at)


class _Track:
    """One track of the recording: times that MP4 takes, always growing, without jumps."""

    def __init__(
        self, output: OutputContainer, stream: Any, source: Any, at: datetime, step_s: float
    ) -> None:
        self._output, self._stream = output, stream
        self._time_base: Fraction = source.time_base
        self._began = at
        self._step = max(1, round(step_s / self._time_base))
        self._offset: int | None = None
        self._last: int | None = None
        self._waiting = stream.type == "video"

    def restart(self) -> None:
        self._offset = None
        self._waiting = self._stream.type == "video"

    def write(self, arrival: Arrival) -> None:
        packet: Any = arrival.packet
        if self._waiting and not packet.is_keyframe:
            return
        self._waiting = False
        late = max(0, packet.pts - packet.dts) if None not in (packet.pts, packet.dts) else 0
        at = round((arrival.at - self._began).total_seconds() / self._time_base)
        dts = packet.dts if packet.dts is not None else packet.pts
        floor = -1 if self._last is None else self._last
        if dts is None:
            new = floor + self._step
        else:
            if self._offset is None:
                self._offset = dts - max(at, floor + 1)
            new = dts - self._offset
            if not floor < new <= floor + 10 / self._time_base:  # a duplicate, a loop, a restart
                new = max(floor + self._step, 0)
                self._offset = dts - new
        copy = _copy(packet)
        copy.dts, copy.pts, copy.stream = new, new + late, self._stream
        self._last = new
        self._output.mux(copy)

    def finish(self) -> None:
        pass


class _TranscodedAudio(_Track):
    """Telephone codecs (G.711, G.726) don't fit into MP4: they become AAC."""

    def __init__(self, output: OutputContainer, source: PacketStream, at: datetime) -> None:
        assert source.audio is not None
        stream: Any = output.add_stream("aac", rate=16_000, layout="mono")
        stream.bit_rate = 48_000
        super().__init__(output, stream, source.audio, at, 0.02)
        self._decoder: Any = source.audio.codec_context
        self._resampler = av.AudioResampler("fltp", "mono", 16_000, frame_size=1024)
        self._lead: int | None = None
        self._samples = 0

    def write(self, arrival: Arrival) -> None:
        if self._lead is None:
            self._lead = max(0, round((arrival.at - self._began).total_seconds() * 16_000))
        try:
            frames: Any = arrival.packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            frame.pts = None
            self._encode(self._resampler.resample(frame))

    def finish(self) -> None:
        self._encode(self._resampler.resample(None))
        for packet in self._stream.encode(None):
            self._output.mux(packet)

    def _encode(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            frame.pts = (self._lead or 0) + self._samples
            frame.time_base = Fraction(1, 16_000)
            self._samples += frame.samples
            for packet in self._stream.encode(frame):
                self._output.mux(packet)


def _fragmented(path: Path, at: datetime) -> OutputContainer:
    output = av.open(str(path), "w", format="mp4", options=_FRAGMENTS)
    output.metadata["comment"] = STARTED + at.astimezone(UTC).isoformat()
    output.metadata["creation_time"] = at.astimezone(UTC).isoformat()
    return output


def _copy(packet: av.Packet[Any]) -> av.Packet[Any]:
    """A packet of its own: the cached one may be decoded or recorded once more."""
    copy = av.Packet(bytes(packet))
    copy.is_keyframe, copy.time_base = packet.is_keyframe, packet.time_base
    copy.duration = packet.duration
    return copy


def _joined(first: Arrival, second: Arrival) -> Arrival:
    whole = av.Packet(bytes(first.packet) + bytes(second.packet))
    whole.dts, whole.pts = first.packet.dts, first.packet.pts
    whole.time_base, whole.duration = first.packet.time_base, first.packet.duration
    whole.is_keyframe = first.packet.is_keyframe or second.packet.is_keyframe
    whole.stream = first.packet.stream
    return Arrival(whole, first.at, True)
