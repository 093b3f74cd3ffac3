"""The time in a file's name, and what a zone or its absence does to it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from octolab.audio import read_recorded
from octolab.errors import BadInput


def told(name: str, timezone=None):
    """Time in UTC as ISO text, uncertainty in seconds."""
    found = read_recorded(b"", name=name, timezone=timezone)
    if found is None or found.started_at is None:
        return None
    assert found.time_from == "name"
    assert found.started_at.tzinfo is UTC
    return found.started_at.replace(tzinfo=None).isoformat(), found.uncertainty_s


@pytest.mark.parametrize(
    "name",
    [
        "20190522_060000.WAV",
        "20190522_060000T.WAV",
        "S4A03895_20190522_060000.wav",
        "SM2_20190522$060000.wav",
        "site 4-20190522060000_extra_12.flac",
        "2019-05-22 06-00-00.m4a",
        "2019-05-22T06.00.00.ogg",
        "Recording 2019-05-22 at 06.00.00.m4a",
        "2019_05_22_06_00_00_3.wav",
        "20190522T060000.3gp",
    ],
)
def test_a_time_is_found_in_a_name(name):
    assert told(name, "UTC") == ("2019-05-22T06:00:00", 1.0)
    assert told(name) == ("2019-05-22T06:00:00", 14 * 3600)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2021-09-24T06-00-00Z.wav", ("2021-09-24T06:00:00", 1.0)),
        ("20190522_060000+0200.wav", ("2019-05-22T04:00:00", 1.0)),
        ("20201104T155500+1000_REC_site.flac", ("2020-11-04T05:55:00", 1.0)),
        ("20201104T155500-03:30.flac", ("2020-11-04T19:25:00", 1.0)),
        ("2021-09-24T06-00-00.250000Z-abcdef.wav", ("2021-09-24T06:00:00.250000", 1e-6)),
        ("20201104T155500-0300.flac", ("2020-11-04T18:55:00", 1.0)),
        ("20190522_0600.wav", ("2019-05-22T06:00:00", 14 * 3600)),
        ("5C0C5A10.WAV", ("2018-12-08T23:56:00", 1.0)),
        ("5c0c5a10.wav", ("2018-12-08T23:56:00", 1.0)),
    ],
)
def test_a_name_may_tell_the_zone_or_more(name, expected):
    assert told(name) == expected


@pytest.mark.parametrize("number", ["1234", "0001", "0100", "0000"])
def test_a_number_after_the_time_is_no_zone(number):
    assert told(f"20230101_120000-{number}.wav", "UTC") == ("2023-01-01T12:00:00", 1.0)


def test_a_written_zone_goes_before_the_one_of_the_caller():
    assert told("20190522_060000+0200.wav", "Asia/Tokyo") == ("2019-05-22T04:00:00", 1.0)
    assert told("5C0C5A10.WAV", "Asia/Tokyo") == ("2018-12-08T23:56:00", 1.0)


def test_minutes_alone_are_uncertain_by_one():
    assert told("20190522_0600.wav", "+00:00") == ("2019-05-22T06:00:00", 60.0)


@pytest.mark.parametrize(
    "name",
    [
        "LOCA_2021_09_24_652_3.wav",
        "20210924.wav",
        "hive.wav",
        "ZOOM0012.WAV",
        "12345678.wav",
        "20191322_060000.wav",
        "20190522_250000.wav",
        "120190522_060000.wav",
        "00000001.WAV",
        "",
    ],
)
def test_no_time_is_made_up(name):
    assert told(name) is None


def test_a_date_alone_is_kept_as_that():
    found = read_recorded(b"", name="LOCA_2021_09_24_652_3.wav")
    assert (found.started_at, found.raw) == (None, {"name: date": "2021-09-24"})


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "+02:00", "UTC+2", ZoneInfo("Europe/Berlin"), "+0200"]
)
def test_a_zone_may_be_a_name_or_an_offset(zone):
    assert told("20190522_060000.wav", zone) == ("2019-05-22T04:00:00", 1.0)


def test_the_hour_that_comes_twice_is_uncertain_by_one():
    assert told("20191027_023000.wav", "Europe/Berlin") == ("2019-10-27T00:30:00", 3600)
    assert told("20191027_013000.wav", "Europe/Berlin") == ("2019-10-26T23:30:00", 1.0)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+99:00", "../etc/passwd", ""])
def test_a_zone_that_does_not_exist_is_told(zone):
    with pytest.raises(BadInput, match="there is no time zone"):
        read_recorded(b"", name="a.wav", timezone=zone)


def test_a_lab_reads_its_own_names(tmp_path):
    at = datetime(2026, 11, 22, 9, 30, 0, 120, tzinfo=UTC)
    name = f"{at:%Y-%m-%dT%H-%M-%S.%f}Z-a2b3c4.wav"
    assert told(name) == ("2026-11-22T09:30:00.000120", 1e-6)
