"""One connection to a camera, many takers: live view, stills, recording.

A `CameraReader` is a thread that keeps a camera open, for ever if need be: when the camera
goes away it tries again, sooner at first and later more seldom, and says what it is doing.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from octolab.capture.addresses import place
from octolab.capture.faults import explain, silent
from octolab.capture.opening import open_camera
from octolab.capture.stream import CameraStream, CapturedFrame
from octolab.errors import BadInput, Conflict, OctolabError, Refused, Unavailable
from octolab.model import Observed, SourceState, utc_now

if TYPE_CHECKING:
    from octolab.capture.packets import Arrival, Decoder, PacketStream
    from octolab.capture.recording import RecordedClip, Recording

_log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
REFUSED_WAIT_S = 60.0  # cameras lock an account after a few wrong passwords
HASTY_S = 3.0
SETTLED_S = 10.0
WANTED_S = 4.0
_CACHED_JPEGS = 6


class CameraReader:
    """Owns one connection and starts at once; ends with `stop` or its ``with`` block.

    Parameters
    ----------
    url, user, password, settings, open_timeout_s, read_timeout_s, allow_hosts, own_ports
        As for `octolab.capture.open_camera`.
    on_state : callable, optional
        Called with an `Observed` from the reader's thread each time the state changes.
    open : callable, optional
        Opens the stream, instead of `open_camera`.

    Attributes
    ----------
    state : Observed
        What it is doing now; ``detail`` says why, in one line, without credentials.
    error : OctolabError or None
        The last fault, until the camera is live again.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        settings: Mapping[str, Any] | None = None,
        open_timeout_s: float = 8.0,
        read_timeout_s: float = 5.0,
        allow_hosts: Collection[str] | None = None,
        own_ports: Collection[int] = (),
        on_state: Callable[[Observed], None] | None = None,
        open: Callable[[], CameraStream] | None = None,
    ) -> None:
        self._open = open or (
            lambda: open_camera(
                url,
                user=user,
                password=password,
                settings=settings,
                open_timeout_s=open_timeout_s,
                read_timeout_s=read_timeout_s,
                allow_hosts=allow_hosts,
                own_ports=own_ports,
            )
        )
        self._place = place(url)
        self._on_state = on_state
        self._limit_s = open_timeout_s + read_timeout_s
        self._state = Observed("connecting", at=utc_now())
        self.error: OctolabError | None = None
        self._frame: CapturedFrame | None = None
        self._arrived_at: datetime | None = None
        self._count = 0
        self._changed = threading.Condition()
        self._quit = Event()
        self._wake = Event()
        self._resting_since: float | None = None
        self._wanted_until = 0.0
        self._jpegs: OrderedDict[tuple[int, int | None, int], bytes] = OrderedDict()
        self._recording: Recording | None = None
        self._recording_lock = threading.Lock()
        self._gop: list[Arrival] = []
        self._stream: CameraStream | None = None
        self._decoder: Decoder | None = None
        self._thread = threading.Thread(target=self._run, name="octolab-camera", daemon=True)
        self._thread.start()

    # --- pictures --------------------------------------------------------------------------

    @property
    def state(self) -> Observed:
        """What the camera is doing now."""
        return replace(self._state, last_frame_at=self._arrived_at)

    def latest(self, timeout_s: float = 10.0) -> CapturedFrame:
        """The newest picture; waits for one when there is none of this moment.

        While the reader rests between two tries, the fault of the last one is raised at
        once; but if that may be over by now, the reader is woken and its next try waited for.

        Raises
        ------
        OctolabError
            Why the camera is not live, or that no picture came in time.
        """
        self._wanted_until = time.monotonic() + WANTED_S
        end = time.monotonic() + timeout_s
        with self._changed:
            if timeout_s > 0:
                self._hasten()
            while True:
                frame = self._frame
                if frame is not None and self._state.state == "live":
                    return frame
                left = end - time.monotonic()
                if left <= 0 or self._quit.is_set() or self._resting_since is not None:
                    break
                self._changed.wait(left)
        raise self._fault(timeout_s)

    def jpeg(self, width: int | None = None, quality: int = 80) -> bytes | None:
        """The newest picture as JPEG, at most `width` wide; None while there is none.

        Encoded once however many ask for it.
        """
        return self.picture(width, quality)[1]

    def picture(
        self, width: int | None = None, quality: int = 80, *, unless: datetime | None = None
    ) -> tuple[datetime | None, bytes | None]:
        """The moment of the newest picture and, unless it is that of `unless`, its JPEG."""
        self._wanted_until = time.monotonic() + WANTED_S
        with self._changed:
            frame, key = self._frame, (self._count, width, quality)
            data = self._jpegs.get(key)
        if frame is None:
            return None, None
        if frame.at == unless:
            return unless, None
        if data is not None:
            return frame.at, data
        try:
            data = frame.to_jpeg(width=width, quality=quality)
        except OctolabError:
            return frame.at, None
        with self._changed:
            self._jpegs[key] = data
            while len(self._jpegs) > _CACHED_JPEGS:
                self._jpegs.popitem(last=False)
        return frame.at, data

    # --- recording ---------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        """Whether a recording is under way."""
        return self._recording is not None

    def start_recording(self, path: str | Path) -> None:
        """Record into an MP4 file, which may begin a moment ago (at the last keyframe).

        Raises
        ------
        Conflict
            If a recording is under way already.
        """
        from octolab.capture.recording import Recording

        with self._recording_lock:
            if self._recording is not None:
                raise Conflict("this camera is being recorded already")
            self._recording = Recording(Path(path))

    def stop_recording(self) -> RecordedClip:
        """End the recording and make its file whole.

        Raises
        ------
        Conflict
            If there is none.
        OctolabError
            If nothing could be recorded, and why.
        """
        from octolab.capture.recording import finish_recording

        with self._recording_lock:
            recording, self._recording = self._recording, None
            if recording is None:
                raise Conflict("this camera is not being recorded")
            recording.close()
        if not recording.path.exists() or recording.path.stat().st_size == 0:
            raise recording.fault or self._fault(0)
        return finish_recording(recording.path)

    def stop(self) -> None:
        """Let the camera go. A recording under way is ended; `recover_recording` finishes it."""
        self._quit.set()
        self._wake.set()
        with self._changed:
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(self._limit_s + 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self._quit.is_set():
            self._report("connecting", self.error)
            began: float | None = None
            try:
                self._stream = self._open()
                began = time.monotonic()
                self._live(self._stream)
            except OctolabError as error:
                self.error = error
            except Exception as error:  # a fault of ours must not end a capture of two weeks
                _log.exception("the reader of %s stumbled", self._place)
                self.error = explain(error, self._place)
            finally:
                self._release()
            if self._quit.is_set():
                break
            settled = began is not None and time.monotonic() - began > SETTLED_S
            wait = FIRST_WAIT_S if settled else wait
            self._report("error" if began is None else "stalled", self.error)
            pause = max(wait, REFUSED_WAIT_S) if isinstance(self.error, Refused) else wait
            self._rest(pause * random.uniform(1.0, 1.3))
            wait = min(wait * 2, LONGEST_WAIT_S)
        with self._recording_lock:
            if self._recording is not None:
                self._recording.close()
        self._report("off")

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._resting_since = time.monotonic()
            self._changed.notify_all()
        self._wake.wait(seconds)
        with self._changed:
            self._resting_since = None
            self._wake.clear()

    def _hasten(self) -> None:
        """Cut the rest short for one who asks; never after a refusal, nor again and again."""
        if self._resting_since is None or isinstance(self.error, Refused | BadInput):
            return
        if time.monotonic() - self._resting_since >= HASTY_S:
            self._resting_since = None
            self._wake.set()

    def _live(self, stream: CameraStream) -> None:
        """Take what comes until it fails."""
        from octolab.capture.packets import PacketStream

        if isinstance(stream, PacketStream):
            self._decoder = None
            while not self._quit.is_set():
                self._take_packet(stream, stream.next_packet())
            return
        while not self._quit.is_set():
            frame = stream.read()
            self._publish(frame)
            with self._recording_lock:
                if self._recording is not None:
                    self._recording.picture(frame, stream.info.fps)

    def _take_packet(self, stream: PacketStream, arrival: Arrival) -> None:
        if arrival.video:
            if arrival.packet.is_keyframe:
                self._gop = []
            self._gop.append(arrival)
            if len(self._gop) > 1500:
                self._gop = []
            if self._state.state != "live":
                self._went_live(stream)
            self._show(stream, arrival)
            self._arrived_at = arrival.at
        with self._recording_lock:
            if self._recording is not None:
                self._recording.packet(stream, arrival, self._gop)

    def _show(self, stream: PacketStream, arrival: Arrival) -> None:
        """Decode while somebody looks; from the last keyframe when somebody begins to."""
        recording = self._recording
        wanted = recording is not None and recording.needs_pictures
        if not wanted and time.monotonic() > self._wanted_until:
            if self._decoder is not None:
                self._decoder = None
                with self._changed:
                    self._frame = None
            return
        if self._decoder is None:
            self._decoder = stream.new_decoder()
            todo = self._gop
        else:
            todo = [arrival]
        frames = [frame for one in todo for frame in self._decoder.decode(one)]
        if frames:
            self._publish(frames[-1])
        with self._recording_lock:
            if self._recording is not None and self._recording.needs_pictures:
                for frame in frames:
                    self._recording.picture(frame, stream.info.fps)

    def _publish(self, frame: CapturedFrame) -> None:
        with self._changed:
            self._frame, self._arrived_at = frame, frame.at
            self._count += 1
            live = self._state.state == "live"
            if live:
                self._changed.notify_all()
        if not live and self._stream is not None:
            self._went_live(self._stream)

    def _went_live(self, stream: CameraStream) -> None:
        self.error = None
        info = stream.info
        self._state = replace(self._state, width=info.width, height=info.height, fps=info.fps)
        self._report("live")

    def _report(self, state: SourceState, error: OctolabError | None = None) -> None:
        with self._changed:
            self._state = replace(
                self._state,
                state=state,
                detail=str(error) if error else "",
                reason=error.message if error else "",
                values={k: _plain(v) for k, v in error.values.items()} if error else {},
                at=utc_now(),
                last_frame_at=self._arrived_at,
            )
            if state != "live":
                self._frame = None
            self._changed.notify_all()
        if self._on_state is not None:
            try:
                self._on_state(self._state)
            except Exception:
                _log.exception("telling the state of %s failed", self._place)

    def _release(self) -> None:
        stream, self._stream = self._stream, None
        self._gop, self._decoder = [], None
        if stream is not None:
            stream.close()

    def _fault(self, seconds: float) -> OctolabError:
        if self.error is not None:
            return self.error
        if self._quit.is_set():
            return Unavailable("the camera is switched off")
        return silent(self._place, seconds)


def _plain(value: object) -> str | int | float:
    return value if isinstance(value, str | int | float) else str(value)
