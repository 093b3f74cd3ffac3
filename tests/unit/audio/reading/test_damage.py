"""Files that are cut short, damaged, changed or wrong: one clear error, or what is left."""

from __future__ import annotations

import os
import struct
from contextlib import suppress

import numpy as np
import pytest
import soundfile

from octolab.audio import load, open_sound, sound_info
from octolab.errors import BadInput, NotFound

SR = 8000
RAMP = np.arange(-12_000, 12_000, dtype="<i2")


def chunk(ident: bytes, data: bytes, size: int | None = None) -> bytes:
    return struct.pack("<4sI", ident, len(data) if size is None else size) + data


def fmt(tag=1, channels=1, sr=SR, size=2, bits=16, more=b"") -> bytes:
    form = struct.pack("<HHIIHH", tag, channels, sr, sr * size, size, bits)
    return chunk(b"fmt ", form + more)


def riff(*chunks: bytes, ident=b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", ident, len(body) if size is None else size) + body


@pytest.fixture
def written(tmp_path):
    def write(data: bytes, name: str = "hive.wav"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


# --- lengths that the header does not tell, or tells wrong -------------------------------------


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_from_a_pipe_reaches_to_the_end_of_the_file(claimed, written):
    path = written(riff(fmt(), chunk(b"data", RAMP.tobytes(), claimed), size=claimed))
    y, _ = load(path)
    assert np.array_equal(y * 32768, RAMP)
    assert sound_info(path).warning is None


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_from_a_pipe_may_be_longer_than_its_header_can_tell(claimed, tmp_path):
    path = tmp_path / "day.wav"
    with path.open("wb") as file:
        file.write(riff(fmt(), chunk(b"data", b"", claimed), size=claimed))
        file.truncate(file.tell() + 2 * 86400 * 48000)  # sparse: a day of silence
    with open_sound(path) as sound:
        assert sound.frames == 86400 * 48000
        assert sound.warning is None


def test_what_a_recorder_preallocated_is_not_looked_through(tmp_path):
    path = tmp_path / "night.wav"
    with path.open("wb") as file:
        file.write(riff(fmt(), chunk(b"data", RAMP.tobytes())))
        file.truncate(file.tell() + 3_000_000_000)
    assert np.array_equal(load(path)[0] * 32768, RAMP)


def test_what_ffmpeg_writes_into_a_pipe_is_read(ffmpeg, chirp, written):
    path = written(ffmpeg("-i", chirp, "-f", "wav", "-"))
    assert np.array_equal(load(path, mono=False)[0], load(chirp, mono=False)[0])


def test_no_samples_before_other_chunks_are_no_samples(written):
    comment = chunk(b"LIST", b"INFOICMT\x04\0\0\0hive")
    with pytest.raises(BadInput, match=r"^hive\.wav holds no samples$"):
        load(written(riff(fmt(), chunk(b"data", b""), comment)))


def test_an_rf64_whose_writer_was_killed_reaches_to_the_end(written):
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, 0, 0, 0))
    data = chunk(b"data", RAMP.tobytes(), 0xFFFFFFFF)
    path = written(riff(sizes, fmt(), data, ident=b"RF64", size=0xFFFFFFFF))
    assert len(load(path)[0]) == len(RAMP)


def test_a_cut_off_wav_is_read_only_when_asked(written):
    path = written(riff(fmt(), chunk(b"data", RAMP.tobytes()))[:-8001])
    with pytest.raises(BadInput, match=r"^hive\.wav is cut short"):
        open_sound(path)
    with open_sound(path, tolerant=True) as sound:
        assert sound.frames == len(RAMP) - 4001
        assert np.array_equal(sound.read() * 32768, RAMP[:-4001])
        assert sound.warning == "hive.wav is cut short or damaged; 2.5 s of it can be read"
    assert sound_info(path, tolerant=True).warning is not None


def test_a_chunk_without_its_padding_is_passed(written):
    odd = chunk(b"note", b"odd")
    path = written(riff(odd, fmt(), chunk(b"data", RAMP.tobytes())))
    assert len(load(path)[0]) == len(RAMP)


@pytest.mark.parametrize("size", [13, 19, 30, 43])
def test_half_a_header_says_so(size, written):
    whole = riff(fmt(), chunk(b"data", RAMP.tobytes()))
    with pytest.raises(BadInput, match=r"^hive\.wav breaks off in its header"):
        load(written(whole[:size]))


@pytest.mark.parametrize("share", [0.3, 0.95])
@pytest.mark.parametrize(
    "arguments",
    [
        ("a.aiff",),
        ("a.flac",),
        ("a.w64",),
        ("-c:a", "adpcm_ms", "a.wav"),
        ("-movflags", "+faststart", "fast.m4a"),
    ],
)
def test_what_a_header_promises_must_be_there(arguments, share, converted, written):
    whole = converted(*arguments)
    data = whole.read_bytes()
    path = written(data[: int(share * len(data))], whole.name)
    with pytest.raises(BadInput, match="cut short"):
        load(path)
    with pytest.raises(BadInput, match="cut short"):
        sound_info(path)
    info = sound_info(path, tolerant=True)
    assert info.warning is not None
    assert share * 7 - 0.3 < info.duration_s < share * 7 + 0.05
    with open_sound(path, tolerant=True) as sound, open_sound(whole) as before:
        left = sound.read()
        assert len(left) == info.frames
        # the last packet may be a half one
        assert np.array_equal(left[:-10_000], before.read(0, len(left) - 10_000))


@pytest.mark.parametrize("name", ["a.mp3", "a.opus", "a.mkv"])
def test_a_stream_that_stops_is_read_to_where_it_stops(name, converted, written):
    data = converted(name).read_bytes()
    y, sr = load(written(data[: len(data) // 2], name))
    assert 2.9 < len(y) / sr < 4


def test_an_mp3_that_ends_before_its_tag_says_is_read_with_a_warning(converted, written):
    data = converted("a.mp3").read_bytes()
    path = written(data[: len(data) // 2], "a.mp3")
    info = sound_info(path)
    assert info.warning == "a.mp3 is cut short or damaged; 3.5 s of it can be read"
    assert len(load(path)[0]) == info.frames


def test_an_mp4_in_fragments_is_read_to_the_last_whole_one(converted, written):
    data = converted("-movflags", "frag_keyframe+empty_moov", "-frag_duration", "1M", "a.mp4")
    path = written(data.read_bytes()[:-20_000], "camera.mp4")
    with open_sound(path) as sound:
        assert 5 < sound.duration_s < 7
        assert len(sound.read()) == sound.frames


# --- damage ------------------------------------------------------------------------------------


def with_noise(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + np.random.default_rng(0).bytes(2000) + data[middle + 2000 :]


def test_mp3_with_garbage_between_its_frames_is_read_on_as_by_ffmpeg(ffmpeg, converted, written):
    data = converted("a.mp3").read_bytes()
    middle = len(data) // 2
    path = written(data[:middle] + b"not a frame of MP3 " * 4000 + data[middle:], "a.mp3")
    y, _ = load(path, mono=False)
    theirs = np.frombuffer(ffmpeg("-i", path, "-f", "f32le", "-"), np.float32).reshape(-1, 2)
    np.testing.assert_allclose(y.T, theirs, rtol=0, atol=1e-6)
    with open_sound(path) as sound:
        assert sound.frames == len(theirs)
        assert np.array_equal(sound.read(250_000, 260_000, mono=False).T, y[:, 250_000:260_000])


def test_a_damaged_flac_is_refused_or_has_silence_where_it_is(converted, written):
    whole, _ = load(converted("a.flac"))
    path = written(with_noise(converted("a.flac").read_bytes()), "a.flac")
    with pytest.raises(BadInput, match=r"^a\.flac is damaged or cut short 3\.\d s after"):
        load(path)
    with open_sound(path, tolerant=True) as sound:
        y = sound.read()
        assert sound.warning is not None
    assert len(y) == len(whole)
    assert np.array_equal(y[:100_000], whole[:100_000])
    assert np.array_equal(y[-100_000:], whole[-100_000:])
    assert 1000 < np.count_nonzero(y != whole) < 20_000


def test_a_damaged_ogg_keeps_its_length_and_its_time(converted, written):
    path = written(with_noise(converted("-c:a", "libvorbis", "a.ogg").read_bytes()), "a.ogg")
    whole, _ = load(converted("-c:a", "libvorbis", "a.ogg"))
    y, _ = load(path)
    assert len(y) == len(whole)
    assert np.array_equal(y[-48_000:], whole[-48_000:])


@pytest.mark.parametrize(
    "arguments", [("a.flac",), ("-c:a", "libvorbis", "a.ogg"), ("a.mp3",), ("a.mkv",), ("a.m4a",)]
)
def test_any_damage_is_read_or_named(arguments, converted, written):
    data = converted(*arguments).read_bytes()
    rng = np.random.default_rng(4)
    for _ in range(20):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 30):
            broken[place] ^= 1 << int(rng.integers(8))
        path = written(bytes(broken), arguments[-1])
        for tolerant in (False, True):
            with suppress(BadInput), open_sound(path, tolerant=tolerant) as sound:
                read = sum(len(block) for block in sound.blocks())
                assert sound.frames == read


# --- headers that make no sense ----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"bits": 24, "size": 2},
        {"bits": 24, "size": 5},
        {"bits": 0},
        {"bits": 16, "size": 0},
        {"channels": 0},
        {"tag": 3, "bits": 16},
        {"channels": 3, "size": 4},
    ],
)
def test_a_header_that_contradicts_itself_says_so(wrong, written):
    path = written(riff(fmt(**wrong), chunk(b"data", RAMP.tobytes())))
    with pytest.raises(BadInput, match=r"^the header of hive\.wav contradicts itself: "):
        load(path)


def test_a_rate_of_0_says_so(written):
    path = written(riff(fmt(sr=0), chunk(b"data", RAMP.tobytes())))
    with pytest.raises(BadInput, match=r"^the header of hive\.wav gives a sample rate of 0 Hz$"):
        load(path)


def test_24_bits_are_3_bytes_whatever_the_size_of_a_frame_says(tmp_path):
    path = tmp_path / "hive.wav"
    soundfile.write(path, RAMP / 32768, SR, "PCM_24")
    broken = bytearray(path.read_bytes())
    struct.pack_into("<H", broken, broken.index(b"fmt ") + 8 + 12, 4)
    path.write_bytes(broken)
    y, _ = load(path)
    assert np.array_equal(y * 32768, RAMP)


def test_24_bits_in_4_bytes_lie_at_their_upper_end(written):
    values = np.array([1, -1, 0x7FFFFF, -0x800000], np.int32)
    guid = b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    more = struct.pack("<HHI", 22, 24, 4) + guid
    form = fmt(tag=0xFFFE, size=4, bits=32, more=more)
    y, _ = load(written(riff(form, chunk(b"data", (values << 8).astype("<i4").tobytes()))))
    assert np.array_equal(y, values / np.float32(1 << 23))


def test_text_that_begins_like_an_mp3_is_refused(written):
    with pytest.raises(BadInput, match="is not a sound OctoLab can read"):
        load(written("hello, hive".encode("utf-16"), "hive.mp3"))


# --- samples that are none ---------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_nan_and_infinity_are_told_with_their_place(bad, subtype, tmp_path):
    y = np.zeros((4 * SR, 2))
    y[3 * SR, 1] = bad
    path = tmp_path / "hive.wav"
    soundfile.write(path, y, SR, subtype)
    with pytest.raises(BadInput, match=r"^hive\.wav holds NaN or infinity at 3\.000 s$"):
        load(path)
    with open_sound(path) as sound:
        assert not sound.read(0, 3 * SR).any()
        blocks = sound.blocks(SR)
        assert all(len(next(blocks)) == SR for _ in range(3))
        with pytest.raises(BadInput, match="NaN or infinity"):
            next(blocks)


def test_numbers_beyond_any_sound_are_told_and_whole_numbers_in_floats_are_read(tmp_path):
    path = tmp_path / "hive.wav"
    soundfile.write(path, np.array([0, -(2.0**31), 0, 1e20]), SR, "FLOAT")
    with open_sound(path) as sound:
        assert sound.read(0, 3)[1] == -(2.0**31)
    with pytest.raises(BadInput, match=r"^hive\.wav holds 1e\+20 at 0\.000 s; .* full scale$"):
        load(path)


def test_doubles_no_float_can_hold_are_infinite(tmp_path):
    path = tmp_path / "hive.wav"
    soundfile.write(path, np.array([0, 1e300]), SR, "DOUBLE")
    with pytest.raises(BadInput, match="NaN or infinity"):
        load(path)


def test_one_sample_is_a_sound(written):
    y, _ = load(written(riff(fmt(), chunk(b"data", b"\0\x40"))))
    assert y.tolist() == [0.5]


# --- files that change while they are read -----------------------------------------------------


@pytest.mark.parametrize("arguments", [("a.wav",), ("a.flac",), ("a.mkv",), ("a.aiff",)])
def test_a_file_that_shrinks_is_told(arguments, converted, written):
    whole = converted(*arguments)
    path = written(whole.read_bytes(), whole.name)
    with open_sound(path) as sound:
        blocks = sound.blocks(4096)
        next(blocks)
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(BadInput, match=f"{path.name} (became shorter|is damaged or cut)"):
            for _ in blocks:
                pass


def test_a_file_that_is_removed_is_read_to_its_end_all_the_same(converted, written):
    path = written(converted("a.flac").read_bytes(), "a.flac")
    with open_sound(path) as sound:
        blocks = sound.blocks()
        first = next(blocks)
        path.unlink()
        assert len(first) + sum(map(len, blocks)) == 7 * 48000
    with pytest.raises(NotFound, match=r"there is no file a\.flac"):
        open_sound(path)


def test_a_lost_disk_is_told(monkeypatch, written):
    def fail(*_):
        raise OSError(5, "Input/output error")

    with open_sound(written(riff(fmt(), chunk(b"data", RAMP.tobytes())))) as sound:
        monkeypatch.setattr(sound._source, "read", fail)
        with pytest.raises(BadInput, match=r"^the file hive\.wav can't be read$"):
            sound.read()
