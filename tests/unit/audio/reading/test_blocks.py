"""Blocks: parts, mixing, other rates, and memory that does not grow."""

from __future__ import annotations

import math
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr

from octolab.audio import load, open_sound
from octolab.errors import BadInput, TooLarge

SR = 22050


@pytest.fixture
def noise(tmp_path):
    samples = np.random.default_rng(0).uniform(-1, 1, (50_021, 3)).astype(np.float32)
    path = tmp_path / "noise.wav"
    soundfile.write(path, samples, SR, "FLOAT")
    return path, samples


def test_start_and_stop_are_samples_of_the_file(noise):
    path, samples = noise
    with open_sound(path) as sound:
        part = [*sound.blocks(1000, start=123, stop=2500, mono=False)]
        assert [block.shape for block in part] == [(1000, 3), (1000, 3), (377, 3)]
        assert np.array_equal(np.concatenate(part), samples[123:2500])
        assert np.array_equal(sound.read(50_000, 99_999, mono=False), samples[50_000:])
        assert sound.read(60_000, 60_001).shape == (0,)
        assert sound.read(7, 7, mono=False).shape == (0, 3)


def test_mono_is_the_mean_of_the_channels_for_any_blocks(noise):
    path, samples = noise
    with open_sound(path) as sound:
        whole = sound.read()
        pieces = np.concatenate([*sound.blocks(997)])
    assert np.array_equal(whole, pieces)
    np.testing.assert_allclose(whole, samples.mean(axis=1), atol=1e-7)


def test_every_block_is_the_callers_own(noise):
    path, samples = noise
    with open_sound(path) as sound:
        for block in sound.blocks(5000, mono=False):
            block[:] = 0
        assert np.array_equal(sound.read(mono=False), samples)


@pytest.mark.parametrize("sr", [8000, 22050, 22051, 48000, 384_000])
@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize("size", [1, 777, 1 << 16])
def test_resampled_blocks_are_the_bits_of_one_piece(sr, mono, size, noise):
    path, _ = noise
    with open_sound(path) as sound:
        stop = 600 if size == 1 else None
        part = sound.read(0, stop, mono=mono)
        made = np.concatenate([*sound.blocks(size, stop=stop, mono=mono, sr=sr)])
    whole = soxr.resample(part, SR, sr, quality="HQ") if sr != SR else part
    assert len(made) == math.ceil(len(part) * (sr / SR))
    assert np.array_equal(made[: len(whole)], whole)
    assert not made[len(whole) :].any()


@pytest.mark.parametrize("length", [1, 2, 5])
def test_few_samples_are_resampled_too(length, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones(length), 48000)
    assert len(load(path, sr=22050)[0]) == math.ceil(length * 22050 / 48000)


def test_what_makes_no_sense_is_told_before_anything_is_read(noise):
    path, _ = noise
    with open_sound(path) as sound:
        for wrong in ({"size": 0}, {"start": -1}, {"start": 5, "stop": 4}):
            with pytest.raises(BadInput, match="blocks need size >= 1"):
                sound.blocks(**wrong)
        with pytest.raises(BadInput, match="a sample rate must be from 1 to 1000000 Hz, not 0"):
            sound.blocks(sr=0)
        with pytest.raises(BadInput, match="22050 Hz can't be resampled to 22 Hz"):
            sound.blocks(sr=22)


def sparse_rf64(path, frames: int) -> None:
    """Silence of any length that takes no place on the disk."""
    length = 2 * frames
    with path.open("wb") as file:
        file.write(b"RF64\xff\xff\xff\xffWAVEds64")
        file.write(struct.pack("<IQQQI", 28, length + 72, length, frames, 0))
        file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 48000, 96000, 2, 16))
        file.write(b"data\xff\xff\xff\xff")
        file.truncate(file.tell() + length)


def test_a_day_of_sound_is_opened_and_reached_anywhere_at_once(tmp_path):
    path = tmp_path / "day.wav"
    frames = 24 * 3600 * 48000
    sparse_rf64(path, frames)
    with path.open("r+b") as file:
        file.seek(-2, 2)
        file.write(b"\0\x40")
    with open_sound(path) as sound:
        assert (sound.frames, sound.duration_s) == (frames, 86400)
        assert sound.read(frames - 2).tolist() == [0, 0.5]
    with pytest.raises(TooLarge, match="the limit is 256 million samples"):
        load(path)


def test_resampling_is_no_way_around_the_limit(tmp_path):
    path = tmp_path / "a.wav"
    sparse_rf64(path, 1 << 27)
    with pytest.raises(TooLarge):
        load(path, sr=192_000)


@pytest.mark.parametrize("kind", ["a.wav", "a.flac", "a.mp3"])
def test_memory_does_not_grow_with_the_length(kind, ffmpeg, tmp_path):
    path = tmp_path / kind
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=120:r=48000", path)
    with open_sound(path) as sound:
        next(sound.blocks())
        tracemalloc.start()
        try:
            assert sum(len(block) for block in sound.blocks(sr=32000)) == 120 * 32000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 4 << 20  # the whole has 23 MB of floats
