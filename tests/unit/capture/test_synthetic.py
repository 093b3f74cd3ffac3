"""Drawn cameras tell the truth about what they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from octolab.capture import CapturedFrame, open_camera, synthetic
from octolab.capture.synthetic import SyntheticStream
from octolab.errors import BadInput

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def drawn(url: str, t: float = 0.0) -> tuple[np.ndarray, dict[str, Any], Any]:
    scene = SyntheticStream(url).scene
    image, truth = scene.draw(t, NOW, 7)
    return image, truth, scene


@pytest.mark.parametrize("name", ["plant", "hive", "testcard"])
@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ("1280x720", (720, 1280, 3)),
        ("320x240", (240, 320, 3)),
        ("721x1281", (1280, 720, 3)),
        ("64x64", (64, 64, 3)),
        ("1920x1080", (1080, 1920, 3)),
    ],
)
def test_every_scene_comes_in_every_size(name: str, size: str, shape: tuple[int, ...]) -> None:
    image, truth, _ = drawn(f"synthetic://{name}?size={size}", 3.0)
    assert image.shape == shape
    assert image.dtype == np.uint8
    assert image.std() > 20
    assert truth["scene"] == name


@pytest.mark.parametrize("name", ["plant", "hive", "testcard"])
def test_the_same_moment_looks_the_same(name: str) -> None:
    one, truth, _ = drawn(f"synthetic://{name}?size=320x180", 5.0)
    two, same, _ = drawn(f"synthetic://{name}?size=320x180", 5.0)
    assert np.array_equal(one, two)
    assert truth == same


@pytest.mark.parametrize("name", ["plant", "hive", "testcard"])
def test_something_moves(name: str) -> None:
    scene = SyntheticStream(f"synthetic://{name}?size=640x360&clock=0&day=20").scene
    one, _ = scene.draw(5.0, NOW, 1)
    two, _ = scene.draw(5.4, NOW + timedelta(seconds=0.4), 2)
    assert (np.abs(one.astype(int) - two).max(axis=2) > 30).sum() > 100


def test_another_seed_is_another_plant() -> None:
    one = drawn("synthetic://plant?size=320x180&day=20&seed=1&clock=0")[0]
    two = drawn("synthetic://plant?size=320x180&day=20&seed=2&clock=0")[0]
    assert not np.array_equal(one, two)


def test_the_plant_knows_its_area_in_pixels() -> None:
    _, truth, scene = drawn("synthetic://plant?day=20&clock=0", 1.0)
    assert truth["plant_area_px"] == int((scene.mask() > 127).sum())
    assert 0.7 < truth["leaf_area_px"] / truth["plant_area_px"] < 1.0
    scale = truth["px_per_cm"]
    assert truth["leaf_area_cm2"] == pytest.approx(truth["leaf_area_px"] / scale**2, abs=0.01)


def test_only_the_plant_is_green() -> None:
    """So that an analyzer of leaf area has a fair chance, pot, bench and wall are not."""
    image, _, scene = drawn("synthetic://plant?day=20&clock=0", 1.0)
    red, green, blue = (image[..., i].astype(int) for i in range(3))
    looks_green = (green > red + 8) & (green > blue + 8)
    covered = scene.mask() > 127
    assert (looks_green & ~covered).sum() < 0.05 * covered.sum()
    assert (looks_green & covered).sum() > 0.9 * covered.sum()


def test_the_plant_grows_like_one() -> None:
    areas = [
        drawn(f"synthetic://plant?day={day}&clock=0", 1.0)[1]["leaf_area_px"]
        for day in (4, 8, 12, 16, 20, 24, 50)
    ]
    assert areas == sorted(areas)
    assert areas[3] > 4 * areas[1]
    assert areas[6] < 1.3 * areas[5]


def test_growth_can_be_hurried_and_held() -> None:
    def day(url: str, t: float) -> float:
        return float(drawn(url + "&size=64x64", t)[1]["day"])

    assert day("synthetic://plant?days_per_minute=60", 10) == pytest.approx(8 + 10)
    assert day("synthetic://plant?speed=6", 10) == pytest.approx(8 + 1)
    assert day("synthetic://plant?day=21.5", 600) == 21.5


def test_a_plant_goes_on_growing_when_its_camera_is_opened_again() -> None:
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    settings = {"since": since, "days_per_minute": 2, "size": "64x64"}
    with open_camera("synthetic://plant", settings=settings) as stream:
        assert stream.read().meta["day"] == pytest.approx(18, abs=0.5)


def test_the_hive_counts_who_leaves_and_who_comes() -> None:
    scene = SyntheticStream("synthetic://hive?size=64x64&bees=20").scene
    out, came = [], []
    for t in range(0, 121, 3):
        truth = scene.draw(float(t), NOW, t)[1]
        out.append(truth["bees_out"])
        came.append(truth["bees_in"])
        assert 0 <= truth["bees_flying"] <= 20
        assert truth["bees_walking"] >= 4
    assert out == sorted(out)
    assert out[0] == 0
    assert 20 * 120 / 34 - 20 <= out[-1] <= 20 * 120 / 18 + 20
    assert abs(out[-1] - came[-1]) <= 20


def test_the_test_card_shows_red_green_and_blue_where_they_belong() -> None:
    image, truth, _ = drawn("synthetic://testcard")
    assert image[150, 120].tolist() == [191, 191, 191]
    assert image[150, 420].tolist() == [191, 0, 0]
    assert image[150, 480].tolist() == [0, 0, 191]
    swing = round(truth["ball_x"])
    assert image[530, swing].tolist() == pytest.approx([255, 214, 64], abs=2)


def test_frames_come_at_their_rate_with_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 100.0 + sum(naps), sleep=naps.append)
    monkeypatch.setattr(synthetic, "time", clock)
    began = datetime.now(UTC)
    with open_camera("synthetic://testcard?size=64x64&fps=50") as stream:
        assert stream.info.fps == 50.0
        frames: list[CapturedFrame] = [stream.read() for _ in range(11)]
    assert naps == pytest.approx([0.02] * 10)
    times = [began, *(f.at for f in frames), datetime.now(UTC)]
    assert times == sorted(times)
    assert [f.meta["index"] for f in frames] == list(range(11))


def test_a_slow_reader_gets_the_present_and_not_the_past() -> None:
    with open_camera("synthetic://testcard?size=64x64&fps=50") as stream:
        first = stream.read()
        stream._first = (stream._first or 0.0) - 10.0  # type: ignore[attr-defined]
        assert stream.read().meta["index"] - first.meta["index"] > 450


@pytest.mark.parametrize(
    "query",
    [
        "size=0x0",
        "size=big",
        "size=100000x100000",
        "fps=0",
        "fps=nan",
        "seed=-1",
        "seed=x",
        "days_per_minute=-1",
        "since=yesterday",
    ],
)
def test_odd_parameters_are_told(query: str) -> None:
    with pytest.raises(BadInput, match=query.partition("=")[0]):
        open_camera(f"synthetic://plant?{query}")


def test_an_unknown_scene_is_told() -> None:
    with pytest.raises(BadInput, match="plant, hive, testcard"):
        open_camera("synthetic://volcano")


def test_a_frame_nobody_looks_at_is_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_camera("synthetic://plant?size=64x64&fps=60") as stream:
        painted: list[int] = []
        draw = stream.scene.draw  # type: ignore[attr-defined]

        def count(*moment: Any) -> Any:
            painted.append(1)
            return draw(*moment)

        monkeypatch.setattr(stream.scene, "draw", count)  # type: ignore[attr-defined]
        frames = [stream.read() for _ in range(5)]
        assert painted == []
        assert frames[2].image is frames[2].image
        assert frames[2].meta["day"] > 0
        assert dict(frames[2].meta)["scene"] == "plant"
        assert painted == [1]
