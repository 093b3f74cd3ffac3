"""Sounds of every make, and files that only claim to be sounds."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import librosa
import numpy as np
import pytest
import soundfile

from octolab.audio import load
from octolab.errors import BadInput, NotFound, TooLarge

SR = 22050


def tone(hz: float = 440, seconds: float = 1.0, sr: int = SR) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(sr * seconds)) / sr)).astype(np.float32)


@pytest.mark.parametrize(
    ("form", "tolerance"), [("WAV", 0.005), ("FLAC", 0.005), ("OGG", 0.05), ("MP3", 0.05)]
)
def test_every_format_gives_the_same_tone(form, tolerance, tmp_path):
    path = tmp_path / "sound.bin"
    soundfile.write(path, tone(), SR, format=form)
    y, sr = load(path)
    assert (sr, y.dtype, y.ndim) == (SR, np.float32, 1)
    assert len(y) == pytest.approx(SR, abs=1200)
    middle = y[5000:15000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=tolerance)


@pytest.mark.parametrize("form", ["ipod", "matroska"])
def test_the_sound_of_a_video_file_is_read(form, tmp_path):
    path = tmp_path / "a.bin"
    with av.open(str(path), "w", format=form) as film:
        stream = film.add_stream("aac", rate=44100, layout="stereo")
        both = np.stack([tone(sr=44100), np.zeros(44100, np.float32)])
        frame = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 44100, 0
        for piece in av.AudioResampler(frame_size=1024, format="fltp").resample(frame):
            film.mux(stream.encode(piece))
        film.mux(stream.encode(None))
    y, sr = load(path, mono=False)
    assert (sr, y.shape[0]) == (44100, 2)
    assert np.abs(y[0, 10000:30000]).max() == pytest.approx(0.5, abs=0.05)
    assert np.abs(y[1]).max() < 0.01


@pytest.mark.filterwarnings("ignore:.*slated for removal:DeprecationWarning")  # of audioread
@pytest.mark.parametrize("sr", [None, 22050, 48000, 8000])
@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize(
    "name",
    ["ohun/lbh1.wav", "librosa-data/456440__inspectorj__bird-whistling-robin-single-13.hq.ogg"],
)
def test_the_numbers_are_librosas(name, sr, mono, shared):
    path = shared / "data/audio" / name
    y, rate = load(path, sr=sr, mono=mono)
    expected, expected_rate = librosa.load(path, sr=sr, mono=mono)
    assert rate == expected_rate
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_names_do_not_matter(tmp_path):
    path = tmp_path / "улей: #1 '%d' & co.jpg"
    soundfile.write(path, tone(), SR, format="WAV")
    assert load(path)[1] == load(str(path))[1] == SR


# --- what can't be read: one clear error each ---------------------------------------------


def wav(data: bytes, claimed: int | None = None, *, size: int | None = None) -> bytes:
    """A WAV of 16-bit mono samples whose header may claim what it likes."""
    length = len(data) if claimed is None else claimed
    total = 36 + length if size is None else size
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SR, 2 * SR, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", total & 0xFFFFFFFF)
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", length)
        + data
    )


def written(folder: Path, data: bytes, name: str = "hive.wav") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


SAMPLES = (tone() * 32767).astype("<i2").tobytes()


def test_a_plain_wav_is_read(tmp_path):
    y, sr = load(written(tmp_path, wav(SAMPLES)))
    assert (len(y), sr) == (SR, SR)


def test_an_empty_file_says_so(tmp_path):
    with pytest.raises(BadInput, match=r"^hive\.wav is empty \(0 bytes\)$"):
        load(written(tmp_path, b""))


def test_a_sound_without_samples_says_so(tmp_path):
    with pytest.raises(BadInput, match=r"^hive\.wav holds no samples$"):
        load(written(tmp_path, wav(b"")))


@pytest.mark.parametrize("name", ["hive.wav", "hive.mp3", "hive.m4a"])
def test_text_under_any_name_is_refused(name, tmp_path):
    with pytest.raises(BadInput, match="is not a sound OctoLab can read, or is damaged"):
        load(written(tmp_path, b"#EXTM3U\nhttp://127.0.0.1:9/secret\n" * 9, name))


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_wav_that_is_cut_short_says_so(share, tmp_path):
    whole = wav(SAMPLES)
    with pytest.raises(BadInput, match=r"^hive\.wav is cut short"):
        load(written(tmp_path, whole[: int(len(whole) * share)]))


@pytest.mark.parametrize("claimed", [0xFFFFFFFE, 1 << 31])
def test_a_header_that_claims_four_gigabytes_is_refused_at_once(claimed, tmp_path):
    with pytest.raises(BadInput, match=r"^hive\.wav is cut short"):
        load(written(tmp_path, wav(SAMPLES, claimed)))


def test_a_file_that_truly_is_too_long_is_refused_unread(tmp_path):
    path = tmp_path / "hive.wav"
    length = 2 * ((1 << 28) + 8)
    with path.open("wb") as file:
        file.write(wav(b"", length))
        file.truncate(44 + length)
    with pytest.raises(TooLarge, match="the limit is 256 million samples"):
        load(path)


@pytest.mark.parametrize("form", ["FLAC", "OGG"])
def test_a_compressed_sound_that_is_cut_short_is_refused_or_shorter(form, tmp_path):
    path = tmp_path / "hive.bin"
    noise = np.random.default_rng(0).normal(0, 0.1, SR * 3)
    soundfile.write(path, noise, SR, format=form)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    if form == "FLAC":  # its header tells the length
        with pytest.raises(BadInput, match=r"hive\.bin"):
            load(path)
    else:  # a stream without one: what is there is all there is
        y, _ = load(path)
        assert 0.1 * 3 * SR < len(y) < 0.7 * 3 * SR


@pytest.mark.parametrize("length", [5, 20, 43])
def test_half_a_header_is_refused(length, tmp_path):
    with pytest.raises(BadInput, match=r"hive\.wav"):
        load(written(tmp_path, wav(SAMPLES)[:length]))


def test_random_bytes_are_refused(tmp_path):
    rng = np.random.default_rng(3)
    for magic in (
        b"",
        b"RIFF....WAVE",
        b"fLaC",
        b"OggS",
        b"ID3",
        b"\x00\x00\x00\x20ftypM4A ",
        b"\x1a\x45\xdf\xa3",
    ):
        with pytest.raises(BadInput):
            load(written(tmp_path, magic + rng.bytes(3000)))


def test_no_file_a_folder_and_a_wrong_rate(tmp_path):
    with pytest.raises(NotFound, match=r"there is no file gone\.wav"):
        load(tmp_path / "gone.wav")
    with pytest.raises(BadInput, match="can't be read"):
        load(tmp_path)
    with pytest.raises(BadInput, match="a sample rate must be from 1"):
        load(written(tmp_path, wav(SAMPLES)), sr=0)
