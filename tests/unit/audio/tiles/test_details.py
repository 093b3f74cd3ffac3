"""Zooming in: finer pictures and waves, and sound to play, from any part of a file."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
import soundfile
from PIL import Image

from octolab.audio.tiles import (
    SharedSound,
    detail_power,
    detail_tile,
    detail_wave,
    details,
    estimate,
    grid_for,
    wav_segment,
)
from octolab.errors import BadInput, NotFound

from .conftest import noise, tone
from .test_pyramid import noise_db

TILE_S = 8192 * 512 / 48000


@pytest.fixture
def shared_sound(write):
    opened: list[SharedSound] = []

    def made(y, sr: int = 48000, channel: int | None = None) -> SharedSound:
        opened.append(SharedSound(write(y, sr), channel))
        return opened[-1]

    yield made
    for sound in opened:
        sound.close()


# --- pictures


@pytest.mark.parametrize("k", [1, 2, 4, 7, 10, 14])
@pytest.mark.parametrize("j", [0, 3])
def test_noise_is_as_bright_as_in_the_overview_at_every_zoom(k, j, shared_sound):
    span, band = TILE_S / 2**k, 24000 / 2**j
    power = detail_power(shared_sound(noise(50)), 1, 1 + span, 0, band)
    assert power.shape == (256, 512)
    assert power.dtype == np.float32
    assert 10 * np.log10(power[2:].mean()) == pytest.approx(noise_db(0.1, 2048), abs=1.5)


@pytest.mark.parametrize(("span", "band"), [(40, 24000), (5, 24000), (0.7, 12000), (0.05, 24000)])
def test_a_tone_is_in_its_row(span, band, shared_sound):
    power = detail_power(shared_sound(tone(5000, 50)), 2, 2 + span, 0, band)
    rows = power.mean(axis=1)
    assert (rows.argmax() + 0.5) * band / 256 == pytest.approx(5000, abs=2 * band / 256 + 100)


@pytest.mark.parametrize("span", [40, 5, 0.7, 0.05])
def test_a_click_is_in_its_column(span, shared_sound):
    y = noise(50, loudness=1e-5)
    y[round((2 + 0.25 * span) * 48000)] = 1
    columns = detail_power(shared_sound(y), 2, 2 + span, 0, 24000).mean(axis=0)
    centre = (columns * np.arange(512)).sum() / columns.sum()
    assert centre == pytest.approx(128, abs=2)


def test_a_short_call_is_as_sharp_as_time_and_frequency_allow(shared_sound):
    sr = 192_000
    y = noise(1, sr, 1e-4)
    t = np.arange(round(0.004 * sr)) / sr
    y[sr // 2 : sr // 2 + len(t)] += (np.sin(2 * np.pi * (80_000 - 5e6 * t) * t)).astype(np.float32)
    power = 10 * np.log10(detail_power(shared_sound(y, sr), 0.49, 0.53, 0, 96_000))
    track = power[:, 130:178].argmax(axis=0) * 375  # from 80 down to 40 kHz
    assert track[0] > 75_000
    assert track[-1] < 45_000
    assert np.all(np.diff(track) <= 375)


def test_the_window_suits_the_zoom():
    assert details.window_length(48000, TILE_S / 2 / 512, 24000 / 256) == 4096
    assert details.window_length(48000, 0.34 / 512, 24000 / 256) == 256
    assert details.window_length(192000, 1e-6, 96000) == 64
    assert details.window_length(48000, 0.1, 0.1) == 32768


def test_past_the_ends_there_is_nothing(shared_sound):
    sound = shared_sound(noise(3))
    power = detail_power(sound, 2, 4, 0, 48000, columns=100, rows=64)
    assert np.all(power[:30, :50] > 0)
    assert not power[:, 50:].any()
    assert not power[33:].any()
    assert not detail_power(sound, 3, 5, 0, 24000).any()
    assert not detail_power(sound, -5, -1, 0, 24000).any()
    assert detail_power(sound, -1, 1, 0, 24000)[10, 300] > 0


def test_the_ends_do_not_flash(shared_sound):
    sound = shared_sound(noise(3, loudness=1e-3) + np.float32(0.4))
    power = 10 * np.log10(detail_power(sound, 0, 3, 0, 24000)[40:].mean(axis=0))
    assert np.ptp(power) < 4


@pytest.mark.parametrize("samples", [1, 10, 500, 4800])
def test_a_sound_shorter_than_a_window_is_shown(samples, shared_sound):
    power = detail_power(shared_sound(noise(1)[:samples]), 0, samples / 48000, 0, 24000)
    assert np.isfinite(power).all()
    assert power.max() > 0


def test_peaks_are_never_below_means(shared_sound):
    sound = shared_sound(noise(50))
    mean = detail_power(sound, 0, 40, 0, 24000)
    peak = detail_power(sound, 0, 40, 0, 24000, peaks=True)
    assert np.all(peak >= mean * 0.999)
    assert peak.mean() > 1.5 * mean.mean()


@pytest.mark.parametrize(
    "place", [(0, 61, 0, 100), (5, 5, 0, 100), (5, 4, 0, 100), (0, 1, 100, 100), (0, 1, -1, 100)]
)
def test_a_part_that_can_not_be_shown_is_refused(place, shared_sound):
    with pytest.raises(BadInput, match="a detail covers up to 60 s"):
        detail_power(shared_sound(noise(1)), *place)


def test_a_detail_is_a_small_grey_picture(shared_sound):
    sound = shared_sound(noise(3, loudness=1e-3) + tone(18000, 3))
    data = detail_tile(sound, 0, 2, 0, 24000, columns=400, rows=200, db_low=-100, db_high=-20)
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert picture.shape == (200, 400)
    assert picture.mean(axis=1).argmax() == pytest.approx(50, abs=1)  # the highest on top
    assert len(data) <= 15 * 1024


# --- waves


def test_the_wave_at_level_0_is_that_of_the_pyramid(shared_sound, pyramid):
    y = noise(100, 8000)
    tiles, sound = pyramid(y, 8000), shared_sound(y, 8000)
    for index in (0, 1):
        np.testing.assert_allclose(
            detail_wave(sound, 0, index), tiles.wave(0, index), rtol=1e-3, atol=1e-6
        )
    assert detail_wave(sound, 0, 2) is None


@pytest.mark.parametrize("level", [-1, -5, -12])
def test_finer_waves_follow_the_samples(level, shared_sound):
    y = noise(90)
    step = 8192 // 2**-level
    wave = detail_wave(shared_sound(y), level, 1)
    part = y[512 * step : 1024 * step].reshape(512, step)
    np.testing.assert_array_equal(wave, np.stack([part.min(axis=1), part.max(axis=1)], axis=1))


def test_below_a_sample_a_wave_has_steps(shared_sound):
    y = noise(1)
    wave = detail_wave(shared_sound(y), -16, 0)  # eight columns a sample
    np.testing.assert_array_equal(wave[:, 0], np.repeat(y[:64], 8))
    np.testing.assert_array_equal(wave[:, 0], wave[:, 1])


def test_a_wave_ends_with_the_sound(shared_sound):
    assert len(detail_wave(shared_sound(noise(1)), -3, 0)) == 47
    assert detail_wave(shared_sound(noise(1)), -3, -1) is None


# --- sound to play


def test_a_piece_to_play_is_a_plain_wav():
    y = noise(0.5, 8000)
    played, sr = soundfile.read(io.BytesIO(wav_segment(y, 8000)), dtype="float32")
    assert sr == 8000
    np.testing.assert_allclose(played, y, atol=4e-5)


def test_what_is_louder_than_full_scale_does_not_clip():
    y = 3 * tone(440, 0.1)
    for peak in (1.0, 6.0):
        played, _ = soundfile.read(io.BytesIO(wav_segment(10 * y, 48000, peak=peak)))
        np.testing.assert_allclose(played, 10 * y / max(peak, np.abs(10 * y).max()), atol=1e-4)


# --- reading parts


def test_parts_of_a_shared_sound_are_the_sound(shared_sound, monkeypatch):
    from octolab.audio.tiles import sharing

    monkeypatch.setattr(sharing, "_BLOCK", 1000)
    monkeypatch.setattr(sharing, "_KEPT", 3)
    y = noise(0.5)
    sound = shared_sound(y)
    rng = np.random.default_rng(0)
    for _ in range(50):
        start, stop = np.sort(rng.integers(-500, len(y) + 500, 2)).tolist()
        np.testing.assert_array_equal(sound.read(start, stop), y[max(0, start) : max(0, stop)])
        if rng.random() < 0.1:
            sound.close()


def test_threads_may_read_at_once(shared_sound):
    y = noise(20)
    sound = shared_sound(y)
    wrong = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for start in rng.integers(0, len(y) - 5000, 60).tolist():
            if not np.array_equal(sound.read(start, start + 5000), y[start : start + 5000]):
                wrong.append(start)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_channel_or_the_mean_of_all_is_read(shared_sound):
    both = np.stack([tone(500, 1), tone(5000, 1)], axis=1)
    np.testing.assert_array_equal(shared_sound(both, channel=1).read(10, 90), both[10:90, 1])
    np.testing.assert_allclose(shared_sound(both).read(10, 90), both[10:90].mean(axis=1), atol=1e-7)
    with pytest.raises(BadInput, match="there is no channel 2"):
        shared_sound(both, channel=2)


def test_a_file_that_does_not_tell_its_length_need_not_be_read_for_it(tmp_path):
    path = tmp_path / "hive.mp3"
    soundfile.write(path, noise(20), 48000, format="MP3")
    sound = SharedSound(path, duration_s=21.0)
    assert sound.frames == 21 * 48000
    assert len(sound.read(20 * 48000 - 500, 21 * 48000)) < 3000
    assert detail_power(sound, 15, 25, 0, 24000).shape == (256, 512)
    assert detail_wave(sound, -2, 0) is not None
    sound.close()
    counted = SharedSound(path)
    counted.close()
    assert counted.frames == pytest.approx(20 * 48000, abs=3000)


def test_a_sound_must_be_there(tmp_path):
    with pytest.raises(NotFound):
        SharedSound(tmp_path / "none.wav")


# --- before the pyramid is made


def test_the_estimate_is_close_to_what_will_be(shared_sound, pyramid):
    rng = np.random.default_rng(3)
    y = noise(120) * np.repeat(rng.uniform(0.2, 1, 120), 48000).astype(np.float32)
    guess, info = estimate(shared_sound(y)), pyramid(y).info
    assert (guess.levels, guess.base_s, guess.row_hz) == (info.levels, info.base_s, info.row_hz)
    assert guess.db_low == pytest.approx(info.db_low, abs=5)
    assert guess.db_high == pytest.approx(info.db_high, abs=5)


@pytest.mark.parametrize("samples", [1, 5000, 50_000])
def test_short_sounds_can_be_estimated(samples, shared_sound):
    assert estimate(shared_sound(noise(2)[:samples])).frames == samples


def test_the_grid_is_public_for_those_who_draw():
    assert grid_for(48000).base_s == pytest.approx(8192 / 48000)
