"""One camera of the lab: its connection, and all that take from it.

The connection is opened when somebody wants the camera and closed some time after nobody
does any more. Recording, stills by the clock and live analysis each follow the desired state
and fail alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from octolab.errors import Conflict, OctolabError, Unavailable
from octolab.lab import secrets
from octolab.lab.ingest import Capture
from octolab.model import Analysis, Observed, Source, utc_now
from octolab.server.looking import Looker
from octolab.server.misses import Misses
from octolab.server.takes import RETRY_S, Take
from octolab.server.ticks import Ticker

if TYPE_CHECKING:
    from octolab.capture import CameraReader, CapturedFrame
    from octolab.lab import Lab
    from octolab.lab.artifacts import Frame

IDLE_S = 30.0
ANSWER_S = 9.0
END_S = 5.0


class Watch:
    """Makes one camera do what it should.

    Parameters
    ----------
    lab : Lab
        Where captures go.
    source : Source
        The camera.
    pool : Executor
        For what may take a while: ending recordings, closing connections.
    own_ports : callable
        The ports of this server, which are no camera.
    resumed : bool
        Whether the server has just started, so that what is desired was going on before.
    """

    def __init__(
        self,
        lab: Lab,
        source: Source,
        pool: Executor,
        own_ports: Callable[[], Collection[int]],
        *,
        resumed: bool,
    ) -> None:
        self.source = source
        self.slug = source.slug
        self._viewers = 0
        self._lab, self._pool, self._own_ports = lab, pool, own_ports
        self._resumed = resumed
        self._lock = threading.RLock()
        self._reader: CameraReader | None = None
        self._key: Any = None
        self._wanted_until = 0.0
        self._take: Take | None = None
        self._timed = False
        self._recording_since: datetime | None = None
        self._retry_at = 0.0
        self._ticker: Ticker | None = None
        self._looker: Looker | None = None
        self._last_still: datetime | None = None
        self._misses = Misses(lab, source)

    # --- making it so ---------------------------------------------------------------

    def follow(self, source: Source, segment_s: float) -> None:
        """Bring everything in line with the desired state; quick, called again and again."""
        with self._lock:
            self.source = source
            self._misses.source = source
            if self._reader is not None and self._key != _opened_by(source):
                self._close()
            self._follow_recording(segment_s)
            self._follow_interval()
            self._follow_analysis()
            if self._wanted():
                self._open()
            elif self._reader is not None:
                self._close()
            self._resumed = False

    def _desires_work(self) -> bool:
        desired = self.source.desired
        if not desired.enabled or not self.openable:
            return False
        return bool(desired.recording or desired.interval_s or desired.analyzer)

    def _wanted(self) -> bool:
        if not self.source.desired.enabled or not self.openable:
            return False
        looked_at = self._viewers > 0 or time.monotonic() < self._wanted_until
        return bool(self._desires_work() or self._take or looked_at)

    @property
    def openable(self) -> bool:
        """Whether it is ours to open; a webcam belongs to the page that shows it."""
        return not self.source.url.startswith("webcam:")

    def _follow_recording(self, segment_s: float) -> None:
        wanted = self.source.desired.recording and self.source.desired.enabled and self.openable
        take = self._take
        if take is not None and not self._timed:
            stuck = take.stuck()
            if stuck:
                self._lab.log(
                    "{camera}: the recording does not grow; it is begun anew",
                    level="error",
                    camera=self.source.name,
                )
                self._retry_at = time.monotonic() + RETRY_S
            if not wanted or stuck or time.monotonic() - take.began > segment_s:
                self._end_take()
        ready = time.monotonic() >= self._retry_at
        if wanted and self._take is None and ready and not (reader := self._open()).recording:
            self._take = Take(self._lab, self.slug, reader)
            self._timed = False
            self._recording_since = self._recording_since or utc_now()
        elif not wanted and self._take is None:
            self._recording_since = None

    def _end_take(self) -> Future[int] | None:
        take, self._take = self._take, None
        return self._pool.submit(self._finish, take) if take is not None else None

    def _finish(self, take: Take) -> int:
        try:
            return take.finish()
        except OctolabError as error:
            self._lab.log_error(error, self.slug)
            raise

    def _follow_interval(self) -> None:
        desired = self.source.desired
        wanted = desired.interval_s if desired.enabled and self.openable else None
        if self._ticker is not None and self._ticker.interval_s != wanted:
            self._ticker.stop()
            self._ticker = None
        if wanted and self._ticker is None:
            self._open()
            self._ticker = Ticker(
                wanted,
                self._still_by_the_clock,
                self._misses.skipped,
                at_once=not self._resumed,
                name=f"ticks-{self.slug}",
            )
            self._ticker.start()

    def _follow_analysis(self) -> None:
        desired = self.source.desired
        wanted = (
            (desired.analyzer, dict(desired.analyzer_params), desired.analyzer_fps)
            if desired.analyzer and desired.enabled and self.openable
            else None
        )
        if self._looker is not None and self._looker.wish != wanted:
            self._looker.stop()
            self._looker = None
        if wanted and self._looker is None:
            self._looker = Looker(self._lab, self.source, wanted, self._newest)
            self._looker.start()

    # --- the connection ---------------------------------------------------------------

    def _open(self) -> CameraReader:
        from octolab.capture import CameraReader

        if self._reader is None:
            self._key = _opened_by(self.source)
            login = secrets.load(self._lab.id, self.slug)
            self._reader = CameraReader(
                (login and login.url) or self.source.url,
                user=login.user if login else None,
                password=login.password if login else None,
                settings=self.source.settings,
                own_ports=self._own_ports(),
            )
        return self._reader

    def _close(self) -> None:
        """Let the camera go; a recording is ended first, in its own time."""
        reader, self._reader = self._reader, None
        ending = self._end_take()
        if reader is not None:
            self._pool.submit(_stop, reader, ending)

    def restart(self) -> None:
        """Close the connection; what is wanted is opened again at once."""
        with self._lock:
            self._close()
            if self.openable and self.source.desired.enabled:
                self.want()

    def want(self, seconds: float = IDLE_S) -> CameraReader:
        """Keep the camera open for a while.

        Raises
        ------
        Conflict
            If it is disabled, or not ours to open.
        """
        with self._lock:
            if not self.openable:
                raise Conflict(
                    "{camera} is a webcam of the page that shows it; use it there",
                    camera=self.source.name,
                )
            if not self.source.desired.enabled:
                raise Conflict("{camera} is disabled; enable it first", camera=self.source.name)
            self._wanted_until = max(self._wanted_until, time.monotonic() + seconds)
            return self._open()

    def stop(self) -> None:
        """End everything, the recording whole."""
        workers: list[Ticker | Looker] = []
        with self._lock:
            workers += [worker for worker in (self._ticker, self._looker) if worker is not None]
            self._ticker = self._looker = None
            for worker in workers:
                worker.stop()
        for worker in workers:
            worker.join(END_S)
        with self._lock:
            self._close()

    # --- pictures ---------------------------------------------------------------

    def observed(self) -> Observed:
        """What it is doing now."""
        reader = self._reader
        if reader is not None:
            return replace(reader.state, recording_since=self._recording_since)
        return replace(
            self.source.observed, state="off", detail="", at=utc_now(), recording_since=None
        )

    def look(self, change: int) -> None:
        """Somebody begins (+1) or ends (-1) to look; it stays open for those who do."""
        with self._lock:
            self._viewers += change
            if change > 0 and self._wanted():
                self._open()
            else:
                self._wanted_until = max(self._wanted_until, time.monotonic() + IDLE_S)

    def picture(
        self, width: int | None, *, unless: datetime | None = None
    ) -> tuple[datetime | None, bytes | None]:
        """The newest picture as JPEG and its moment; none when it is the one of `unless`."""
        reader = self._reader
        return reader.picture(width, unless=unless) if reader is not None else (None, None)

    def jpeg(self, width: int | None) -> bytes | None:
        """The newest picture, waiting for the first one when the camera was closed."""
        reader = self.want()
        jpeg = reader.jpeg(width)
        if jpeg is None and reader.state.state in ("connecting", "live"):
            reader.latest(ANSWER_S)
            jpeg = reader.jpeg(width)
        return jpeg

    def _newest(self, timeout_s: float) -> CapturedFrame:
        with self._lock:
            reader = self._open()
        return reader.latest(timeout_s)

    # --- stills ---------------------------------------------------------------

    def snapshot(self, gallery: str | None, analyze: bool) -> int:
        """Take a still now.

        Raises
        ------
        OctolabError
            If the camera gives none, and why.
        """
        still = self._keep(self.want().latest(ANSWER_S), gallery, {})
        self._lab.log("{camera}: still taken", camera=self.source.name)
        if analyze and (name := self.source.desired.analyzer):
            still.analyze(name, **self.source.desired.analyzer_params)
        return int(still.id)

    def _still_by_the_clock(self, moment: float) -> None:
        ticker, desired = self._ticker, self.source.desired
        if ticker is None or not desired.interval_s:
            return
        try:
            frame = self._newest(min(max(desired.interval_s, 1.0), ANSWER_S))
            if frame.at == self._last_still:
                raise Unavailable("the camera sent no new picture")
            still = self._keep(frame, desired.interval_gallery, {"interval_s": desired.interval_s})
        except OctolabError as error:
            self._misses.missed(error)
        except Exception as error:  # a full disk, a closing catalog: the next tick tries again
            self._misses.missed(Unavailable("{kind}", kind=type(error).__name__))
        else:
            self._last_still = frame.at
            self._misses.kept()
            if (looker := self._looker) is not None:
                looker.also(still)

    def _keep(self, frame: CapturedFrame, gallery: str | None, meta: dict[str, Any]) -> Frame:
        jpeg = frame.to_jpeg(quality=90)
        state = self.observed()
        capture = Capture(
            kind="frame",
            media_type="image/jpeg",
            captured_at=frame.at,
            uncertainty_s=frame.uncertainty_s,
            source=self.slug,
            width=state.width,
            height=state.height,
            meta={**frame.meta, **meta},
        )
        return self._lab.add_capture(jpeg, capture, gallery=gallery)

    # --- recording ---------------------------------------------------------------

    def record(self, seconds: float) -> int:
        """Record for some seconds from the first picture on.

        Raises
        ------
        Conflict
            If it is being recorded already.
        OctolabError
            If nothing could be recorded, and why.
        """
        self.want(seconds + IDLE_S).latest(ANSWER_S)
        with self._lock:
            reader = self._open()
            if self._take is not None or reader.recording:
                raise Conflict("{camera} is being recorded already", camera=self.source.name)
            take = self._take = Take(self._lab, self.slug, reader)
            self._timed, self._recording_since = True, utc_now()
        end = time.monotonic() + seconds
        while self._take is take and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.25))
        with self._lock:
            if self._take is take:
                self._take = None
        return take.finish()

    def end_recording(self) -> Future[int]:
        """Begin to end the recording; the future is the number of its clip.

        Raises
        ------
        Conflict
            If there is none.
        """
        with self._lock:
            ended = self._end_take()
        if ended is None:
            raise Conflict("{camera} is not being recorded", camera=self.source.name)
        return ended

    @property
    def analysis(self) -> Analysis | None:
        """What was last found in the live picture."""
        looker = self._looker
        return looker.newest if looker is not None else None

    @property
    def busy(self) -> bool:
        """Whether it has work that nobody needs to be connected for."""
        return self._take is not None or self._desires_work()


def _opened_by(source: Source) -> tuple[str, dict[str, Any]]:
    """What the connection depends on; when stills are taken and where they go is no part of it."""
    settings = {k: v for k, v in source.settings.items() if k not in ("interval_s", "gallery")}
    return source.url, settings


def _stop(reader: CameraReader, ending: Future[int] | None) -> None:
    if ending is not None:
        ending.exception(60)
    reader.stop()
