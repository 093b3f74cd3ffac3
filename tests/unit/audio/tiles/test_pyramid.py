"""A sound becomes a pyramid that says where, when and how loud."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from octolab.audio.tiles import COLUMNS, ROWS, grid_for, make_tiles, making, open_tiles
from octolab.errors import BadInput, NotFound

from .conftest import noise, tone


def noise_db(loudness: float, n_fft: int) -> float:
    """Mean power per bin of white noise under a Hann window, to a full-scale sine."""
    return float(10 * np.log10(6 * loudness**2 / n_fft))


def mean_db(db: np.ndarray, axis: int | None = None) -> np.ndarray:
    """The level of the mean power."""
    return 10 * np.log10((10 ** (db / 10)).mean(axis=axis))


# --- the grid


@pytest.mark.parametrize(
    "sr", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000, 250000, 384000]
)
def test_a_column_lasts_about_as_long_at_any_rate(sr):
    assert grid_for(sr).base_s == pytest.approx(0.1707, rel=0.1)


def test_at_48_khz_a_column_is_16_windows_of_2048():
    grid = grid_for(48000)
    assert (grid.n_fft, grid.hop, grid.pool, grid.column) == (2048, 512, 16, 8192)


@pytest.mark.parametrize("sr", [1, 50, 1000, 8000, 48000, 192000, 384000, 1_000_000])
def test_no_row_is_empty_at_any_rate(sr, pyramid):
    tiles = pyramid(noise(1, max(4096, sr)), sr)
    means = tiles.decibels(0)[0]
    assert np.ptp(np.median(means, axis=1)) < 8
    assert mean_db(means) == pytest.approx(noise_db(0.1, grid_for(sr).n_fft), abs=1)


@pytest.mark.parametrize(
    ("columns", "levels"),
    [(1, 1), (512, 1), (513, 2), (1024, 2), (1025, 3), (506_250, 11)],
)
def test_levels_go_on_until_the_whole_fits_one_tile(columns, levels):
    grid = grid_for(48000)
    assert grid.columns(columns * 8192) == grid.columns(columns * 8192 - 8191) == columns
    assert grid.levels(columns * 8192) == levels


# --- what it shows


def test_noise_is_equally_bright_in_all_rows(pyramid):
    means, peaks = pyramid(noise(20)).decibels(0)
    assert means.shape == peaks.shape == (ROWS, 118)
    np.testing.assert_allclose(mean_db(means[1:], axis=1), noise_db(0.1, 2048), atol=1)
    assert np.all(peaks >= means)


def test_a_tone_is_where_and_when_it_sounds(pyramid):
    y = noise(10, loudness=1e-4)
    y[4 * 48000 : 6 * 48000] += tone(3000, 2)
    tiles = pyramid(y)
    means = tiles.decibels(0)[0]
    row, column = np.unravel_index(means.argmax(), means.shape)
    assert abs(tiles.info.row_hz[row] - 3000) < 60
    assert 4 <= column * tiles.info.base_s < 6
    loud = np.flatnonzero(means[row] > -50) * tiles.info.base_s
    assert loud.min() == pytest.approx(4, abs=0.2)
    assert loud.max() == pytest.approx(6, abs=0.2)
    # -20 dB of a sine at full scale, spread over the four or so bins of its row
    assert -30 < means.max() < -20


def test_a_click_shows_in_the_peaks_at_the_highest_level(pyramid):
    y = noise(200, 8000, 1e-4)
    y[100 * 8000 : 100 * 8000 + 40] += 0.5
    tiles = pyramid(y, 8000)
    assert tiles.info.levels == 3
    means, peaks = tiles.decibels(2)
    column = int(peaks.sum(axis=0).argmax())
    assert column == int(100 / (tiles.info.base_s * 4))
    assert np.all(peaks[:, column] - means[:, column] > 8)


def test_each_level_pools_the_power_of_the_one_below(pyramid):
    rng = np.random.default_rng(0)
    y = noise(150, 8000) * np.repeat(rng.uniform(0.01, 1, 150), 8000).astype(np.float32)
    tiles = pyramid(y, 8000)
    for level in range(1, tiles.info.levels):
        below, here = tiles.decibels(level - 1), tiles.decibels(level)
        odd = below.shape[2] % 2
        pairs = np.pad(below, [(0, 0), (0, 0), (0, odd)], mode="edge").reshape(2, ROWS, -1, 2)
        np.testing.assert_allclose(here[0], mean_db(pairs[0], axis=2), atol=0.51)
        np.testing.assert_array_equal(here[1], pairs[1].max(axis=2))


def test_the_wave_is_the_lowest_and_highest_sample(pyramid):
    y = noise(100, 8000)
    y[8000] = 0.9
    tiles = pyramid(y, 8000)
    size = round(tiles.info.base_s * 8000)
    first = tiles.wave(0, 0)
    np.testing.assert_allclose(first[:, 0], y[: 512 * size].reshape(512, size).min(1), rtol=1e-3)
    np.testing.assert_allclose(first[:, 1], y[: 512 * size].reshape(512, size).max(1), rtol=1e-3)
    whole = tiles.wave(tiles.info.levels - 1, 0)
    assert whole[:, 1].max() == pytest.approx(0.9, rel=1e-3)
    assert tiles.info.peak == pytest.approx(0.9)


def test_an_offset_does_not_flash_at_the_ends(pyramid):
    means = pyramid(noise(5, loudness=1e-3) + np.float32(0.3)).decibels(0)[0]
    assert np.ptp(mean_db(means[20:], axis=0)) < 1.5


def test_a_channel_may_be_chosen(pyramid, tmp_path, write):
    both = np.stack([tone(500, 2), tone(5000, 2)], axis=1)
    path = write(both)
    loudest = []
    for channel in (0, 1, None):
        make_tiles(path, tmp_path / "out", channel=channel)
        with open_tiles(tmp_path / "out") as tiles:
            rows = tiles.decibels(0)[0].max(axis=1)
            hz = np.array(tiles.info.row_hz)
            loudest.append({int(h) for h in (500, 5000) if rows[abs(hz - h).argmin()] > -40})
    assert loudest == [{500}, {5000}, {500, 5000}]
    with pytest.raises(BadInput, match="there is no channel 2; the sound has 2"):
        make_tiles(path, tmp_path / "out", channel=2)


# --- as pictures


def test_a_tile_is_a_grey_picture_with_the_highest_frequency_on_top(pyramid):
    tiles = pyramid(noise(10, loudness=1e-3) + tone(200, 10, loudness=0.01))
    picture = np.asarray(Image.open(io.BytesIO(tiles.tile(0, 0))).convert("L"))
    assert picture.shape == (2 * ROWS, 59)
    row = int(abs(np.array(tiles.info.row_hz) - 200).argmin())
    for half in (picture[:ROWS], picture[ROWS:]):
        assert abs(int(half.mean(axis=1).argmax()) - (ROWS - 1 - row)) <= 1


def test_greys_are_decibels_of_the_range(pyramid):
    tiles = pyramid(noise(80))
    picture = np.asarray(Image.open(io.BytesIO(tiles.tile(0, 0))).convert("L")).astype(float)
    info = tiles.info
    shown = info.db_low + picture / 255 * (info.db_high - info.db_low)
    expected = tiles.decibels(0)[0][::-1].clip(info.db_low, info.db_high)
    assert np.abs(shown[:ROWS] - expected).mean() < 1


@pytest.mark.parametrize("seed", range(3))
def test_a_tile_of_wild_noise_is_small(seed, pyramid):
    rng = np.random.default_rng(seed)
    y = noise(90) * np.repeat(rng.uniform(0.001, 1, 9000), 480).astype(np.float32)
    assert len(pyramid(y).tile(0, 0)) <= 15 * 1024


def test_past_the_end_there_is_nothing(pyramid):
    tiles = pyramid(noise(1))
    for level, index in ((0, 1), (1, 0), (0, -1), (99, 99)):
        assert tiles.tile(level, index) == b""
        assert tiles.wave(level, index) is None
    with pytest.raises(NotFound, match="there is no level 1"):
        tiles.decibels(1)


# --- the range


def test_black_is_below_the_noise_and_white_above_the_calls(pyramid):
    y = noise(30, loudness=1e-3)
    for second in range(0, 30, 3):
        y[second * 48000 : second * 48000 + 24000] += np.sin(
            2 * np.pi * np.cumsum(np.linspace(1000, 9000, 24000)) / 48000
        ).astype(np.float32) * np.float32(0.2)
    info = pyramid(y).info
    floor = noise_db(1e-3, 2048)
    assert floor - 8 < info.db_low < floor - 3
    assert -35 < info.db_high < -10


def test_rumble_does_not_darken_the_rest(pyramid):
    y = noise(20, loudness=1e-3)
    quiet = pyramid(y).info
    rumbling = pyramid(y + tone(30, 20, loudness=0.5)).info
    assert rumbling.db_low == pytest.approx(quiet.db_low, abs=1)
    assert rumbling.db_high == pytest.approx(quiet.db_high, abs=1)


@pytest.mark.parametrize("y", [np.zeros(48000), np.full(48000, 0.5), np.zeros(1), np.ones(1)])
def test_silence_and_constants_have_a_range_too(y, pyramid):
    info = pyramid(y.astype(np.float32)).info
    assert info.db_high - info.db_low >= 40


def test_digital_silence_does_not_count(pyramid):
    y = noise(20, loudness=1e-2)
    whole = pyramid(y).info
    gaps = pyramid(np.concatenate([y, np.zeros(40 * 48000, np.float32)])).info
    assert gaps.db_low == pytest.approx(whole.db_low, abs=1.5)


# --- sounds of all lengths, and bad ones


@pytest.mark.parametrize(
    ("samples", "sr", "columns"),
    [(1, 48000, 1), (4800, 48000, 1), (8192, 48000, 1), (8193, 48000, 2), (240_000, 48000, 30)],
)
def test_a_short_sound_is_one_tile(samples, sr, columns, pyramid):
    tiles = pyramid(noise(samples / sr, sr)[:samples], sr)
    info = tiles.info
    assert (info.levels, info.frames) == (1, samples)
    assert tiles.decibels(0).shape == (2, ROWS, columns)
    assert tiles.wave(0, 0).shape == (columns, 2)
    assert tiles.tile(0, 0)


@pytest.mark.parametrize("count", [512, 513, 1024, 1025, 1026, 2047, 2049])
def test_every_level_has_half_the_columns_of_the_one_below(count, pyramid):
    tiles = pyramid(noise(count * 1408 / 8000, 8000), 8000)  # a column has 1408 samples
    assert grid_for(8000).column == 1408
    for level in range(tiles.info.levels):
        columns = -(-count // 2**level)
        assert tiles.decibels(level).shape[2] == columns
        waves = [tiles.wave(level, index) for index in range(-(-columns // COLUMNS))]
        assert sum(map(len, waves)) == columns
    assert columns <= COLUMNS


def test_blocks_of_any_size_give_the_same_pack(monkeypatch, write, tmp_path):
    path = write(noise(30, 8000), 8000)
    packs = []
    for block in (1 << 18, 1408, 4097):
        monkeypatch.setattr(making, "_BLOCK", block)
        make_tiles(path, tmp_path / "out")
        packs.append((tmp_path / "out").read_bytes())
    assert packs[0] == packs[1] == packs[2]


def test_what_is_far_too_loud_is_white(pyramid):
    y = noise(10)
    y[144000:192000] *= 1e6
    tiles = pyramid(y)
    means = tiles.decibels(0)[0]
    assert np.all(means[1:, 20] == 0)
    assert means[:, 50].mean() == pytest.approx(noise_db(0.1, 2048), abs=1)
    assert np.isfinite(tiles.wave(0, 0)).all()


def test_a_sound_with_holes_is_refused(write, tmp_path):
    y = noise(10)
    y[48000] = np.nan
    with pytest.raises(BadInput, match="NaN"):
        make_tiles(write(y), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_there_is_of_a_sound_that_is_cut_short_is_shown(write, tmp_path):
    path = write(noise(10))
    path.write_bytes(path.read_bytes()[: 48000 * 4 * 6])
    make_tiles(path, tmp_path / "out")
    with open_tiles(tmp_path / "out") as tiles:
        assert tiles.info.duration_s == pytest.approx(6, abs=0.01)


def test_a_sound_without_samples_says_so(write, tmp_path):
    with pytest.raises(BadInput, match=r"hive\.wav holds no samples"):
        make_tiles(write(np.zeros(0)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_stops_the_work_leaves_nothing(write, tmp_path):
    seen = []

    def stop(done_s: float, total_s: float) -> None:
        seen.append((done_s, total_s))
        if len(seen) == 2:
            raise KeyboardInterrupt

    path = write(noise(20))
    with pytest.raises(KeyboardInterrupt):
        make_tiles(path, tmp_path / "out", progress=stop)
    assert seen == [(262_144 / 48000, 20), (524_288 / 48000, 20)]
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"", b"tiles", b"x" * 5000])
def test_another_file_is_no_pack(data, tmp_path):
    (tmp_path / "a.tiles").write_bytes(data)
    with pytest.raises(BadInput, match=r"a\.tiles is no pack of tiles, or is damaged"):
        open_tiles(tmp_path / "a.tiles")


def test_a_pack_that_is_cut_or_changed_is_damaged(write, tmp_path):
    out = tmp_path / "a.tiles"
    make_tiles(write(noise(1)), out)
    whole = out.read_bytes()
    for data in (whole[:-1], whole[: len(whole) // 2], whole[:-30] + bytes(6) + whole[-24:]):
        out.write_bytes(data)
        with pytest.raises(BadInput, match="damaged"):
            open_tiles(out)
    out.write_bytes(bytes(100) + whole[100:])
    with open_tiles(out) as tiles, pytest.raises(BadInput, match="damaged"):
        tiles.tile(0, 0)


def test_there_must_be_a_pack(tmp_path):
    with pytest.raises(NotFound, match="there is no file none"):
        open_tiles(tmp_path / "none")
