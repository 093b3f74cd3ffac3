"""CSV and Parquet: the columns of one row an event, and tables of other programs."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from octolab.audio.tables import (
    FORMATS,
    Mark,
    Sheet,
    SoundFile,
    decode_table,
    read_table,
    write_table,
)
from octolab.errors import BadInput
from octolab.model import Analysis, Event

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOUND = SoundFile("sounds/a.wav", cid="bafkreia", started_at=NOON)
FOUND = Sheet(
    SOUND,
    [
        Mark(Event(1.25, 2.5, "Robin", 7.5, 1800.0, 5200.0, 3100.0, 12.5)),
        Mark(Event(3.0, 3.0), channel=2, taxon="Turdus", by="Ada", note="far", other={"Site": "A"}),
    ],
    Analysis(analyzer="sound-events"),
)


def test_a_row_has_seconds_and_times():
    lines = FORMATS["csv"].encode([FOUND]).decode("utf-8-sig").splitlines()
    assert lines == [
        "start_s,end_s,low_hz,high_hz,label,score,peak_hz,snr_db,path,name,cid,recorded_utc,start_utc,"
        "end_utc,channel,taxon,by,note,analyzer,Site",
        "1.25,2.5,1800,5200,Robin,7.5,3100,12.5,sounds/a.wav,,bafkreia,2026-11-22T12:00:00.000Z,"
        "2026-11-22T12:00:01.250Z,2026-11-22T12:00:02.500Z,,,,,sound-events,",
        "3,3,,,,0,,,sounds/a.wav,,bafkreia,2026-11-22T12:00:00.000Z,2026-11-22T12:00:03.000Z,"
        "2026-11-22T12:00:03.000Z,2,Turdus,Ada,far,sound-events,A",
    ]


def test_parquet_has_types(tmp_path):
    path = write_table([FOUND], tmp_path / "it's.parquet", "parquet")
    with duckdb.connect(":memory:") as database:
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
        kinds = {row[0]: row[1] for row in described.fetchall()}
        rows = database.execute(
            "SELECT start_s, low_hz, label, channel, start_utc FROM read_parquet(?)", [str(path)]
        ).fetchall()
    assert {kinds[name] for name in ("start_s", "score", "peak_hz")} == {"DOUBLE"}
    assert (kinds["start_utc"], kinds["channel"], kinds["Site"]) == (
        "TIMESTAMP",
        "INTEGER",
        "VARCHAR",
    )
    assert rows == [
        (1.25, 1800.0, "Robin", None, datetime(2026, 11, 22, 12, 0, 1, 250_000)),
        (3.0, None, "", 2, datetime(2026, 11, 22, 12, 0, 3)),
    ]


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_what_was_written_is_read_again(name):
    other = Sheet(SoundFile("b.wav"), [Mark(Event(0, 1, "x\ny, \"z\"; 'w'"))])
    found = decode_table(FORMATS[name].encode([FOUND, other]), "t")
    assert [(sheet.sound, list(sheet.marks)) for sheet in found] == [
        (SOUND, FOUND.marks),
        (other.sound, other.marks),
    ]


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_a_table_without_rows_has_no_marks(name):
    assert decode_table(FORMATS[name].encode([Sheet(SOUND)]), "t") == [Sheet(SoundFile())]


@pytest.mark.parametrize(
    "text",
    [
        "Start (s),End (s),Scientific name,Common name,Confidence,File\n"
        "0.0,3.0,Erithacus rubecula,European Robin,0.91,a.wav\n",
        "start_time;end_time;low_f;high_f;annotation;score;file\n"
        "0,0;3,0;;;European Robin;0,91;a.wav\n",
        "onset,duration,label,score,file\n0,3,European Robin,.91,a.wav\n",
        "onset\toffset\tlabel\tconfidence\tfilename\n0\t3\tEuropean Robin\t.91\ta.wav\n",
    ],
)
def test_tables_of_other_programs_are_understood(text):
    (sheet,) = decode_table(text.encode(), "t.csv")
    assert sheet.sound.path == "a.wav"
    assert sheet.marks[0].event == Event(0.0, 3.0, "European Robin", 0.91)


def test_parquet_of_other_programs_is_understood(tmp_path):
    path = tmp_path / "t.parquet"
    with duckdb.connect(":memory:") as database:
        database.execute(
            "COPY (SELECT 1::DECIMAL(4,1) AS start_time, 2::INTEGER AS end_time, 'x' AS species,"
            " TIMESTAMPTZ '2026-11-22 12:00:00+00' AS recorded_utc, NULL AS low_f) TO ?",
            [str(path)],
        )
    (sheet,) = read_table(path)
    assert sheet.sound.started_at == NOON
    assert sheet.marks[0].event == Event(1.0, 2.0, "x")


def test_a_time_before_all_time_is_not_known():
    data = b"start_s,end_s,recorded_utc\n1,2,0001-01-01T00:00:00+05:00\n"
    (sheet,) = decode_table(data, "t.csv")
    assert sheet.sound.started_at is None


def test_a_bad_row_of_parquet_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    with duckdb.connect(":memory:") as database:
        database.execute(
            "COPY (SELECT * FROM (VALUES (1.0, 2.0), ('nan'::DOUBLE, 2.0)) t(start_s, end_s)) TO ?",
            [str(path)],
        )
    with pytest.raises(BadInput, match=r"t\.parquet, line 2: start_s is 'nan'"):
        read_table(path)
