"""Label files of Audacity, with frequencies and without."""

from __future__ import annotations

import pytest

from octolab.audio.tables import Mark, Sheet, SoundFile, decode_table, read_table, write_table
from octolab.audio.tables.formats import FORMATS
from octolab.errors import BadInput
from octolab.model import Event


def read(text: str) -> list[Event]:
    (sheet,) = decode_table(text.encode(), "labels.txt", "audacity")
    return [mark.event for mark in sheet.marks]


def test_a_file_of_audacity_comes_back_byte_for_byte(shared, tmp_path):
    path = shared / "data/audio/scikit-maad/cold_forest_daylight_label.txt"
    (sheet,) = read_table(path)
    assert len(sheet.marks) == 160
    assert sheet.marks[0].event == Event(0.594519, 1.053147, "1", 0.0, 3324.873047, 5152.28418)
    assert sheet.marks[1].line == 3
    written = write_table([sheet], tmp_path / "again.txt", "audacity")
    assert written.read_text().splitlines() == path.read_text().splitlines()


def test_points_regions_and_bands_are_read():
    text = "1.0\t1.0\tpoint\n2,5\t3,5\tregion with\ttab\n\\\t100,5\t-1.000000\n4\t5\n\\\t-1\t900\n"
    assert read(text) == [
        Event(1.0, 1.0, "point"),
        Event(2.5, 3.5, "region with tab", 0.0, 100.5, None),
        Event(4.0, 5.0, "", 0.0, None, 900.0),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1\t2\ta\n3;4;b\n", r"line 2: a label is a begin, an end and a name"),
        ("1\tx\ta\n", r"line 1: the end is 'x', which is not a number"),
        ("2\t1\ta\n", r"line 1: it ends at 1.0 s, before it begins at 2.0 s"),
        ("-2\t1\ta\n", r"line 1: it begins at -2.0 s"),
        ("\\\t100\t200\n", r"line 1: frequencies stand below the label"),
        ("1\t2\ta\n\\\t1\t2\n\\\t1\t2\n", r"line 3: frequencies stand below the label"),
        ("1\t2\ta\n\\\t100\n", r"line 2: a line of frequencies is a backslash and two"),
        ("1\t2\ta\n\\\t200\t100\n", r"line 2: its band can't go from 200.0 to 100.0 Hz"),
    ],
)
def test_an_impossible_line_is_named(text, why):
    with pytest.raises(BadInput, match=f"^labels.txt, {why}") as caught:
        read(text)
    assert "begin" not in caught.value.localized("ru")
    assert "the end" not in caught.value.localized("ru")


def test_marks_are_written_in_time_with_their_bands():
    marks = [
        Mark(Event(2.0, 3.5, "a\tb\nc", 0.0, 100.0, None)),
        Mark(Event(1.0, 1.0, "point")),
    ]
    assert FORMATS["audacity"].encode([Sheet(SoundFile(), marks)]).decode() == (
        "1.000000\t1.000000\tpoint\n2.000000\t3.500000\ta b c\n\\\t100.000000\t-1.000000\n"
    )


def test_a_label_file_may_hold_no_labels():
    data = FORMATS["audacity"].encode([Sheet(SoundFile())])
    assert [len(sheet.marks) for sheet in decode_table(data, "hive.labels.txt")] == [0]


def test_a_label_file_is_of_one_sound():
    with pytest.raises(BadInput, match="is of one sound; export them one by one"):
        FORMATS["audacity"].encode([Sheet(SoundFile("a")), Sheet(SoundFile("b"))])
