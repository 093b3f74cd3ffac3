"""What recorders write beside the samples, in real files and in hand-made chunks."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from octolab.audio import Recorded, read_recorded, sound_info

STAMP = datetime(2019, 5, 22, 6, tzinfo=UTC)


def wav(*chunks: tuple[bytes, bytes]) -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    body = b"WAVE"
    for ident, data in ((b"fmt ", form), (b"data", b"\0\0" * 8), *chunks):
        body += struct.pack("<4sI", ident, len(data)) + data + b"\0" * (len(data) % 2)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def info(**fields: str) -> tuple[bytes, bytes]:
    data = b"INFO"
    for name, text in fields.items():
        value = text.encode() + b"\0"
        data += struct.pack("<4sI", name.encode(), len(value)) + value + b"\0" * (len(value) % 2)
    return b"LIST", data


def wamd(**fields: str) -> tuple[bytes, bytes]:
    tags = {"model": 1, "serial": 2, "start": 5, "place": 6, "notes": 10, "last": 20, "inside": 21}
    data = struct.pack("<HIH", 0, 2, 1)
    for name, text in fields.items():
        data += struct.pack("<HI", tags[name], len(text)) + text.encode()
    return b"wamd", data + struct.pack("<HI", 0xFFFF, 4) + b"\0" * 4


def guano(text: str) -> tuple[bytes, bytes]:
    return b"guan", text.encode()


def bext(day: str, time: str, description="", originator="", reference="") -> tuple[bytes, bytes]:
    fields = ((description, 256), (originator, 32), (reference, 32), (day, 10), (time, 8))
    return b"bext", b"".join(text.encode().ljust(size, b"\0") for text, size in fields).ljust(
        602, b"\0"
    )


# --- real files ----------------------------------------------------------------------------


def test_an_audiomoth_of_2018(shared):
    found = sound_info(shared / "data/audio/opensoundscape/1min.wav").recorded
    assert found.started_at == datetime(2018, 5, 4, 9, 32, tzinfo=UTC)
    assert (found.uncertainty_s, found.time_from) == (1.0, "audiomoth")
    assert (found.device, found.serial) == ("AudioMoth", "0FE081F80FE081F0")
    assert (found.gain, found.battery_v, found.temperature_c) == ("2", 4.3, None)
    assert found.comment.startswith("Recorded at 09:32:00 04/05/2018 (UTC)")
    assert found.raw == {"tag: comment": found.comment}


def test_a_clip_that_opensoundscape_cut_has_its_own_start(shared):
    folder = shared / "data/audio/opensoundscape"
    found = read_recorded(folder / "LOCA_2021_09_24_652_3.wav")
    assert found.started_at == datetime(2021, 9, 24, 6, 52, tzinfo=UTC)
    assert found.time_from == "opensoundscape"
    found = read_recorded(folder / "audiomoth_gps.wav")
    assert found.started_at == datetime(2024, 5, 28, 10, tzinfo=UTC)
    assert (found.serial, found.gain) == ("243B1F026488F56E", "medium")
    assert (found.battery_v, found.temperature_c) == (3.8, 12.8)


def test_a_song_meter_whose_chunks_are_gone_has_its_name(shared):
    path = shared / "data/audio/scikit-maad/S4A03895_20190522_060000.wav"
    found = sound_info(path, timezone="America/Bogota").recorded
    assert found == Recorded(datetime(2019, 5, 22, 11, tzinfo=UTC), 1.0, "name")


def test_nothing_told_is_none(shared):
    assert read_recorded(shared / "data/audio/ohun/lbh1.wav") is None
    assert sound_info(shared / "data/audio/opensoundscape/birds_10s.wav").recorded is None


# --- AudioMoth -----------------------------------------------------------------------------

MOTH = "by AudioMoth 243B1F026488F56E"


@pytest.mark.parametrize(
    ("comment", "started", "gain", "battery", "temperature"),
    [
        (
            f"Recorded at 19:17:30 10/12/2018 (UTC) {MOTH} at gain setting 2 while battery "
            "state was 3.6V",
            "2018-12-10T19:17:30",
            "2",
            3.6,
            None,
        ),
        (
            f"Recorded at 19:17:30 10/12/2018 (UTC+2) {MOTH} at gain setting 2 while battery "
            "state was > 4.9V and temperature was -12.3C",
            "2018-12-10T17:17:30",
            "2",
            None,
            -12.3,
        ),
        (
            f"Recorded at 01:00:00 11/05/2026 (UTC-7) {MOTH} at high gain while battery was "
            "greater than 4.9V and temperature was 13.3C.",
            "2026-05-11T08:00:00",
            "high",
            None,
            13.3,
        ),
        (
            f"Recorded at 01:00:00 11/05/2026 (UTC-0:30) {MOTH} using external microphone at "
            "low-medium gain while battery was 4.1V and temperature was 0.0C. Recording stopped "
            "due to switch position change.",
            "2026-05-11T01:30:00",
            "low-medium",
            4.1,
            0.0,
        ),
        (
            f"Recorded at 23:00:00 31/12/2017 {MOTH} at gain setting 3 while battery state was "
            "4.7V",
            "2017-12-31T23:00:00",
            "3",
            4.7,
            None,
        ),
        (
            "Recorded at 05:45:00.250 01/03/2023 (UTC+5:45) during deployment 243B1F026488F56E "
            "at medium gain while battery was less than 2.5V and temperature was 20.5C.",
            "2023-03-01T00:00:00.250000",
            "medium",
            None,
            20.5,
        ),
    ],
)
def test_comments_of_every_firmware(comment, started, gain, battery, temperature):
    found = read_recorded(wav(info(IART="AudioMoth 243B1F026488F56E", ICMT=comment)))
    assert found.started_at.replace(tzinfo=None).isoformat() == started
    assert found.uncertainty_s == (0.001 if "." in started else 1.0)
    assert (found.device, found.serial) == ("AudioMoth", "243B1F026488F56E")
    assert (found.gain, found.battery_v, found.temperature_c) == (gain, battery, temperature)


def test_a_clock_that_was_never_set_tells_no_time():
    comment = f"Recorded at 00:00:07 01/01/1970 (UTC) {MOTH} at low gain"
    found = read_recorded(wav(info(ICMT=comment)))
    assert (found.started_at, found.gain) == (None, "low")


@pytest.mark.parametrize(
    "comment",
    [
        "Recorded at 25:00:00 10/12/2018 (UTC) by AudioMoth 243B1F026488F56E",
        "Recorded at home, by AudioMoth",
        "opso_metadata{not json",
        "opso_metadata[]",
    ],
)
def test_a_comment_that_says_something_else_is_a_comment(comment):
    found = read_recorded(wav(info(ICMT=comment)))
    assert (found.started_at, found.comment) == (None, comment)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3", "a.m4a", "a.mka"])
def test_a_comment_survives_conversion(name, ffmpeg, shared, tmp_path):
    path = tmp_path / name
    ffmpeg("-i", shared / "data/audio/opensoundscape/1min.wav", "-t", 1, path)
    found = read_recorded(path)
    assert found.started_at == datetime(2018, 5, 4, 9, 32, tzinfo=UTC)
    assert found.time_from == "audiomoth"


# --- GUANO ---------------------------------------------------------------------------------


def test_guano_as_a_new_audiomoth_writes_it():
    text = (
        "GUANO|Version:1.0\nMake:Open Acoustic Devices\nModel:AudioMoth\n"
        "Serial:243B1F026488F56E\nTimestamp:2019-05-22T08:00:00+02:00\n"
        "Loc Position:-51.500000 -0.120000\nOAD|Loc Source:GPS\n"
        "OAD|Recording Settings:48000 GAIN 2 LGR\nOAD|Battery Voltage:4.2\nTemperature Int:21.5"
    )
    found = read_recorded(wav(guano(text)))
    assert (found.started_at, found.uncertainty_s, found.time_from) == (STAMP, 1.0, "guano")
    assert found.known() == {
        "device": "Open Acoustic Devices AudioMoth",
        "serial": "243B1F026488F56E",
        "latitude": -51.5,
        "longitude": -0.12,
        "temperature_c": 21.5,
        "battery_v": 4.2,
        "gain": "2",
    }
    assert found.raw["guano: OAD|Loc Source"] == "GPS"


def test_guano_of_the_specification():
    text = (
        "GUANO|Version:  1.0\r\n\r\nTimestamp:  2012-03-29T03:58:01.123+04:00\r\n"
        "Note:  Hand release.\\nFlew off\nMake: Pettersson\nModel: D1000X\n"
        "Loc Position:  37.1878016 -86.1057312\nTemperature Ext: 9.5\nTemperature Int: 12\n"
        "PET|Gain: 80\nno colon here\n\0\0"
    )
    found = read_recorded(wav(guano("\ufeff" + text)))
    assert found.started_at == datetime(2012, 3, 28, 23, 58, 1, 123_000, tzinfo=UTC)
    assert found.uncertainty_s == 0.001
    assert found.comment == "Hand release.\nFlew off"
    assert (found.gain, found.temperature_c) == ("80", 9.5)
    assert found.longitude == -86.1057312


def test_guano_in_local_time_needs_a_zone():
    file = wav(guano("Timestamp: 2019-05-22 08:00:00"))
    assert read_recorded(file).uncertainty_s == 14 * 3600
    found = read_recorded(file, timezone="Europe/Berlin")
    assert (found.started_at, found.uncertainty_s) == (STAMP, 1.0)


@pytest.mark.parametrize(
    ("written", "uncertainty_s"), [("2019-05-22T06", 3600), ("2019-05-22T06:00", 60)]
)
def test_a_time_is_as_sure_as_it_is_written(written, uncertainty_s):
    found = read_recorded(wav(guano(f"Timestamp: {written}")), timezone="UTC")
    assert (found.started_at, found.uncertainty_s) == (STAMP, uncertainty_s)


def test_a_day_alone_is_no_time():
    found = read_recorded(wav(guano("Timestamp: 2019-05-22")), name="20190522_060000Z.wav")
    assert (found.started_at, found.time_from) == (STAMP, "name")


# --- Wildlife Acoustics --------------------------------------------------------------------


def test_wamd():
    chunk = wamd(
        model="SM4",
        serial="S4A03895",
        start="2019-05-22 01:00:00-05:00",
        place="WGS84,4.59810,N,74.07580,W,2600",
        inside="68.0F",
        notes="by the creek",
    )
    found = read_recorded(wav(chunk))
    assert (found.started_at, found.uncertainty_s, found.time_from) == (STAMP, 1.0, "wamd")
    assert (found.device, found.serial) == ("Wildlife Acoustics SM4", "S4A03895")
    assert (found.latitude, found.longitude) == (4.5981, -74.0758)
    assert (found.temperature_c, found.comment) == (20.0, "by the creek")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("WGS84,42.3,S,71.1,E", (-42.3, 71.1)),
        ("WGS84, 42.3, -71.1", (42.3, -71.1)),
        ("WGS84,0.0,N,0.0,E", (None, None)),
        ("WGS84,142.3,N,71.1,E", (None, None)),
        ("none", (None, None)),
    ],
)
def test_positions_of_wamd(place, expected):
    found = read_recorded(wav(wamd(model="SM3", last=place)))
    assert (found.latitude, found.longitude) == expected


def test_wamd_of_another_version_or_cut_off_is_passed_over():
    assert read_recorded(wav((b"wamd", struct.pack("<HIH", 0, 2, 9) + b"\1\0\1\0\0\0A"))) is None
    ident, data = wamd(model="SM4", serial="S4A03895")
    assert read_recorded(wav((ident, data[:20]))).device == "Wildlife Acoustics SM4"


# --- others --------------------------------------------------------------------------------


def test_bext_is_local_time():
    file = wav(bext("2019-05-22", "08:00:00", "hive 3", "Zoom Handy Recorder H5", "F0A1"))
    assert read_recorded(file).uncertainty_s == 14 * 3600
    found = read_recorded(file, timezone="+02:00")
    assert (found.started_at, found.uncertainty_s, found.time_from) == (STAMP, 1.0, "bext")
    assert (found.device, found.serial) == ("Zoom Handy Recorder H5", "F0A1")
    assert found.comment == "hive 3"
    assert read_recorded(wav(bext("0000-00-00", "00:00:00"))).started_at is None
    assert read_recorded(wav((b"bext", b"short"))) is None


def test_the_surest_time_counts_and_the_rest_is_joined():
    file = wav(
        guano("Timestamp: 2019-05-22T09:30:00\nModel: X1\nSerial: 7"),
        bext("2019-05-22", "08:00:00", "a comment", "Y2"),
    )
    found = read_recorded(file, name="a_20190522_060000+0000.wav")
    assert (found.started_at, found.time_from) == (STAMP, "name")
    assert (found.device, found.serial, found.comment) == ("X1", "7", "a comment")


def test_a_creation_time_is_uncertain_by_the_length(ffmpeg, tmp_path):
    path = tmp_path / "phone.m4a"
    tags = (
        "-metadata",
        "creation_time=2019-05-22T06:00:00Z",
        "-metadata",
        "location=+55.75+037.61/",
    )
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=30:r=8000", *tags, path)
    found = read_recorded(path)
    assert (found.started_at, found.time_from) == (STAMP, "container")
    assert found.uncertainty_s == pytest.approx(30, abs=0.1)
    assert (found.latitude, found.longitude) == (55.75, 37.61)


def test_files_that_are_no_sounds_tell_by_their_name_only(tmp_path):
    path = tmp_path / "20190522_060000Z.wav"
    for data in (b"", b"RIFF\0\0\0\0WAVE", b"fLaC" + b"\xff" * 99, b"OggS", b"text", wav()[:40]):
        path.write_bytes(data)
        assert read_recorded(path) == Recorded(STAMP, 1.0, "name")
    path.unlink()
    assert read_recorded(path) == Recorded(STAMP, 1.0, "name")
