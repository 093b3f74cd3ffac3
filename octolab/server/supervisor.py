"""Makes the cameras do what the catalog says they should, and says what they do.

One thread reads the desired state when it has changed, lets each camera's `Watch` follow it,
and writes back what is observed. It is the `Live` of the lab inside the server, so routes,
sockets and jobs use cameras as a notebook does. Whatever happens to one camera stays with it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import LabError, NotFound, OctolabError, Unavailable
from octolab.lab.live import LiveBatch
from octolab.model import Analysis, Observed, Source
from octolab.server.feed import Feed
from octolab.server.settings import Settings, read_settings
from octolab.server.takes import recover as recover_takes
from octolab.server.watch import Watch

if TYPE_CHECKING:
    from octolab.lab import Lab
    from octolab.server.activity import Activity

logger = logging.getLogger("octolab.server")

TICK_S = 0.3
TELL_S = 2.0
ALIVE_S = 30.0
STOP_S = 60.0
PAUSE_S = 5.0
TIDY_S = 2 * 3600.0


class Supervisor:
    """Owns the live sources of a lab.

    Parameters
    ----------
    activity : Activity
        Who uses the server.
    idle_timeout_s : float, optional
        After so many seconds with nothing desired and nobody connected, `on_idle` is called.
    on_idle : callable, optional
        Ends the server.
    own_ports : callable
        The ports of this server, which are no camera.
    """

    def __init__(
        self,
        activity: Activity,
        *,
        idle_timeout_s: float | None = None,
        on_idle: Callable[[], None] | None = None,
        own_ports: Callable[[], Collection[int]] = tuple,
    ) -> None:
        self._activity = activity
        self._idle_timeout_s, self._on_idle = idle_timeout_s, on_idle
        self._own_ports = own_ports
        self._lab: Lab | None = None
        self._lock = threading.RLock()
        self._watches: dict[str, Watch] = {}
        self._paused: dict[str, float] = {}
        self._told: dict[str, tuple[float, Observed]] = {}
        self._unwritten: dict[str, dict[str, Any]] = {}
        self._revision = -1
        self._resuming = True
        self._settings = Settings()
        self._alive_at = self._since = 0.0
        self._tidy_at = time.monotonic() + TIDY_S
        self._quit = threading.Event()
        self._wake = threading.Event()
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="octolab-watch")
        self._thread = threading.Thread(target=self._run, name="octolab-supervisor", daemon=True)

    # --- life ---------------------------------------------------------------

    def start(self, lab: Lab) -> None:
        """Begin; what was desired before goes on."""
        self._lab = lab
        self._thread.start()

    def stop(self) -> None:
        """End: recordings are made whole and kept, cameras let go."""
        self._quit.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        with self._lock:
            watches = list(self._watches.values())
        ends = [self._pool.submit(watch.stop) for watch in watches]
        for end in ends:
            end.exception(STOP_S)
        self._pool.shutdown(wait=True)
        for watch in watches:
            self._tell(watch, time.monotonic(), last=True)

    @property
    def lab(self) -> Lab:
        """The lab it works for."""
        if self._lab is None:
            raise Unavailable("the server is just starting; try again")
        return self._lab

    @property
    def running(self) -> bool:
        """Whether somebody owns the sources: it does."""
        return not self._quit.is_set()

    def ensure(self) -> None:
        """Take up what the catalog now says without waiting."""
        self._wake.set()

    # --- the thread ---------------------------------------------------------------

    def _run(self) -> None:
        self._guarded("recovery", self._recover)
        while not self._quit.is_set():
            self._guarded("supervisor", self._reconcile)
            self._guarded("supervisor", self._report)
            self._guarded("tidying", self._tidy)
            if self._is_idle() and self._on_idle is not None:
                self._on_idle()
                return
            self._wake.wait(TICK_S)
            self._wake.clear()

    def _guarded(self, what: str, step: Callable[[], None]) -> None:
        """Run one step; a fault is logged and the rest goes on."""
        try:
            step()
        except Exception as error:
            from octolab.capture import redact

            logger.error("%s: %s: %s", what, type(error).__name__, redact(error))
            if not self._quit.wait(1.0) and isinstance(error, OctolabError):
                self._revision = -1

    def _recover(self) -> None:
        """Bring in what a kill left: whole files without a row, and cut recordings."""
        from octolab.lab.verify import recover

        lab = self.lab
        try:
            self._since = self._alive_file.stat().st_mtime - 2 * ALIVE_S
        except FileNotFoundError:
            self._since = 0.0
        adopted = recover(lab.path, lab.catalog, self._since)
        clips = recover_takes(lab)
        if adopted or clips:
            lab.log(
                "After an interruption {files} files and {clips} recordings were recovered",
                files=len(adopted),
                clips=len(clips),
            )

    def _tidy(self) -> None:
        """Once more, when the unfinished files of a kill are old enough to be known as such."""
        from octolab.lab.verify import recover

        if time.monotonic() > self._tidy_at:
            self._tidy_at = float("inf")
            recover(self.lab.path, self.lab.catalog, self._since)

    @property
    def _alive_file(self) -> Path:
        return self.lab.path / ".octolab" / "alive"

    def _wish(self, slug: str, **wanted: Any) -> None:
        """Write what is desired; on a full disk bear it in mind until there is room."""
        self._unwritten.pop(slug, None)
        try:
            self.lab.catalog.set_desired(slug, **wanted)
        except LabError:
            self._unwritten[slug] = wanted

    def _wished(self, source: Source) -> Source:
        wanted = self._unwritten.get(source.slug, {})
        return replace(source, desired=replace(source.desired, **wanted))

    def _write_wishes(self) -> None:
        """Write what had no room before; clips that had none are adopted then, too."""
        for slug, wanted in list(self._unwritten.items()):
            with suppress(NotFound):
                self._wish(slug, **wanted)
            if slug not in self._unwritten:
                self._tidy_at = time.monotonic()

    def _reconcile(self) -> None:
        now = time.monotonic()
        if now - self._alive_at > ALIVE_S:
            self._alive_at = now
            self._alive_file.touch()
        with self._lock:
            self._write_wishes()
            for watch in self.watches():
                self._follow(watch)
            self._resuming = False

    def _read_sources(self) -> None:
        """Take up what the catalog says of the cameras, when it says something new."""
        revision = self.lab.catalog.revisions()["source"]
        if revision == self._revision:
            return
        self._settings = read_settings(self.lab.catalog)
        sources = {source.slug: source for source in self.lab.catalog.sources("camera")}
        self._revision = revision
        for slug in self._watches.keys() - sources.keys():
            self._pool.submit(self._watches.pop(slug).stop)
        for source in sources.values():
            self._watch_of(source).source = self._wished(source)

    def _watch_of(self, source: Source) -> Watch:
        watch = self._watches.get(source.slug)
        if watch is None:
            watch = Watch(self.lab, source, self._pool, self._own_ports, resumed=self._resuming)
            self._watches[source.slug] = watch
        return watch

    def _follow(self, watch: Watch) -> None:
        """Let one camera follow; one that fails is left alone for a while."""
        if time.monotonic() < self._paused.get(watch.slug, 0.0):
            return
        try:
            watch.follow(watch.source, self._settings.segment_s)
        except Exception as error:
            self._paused[watch.slug] = time.monotonic() + PAUSE_S
            from octolab.capture import redact

            logger.error("camera %s: %s: %s", watch.slug, type(error).__name__, redact(error))

    # --- what is observed ---------------------------------------------------------------

    def _report(self) -> None:
        now = time.monotonic()
        for watch in list(self._watches.values()):
            if watch.openable:
                self._tell(watch, now)

    def _tell(self, watch: Watch, now: float, *, last: bool = False) -> None:
        """Write what a camera does: when that changes, and its last picture now and then."""
        seen = watch.observed()
        told_at, told = self._told.get(watch.slug, (0.0, watch.source.observed))
        same = replace(seen, at=None, last_frame_at=None) == replace(
            told, at=None, last_frame_at=None
        )
        if same and (
            seen.last_frame_at == told.last_frame_at or (now - told_at < TELL_S and not last)
        ):
            return
        self._told[watch.slug] = (now, seen)
        try:
            self.lab.catalog.set_observed(watch.slug, seen)
        except NotFound:
            return
        if seen.detail and seen.detail != told.detail:
            self.lab.log(
                "{camera}: {reason}",
                level="warning",
                camera=watch.source.name,
                reason=_told(seen),
            )

    def _is_idle(self) -> bool:
        if self._idle_timeout_s is None or self._activity.quiet_s < self._idle_timeout_s:
            return False
        return not any(watch.busy for watch in list(self._watches.values()))

    # --- the cameras, for routes and sockets ---------------------------------------------

    def watch(self, name: str) -> Watch:
        """The watch of a camera, by slug or name, with its state of this moment.

        Raises
        ------
        NotFound
        """
        source = self.lab.catalog.source(name)
        with self._lock:
            watch = self._watch_of(source)
            watch.source = self._wished(source)
            return watch

    def watches(self, *, fresh: bool = True) -> list[Watch]:
        """Those of all cameras: of this moment, or as last seen some tenths of a second ago."""
        with self._lock:
            if fresh:
                self._read_sources()
            return list(self._watches.values())

    def snapshot(self, slug: str, gallery: str | None = None, analyze: bool = False) -> int:
        """Take a still; the id of the frame."""
        return self.watch(slug).snapshot(gallery, analyze)

    def record(self, slug: str, seconds: float) -> int:
        """Record for some seconds; the id of the clip."""
        return self.watch(slug).record(seconds)

    def start_recording(self, slug: str) -> None:
        """Begin to record until told to stop."""
        watch = self.watch(slug)
        watch.want()
        with self._lock:
            self.lab.catalog.set_desired(watch.slug, recording=True)
            self._unwritten.pop(watch.slug, None)
            self._follow(self.watch(watch.slug))
        self.lab.log("{camera}: recording", camera=watch.source.name)

    def stop_recording(self, slug: str) -> int:
        """End a recording, also when that can't be written down; the id of the clip."""
        with self._lock:
            self._wish(self.watch(slug).slug, recording=False)
            watch = self.watch(slug)
            ended = watch.end_recording()
        try:
            return _result(ended)
        except LabError:
            if watch.slug not in self._unwritten:
                raise
            raise LabError(
                "the recording of {camera} has ended; the disk is full, its clip comes when "
                "there is room",
                camera=watch.source.name,
            ) from None

    def restart(self, slug: str | None = None) -> None:
        """Close and open one camera, or all of them."""
        for watch in [self.watch(slug)] if slug else self.watches():
            self._paused.pop(watch.slug, None)
            watch.restart()

    def jpeg(self, slug: str, width: int | None = None) -> bytes | None:
        """The newest picture, without keeping it."""
        return self.watch(slug).jpeg(width)

    def analysis(self, slug: str) -> Analysis | None:
        """What the camera's analyzer last found in the live picture."""
        return self.watch(slug).analysis

    def stream(
        self, slugs: Sequence[str] | None = None, *, width: int = 480, fps: float = 10
    ) -> Iterator[LiveBatch]:
        """Live pictures of several cameras together, until closed."""
        with Feed(self, slugs, width) as feed:
            while self.running:
                due = time.monotonic() + 1 / fps
                batch = feed.next()
                if batch is not None:
                    yield batch
                time.sleep(max(0.0, due - time.monotonic()))


def _told(seen: Observed) -> Any:
    return {"message": seen.reason, "values": seen.values} if seen.reason else seen.detail


def _result(ended: Future[int]) -> int:
    try:
        return ended.result(STOP_S)
    except FutureTimeout:
        raise Unavailable("the recording is still being written; its clip comes later") from None
