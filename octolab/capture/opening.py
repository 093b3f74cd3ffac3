"""Opening a camera by its URL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from octolab.capture.addresses import Purpose, Target, check_url, place, resolve, split_credentials
from octolab.capture.faults import Deadline, attempt, within
from octolab.capture.settings import check_settings
from octolab.capture.stream import CameraStream, CapturedFrame

SNAPSHOT_LIMIT_S = 8.0


def open_camera(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    settings: Mapping[str, Any] | None = None,
    open_timeout_s: float = 8.0,
    read_timeout_s: float = 5.0,
    purpose: Purpose = "camera",
    allow_hosts: Collection[str] | None = None,
    own_ports: Collection[int] = (),
) -> CameraStream:
    """Open a camera.

    Parameters
    ----------
    url : str
        ``synthetic://plant``, ``synthetic://hive``, ``synthetic://testcard`` (drawn, no
        hardware), ``file:///clip.mp4`` (a video, a picture or a folder of pictures, played
        over and over), ``usb://0``, ``rtsp://``, ``rtsps://``, ``http://`` or ``https://``
        (MJPEG, a still picture that changes, or any stream).
    user, password : str, optional
        Instead of credentials in the URL.
    settings : mapping, optional
        ``rtsp_transport`` (``"tcp"`` or ``"udp"``), ``verify_tls`` (true by default for
        https), ``fps`` (for stills), ``size`` (``"1280x720"``, for USB and drawn cameras);
        further parameters of drawn cameras.
    open_timeout_s, read_timeout_s : float
        The longest that opening, and then each `CameraStream.read`, may take.
    purpose, allow_hosts, own_ports
        Which addresses may be opened: see `check_url`.

    Raises
    ------
    BadInput
        If the URL is of no use.
    Refused
        If the camera refuses the credentials, or the address is forbidden.
    Unavailable
        If the camera can't be reached or sends no video.
    """
    deadline = Deadline(open_timeout_s)
    settings = settings or {}
    clean, url_user, url_password = split_credentials(url)
    if user is None:
        user, password = url_user, url_password
    scheme = urlsplit(clean).scheme.lower()
    if scheme in ("synthetic", "file", "usb") or scheme not in ("rtsp", "rtsps", "http", "https"):
        check_url(clean, purpose=purpose)
    if scheme == "synthetic":
        from octolab.capture.synthetic import SyntheticStream

        return SyntheticStream(clean, settings)
    if scheme == "file":
        from octolab.capture.files import open_file

        return open_file(clean, settings)
    if scheme == "usb":
        from octolab.capture.usb import UsbStream

        return UsbStream(clean, settings, open_timeout_s, read_timeout_s)

    def check(url: str) -> Target:
        plain = split_credentials(url)[0]
        left = deadline.left()
        return resolve(plain, allow_hosts=allow_hosts, own_ports=own_ports, timeout_s=left)

    target = check(clean)
    if target.scheme.startswith("rtsp"):
        from octolab.capture.rtsp import open_rtsp

        outside = purpose == "snapshot"
        return open_rtsp(
            target, user, password, settings, deadline, read_timeout_s, check, outside=outside
        )
    from octolab.capture.http import open_http

    return open_http(target, user, password, settings, deadline, read_timeout_s, check)


def check_camera(
    url: str, settings: Mapping[str, Any] | None = None, *, own_ports: Collection[int] = ()
) -> None:
    """Check what can be known of a camera before anybody wants its picture.

    A network or USB camera may be away now, so only its address and settings are checked; a
    file or folder must be there and hold what can be shown.

    Raises
    ------
    OctolabError
        As `check_url` and, for files and drawn cameras, `open_camera`.
    """
    check_url(url, own_ports=own_ports)
    check_settings(settings or {})
    scheme = urlsplit(url).scheme.lower()
    if scheme in ("file", "synthetic"):
        open_camera(url, settings=settings).close()
    elif scheme == "usb":
        from octolab.capture.usb import camera_number

        camera_number(url)


def snapshot(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    settings: Mapping[str, Any] | None = None,
    timeout_s: float = SNAPSHOT_LIMIT_S,
    purpose: Purpose = "camera",
    allow_hosts: Collection[str] | None = None,
    own_ports: Collection[int] = (),
) -> CapturedFrame:
    """Take one still and close the camera again, all within `timeout_s`.

    Give ``purpose="snapshot"`` for a URL that comes from outside: then only rtsp, rtsps,
    http and https are opened. What comes back has been decoded: it is a picture.

    Raises
    ------
    OctolabError
        As `open_camera`.
    """

    def take() -> CapturedFrame:
        with open_camera(
            url,
            user=user,
            password=password,
            settings=settings,
            open_timeout_s=timeout_s,
            read_timeout_s=timeout_s,
            purpose=purpose,
            allow_hosts=allow_hosts,
            own_ports=own_ports,
        ) as stream:
            frame = stream.read()
            _ = frame.image
            return frame

    shown = place(url)
    return attempt(lambda: within(timeout_s, take), shown, seconds=timeout_s)
