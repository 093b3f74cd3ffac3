"""Every format gives the samples that ffmpeg decodes, whole, in blocks and from anywhere."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from octolab.audio import load, open_sound, sound_info
from octolab.errors import BadInput
from octolab.media import probe

# how ffmpeg makes it; what container and encoding we call it
FORMATS = {
    "wav": (("a.wav",), "WAV PCM_16"),
    "wav of 8 bits": (("-c:a", "pcm_u8", "a.wav"), "WAV PCM_U8"),
    "wav of 24 bits": (("-c:a", "pcm_s24le", "a.wav"), "WAV PCM_24"),
    "wav of 32 bits": (("-c:a", "pcm_s32le", "a.wav"), "WAV PCM_32"),
    "wav of floats": (("-c:a", "pcm_f32le", "a.wav"), "WAV FLOAT"),
    "wav of doubles": (("-c:a", "pcm_f64le", "a.wav"), "WAV DOUBLE"),
    "wav of A-law": (("-c:a", "pcm_alaw", "a.wav"), "WAV PCM_ALAW"),
    "wav of ADPCM": (("-c:a", "adpcm_ms", "a.wav"), "WAV ADPCM_MS"),
    "rf64": (("-rf64", "always", "a.wav"), "RF64 PCM_16"),
    "w64": (("-c:a", "pcm_s24le", "a.w64"), "W64 PCM_S24LE"),
    "aiff": (("a.aiff",), "AIFF PCM_S16BE"),
    "flac": (("a.flac",), "FLAC FLAC"),
    "flac of 24 bits": (("-sample_fmt", "s32", "a.flac"), "FLAC FLAC"),
    "vorbis": (("-c:a", "libvorbis", "a.ogg"), "OGG VORBIS"),
    "flac in ogg": (("-c:a", "flac", "b.ogg"), "OGG FLAC"),
    "opus": (("-c:a", "libopus", "a.opus"), "OGG OPUS"),
    "opus of long packets": (("-c:a", "libopus", "-frame_duration", "60", "b.opus"), "OGG OPUS"),
    "mp3": (("a.mp3",), "MP3 MP3FLOAT"),
    "mp3 of variable rate": (("-q:a", "4", "-write_xing", "0", "b.mp3"), "MP3 MP3FLOAT"),
    "m4a": (("-aac_pns", "0", "a.m4a"), "MP4 AAC"),
    "m4a without loss": (("-c:a", "alac", "b.m4a"), "MP4 ALAC"),
    "mp4 in fragments": (
        ("-aac_pns", "0", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "1M", "a.mp4"),
        "MP4 AAC",
    ),
    "mkv": (("-c:a", "aac", "-aac_pns", "0", "a.mkv"), "MATROSKA AAC"),
    "webm of vorbis": (("-c:a", "libvorbis", "a.webm"), "MATROSKA VORBIS"),
    "webm of opus": (("-c:a", "libopus", "b.webm"), "MATROSKA OPUS"),
}
each_format = pytest.mark.parametrize("kind", FORMATS)


@pytest.fixture
def file(kind, converted):
    return converted(*FORMATS[kind][0])


@each_format
def test_the_samples_are_ffmpegs(kind, file, ffmpeg):
    y, sr = load(file, mono=False)
    theirs = np.frombuffer(ffmpeg("-i", file, "-f", "f32le", "-"), np.float32).reshape(-1, 2).T
    assert sr == 48000
    assert y.shape == theirs.shape
    np.testing.assert_allclose(y, theirs, rtol=0, atol=1e-6)


@each_format
def test_it_says_what_it_is(kind, file):
    info = sound_info(file)
    assert f"{info.container} {info.encoding}" == FORMATS[kind][1]
    assert (info.sr, info.channels, info.warning) == (48000, 2, None)
    assert info.frames == load(file, mono=False)[0].shape[1]
    assert info.duration_s == info.frames / 48000


@each_format
def test_blocks_are_the_whole_in_pieces(kind, file):
    whole, _ = load(file, mono=False)
    with open_sound(file) as sound:
        blocks = [*sound.blocks(10_007, mono=False)]
        assert [len(block) for block in blocks[:-1]] == [10_007] * (len(blocks) - 1)
        assert np.array_equal(np.concatenate(blocks).T, whole)


@each_format
def test_any_part_is_what_the_whole_has_there(kind, file):
    whole, _ = load(file, mono=False)
    length = whole.shape[1]
    places = [0, length // 2, 1, length - 100, length - 1, 24_000, 200_001, 100, 150_000, 300_000]
    with open_sound(file) as sound:
        for start in [*places, *np.random.default_rng(1).integers(0, length, 10)]:
            part = sound.read(int(start), int(start) + 3000, mono=False)
            assert np.array_equal(part.T, whole[:, start : start + 3000]), start


@each_format
def test_the_first_question_may_be_the_last_second(kind, file):
    whole, _ = load(file)
    with open_sound(file) as sound:
        assert np.array_equal(sound.read(sound.frames - 48_000), whole[-48_000:])
        assert np.array_equal(sound.read(0, 1000), whole[:1000])


def test_two_passes_at_once_do_not_disturb_each_other(converted):
    path = converted("a.mp3")
    whole, _ = load(path)
    with open_sound(path) as sound:
        early, late = sound.blocks(9000), sound.blocks(9000, start=200_000)
        for turn in range(12):
            at = turn * 9000
            assert np.array_equal(next(early), whole[at : at + 9000])
            assert np.array_equal(next(late), whole[200_000 + at : 200_000 + at + 9000])


def test_a_flac_from_a_pipe_is_counted(ffmpeg, chirp, tmp_path):
    path = tmp_path / "pipe.flac"
    path.write_bytes(ffmpeg("-i", chirp, "-f", "flac", "-"))
    whole, _ = load(chirp, mono=False)
    with open_sound(path) as sound:
        assert sound.known_frames is None
        assert sound.frames == whole.shape[1]
        assert np.array_equal(sound.read(150_000, 160_000, mono=False).T, whole[:, 150_000:160_000])


def test_the_sound_of_a_video_is_read_and_its_picture_is_not(converted):
    picture = ("-f", "lavfi", "-i", "testsrc=d=7:r=10:s=64x64")
    film = converted(*picture, "-c:v", "libx264", "-c:a", "aac", "-aac_pns", "0", "film.mp4")
    alone = converted("-aac_pns", "0", "a.m4a")
    assert np.array_equal(load(film, mono=False)[0], load(alone, mono=False)[0])


def test_a_video_without_sound_says_so(ffmpeg, tmp_path):
    path = tmp_path / "silent.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:r=10:s=64x64", path)
    with pytest.raises(ValueError, match=r"^silent\.mp4 holds no sound$"):
        load(path)


def test_aac_with_made_up_noise_is_in_the_right_place(converted):
    path = converted("-b:a", "48k", "noisy.m4a")  # ffmpeg's encoder leaves noise to the decoder
    whole, _ = load(path)
    with open_sound(path) as sound:
        part = sound.read(200_000, 248_000)
    best = np.correlate(whole[199_000:249_000], part, "valid").argmax()
    assert best == 1000


@pytest.mark.parametrize("sr", [1, 8000, 384_000, 1_000_000])
@pytest.mark.parametrize("channels", [1, 3, 32])
def test_any_rate_and_many_channels(sr, channels, tmp_path):
    rng = np.random.default_rng(2)
    samples = rng.integers(-32768, 32768, (500, channels), np.int16)
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, sr, subtype="PCM_16")
    y, rate = load(path, mono=False)
    assert rate == sr
    assert np.array_equal(np.atleast_2d(y).T, samples / np.float32(32768))
    np.testing.assert_allclose(load(path)[0], (samples / 32768).mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.m4a", "a.opus", "a.w64"])
@pytest.mark.parametrize("channels", [6, 8])
def test_surround_sound_of_any_encoding(name, channels, ffmpeg, tmp_path):
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, (20_000, channels))
    soundfile.write(tmp_path / "a.wav", noise, 48000)
    ffmpeg("-i", tmp_path / "a.wav", tmp_path / name)
    theirs = np.frombuffer(ffmpeg("-i", tmp_path / name, "-f", "f32le", "-"), np.float32)
    y, _ = load(tmp_path / name, mono=False)
    assert len(y) == channels
    np.testing.assert_allclose(y.T.ravel(), theirs, rtol=0, atol=2e-6)


def test_channels_in_an_order_of_their_own_are_refused(ffmpeg, tmp_path):
    """PyAV would free their names twice and take the process with it."""
    soundfile.write(tmp_path / "a.wav", np.zeros((20_000, 8)), 48000)
    path = tmp_path / "a.mov"
    ffmpeg("-i", tmp_path / "a.wav", "-c:a", "pcm_s16be", path)
    for _ in range(5):
        with pytest.raises(BadInput, match=r"the channels of a\.mov are in an unusual order"):
            load(path)
        assert probe(path).channels is None


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64", "W64", "AIFF"])
def test_what_libsndfile_writes_is_read_to_the_bit(container, subtype, tmp_path):
    if (container, subtype) == ("AIFF", "PCM_U8"):
        subtype = "PCM_S8"
    rng = np.random.default_rng(3)
    path = tmp_path / "a.bin"
    soundfile.write(path, rng.uniform(-1, 1, (999, 2)), 44100, subtype, format=container)
    expected, _ = soundfile.read(path, dtype="float32")
    assert np.array_equal(load(path, mono=False)[0].T, expected)
