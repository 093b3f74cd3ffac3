"""A recording outlives kill -9 of the program that made it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from octolab.capture import recover_recording
from octolab.model import utc_now

CHILD = """
import sys, time
from pathlib import Path
from octolab.capture import CameraReader
reader = CameraReader(sys.argv[1])
reader.latest(60)
reader.start_recording(sys.argv[2])
path = Path(sys.argv[2])
while not path.exists() or path.read_bytes().count(b"moof") < 4:
    time.sleep(0.05)
print("recorded", flush=True)
time.sleep(60)
"""


def probe(path: Path) -> dict[str, Any]:
    """What the ffprobe program says; it decodes every frame to count them."""
    answer = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-count_frames", "-count_packets", "-of", "json"),
            "-show_entries",
            "format=duration:stream=codec_name,codec_type,nb_read_frames,nb_read_packets",
            str(path),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stderr == ""
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.mark.parametrize("kind", ["synthetic", "rtsp"])
def test_what_was_recorded_before_a_kill_can_be_played(
    kind: str, rtsp: Callable[..., Any], tmp_path: Path
) -> None:
    url = "synthetic://plant?size=640x360" if kind == "synthetic" else rtsp().url
    path = tmp_path / "clip.mp4"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "recorded\n"
        child.send_signal(signal.SIGKILL)
        child.wait(10)

    clip = recover_recording(path)
    assert clip is not None
    assert clip.duration_s > 2.0
    assert list(tmp_path.iterdir()) == [path]
    found = probe(path)
    video = next(s for s in found["streams"] if s["codec_type"] == "video")
    assert video["codec_name"] == "h264"
    assert video["nb_read_frames"] == video["nb_read_packets"]
    assert 15 < int(video["nb_read_frames"]) < clip.duration_s * 15 + 3
    assert abs(float(found["format"]["duration"]) - clip.duration_s) < 0.3
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")

    again = recover_recording(path)
    assert again is not None
    assert again.started_at == clip.started_at
    assert again.duration_s == pytest.approx(clip.duration_s, abs=0.01)


def test_a_recording_cut_in_the_middle_of_a_fragment_gives_what_is_whole(
    tmp_path: Path,
) -> None:
    from octolab.capture import open_camera
    from octolab.capture.recording import Recording

    path = tmp_path / "clip.mp4"
    with open_camera("synthetic://testcard?size=320x180&fps=30") as stream:
        recording = Recording(path)
        began = utc_now()
        for number in range(100):  # however late they come
            at = began + timedelta(seconds=number / 30)
            recording.picture(replace(stream.read(), at=at), 30)
        recording.close()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])
    clip = recover_recording(path)
    assert clip is not None
    assert 1.0 < clip.duration_s < 3.0
    probe(path)


@pytest.mark.parametrize("left", [b"", b"ftyp", b"\0" * 5000])
def test_of_nothing_playable_nothing_is_made(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(left)
    assert recover_recording(path) is None
    assert path.read_bytes() == left
    assert list(tmp_path.iterdir()) == [path]
