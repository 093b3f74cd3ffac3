"""A reader keeps its camera, whatever the camera does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import eventually

from octolab.capture import CameraReader, CameraStream, CapturedFrame, StreamInfo, reader
from octolab.errors import BadInput, Conflict, LabError, OctolabError, Refused, Unavailable
from octolab.model import Observed, utc_now


class Scripted(CameraStream):
    """Plays what a test wrote: pictures by their grey, faults to be raised."""

    def __init__(self, *script: int | Exception, then: threading.Event | None = None) -> None:
        self.info = StreamInfo(64, 48, 30.0, "rgb")
        self.script, self.then, self.closed = list(script), then, False

    def read(self) -> CapturedFrame:
        if not self.script:
            if self.then is not None:
                self.then.wait(0.02)
            return self.frame(255)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return self.frame(step)

    @staticmethod
    def frame(grey: int) -> CapturedFrame:
        return CapturedFrame(utc_now(), 0.0, None, np.full((48, 64, 3), grey, np.uint8))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the reader would have waited before each new try; it does not wait."""
    noted: list[float] = []
    monkeypatch.setattr(reader.random, "uniform", lambda low, high: low)

    class Hasty(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is not None:
                noted.append(timeout)
            return super().wait(0.001)

    monkeypatch.setattr(reader, "Event", Hasty)
    return noted


def start(
    *steps: CameraStream | Exception, on_state: Callable[[Observed], None] | None = None
) -> tuple[CameraReader, threading.Event]:
    """A reader whose camera opens as told, step by step; then stays away."""
    todo, done = list(steps), threading.Event()

    def open_next() -> CameraStream:
        if not todo:
            done.set()
            raise Unavailable("gone for good")
        step = todo.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return CameraReader("rtsp://me:secret@host/cam", open=open_next, on_state=on_state), done


def test_the_newest_picture_is_there_for_all_takers() -> None:
    stop = threading.Event()
    camera = Scripted(then=stop)
    taker, _ = start(camera)
    with taker:
        assert taker.latest(60).image[0, 0, 0] == 255
        assert taker.state.state == "live"
        assert (taker.state.width, taker.state.height, taker.state.fps) == (64, 48, 30.0)
        assert taker.state.last_frame_at is not None
        assert taker.jpeg() is not None
    assert camera.closed
    assert taker.state.state == "off"
    assert taker.jpeg() is None
    with pytest.raises(Unavailable, match="switched off"):
        taker.latest(0.1)


def test_it_tries_again_sooner_at_first_and_later_more_seldom(waits: list[float]) -> None:
    faults = [Unavailable("nobody there") for _ in range(9)]
    taker, done = start(*faults)
    with taker:
        assert done.wait(60)
    assert waits[:9] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_wrong_password_is_not_tried_again_for_a_minute(waits: list[float]) -> None:
    taker, done = start(Refused("{place} refuses this user and password", place="cam"))
    with taker:
        assert done.wait(60)
    assert waits[0] == 60.0


def test_the_states_tell_the_story(waits: list[float]) -> None:
    told: list[tuple[str, str]] = []
    taker, done = start(
        Unavailable("nobody there"),
        Scripted(1, 2, Unavailable("went away")),
        Scripted(3, RuntimeError("a fault of ours with secret")),
        on_state=lambda s: told.append((s.state, s.detail)),
    )
    with taker:
        assert done.wait(60)
    assert told[:7] == [
        ("connecting", ""),
        ("error", "nobody there"),
        ("connecting", "nobody there"),
        ("live", ""),
        ("stalled", "went away"),
        ("connecting", "went away"),
        ("live", ""),
    ]
    assert told[7] == ("stalled", "rtsp://host/cam can't be opened (RuntimeError)")


def test_a_listener_that_fails_does_not_stop_the_camera() -> None:
    def fail(state: Observed) -> None:
        raise OSError

    taker, _ = start(Scripted(then=threading.Event()), on_state=fail)
    with taker:
        assert taker.latest(60).image.shape == (48, 64, 3)


def test_who_waits_is_told_why_there_is_no_picture() -> None:
    taker, _ = start(Refused("{place} refuses access", place="rtsp://host/cam"))
    with taker, pytest.raises(Refused, match="refuses access"):
        taker.latest(60)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "fault",
    [
        Refused("{place} refuses this user and password", place="cam"),
        BadInput("the file {name} is empty", name="clip.mp4"),
        Unavailable("nobody there"),
    ],
)
def test_who_asks_while_it_rests_is_told_at_once(
    fault: OctolabError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "FIRST_WAIT_S", 600.0)
    taker, _ = start(fault)
    with taker:
        for _ in range(3):
            with pytest.raises(type(fault), match=str(fault)):
                taker.latest(600)


@pytest.mark.timeout(20)
def test_a_camera_just_switched_on_answers_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FIRST_WAIT_S", 600.0)
    monkeypatch.setattr(reader, "HASTY_S", 0.0)
    taker, _ = start(Unavailable("nobody there"), Scripted(7, then=threading.Event()))
    with taker:
        while taker._resting_since is None:
            taker._quit.wait(0.01)
        assert taker.latest(600).image.shape == (48, 64, 3)


@pytest.mark.timeout(20)
def test_no_asking_tries_a_wrong_password_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "HASTY_S", 0.0)
    taker, done = start(Refused("{place} refuses this user and password", place="cam"))
    with taker:
        for _ in range(3):
            with pytest.raises(Refused):
                taker.latest(600)
        assert not done.is_set()


def test_thirty_viewers_cost_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int | None] = []
    real = CapturedFrame.to_jpeg

    def count(self: CapturedFrame, *, width: int | None = None, quality: int = 80) -> bytes:
        encoded.append(width)
        return real(self, width=width, quality=quality)

    hold = threading.Event()

    class Still(Scripted):
        def read(self) -> CapturedFrame:
            if not self.script:
                hold.wait(60)
            return super().read()

    taker, _ = start(Still(7))
    monkeypatch.setattr(CapturedFrame, "to_jpeg", count)
    with taker:
        taker.latest(60)
        pictures = {taker.jpeg(width=32) for _ in range(30)}
        hold.set()
    assert len(pictures) == 1
    assert encoded == [32]


def test_a_picture_comes_with_its_own_moment_and_only_once() -> None:
    taker, _ = start(Scripted(then=threading.Event()))
    with taker:
        taker.latest(60)
        at = None
        for _ in range(50):
            seen, jpeg = taker.picture(unless=at)
            assert (jpeg is None) == (seen == at)
            at = seen


def test_recording_needs_a_beginning_and_an_end(tmp_path: Path) -> None:
    taker, _ = start(Scripted(then=threading.Event()))
    with taker:
        taker.latest(60)
        with pytest.raises(Conflict, match="not being recorded"):
            taker.stop_recording()
        taker.start_recording(tmp_path / "clip.mp4")
        assert taker.recording
        with pytest.raises(Conflict, match="being recorded already"):
            taker.start_recording(tmp_path / "other.mp4")
        eventually((tmp_path / "clip.mp4").exists)
        clip = taker.stop_recording()
        assert not taker.recording
    assert (clip.width, clip.height) == (64, 48)
    assert list(tmp_path.iterdir()) == [clip.path]


def test_a_recording_of_nothing_says_why(tmp_path: Path) -> None:
    taker, _ = start(Unavailable("nobody there"))
    with taker:
        taker.start_recording(tmp_path / "clip.mp4")
        taker._quit.wait(0.1)
        with pytest.raises(Unavailable):
            taker.stop_recording()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_ends_the_recording_and_not_the_camera() -> None:
    taker, _ = start(Scripted(then=threading.Event()))
    with taker:
        taker.latest(60)
        taker.start_recording("/dev/full")
        eventually(lambda: taker._recording.fault)
        with pytest.raises(LabError, match="the disk is full"):
            taker.stop_recording()
        assert taker.state.state == "live"


def test_stopping_ends_a_recording_that_can_still_be_had(tmp_path: Path) -> None:
    taker, _ = start(Scripted(then=threading.Event()))
    taker.latest(60)
    taker.start_recording(tmp_path / "clip.mp4")
    eventually((tmp_path / "clip.mp4").exists)
    taker.stop()
    assert taker.stop_recording().path == tmp_path / "clip.mp4"


def test_nothing_of_the_credentials_is_kept_in_sight() -> None:
    taker, _ = start(Unavailable("nobody there"))
    with taker:
        assert "secret" not in repr(taker) + repr(taker.state) + str(taker.error)
