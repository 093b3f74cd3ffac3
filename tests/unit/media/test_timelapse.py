"""Pictures that become a video."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from octolab.errors import BadInput, LabError, OctolabError
from octolab.media import encode_png, probe, read_image, timelapse


def plain(value: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size[1], size[0], 3), value, np.uint8)


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def photos(shared: Path) -> list[Path]:
    return sorted((shared / "data/vision/arabidopsis_timeseries").glob("*img17.jpg"))


def test_three_hundred_photos_of_differing_sizes(shared, tmp_path):
    series = photos(shared)
    frames = [series[i % len(series)] for i in range(300)]
    assert len({(probe(p).width, probe(p).height) for p in series}) > 1
    out = tmp_path / "growth.mp4"
    steps = []
    info = timelapse(frames, out, progress=lambda *step: steps.append(step))
    assert (info.kind, info.media_type, info.fps) == ("clip", "video/mp4", 24)
    assert (info.width, info.height) == (500, 500)  # the first is 500 x 501: an odd row goes
    assert info.duration_s == pytest.approx(300 / 24)
    assert [step[:2] for step in steps] == [(i, 300) for i in range(1, 301)]
    assert steps[0][2] == series[0].name
    assert list(tmp_path.iterdir()) == [out]
    with av.open(str(out)) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec.name == "h264"
        count = keyframes = 0
        for frame in film.decode(stream):
            count += 1
            keyframes += frame.key_frame
    assert count == 300
    assert keyframes < 30


def test_the_index_comes_first_so_that_it_plays_while_it_loads(tmp_path):
    out = tmp_path / "film.mp4"
    timelapse([plain(i) for i in range(20)], out)
    data, at, order = out.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        order.append(name)
        at += size
    assert order.index(b"moov") < order.index(b"mdat")


def test_colours_survive(tmp_path):
    image = np.zeros((90, 160, 3), np.uint8)
    image[:, :80], image[:, 80:] = (200, 30, 40), (20, 60, 220)
    out = tmp_path / "film.mp4"
    timelapse([image] * 4, out, crf=4)
    frame = decoded(out)[2].astype(int)
    assert np.abs(frame[45, 20] - (200, 30, 40)).max() <= 4
    assert np.abs(frame[45, 140] - (20, 60, 220)).max() <= 4


def test_another_shape_is_fitted_between_black_bars(tmp_path):
    out = tmp_path / "film.mp4"
    wide, tall = plain(200, (120, 60)), plain(200, (60, 120))
    info = timelapse([wide, tall, wide], out, crf=4)
    assert (info.width, info.height) == (120, 60)
    first, second, third = decoded(out)
    assert first.min() > 190
    assert second[:, :40].max() < 20
    assert second[:, 50:70].min() > 180
    assert second[:, 80:].max() < 20
    assert third.min() > 180


@pytest.mark.parametrize(
    ("given", "made"), [((641, 361), (640, 360)), ((16, 17), (16, 16)), ((640, 360), (640, 360))]
)
def test_odd_sizes_become_even(given, made, tmp_path):
    info = timelapse([plain(9)], tmp_path / "film.mp4", size=given)
    assert (info.width, info.height) == made


def test_odd_pictures_lose_a_pixel_and_are_not_scaled(tmp_path):
    image = np.random.default_rng(1).integers(0, 2, (51, 65, 1)).repeat(3, 2).astype(np.uint8) * 255
    out = tmp_path / "film.mp4"
    timelapse([image], out, crf=0)
    assert np.abs(decoded(out)[0].astype(int) - image[:50, :64]).max() <= 3


@pytest.mark.parametrize(("fps", "rate", "steps"), [(24, 48, 2), (2, 24, 12), (10, 30, 3)])
def test_a_fade_blends_and_lasts_as_long(fps, rate, steps, tmp_path):
    out = tmp_path / "film.mp4"
    info = timelapse([plain(40), plain(200), plain(40)], out, fps=fps, transition="fade", crf=4)
    assert info.fps == rate
    assert info.duration_s == pytest.approx(3 / fps, rel=0.01)
    levels = [float(frame.mean()) for frame in decoded(out)]
    assert len(levels) == 3 * steps
    rise = [40 + 160 * i / steps for i in range(steps)]
    expected = rise + [240 - level for level in rise] + [40] * steps
    np.testing.assert_allclose(levels, expected, atol=4)


def test_a_zoom_draws_nearer_while_it_blends_and_lasts_as_long(tmp_path):
    out = tmp_path / "film.mp4"
    card = np.zeros((200, 400, 3), np.uint8)
    card[60:140, 120:280] = 255
    info = timelapse([card, card], out, fps=6, transition="zoom", crf=4)
    assert (info.fps, info.duration_s) == (24, pytest.approx(2 / 6, rel=0.01))
    areas = [float((frame.mean(axis=2) / 255).sum()) for frame in decoded(out)]
    assert len(areas) == 8
    grown = [(1 + 0.1 * step / 4) ** 2 for step in range(4)]
    blended = [1 + (area - 1) * (1 - step / 4) for step, area in enumerate(grown)]
    np.testing.assert_allclose(np.array(areas) / (80 * 160), blended + grown, atol=0.01)


@pytest.mark.parametrize("fps", [0.5, 12.5, 29.97, 60])
def test_the_rate_is_kept(fps, tmp_path):
    info = timelapse([plain(i) for i in range(5)], tmp_path / "film.mp4", fps=fps)
    assert info.fps == pytest.approx(fps, rel=1e-4)
    assert info.duration_s == pytest.approx(5 / fps, rel=0.01)


def test_arrays_bytes_and_paths_mix(tmp_path):
    image = tmp_path / "лист #1 '%d'.png"
    image.write_bytes(encode_png(plain(50)))
    out = tmp_path / "рост: '1' %d & #.mp4"
    timelapse([image, image.read_bytes(), plain(50), str(image)], out)
    assert len(decoded(out)) == 4


def test_a_bad_frame_in_the_middle_is_named_and_nothing_is_left(tmp_path):
    paths = []
    for i in range(9):
        path = tmp_path / f"frame-{i}.png"
        path.write_bytes(encode_png(plain(20 * i)))
        paths.append(path)
    paths[5].write_bytes(paths[5].read_bytes()[:60])
    out = tmp_path / "film.mp4"
    with pytest.raises(BadInput, match=r"^frame-5\.png is damaged or cut short$"):
        timelapse(paths, out)
    assert sorted(tmp_path.iterdir()) == paths
    with pytest.raises(BadInput, match=r"^picture 2 must be an array"):
        timelapse([plain(1), np.zeros((4, 4))], out)
    assert sorted(tmp_path.iterdir()) == paths


def test_cancelling_leaves_no_file_and_keeps_an_older_film(tmp_path):
    out = tmp_path / "film.mp4"
    timelapse([plain(1)] * 2, out)
    before = out.read_bytes()
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) == 10

    with pytest.raises(OctolabError, match="the timelapse was cancelled"):
        timelapse([plain(2)] * 100, out, cancelled=cancelled)
    assert len(asked) == 10
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


def test_what_progress_raises_stops_the_work(tmp_path):
    class StoppedError(Exception):
        pass

    def progress(done: int, total: int | None, message: str) -> None:
        if done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        timelapse([plain(2)] * 9, tmp_path / "film.mp4", progress=progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 0}, "fps must be from 0.1 to 120"),
        ({"fps": 1000}, "fps must be from 0.1 to 120"),
        ({"size": (0, 100)}, "a video can't be 0 x 100"),
        ({"size": (100, 90000)}, "a video can't be 100 x 90000"),
        ({"fps": "24"}, "fps must be from 0.1 to 120"),
        ({"fps": float("nan")}, "fps must be from 0.1 to 120"),
        ({"size": "1280x720"}, "a size is width and height in whole pixels, not '1280x720'"),
        ({"size": (320.5, 240)}, "a size is width and height"),
        ({"size": (320,)}, "a size is width and height"),
        ({"transition": "wipe"}, "there is no transition 'wipe'"),
        ({"crf": "18"}, "crf must be from 0 to 51"),
        ({"crf": 60}, "crf must be from 0 to 51"),
    ],
)
def test_wrong_parameters_are_told_before_any_work(options, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        timelapse([plain(1)], tmp_path / "film.mp4", **options)
    assert list(tmp_path.iterdir()) == []


def test_no_pictures_and_no_folder(tmp_path):
    with pytest.raises(BadInput, match="needs pictures"):
        timelapse([], tmp_path / "film.mp4")
    with pytest.raises(LabError, match="can't be written"):
        timelapse([plain(1)], tmp_path / "none" / "film.mp4")


def test_a_png_is_the_array_again():
    image = np.random.default_rng(2).integers(0, 256, (31, 17, 3)).astype(np.uint8)
    np.testing.assert_array_equal(read_image(encode_png(image)), image)
    np.testing.assert_array_equal(read_image(encode_png(image[:, :, 0]))[:, :, 1], image[:, :, 0])
    with pytest.raises(BadInput, match="must be an array"):
        encode_png(image.astype(float))


def test_the_first_picture_sets_the_size(tmp_path):
    Image.new("RGB", (300, 200)).save(tmp_path / "a.jpg")
    info = timelapse([tmp_path / "a.jpg", plain(3, (1000, 1000))], tmp_path / "film.mp4")
    assert (info.width, info.height) == (300, 200)
    assert Fraction(info.fps or 0) == 24
