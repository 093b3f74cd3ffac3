"""What can be set of a camera besides its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from octolab.errors import BadInput

_SLOWEST_FPS, _FASTEST_FPS = 0.001, 60.0


def check_settings(settings: Mapping[str, Any]) -> None:
    """Check the settings that are known here; others belong to whoever reads them.

    Raises
    ------
    BadInput
        If one can't be used.
    """
    for read in (picture_rate, picture_size, transport, verifies_tls):
        read(settings)


def picture_rate(settings: Mapping[str, Any]) -> float:
    """``fps``: how often stills are taken anew; once a second by default."""
    value = settings.get("fps", 1.0)
    try:
        fps = float(value)
    except (TypeError, ValueError):
        fps = 0.0
    if not _SLOWEST_FPS <= fps <= _FASTEST_FPS:
        raise BadInput(
            "fps must be a number from {low:g} to {high:g}, not {value}",
            low=_SLOWEST_FPS,
            high=_FASTEST_FPS,
            value=value,
        )
    return fps


def picture_size(settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """``size``: width and height in pixels, written like ``"1280x720"``; None for any."""
    text = settings.get("size")
    if text in (None, ""):
        return None
    width, _, height = str(text).lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise BadInput("size={text} must look like 1280x720", text=text)
    if not (64 <= int(width) <= 3840 and 64 <= int(height) <= 2160):
        raise BadInput("size={text} must be from 64x64 to 3840x2160", text=text)
    return int(width), int(height)


def transport(settings: Mapping[str, Any]) -> str:
    """``rtsp_transport``: how RTSP video comes, ``"tcp"`` (by default) or ``"udp"``."""
    value = settings.get("rtsp_transport", "tcp")
    if value not in ("tcp", "udp"):
        raise BadInput("rtsp_transport must be tcp or udp, not {value!r}", value=value)
    return str(value)


def verifies_tls(settings: Mapping[str, Any]) -> bool:
    """``verify_tls``: whether https cameras must have a certificate that others vouch for."""
    value = settings.get("verify_tls", True)
    if not isinstance(value, bool):
        raise BadInput("verify_tls must be true or false, not {value!r}", value=value)
    return value
