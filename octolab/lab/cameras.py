"""A camera of a lab: what it should be doing, what it does, and its pictures.

What it should be doing is a row in the catalog; the lab's server makes it so, with or
without a notebook open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from octolab.errors import BadInput
from octolab.i18n import translate
from octolab.lab import secrets
from octolab.lab.artifacts import Clip, Frame
from octolab.lab.live import find_server
from octolab.model import Desired, Observed, Source

if TYPE_CHECKING:
    from octolab.lab.lab import Lab

SHORTEST_INTERVAL_S = 0.1
LONGEST_RECORDING_S = 24 * 3600
MOST_LOOKS = 30

_AWAY = "the lab's server is not running"


class Camera:
    """A camera of a lab.

    Attributes
    ----------
    slug : str
        Its unchanging short name, in paths and in the API.
    """

    def __init__(self, lab: Lab, source: Source) -> None:
        self._lab = lab
        self._source = source
        self.slug = source.slug

    @property
    def source(self) -> Source:
        """What the catalog says of it now."""
        self._source = self._lab.catalog.source(self.slug)
        return self._source

    @property
    def name(self) -> str:
        """What people call it."""
        return self.source.name

    @property
    def url(self) -> str:
        """Where it is, without user and password."""
        return self.source.url

    @property
    def desired(self) -> Desired:
        """What it should be doing."""
        return self.source.desired

    @property
    def state(self) -> Observed:
        """What it is doing; ``off`` while no server looks after the lab."""
        seen = self.source.observed
        if seen.state == "off" or self._lab.live.running:
            return seen
        return Observed("off", translate(_AWAY), seen.at, reason=_AWAY)

    def snapshot(self, gallery: str | None = None) -> Frame:
        """Take a still.

        Parameters
        ----------
        gallery : str, optional
            A gallery to put it into; made when there is none of that name.

        Raises
        ------
        Unavailable, Refused
            If the camera does not answer in time, or wants another password.
        """
        item = self._lab.get(self._lab.live.snapshot(self.slug, gallery))
        assert isinstance(item, Frame)
        return item

    def record(self, seconds: float) -> Clip:
        """Record for some seconds and wait for the clip."""
        if not 0 < seconds <= LONGEST_RECORDING_S:
            raise BadInput(
                "a recording lasts from 0 to {limit} seconds, not {seconds}; "
                "use start_recording for longer ones",
                limit=LONGEST_RECORDING_S,
                seconds=seconds,
            )
        return self._clip(self._lab.live.record(self.slug, seconds))

    def start_recording(self) -> None:
        """Begin to record; goes on when this notebook is closed, until `stop_recording`."""
        self._lab.live.start_recording(self.slug)

    def stop_recording(self) -> Clip:
        """End the recording and return its clip."""
        return self._clip(self._lab.live.stop_recording(self.slug))

    def _clip(self, number: int) -> Clip:
        item = self._lab.get(number)
        assert isinstance(item, Clip)
        return item

    def start_interval(self, seconds: float, gallery: str | None = None) -> None:
        """Take a still every so many seconds, from now on.

        Parameters
        ----------
        seconds : float
            From one still to the next, 0.1 at least.
        gallery : str, optional
            A gallery to put them into; made when there is none of that name.
        """
        if not SHORTEST_INTERVAL_S <= seconds < 366 * 86400:
            raise BadInput(
                "an interval of {seconds} s is not possible; choose {shortest} s or more",
                seconds=seconds,
                shortest=SHORTEST_INTERVAL_S,
            )
        slug = self._lab.gallery(gallery).slug if gallery else None
        self._want(interval_s=float(seconds), interval_gallery=slug, enabled=True)
        self._lab.log("{camera}: a still every {seconds} s", camera=self.name, seconds=seconds)

    def stop_interval(self) -> None:
        """Take no more stills by the clock."""
        self._want(interval_s=None, interval_gallery=None)
        self._lab.log("{camera}: interval capture stopped", camera=self.name)

    def start_analysis(
        self, analyzer: str, fps: float = 1.0, params: Mapping[str, Any] | None = None
    ) -> None:
        """Run an installed analyzer on the live picture, some times a second, 30 at most."""
        from octolab.plugins import analyzers

        chosen = analyzers.get(analyzer)
        chosen.require("frame")
        chosen.check(params or {})
        if not 0 < fps <= MOST_LOOKS:
            raise BadInput(
                "{fps} times a second is not possible; choose more than 0 and up to {limit}",
                fps=fps,
                limit=MOST_LOOKS,
            )
        self._want(
            analyzer=analyzer, analyzer_params=dict(params or {}), analyzer_fps=fps, enabled=True
        )

    def stop_analysis(self) -> None:
        """Analyse the live picture no more."""
        self._want(analyzer=None)

    def enable(self) -> None:
        """Let it be opened."""
        self._want(enabled=True)

    def disable(self) -> None:
        """Close it; its settings stay."""
        self._want(enabled=False)

    def _want(self, **fields: Any) -> None:
        self._lab.catalog.set_desired(self.slug, **fields)
        if at_work(self.desired):
            self._lab.live.ensure()

    def rename(self, name: str) -> None:
        """Call it something else; files keep their places."""
        self.update(name=name)

    def update(
        self,
        *,
        name: str | None = None,
        url: str | None = None,
        user: str | None = None,
        password: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what is given and leave the rest; checked as when a camera is added."""
        from octolab.capture import check_settings

        known = secrets.load(self._lab.id, self.slug) or secrets.Login()
        if url is not None and (url := url.strip()) != self.url:
            if "=***" in url:
                raise BadInput("write in the address anew what is shown as ***")
            url, login = secrets.split(url, user, password)
            wanted = self.source.settings if settings is None else settings
            check(self._lab, login.url or url, wanted)
            if not _same_host(url, self.url):
                known = secrets.Login()  # another host must not learn it
        else:
            url, login = None, secrets.Login(user, password, known.url)
            check_settings(settings or {})
        login = replace(
            login, user=login.user or known.user, password=login.password or known.password
        )
        if login.password and not login.user:
            raise BadInput("a password needs a user name with it")
        changed = url is not None or login != known
        secrets.save(self._lab.id, self.slug, login)
        self._lab.catalog.update_source(self.slug, name=name, url=url, settings=settings)
        if changed:
            self.restart()

    def restart(self) -> None:
        """Close and open it again, if anything is open at all."""
        if self._lab.live.running:
            self._lab.live.restart(self.slug)

    def remove(self) -> None:
        """Stop all it does and forget it; what it captured stays."""
        name = self.name
        self._lab.catalog.remove_source(self.slug)
        secrets.remove(self._lab.id, self.slug)
        self._lab.log("Camera {camera} removed", camera=name)

    def jpeg(self, width: int | None = None) -> bytes | None:
        """The newest live picture as JPEG, without keeping it; None while there is none."""
        return self._lab.live.jpeg(self.slug, width)

    def __repr__(self) -> str:
        return f"<Camera {self.slug!r} {self.url} {self.state.state}>"


def check(lab: Lab, url: str, settings: Mapping[str, Any]) -> None:
    """Check what can be known of a camera before it is opened.

    Raises
    ------
    OctolabError
        As `octolab.capture.check_camera`.
    """
    from octolab.capture import check_camera, check_settings

    if url.startswith("webcam://"):  # opened by the page that shows it
        check_settings(settings)
        return
    server = find_server(lab.path)
    port = urlsplit(server.url).port if server is not None else None
    check_camera(url, settings, own_ports=(port,) if port else ())


def at_work(desired: Desired) -> bool:
    """Whether it has something to do that needs nobody to look."""
    wanted = desired.interval_s or desired.recording or desired.analyzer
    return desired.enabled and bool(wanted)


def _same_host(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    return (a.scheme, a.netloc) == (b.scheme, b.netloc)
