"""USB cameras by OpenCV, played by a stand-in: no machine of ours has one to plug in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from octolab.capture import open_camera, usb
from octolab.errors import Unavailable


class Device:
    """Speaks as cv2.VideoCapture does."""

    def __init__(self) -> None:
        self.opened, self.released = True, False
        self.pictures: list[Any] = [np.full((4, 6, 3), (255, 0, 0), np.uint8)]  # blue first
        self.hang = threading.Event()
        self.hang.set()

    def isOpened(self) -> bool:  # noqa: N802
        return self.opened

    def get(self, what: int) -> float:
        return {3: 6.0, 4: 4.0, 5: 30.0}[what]

    def read(self) -> tuple[bool, Any]:
        self.hang.wait(20)
        return (True, self.pictures.pop()) if self.pictures else (False, None)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    stand_in = Device()
    monkeypatch.setattr(usb, "_open", lambda number, size: stand_in)
    yield stand_in
    stand_in.hang.set()


def test_its_pictures_are_rgb(device: Device) -> None:
    with open_camera("usb://0") as stream:
        assert (stream.info.width, stream.info.height, stream.info.fps) == (6, 4, 30.0)
        assert stream.read().image[0, 0].tolist() == [0, 0, 255]
        with pytest.raises(Unavailable, match="was it unplugged"):
            stream.read()
    assert device.released
    with pytest.raises(Unavailable, match="switched off"):
        stream.read()


def test_a_camera_that_is_not_there_is_told_once_and_not_by_opencv(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Unavailable, match="is it plugged in"):
        open_camera("usb://99")
    assert capfd.readouterr().err == ""


def test_a_driver_that_hangs_is_left_behind(device: Device) -> None:
    with open_camera("usb://0", read_timeout_s=0.1) as stream:
        device.hang.clear()
        with pytest.raises(Unavailable, match=r"usb://0 did not answer within 0\.1 s"):
            stream.read()
