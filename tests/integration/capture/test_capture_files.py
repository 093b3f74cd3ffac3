"""file:// cameras and reading them for long: real clips made by the ffmpeg program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from octolab.capture import CameraReader, open_camera
from octolab.errors import BadInput, Unavailable


def make(path: Path, *arguments: str) -> Path:
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments, str(path)], check=True
    )
    return path


SECOND = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "1")


def test_a_video_starts_over_at_its_end(tmp_path: Path) -> None:
    path = make(tmp_path / "kurz & gut#1 %20.mp4", *SECOND, "-pix_fmt", "yuv420p")
    with open_camera(path.as_uri()) as stream:
        assert (stream.info.width, stream.info.height, stream.info.fps) == (320, 180, 25.0)
        frames = [stream.read().image for _ in range(40)]
    start = [np.abs(frames[0].astype(int) - f).mean() for f in frames[20:]]
    assert min(start) < 1.0


def test_a_folder_of_pictures_is_shown_in_order(shared: Path) -> None:
    folder = shared / "data/vision/arabidopsis_timeseries"
    with open_camera(folder.as_uri(), settings={"fps": 50}) as stream:
        names = [stream.read().meta["file"] for _ in range(3)]
        assert stream.info.codec == "mjpeg"
    assert names == sorted(p.name for p in folder.iterdir())[:3]


def test_a_video_is_recorded_from_the_packets_it_has(
    tmp_path: Path, recorded: Callable[..., None]
) -> None:
    arguments = ("-pix_fmt", "yuv420p", "-g", "10", "-t", "3")
    film = make(tmp_path / "film.mp4", *SECOND[:4], *arguments)
    with CameraReader(film.as_uri()) as reader:
        reader.latest(60)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 10)
        clip = reader.stop_recording()
    assert clip.duration_s > 3.0
    with av.open(str(clip.path)) as made:
        times = [p.dts for p in made.demux(video=0) if p.dts is not None]
        assert times == sorted(set(times))
    with av.open(str(clip.path)) as made:
        assert len(list(made.decode(video=0))) == len(times)


def test_hevc_is_recorded_as_players_expect_it(
    tmp_path: Path, recorded: Callable[..., None]
) -> None:
    options = ("-c:v", "libx265", "-x265-params", "log-level=none:keyint=10:bframes=0")
    film = make(tmp_path / "film.mp4", *SECOND[:4], "-t", "2", *options, "-pix_fmt", "yuv420p")
    with CameraReader(film.as_uri()) as reader:
        assert reader.latest(60).image.shape == (180, 320, 3)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 4)
        clip = reader.stop_recording()
    with av.open(str(clip.path)) as made:
        assert made.streams.video[0].codec_context.name == "hevc"
        assert made.streams.video[0].codec_context.codec_tag == "hvc1"
        assert len(list(made.decode(video=0))) > 25


def test_telephone_sound_becomes_aac(tmp_path: Path, recorded: Callable[..., None]) -> None:
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000")
    film = make(
        tmp_path / "film.mkv",
        *(*SECOND[:4], *tone, "-t", "3", "-pix_fmt", "yuv420p", "-g", "10"),
        *("-c:v", "libx264", "-c:a", "pcm_mulaw"),
    )
    with CameraReader(film.as_uri()) as reader:
        reader.latest(60)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 6)
        clip = reader.stop_recording()
    with av.open(str(clip.path)) as made:
        assert made.streams.audio[0].codec_context.name == "aac"
        samples = np.concatenate([f.to_ndarray()[0] for f in made.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(samples[-16_000:]))
    assert abs(int(spectrum.argmax()) * 16_000 / 16_000 - 440) < 5


def test_video_that_mp4_can_not_hold_is_encoded_anew(
    tmp_path: Path, recorded: Callable[..., None]
) -> None:
    film = make(tmp_path / "film.avi", *SECOND[:4], "-t", "3", "-c:v", "mjpeg")
    with CameraReader(film.as_uri()) as reader:
        reader.latest(60)
        reader.start_recording(tmp_path / "clip.mp4")
        recorded(tmp_path / "clip.mp4", 2)
        clip = reader.stop_recording()
    assert clip.duration_s > 1.0
    with av.open(str(clip.path)) as made:
        assert made.streams.video[0].codec_context.name == "h264"


@pytest.mark.parametrize("content", [b"no video at all" * 100, b"\0" * 4096])
def test_a_file_that_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(Unavailable, match=r"film.mp4 sends no video"):
        open_camera(path.as_uri())


def test_missing_and_empty_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no file"):
        open_camera((tmp_path / "gone.mp4").as_uri())
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(BadInput, match="is empty"):
        open_camera((tmp_path / "empty.mp4").as_uri())
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable, match="no pictures in the folder"):
        open_camera((tmp_path / "folder").as_uri())


def test_a_usb_camera_that_is_not_there_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable, match="there is no camera usb://97"):
        open_camera("usb://97")
    with pytest.raises(BadInput, match="usb://0 for the first"):
        open_camera("usb://front")
