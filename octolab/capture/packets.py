"""Compressed video by libav: RTSP, streams over HTTP, video files.

Packets are taken as they come and decoded only when somebody wants to see a picture:
passing them on to a recording costs a tenth of decoding them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer

from octolab.capture.addresses import Target
from octolab.capture.faults import Deadline, attempt, hung_up, no_video, silent, within
from octolab.capture.stream import CameraStream, CapturedFrame, Image, StreamInfo
from octolab.model import utc_now

av.logging.set_level(av.logging.PANIC)  # libav's own messages hold URLs with passwords

NETWORK_UNCERTAINTY_S = 1.0
"""Cameras buffer before they send; without their clock the delay is not known closer."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet of video or audio and when it came."""

    packet: av.Packet[Any]
    at: datetime
    video: bool


class PacketStream(CameraStream):
    """A stream of compressed packets out of an open libav container."""

    def __init__(
        self,
        container: InputContainer,
        place: str,
        *,
        read_timeout_s: float,
        uncertainty_s: float | None = NETWORK_UNCERTAINTY_S,
        fps: float | None = None,
    ) -> None:
        self.place = place
        self.container = container
        self.read_timeout_s = read_timeout_s
        self.uncertainty_s = uncertainty_s
        self.video = container.streams.video[0]
        self.audio = container.streams.audio[0] if container.streams.audio else None
        context = self.video.codec_context
        rate = fps or _rate(self.video)
        self.info = StreamInfo(
            context.width, context.height, rate, context.name, self.audio is not None
        )
        self._decoder = self.new_decoder()
        self._demux = self._packets()
        self._begun = False

    def next_packet(self) -> Arrival:
        """The next packet; ends within the read time limit."""
        limit = Deadline(self.read_timeout_s)
        packet = attempt(lambda: next(self._demux, None), self.place, seconds=self.read_timeout_s)
        if packet is None:
            if limit.passed:  # libav tells the end of its patience as the end of the stream
                raise silent(self.place, self.read_timeout_s)
            raise hung_up(self.place) if self._begun else no_video(self.place)
        self._begun = True
        return Arrival(packet, utc_now(), packet.stream.type == "video")

    def read(self) -> CapturedFrame:
        """The next picture, decoded."""
        deadline = Deadline(self.read_timeout_s)
        while not deadline.passed:
            arrival = self.next_packet()
            if arrival.video:
                frames = self._decoder.decode(arrival)
                if frames:
                    return frames[-1]
        raise silent(self.place, self.read_timeout_s)

    def new_decoder(self) -> Decoder:
        """A decoder of its own for these packets."""
        return Decoder(self.video, self.uncertainty_s, self.place)

    def close(self) -> None:
        """End the connection."""
        with suppress(av.FFmpegError):  # it is gone either way
            self.container.close()

    def _packets(self) -> Iterator[av.Packet[Any]]:
        streams = [self.video] if self.audio is None else [self.video, self.audio]
        for packet in self.container.demux(streams):
            if packet.size:
                yield packet


class Decoder:
    """Turns video packets into pictures; drops what can't be decoded until a keyframe."""

    def __init__(self, video: Any, uncertainty_s: float | None, place: str) -> None:
        context = av.CodecContext.create(video.codec_context.name, "r")
        context.extradata = video.codec_context.extradata
        context.thread_count = 1
        self._context = context
        self._uncertainty_s, self._place = uncertainty_s, place
        self._synced = False

    def decode(self, arrival: Arrival) -> list[CapturedFrame]:
        """The pictures this packet completes; usually one."""
        if not self._synced and not arrival.packet.is_keyframe:
            return []
        self._synced = True
        try:
            frames = self._context.decode(arrival.packet)
        except av.FFmpegError:
            self._synced = False
            return []
        return [
            CapturedFrame(arrival.at, self._uncertainty_s, None, _to_rgb(frame)) for frame in frames
        ]


class FileStream(PacketStream):
    """A video file played at its own rate, over and over, as if it were a camera."""

    def __init__(self, path: Path, place: str) -> None:
        container = attempt(lambda: av.open(str(path)), place)
        if not container.streams.video:
            container.close()
            raise no_video(place)
        super().__init__(container, place, read_timeout_s=5.0, uncertainty_s=0.05)

    def _packets(self) -> Iterator[av.Packet[Any]]:
        """Packets when they are due; at the end, from the beginning."""
        while True:
            started, first, count = time.monotonic(), None, 0
            for packet in super()._packets():
                if packet.dts is not None:
                    moment = float(packet.dts * packet.time_base)
                    first = moment if first is None else first
                    time.sleep(max(0.0, min(moment - first - (time.monotonic() - started), 5.0)))
                count += 1
                yield packet
            if not count:
                return
            time.sleep(1 / (self.info.fps or 25.0))
            self.container.seek(0)


def open_rtsp_packets(
    target: Target,
    *,
    user: str | None,
    password: str | None,
    transport: str,
    deadline: Deadline,
    read_timeout_s: float,
) -> PacketStream:
    """Open an rtsp or rtsps stream.

    libav limits each of its two steps of opening, and tells the end of its patience as bad
    data; so its limits are longer than that of `within`, which is over both together.
    """
    patience = deadline.left() + 1.0
    options = {
        "rtsp_transport": transport,
        "timeout": str(int(patience * 1e6)),
        "allowed_media_types": "video+audio",
        "fpsprobesize": "0",
        "analyzeduration": "200000",
        "user_agent": "octolab",
        "protocol_whitelist": "rtp,udp,tcp,tls,rtsp,rtsps,crypto",
    }
    url = target.pinned(user, password)
    limits = (patience, read_timeout_s)
    container = attempt(
        lambda: within(
            deadline.left(),
            lambda: av.open(url, format="rtsp", options=options, timeout=limits),
            late=lambda opened: opened.close(),
        ),
        target.place,
        seconds=deadline.seconds,
        login=user is not None,
    )
    if not container.streams.video or not container.streams.video[0].codec_context.width:
        container.close()
        raise no_video(target.place)
    return PacketStream(container, target.place, read_timeout_s=read_timeout_s)


def _to_rgb(frame: av.VideoFrame) -> Callable[[], Image]:
    return lambda: np.ascontiguousarray(frame.to_ndarray(format="rgb24"))


def _rate(video: Any) -> float | None:
    rate = video.average_rate or video.guessed_rate
    return float(rate) if rate and 0 < float(rate) <= 240 else None
