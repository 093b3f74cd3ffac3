"""usb://N: a camera at this computer, through OpenCV.

OpenCV waits for a camera as long as it pleases, so each of its calls runs with a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np

from octolab.capture.faults import attempt, within
from octolab.capture.settings import picture_size
from octolab.capture.stream import CameraStream, CapturedFrame, StreamInfo
from octolab.errors import BadInput, Unavailable
from octolab.model import utc_now

UNCERTAINTY_S = 0.1

# Else an absent camera fills the log: OpenCV prints several lines each time it is tried.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class UsbStream(CameraStream):
    """Camera number N of this computer."""

    def __init__(
        self,
        url: str,
        settings: Mapping[str, Any],
        open_timeout_s: float,
        read_timeout_s: float,
    ) -> None:
        number, size = camera_number(url), picture_size(settings)
        self.place, self._limit_s = f"usb://{number}", read_timeout_s
        self._camera: Any = attempt(
            lambda: within(
                open_timeout_s,
                lambda: _open(number, size),
                late=lambda camera: camera.release(),
            ),
            self.place,
            seconds=open_timeout_s,
        )
        if not self._camera.isOpened():
            raise Unavailable(
                "there is no camera {place}: is it plugged in, and not in use elsewhere?",
                place=self.place,
            )
        width = int(self._camera.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self._camera.get(cv2.CAP_PROP_FRAME_HEIGHT))
        fps = float(self._camera.get(cv2.CAP_PROP_FPS)) or None
        self.info = StreamInfo(width, height, fps, "rgb")

    def read(self) -> CapturedFrame:
        """Wait for the next picture."""
        camera = self._camera
        if camera is None:
            raise Unavailable("the camera is switched off")
        taken, picture = attempt(
            lambda: within(self._limit_s, camera.read), self.place, seconds=self._limit_s
        )
        if not taken or picture is None:
            raise Unavailable("{place} stopped sending: was it unplugged?", place=self.place)
        image = cv2.cvtColor(np.asarray(picture), cv2.COLOR_BGR2RGB)
        return CapturedFrame(utc_now(), UNCERTAINTY_S, None, np.asarray(image))

    def close(self) -> None:
        """Let the camera go."""
        camera, self._camera = self._camera, None
        if camera is not None:
            attempt(camera.release, self.place)


def camera_number(url: str) -> int:
    """N of ``usb://N``."""
    parts = urlsplit(url)
    text = (parts.netloc or parts.path).strip("/")
    if not text.isdecimal() or int(text) > 99:
        raise BadInput("write usb://0 for the first camera, usb://1 for the next")
    return int(text)


def _open(number: int, size: tuple[int, int] | None) -> Any:
    camera = cv2.VideoCapture(number)
    if size is not None:
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, float(size[0]))
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, float(size[1]))
    return camera
