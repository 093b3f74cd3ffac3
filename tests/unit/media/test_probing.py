"""What files hold, told by their content."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from octolab.errors import BadInput, NotFound
from octolab.media import MediaInfo, probe, thumbnail, video_frame

FRAMES, RATE = 30, 15


def make_video(
    path: Path, form: str, codec: str, *, sound: str | None = None, rotation: int = 0, **options
) -> Path:
    """Two seconds in which the picture grows lighter."""
    with av.open(str(path), "w", format=form, options=options) as film:
        stream = film.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        audio = film.add_stream(sound, rate=48000, layout="mono") if sound else None
        for i in range(FRAMES):
            pixels = np.full((96, 128, 3), 8 * i, np.uint8)
            pixels[:48] = 255  # the upper half stays white
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
        if audio:
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, 96000), np.float32), format="fltp", layout="mono"
            )
            silence.sample_rate, silence.pts = 48000, 0
            resampled = av.AudioResampler(frame_size=960, format=audio.format).resample(silence)
            for piece in resampled:
                film.mux(audio.encode(piece))
            film.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "form", "codec", "media_type"),
    [
        ("a.mp4", "mp4", "libx264", "video/mp4"),
        ("a.mov", "mov", "libx264", "video/quicktime"),
        ("a.mkv", "matroska", "libx264", "video/x-matroska"),
        ("a.webm", "webm", "libvpx", "video/webm"),
        ("a.avi", "avi", "mpeg4", "video/x-msvideo"),
    ],
)
def test_videos(name, form, codec, media_type, tmp_path):
    info = probe(make_video(tmp_path / name, form, codec))
    assert (info.kind, info.media_type) == ("clip", media_type)
    assert (info.width, info.height) == (128, 96)
    assert info.fps == pytest.approx(RATE, rel=0.01)
    assert info.duration_s == pytest.approx(2, abs=0.08)
    assert (info.sample_rate, info.channels) == (None, None)


def test_a_video_with_sound_tells_of_both(tmp_path):
    info = probe(make_video(tmp_path / "a.webm", "webm", "libvpx", sound="libopus"))
    assert (info.kind, info.width, info.sample_rate, info.channels) == ("clip", 128, 48000, 1)


def test_a_video_of_a_telephone_held_upright(tmp_path):
    path = make_video(tmp_path / "a.mp4", "mp4", "libx264", rotation=90)
    info = probe(path)
    assert (info.width, info.height) == (96, 128)
    frame = video_frame(path, at=0.4)
    assert frame.shape == (128, 96, 3)
    # libav turns counter-clockwise: what was above is now on the left
    assert frame[:, :40].min() > 240
    assert frame[:, 56:].max() < 130


def test_a_live_recording_without_a_length_is_counted(tmp_path):
    path = make_video(tmp_path / "a.webm", "webm", "libvpx", live="1")
    assert probe(path).duration_s == pytest.approx(2, abs=0.08)


def test_a_fragmented_recording_that_was_cut_off_is_still_probed(tmp_path):
    whole = make_video(
        tmp_path / "a.mp4",
        "mp4",
        "libx264",
        movflags="frag_every_frame+empty_moov+default_base_moof",
    )
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.9)])
    info = probe(cut)
    assert info.kind == "clip"
    assert 0.5 < (info.duration_s or 0) <= 2.1


@pytest.mark.parametrize(
    ("name", "media_type", "rate", "channels", "seconds"),
    [
        ("opensoundscape/birds_10s.wav", "audio/wav", 32000, 1, 10.133),
        ("librosa-data/glacier-bay-humpback.hq.ogg", "audio/ogg", 44100, 1, 64.809),
    ],
)
def test_recordings(name, media_type, rate, channels, seconds, shared):
    info = probe(shared / "data/audio" / name)
    assert info == MediaInfo(
        "sound",
        media_type,
        duration_s=pytest.approx(seconds, abs=0.001),
        sample_rate=rate,
        channels=channels,
    )


@pytest.mark.parametrize(("form", "media_type"), [("FLAC", "audio/flac"), ("MP3", "audio/mpeg")])
def test_other_sounds(form, media_type, tmp_path):
    path = tmp_path / "sound.bin"
    soundfile.write(path, np.zeros((22050, 2)), 22050, format=form)
    info = probe(path)
    assert (info.kind, info.media_type) == ("sound", media_type)
    assert (info.sample_rate, info.channels) == (22050, 2)
    assert info.duration_s == pytest.approx(1, abs=0.1)


def test_an_m4a_is_a_sound(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="ipod") as film:
        stream = film.add_stream("aac", rate=44100, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.zeros((2, 44100), np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts = 44100, 0
        for piece in av.AudioResampler(frame_size=1024, format="fltp").resample(frame):
            film.mux(stream.encode(piece))
        film.mux(stream.encode(None))
    info = probe(path)
    assert (info.kind, info.media_type) == ("sound", "audio/mp4")
    assert (info.sample_rate, info.channels) == (44100, 2)


def test_pictures_give_their_size_as_shown_and_when_they_were_taken():
    exif = Image.Exif()
    exif[0x0112] = 6
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0x9011], details[0x9291] = "2026:05:04 03:02:01", "+03:00", "25"
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    assert probe(out.getvalue()) == MediaInfo(
        "frame",
        "image/jpeg",
        30,
        40,
        captured_at=datetime(2026, 5, 4, 0, 2, 1, 250_000, tzinfo=UTC),
    )


def test_a_nonsense_time_is_no_time():
    exif = Image.Exif()
    exif[0x0132] = "0000:00:00 00:00:00"
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG", exif=exif)
    assert probe(out.getvalue()).captured_at is None


@pytest.mark.parametrize("name", ["x.mp4", "x.wav", "x.jpg", "x.m3u8"])
def test_text_under_any_name_is_refused(name, tmp_path):
    path = tmp_path / name
    path.write_text("#EXTM3U\nhttp://127.0.0.1:9/secret\n")
    with pytest.raises(BadInput, match="is neither a picture, a video nor a sound"):
        probe(path)


def test_an_empty_file_and_none_at_all(tmp_path):
    (tmp_path / "x.mp4").touch()
    with pytest.raises(BadInput, match="is empty"):
        probe(tmp_path / "x.mp4")
    with pytest.raises(NotFound, match="there is no file"):
        probe(tmp_path / "y.mp4")


@pytest.mark.parametrize("share", [0.01, 0.4])
def test_a_plain_mp4_without_its_index_is_damaged(share, tmp_path):
    whole = make_video(tmp_path / "a.mp4", "mp4", "libx264").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadInput, match=r"cut\.mp4 is damaged or cut short"):
        probe(cut)


# --- previews ------------------------------------------------------------------------------


def jpeg_size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        return image.size


def test_a_preview_fits_into_its_box_and_keeps_the_shape(shared):
    photo = shared / "data/vision/peanut/images/0225.jpg"
    assert jpeg_size(thumbnail(photo)) == (320, 240)
    assert jpeg_size(thumbnail(photo, (100, 100))) == (100, 75)
    assert jpeg_size(thumbnail(photo.read_bytes(), (4000, 4000))) == (960, 720)


def test_a_preview_of_a_turned_photo_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (1600, 400), "red").save(out, "JPEG", exif=exif)
    assert jpeg_size(thumbnail(out.getvalue(), (320, 240))) == (60, 240)


def test_a_preview_of_a_strip_keeps_a_pixel():
    out = io.BytesIO()
    Image.new("RGB", (5000, 2)).save(out, "PNG")
    assert jpeg_size(thumbnail(out.getvalue())) == (320, 1)


def test_a_preview_of_a_video_shows_a_tenth_of_its_length(tmp_path):
    path = make_video(tmp_path / "a.mp4", "mp4", "libx264")
    with Image.open(io.BytesIO(thumbnail(path))) as image:
        assert image.size == (128, 96)
        assert image.getpixel((64, 80))[0] == pytest.approx(8 * 3, abs=8)


def test_there_is_no_preview_of_a_sound(shared):
    with pytest.raises(BadInput, match="holds no moving picture"):
        thumbnail(shared / "data/audio/ohun/lbh1.wav")
