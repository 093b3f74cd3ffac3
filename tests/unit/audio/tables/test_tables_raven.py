"""Selection tables: those Raven wrote, those it must open, and what people do to them."""

from __future__ import annotations

import pytest

from octolab.audio.tables import Mark, Sheet, SoundFile, decode_table, read_table, write_table
from octolab.audio.tables.formats import FORMATS
from octolab.errors import BadInput, NotFound
from octolab.model import Event

HEAD = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"
SONG = Event(1.25, 2.5, "Robin", 0.0, 1800.0, 5200.0)


def read(*lines: str, head: str = HEAD, **how) -> list[Sheet]:
    return decode_table("\n".join([head, *lines]).encode(), "t.txt", "raven", **how)


def events(sheets: list[Sheet]) -> list[Event]:
    return [mark.event for sheet in sheets for mark in sheet.marks]


def written(*sheets: Sheet) -> list[list[str]]:
    text = FORMATS["raven"].encode(sheets).decode()
    return [line.split("\t") for line in text.splitlines()]


def test_a_table_of_raven_is_read(shared):
    path = shared / "data/audio/opensoundscape/MSD-0003_20180427_2minstart00.Table.1.selections.txt"
    (sheet,) = read_table(path)
    assert sheet.sound == SoundFile()
    assert len(sheet.marks) == 10
    first = sheet.marks[0]
    assert first.event == Event(1.897648165999982, 4.110570810999974, "WOTH", 0.0, 1326.3, 3266.5)
    assert (first.channel, first.line) == (1, 2)
    assert {mark.event.label for mark in sheet.marks} >= {"WOTH", "EATO"}


def test_a_label_column_of_another_name_can_be_chosen(shared):
    path = shared / "data/audio/opensoundscape/MSD-0003_20180427_2minstart00.Table.1.selections.txt"
    (sheet,) = read_table(path, label="distance")
    assert sheet.marks[0].event.label == ""
    assert sheet.marks[0].other == {"Species": "WOTH"}
    with pytest.raises(BadInput, match=r"has no column genus; it has: Selection, View, .*distance"):
        read_table(path, label="genus")


def test_an_annotation_column_is_the_label(shared):
    (sheet,) = read_table(shared / "data/audio/opensoundscape/raven_with_Annotation_col.txt")
    assert events([sheet])[0].label == "CSWA"


def test_an_empty_table_has_no_marks(shared):
    path = shared / "data/audio/opensoundscape/EmptyExample.Table.1.selections.txt"
    assert read_table(path) == [Sheet(SoundFile())]


def test_a_table_without_labels_is_read(shared):
    (sheet,) = read_table(shared / "data/audio/ohun/lbh1.Table.1.selections.txt")
    assert len(sheet.marks) == 10
    assert sheet.marks[-1].event.label == ""


@pytest.mark.parametrize(
    "name",
    [
        "ohun/lbh1.Table.1.selections.txt",
        "opensoundscape/MSD-0003_20180427_2minstart00.Table.1.selections.txt",
        "opensoundscape/EmptyExample.Table.1.selections.txt",
        "opensoundscape/raven_with_Annotation_col.txt",
    ],
)
def test_what_raven_wrote_comes_back_the_same(shared, tmp_path, name):
    there = read_table(shared / "data/audio" / name)
    assert read_table(write_table(there, tmp_path / "t.txt", "raven")) == there


def test_the_rows_of_other_views_are_the_same_selection():
    found = read(
        "1\tWaveform 1\t1\t1.0\t2.0\t0\t24000",
        "1\tSpectrogram 1\t1\t1.0\t2.0\t900\t4000",
        "2\tSpectrogram 1\t1\t3.0\t4.0\t900\t4000",
        "2\tWaveform 1\t1\t3.0\t4.0\t0\t24000",
        "3\tWaveform 1\t1\t5.0\t6.0\t0\t24000",
    )
    assert events(found) == [
        Event(1.0, 2.0, "", 0.0, 900.0, 4000.0),
        Event(3.0, 4.0, "", 0.0, 900.0, 4000.0),
        Event(5.0, 6.0, "", 0.0, 0.0, 24000.0),
    ]


def test_tables_put_one_below_the_other_keep_all_selections():
    row = "1\tSpectrogram 1\t1\t{}\t9\t0\t100"
    assert len(events(read(row.format(1), row.format(2)))) == 2


def test_rows_of_one_view_are_never_the_same_selection():
    row = "1\tSpectrogram 1\t1\t1\t2\t0\t100\t{}"
    found = read(row.format("a"), row.format("b"), head=f"{HEAD}\tSpecies")
    assert [event.label for event in events(found)] == ["a", "b"]


def test_the_same_selection_in_two_channels_is_two_marks():
    found = read("1\tSpectrogram 1\t1\t1\t2\t0\t9", "1\tSpectrogram 2\t2\t1\t2\t0\t9")
    assert [mark.channel for mark in found[0].marks] == [1, 2]


def test_a_table_of_several_sounds_has_times_in_each():
    head = f"{HEAD}\tBegin File\tFile Offset (s)\tSpecies"
    row = "{}\tSpectrogram 1\t1\t{}\t{}\t0\t9\t{}\t{}\tx"
    found = read(
        row.format(1, 5, 6, "a.wav", 5),
        row.format(2, 65, 67, "b.wav", 5),
        row.format(3, 70, 71, "b.wav", 10),
        head=head,
    )
    assert [(sheet.sound.path, events([sheet])) for sheet in found] == [
        ("a.wav", [Event(5, 6, "x", 0.0, 0, 9)]),
        ("b.wav", [Event(5, 7, "x", 0.0, 0, 9), Event(10, 11, "x", 0.0, 0, 9)]),
    ]


def test_several_sounds_without_offsets_are_refused():
    row = "{}\tSpectrogram 1\t1\t1\t2\t0\t9\t{}"
    with pytest.raises(BadInput, match=r"save it again with the column File Offset \(s\)"):
        read(row.format(1, "a.wav"), row.format(2, "b.wav"), head=f"{HEAD}\tBegin File")
    assert read(row.format(1, "a.wav"), head=f"{HEAD}\tBegin File")[0].sound.path == "a.wav"


def test_one_sound_is_written_as_raven_does():
    sound = SoundFile("x.wav", sr=48000)
    rows = written(Sheet(sound, [Mark(SONG), Mark(Event(0.5, 0.75, "call"))]))
    assert rows == [
        [*HEAD.split("\t"), "Annotation"],
        ["1", "Spectrogram 1", "1", "0.5", "0.75", "0", "24000", "call"],
        ["2", "Spectrogram 1", "1", "1.25", "2.5", "1800", "5200", "Robin"],
    ]


def test_scores_and_further_columns_are_written_when_there_are_any():
    event = Event(0, 1, "x", 7.5, 100.0, 200.0, 150.0, 12.25)
    mark = Mark(event, by="Ada", note="far\toff", other={"Distance": "30 m", "Channel": "no"})
    head, row = written(Sheet(SoundFile(), [mark]))
    assert dict(zip(head[7:], row[7:], strict=True)) == {
        "Annotation": "x",
        "Score": "7.5",
        "Peak Freq (Hz)": "150",
        "SNR (dB)": "12.25",
        "Annotator": "Ada",
        "Notes": "far off",
        "Distance": "30 m",
    }
    (again,) = decode_table(FORMATS["raven"].encode([Sheet(SoundFile(), [mark])]), "t.txt")
    assert again.marks[0].event == event
    assert (again.marks[0].by, again.marks[0].note) == ("Ada", "far off")


def test_several_sounds_are_written_one_after_another():
    first = Sheet(SoundFile("a.wav", "/lab/a.wav", duration_s=60.0, sr=8000), [Mark(SONG)])
    second = Sheet(SoundFile("b.wav", "C:\\lab\\b.wav", duration_s=30.0, sr=8000), [Mark(SONG)])
    head, *rows = written(first, second)
    assert [dict(zip(head[3:10], row[3:10], strict=True)) for row in rows] == [
        {
            "Begin Time (s)": begin,
            "End Time (s)": end,
            "Low Freq (Hz)": "1800",
            "High Freq (Hz)": "5200",
            "Begin File": name,
            "Begin Path": path,
            "File Offset (s)": "1.25",
        }
        for begin, end, name, path in [
            ("1.25", "2.5", "a.wav", "/lab/a.wav"),
            ("61.25", "62.5", "b.wav", "C:\\lab\\b.wav"),
        ]
    ]
    again = decode_table(FORMATS["raven"].encode([first, second]), "t.txt")
    assert [sheet.sound.path for sheet in again] == ["/lab/a.wav", "C:\\lab\\b.wav"]
    assert events(again) == [SONG, SONG]


def test_several_sounds_need_their_lengths():
    sheets = [Sheet(SoundFile(name), [Mark(SONG)]) for name in ("a.wav", "b.wav")]
    with pytest.raises(BadInput, match=r"the length of a\.wav is not known"):
        FORMATS["raven"].encode(sheets)


def test_an_unknown_format_or_file_is_told(tmp_path):
    with pytest.raises(NotFound, match="there is no file"):
        read_table(tmp_path / "nothing.txt")
    with pytest.raises(NotFound, match=r"no table format 'excel'; there are: raven, audacity"):
        write_table([], tmp_path / "x", "excel")


def test_a_table_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(BadInput):
        write_table([Sheet(SoundFile("a")), Sheet(SoundFile("b"))], tmp_path / "x.txt", "raven")
    assert list(tmp_path.iterdir()) == []
