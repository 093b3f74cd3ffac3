"""Compressed sounds and the sound of videos: packets that libav decodes, counted in samples.

Position ``n`` is always the n-th sample that decoding from the beginning gives, with the
encoder's delay cut off as ffmpeg cuts it. Where time stamps are exact (FLAC, Ogg, MP4, …) a
seek trusts them. Elsewhere (MP3, Matroska, FLAC in Ogg, …) stamps are rounded or guessed, so a
table made while decoding tells which packet begins at which sample; what lies beyond it is
decoded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from octolab.audio.reading import faults
from octolab.audio.reading.pcm import as_floats
from octolab.errors import BadInput
from octolab.layouts import channel_count

if TYPE_CHECKING:
    from av import AudioFrame, AudioLayout, AudioResampler, AudioStream
    from av.container import InputContainer
    from av.packet import Packet

_MAGIC: Final = (
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"RIFF", "wav"),
    (0, b"RF64", "wav"),
    (0, b"riff\x2e\x91\xcf\x11", "w64"),
    (0, b"ID3", "mp3"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (4, b"ftyp", "mp4"),
    (4, b"moov", "mp4"),
    (4, b"mdat", "mp4"),
    (4, b"wide", "mp4"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
)
_PROMISING: Final = ("flac", "w64", "aiff")  # stamps and the length in the header are exact
_SLACK: Final = 2 * 1152  # samples that the tag of an MP3 may tell of too many
_MARK_S: Final = 0.5  # between two entries of the table
_SETTLED_S: Final = 0.1  # a decoder gives the right samples again after so many
_PREROLL_S: Final = {"OPUS": 2.0}  # decoded before what is wanted, to the same bits; else 0.5 s
_GAP_S: Final = 60.0  # missing in one place at most
_AHEAD_S: Final = 2.0  # rather decoded than sought


def demuxer_of(head: bytes) -> str | None:
    """The libav demuxer for a file, by its first 16 bytes; None when it is no sound.

    It is named, never guessed by libav, so that no text can pass for a playlist that makes
    it fetch addresses.
    """
    for offset, magic, demuxer in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return "avi" if head[8:12] == b"AVI " else demuxer
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] >> 4 != 15:
        return "mp3"  # an MPEG layer III frame without ID3
    return None


class PacketSource:
    """The sound track of a file that libav decodes."""

    may_hold_nan = True  # a damaged packet can decode to anything

    def __init__(self, file: BinaryIO, demuxer: str, name: str, *, tolerant: bool) -> None:
        self._file, self._demuxer, self._name = file, demuxer, name
        self._size = file.seek(0, 2)
        self._tolerant = self._lenient = tolerant
        self.damaged = False
        self.known_frames: int | None = None
        self._tagged_frames = 0  # at least so many, by a tag that a cut-off file need not keep to
        self._frames: int | None = None
        self.sr = self.channels = self._first = 0
        self._layout: AudioLayout | None = None
        self._rate = Fraction(1)  # samples in a tick of the time stamps
        self._exact = False
        self._places: dict[int, int] = {}  # the table: sample by place of a packet in the file
        self._marks: list[tuple[int, int]] = []  # the same: sample and time stamp, in order
        self._next_mark = 0  # the sample from which on it gets its next entry
        with self._named_errors():
            self._container, self._stream = self._open()
            # ffmpeg, too, reads on after what is not a frame of MP3; an MP4 in fragments
            # (none is told of in its header) ends where its writer was killed
            self._lenient |= demuxer == "mp3" or (demuxer == "mp4" and not self._stream.frames)
            self.container = demuxer.upper()
            self.encoding = self._stream.codec_context.name.upper()
            self._listen(0)
            while not self._queue.samples and self._decode():
                pass
        if not self.sr:
            raise faults.no_samples(name)
        self._exact = self._stamps_are_exact()
        if demuxer in _PROMISING and self._stream.duration:
            self.known_frames = int(self._stream.duration * self._rate)
        if demuxer == "mp3" and self._stream.start_time and self._stream.duration:
            # only a LAME tag tells of the encoder's delay; elsewhere the length is a guess
            self._tagged_frames = int(self._stream.duration * self._rate) - _SLACK
        if demuxer == "mp4" and self._is_cut():
            if not tolerant:
                raise faults.cut_short(name)
            self.damaged = True

    @property
    def likely_frames(self) -> int:
        """About how many samples there are, by the header; 0 if it doesn't tell."""
        if self._frames is None and self._stream.duration:
            return int(self._stream.duration * self._rate)
        return self._frames or int((self._container.duration or 0) / 1e6 * self.sr)

    @property
    def frames(self) -> int:
        """How many samples there are; decoded to the end once if nothing cheaper tells."""
        if self._frames is None:
            self._count()
        assert self._frames is not None
        return self._frames

    def read(self, start: int, count: int) -> np.ndarray:
        """Samples (n, channels) float32 from `start`; fewer than `count` only at the end."""
        with self._named_errors():
            if start != self._position:
                self._go(start)
            while self._queue.samples < count and self._decode():
                pass
            if self._queue.samples < count:
                self._finish()
            count = min(count, self._queue.samples) if self._position == start else 0
            frame = self._queue.read(count) if count else None
        if frame is None:
            return np.empty((0, self.channels), np.float32)
        values = frame.to_ndarray()
        return as_floats(values.T if frame.format.is_planar else values.reshape(count, -1))

    def close(self) -> None:
        """Let go of the decoder and the file."""
        self._container.close()
        self._file.close()

    # --- decoding on ---------------------------------------------------------------------

    def _open(self) -> tuple[InputContainer, AudioStream]:
        import av

        self._file.seek(0)
        container = av.open(self._file, "r", format=self._demuxer, metadata_errors="replace")
        if not container.streams.audio:
            raise faults.no_sound(self._name)
        stream = container.streams.audio[0]
        if getattr(stream, "codec_context", None) is None:  # of a codec nobody knows
            raise faults.not_a_sound(self._name)
        channel_count(stream.codec_context.layout, self._name)
        if self._demuxer == "flac":  # else a damaged frame would pass as noise
            stream.codec_context.options = {"err_detect": "crccheck+explode"}
        return container, stream

    def _restart(self) -> None:
        """Begin anew, with a decoder that remembers nothing."""
        self._container.close()
        self._container, self._stream = self._open()
        self._listen(0)

    def _listen(self, sample: int | None) -> None:
        """Take what is decoded from here on for that sample and its successors."""
        import av

        self._packets = self._container.demux(self._stream)
        self._queue = av.AudioFifo()
        self._packer: AudioResampler | None = None
        self._end = sample  # what follows the queue; None until a packet or frame tells
        self._unplaced = 0  # samples decoded while that was not known
        self._expected = -1  # the sample a frame should begin with, by the stamp of the last one
        self._late = 0  # how much later the last one was stamped
        self._place: int | None = None

    @property
    def _position(self) -> int:
        """The sample at the front of the queue."""
        return -1 if self._end is None else self._end - self._queue.samples

    def _decode(self) -> bool:
        """Decode one more packet into the queue; False at the end of the file."""
        import av

        try:
            packet = next(self._packets, None)
        except av.FFmpegError:
            if not self._lenient:
                raise
            self.damaged, packet = True, None
        if packet is None:
            return False
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            if not self._lenient:
                raise
            self.damaged, frames = True, []
        if not self._exact:
            self._locate(packet)
        for frame in frames:
            if frame.layout != self._layout:
                self._meet(frame.layout)
        for frame in frames:
            for packed in self._packed(frame):
                self._take(packed)
        return True

    def _meet(self, layout: AudioLayout) -> None:
        """Take the first frame's layout for that of all."""
        channels = channel_count(layout, self._name)
        if self._layout is not None:
            raise faults.changes_format(self._name)
        self.channels, self._layout = channels, layout

    def _packed(self, frame: AudioFrame) -> list[AudioFrame]:
        """The same frame, as one plane if it has many: PyAV 18 crashes on 8 planes or more."""
        import av

        if self.channels < 8 or not frame.format.is_planar:
            return [frame]
        if self._packer is None:
            self._packer = av.AudioResampler(format=frame.format.packed)
        return self._packer.resample(frame)

    def _take(self, frame: AudioFrame) -> None:
        stamp, frame.pts = frame.pts, None
        if not self.sr:
            self.sr = frame.sample_rate
            self._first = stamp or 0
            self._rate = Fraction(self._stream.time_base or 1) * self.sr
        if self._exact and stamp is not None:
            start, rest = divmod(
                (stamp - self._first) * self._rate.numerator, self._rate.denominator
            )
            self._compare(frame, start + (2 * rest > self._rate.denominator))
        if self._end is None:
            self._unplaced += frame.samples
            return
        self._end += frame.samples
        try:
            self._queue.write(frame)
        except ValueError:  # unlike the frames before it
            raise faults.changes_format(self._name) from None

    def _compare(self, frame: AudioFrame, start: int) -> None:
        """Hold a frame's time stamp, as a sample, against what is known or expected."""
        expected, self._expected = self._expected, start + frame.samples
        if self._end is None:
            # libav stamps some Vorbis frames too late; two that fit together are right
            self._end = start if start == expected else None
            return
        late, self._late = self._late, start - self._end
        if self._late > 0 and (self._late == late or self.encoding != "VORBIS"):
            self._fill(frame, self._late)

    def _fill(self, frame: AudioFrame, gap: int) -> None:
        """Put silence where packets are missing, so that what follows keeps its time."""
        import av

        lossless = self._demuxer in _PROMISING and not self._tolerant
        if self._end is None or gap > (0 if lossless else _GAP_S * self.sr):
            raise ValueError("packets are missing")
        self.damaged = True
        self._end += gap
        while gap > 0:
            silence = av.AudioFrame(frame.format, frame.layout, min(gap, 1 << 16))
            silence.sample_rate = self.sr
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            self._queue.write(silence)
            gap -= silence.samples

    def _locate(self, packet: Packet[AudioStream]) -> None:
        """Enter a packet into the table, or find out by the table where we are."""
        before, self._place = self._place, packet.pos
        if packet.pos is None or packet.pos == before:
            return
        if self._end is None:
            if self._unplaced >= self.sr * _SETTLED_S:
                self._end = self._places.get(packet.pos)
        elif self._end >= self._next_mark and packet.pts is not None:
            self._next_mark = self._end + int(_MARK_S * self._stream.codec_context.sample_rate)
            self._places[packet.pos] = self._end
            self._marks.append((self._end, packet.pts))

    # --- going elsewhere -----------------------------------------------------------------

    def _go(self, sample: int) -> None:
        """Make `sample` the front of the queue, or reach the end before it."""
        ahead = sample - self._position if self._end is not None else -1
        if not 0 <= ahead <= _AHEAD_S * self.sr and not self._seek(sample):
            self._restart()
        while self._position < sample and (self._queue.samples or self._decode()):
            if ready := min(self._queue.samples, sample - self._position):
                self._queue.read(ready)

    def _seek(self, sample: int) -> bool:
        """Come to a known place a little before `sample`; False if only the start is known."""
        before = int(_PREROLL_S.get(self.encoding, 2 * _MARK_S) * self.sr)
        if not self._exact:
            index = bisect_right(self._marks, (sample - before, 0)) - 1
            return index > 0 and self._jump(self._marks[index][1], sample)
        for target in (sample - before, sample - 8 * before):
            if target <= 0:
                return False
            if self._jump(self._first + int(target / self._rate), sample):
                return True
        return False

    def _jump(self, stamp: int, sample: int) -> bool:
        """Decode from a time stamp until the place is known; False if it isn't before `sample`."""
        import av

        try:
            self._container.seek(stamp, stream=self._stream, backward=True)
            self._listen(None)
            while self._end is None and self._unplaced < 30 * self.sr and self._decode():
                pass
        except av.FFmpegError:
            return False
        return self._end is not None and self._position + _SETTLED_S * self.sr <= sample

    # --- the end -------------------------------------------------------------------------

    def _count(self) -> None:
        """Find the end, from close before it where the header tells about where it is."""
        with self._named_errors():
            length = self._stream.duration
            near = int(length * self._rate) - self.sr if length and self._exact else 0
            last = self._marks[-1][0] if self._marks else 0
            self._go(max(near, last))
            while self._queue.samples or self._decode():
                if self._queue.samples:
                    self._queue.read(self._queue.samples)
            self._finish()

    def _finish(self) -> None:
        """Remember where the end is, which has just been decoded, and whether it is too early."""
        if self._file.seek(0, 2) < self._size:
            raise faults.shrank(self._name)
        self._frames = self._end
        self.damaged |= (self._frames or 0) < self._tagged_frames
        if self._frames is not None and self._frames < (self.known_frames or 0):
            if not self._tolerant:
                raise faults.cut_short(self._name)
            self.damaged = True

    def _stamps_are_exact(self) -> bool:
        """Whether a time stamp tells the sample, also after a seek."""
        if self._demuxer == "ogg":  # after a seek the stamps of FLAC in it may be of other frames
            return self.encoding != "FLAC"
        return self._demuxer in _PROMISING or (self._demuxer == "mp4" and self._is_regular())

    def _is_regular(self) -> bool:
        """Whether an MP4's time stamps count samples without a gap."""
        entries, duration = self._stream.index_entries, self._stream.duration or 0
        if len(entries) < 2 or self._rate.denominator != 1:
            return False
        start, step = entries[0].timestamp, entries[1].timestamp - entries[0].timestamp
        some = range(0, len(entries), max(1, len(entries) // 512))
        if any(entries[k].timestamp != start + k * step for k in (*some, len(entries) - 1)):
            return False
        # a fragmented file may tell of its first fragments only
        return 0 < duration <= start + len(entries) * step - (self._stream.start_time or 0)

    def _is_cut(self) -> bool:
        """Whether an MP4's index points behind the end of the file."""
        entries = self._stream.index_entries
        if not self._stream.frames or not len(entries):
            return False
        return entries[-1].pos + entries[-1].size > self._size

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Say of which file it is that libav can't make sense of it."""
        import av

        try:
            yield
        except BadInput:
            raise
        except (av.FFmpegError, ValueError, OverflowError):
            if not self.sr:
                raise faults.not_a_sound(self._name) from None
            raise faults.damaged(self._name, max(0, self._end or 0) / self.sr) from None
