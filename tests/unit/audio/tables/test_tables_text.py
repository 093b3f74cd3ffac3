"""Text tables as people have them: any encoding, delimiter, decimals; and broken ones."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octolab.audio.tables import FORMATS, Mark, Sheet, SoundFile, decode_table, format_of
from octolab.audio.tables.text import number
from octolab.errors import BadInput
from octolab.model import Event

HEAD = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tSpecies"
)
ROW = "1\tSpectrogram 1\t1\t1.5\t2.5\t100.5\t200\t{}"
EVENT = Event(1.5, 2.5, "", 0.0, 100.5, 200.0)


def table(*rows: str) -> str:
    return "\r\n".join([HEAD, *rows]) + "\r\n"


def labels(data: bytes) -> list[str]:
    return [mark.event.label for sheet in decode_table(data, "t.txt") for mark in sheet.marks]


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "Дрозд-пересмешник"),
        ("utf-8-sig", "Дрозд"),
        ("utf-16", "Дрозд"),
        ("utf-16-le", "Дрозд"),
        ("utf-16-be", "Moqueur roux"),
        ("cp1251", "Певчий дрозд"),
        ("cp1252", "Étourneau brûlé"),
        ("latin-1", "Größe"),
    ],
)
def test_the_encodings_of_windows_are_understood(encoding, label):
    assert labels(table(ROW.format(label)).encode(encoding)) == [label]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(end):
    data = end.join([HEAD, "", ROW.format("a"), ROW.format("b")]).encode()
    assert labels(data) == ["a", "b"]


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_table_saved_with_another_delimiter_is_read(sign):
    data = table(ROW.format("a")).replace("\t", sign).encode()
    assert [mark.event.label for mark in decode_table(data, "t.csv")[0].marks] == ["a"]


def test_decimal_commas_are_read():
    data = table(ROW.format("a").replace(".", ",")).encode()
    assert decode_table(data, "t.txt")[0].marks[0].event == Event(1.5, 2.5, "a", 0.0, 100.5, 200.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1\u202f234,5", 1234.5),
        ("1\u2009234.5", 1234.5),
        ("1\u00a0000", 1000.0),
        ("1,234.5", 1234.5),
        ("-1,234,567.25", -1_234_567.25),
        ("1.234,5", 1234.5),
        ("1,234", 1.234),  # a decimal comma is more usual than groups without decimals
    ],
)
def test_digits_may_stand_in_groups(text, value):
    assert number(text, "x") == value


@pytest.mark.parametrize("nothing", ["", "NA", "NaN", "nan", "null", "NULL", "–"])
def test_a_number_may_be_missing_in_any_way(nothing):
    data = table(f"1\tS\t{nothing}\t1\t2\t{nothing}\t{nothing}\tNA").encode()
    (mark,) = decode_table(data, "t.txt")[0].marks
    assert (mark.event, mark.channel) == (Event(1.0, 2.0, "NA"), None)


@pytest.mark.parametrize(
    ("first", "sign"),
    [("sep=;", ";"), ('"sep=;"', ";"), ("SEP=;;;;", ";"), ("sep=|", "|"), ("sep=\t", "\t")],
)
def test_excel_is_told_the_delimiter_and_so_are_we(first, sign):
    rows = ["start_s|end_s|label|peak, or about", "1|2|a;b,c|", "1|x||"]
    told = [first, *(row.replace("|", sign) for row in rows)]
    if sign == ";":
        told[2] = '1;2;"a;b,c";'
    assert labels("\r\n".join(told[:3]).encode()) == ["a;b,c"]
    with pytest.raises(BadInput, match=r"t\.txt, line 4: end_s is 'x'"):
        labels("\r\n".join(told).encode())


def test_a_table_of_raven_is_known_behind_a_delimiter():
    data = ("sep=\t\n" + table(ROW.format("a"))).encode()
    assert format_of(data, "t.txt") is FORMATS["raven"]
    assert labels(data) == ["a"]


def test_quotes_of_r_are_taken_off():
    quoted = "\t".join(f'"{cell}"' for cell in HEAD.split("\t"))
    assert labels(f'{quoted}\n1\t"S"\t1\t1\t2\t3\t4\t"a ""b"""\n'.encode()) == ['a "b"']


def test_a_quote_in_a_label_of_raven_is_a_quote():
    assert labels(table(ROW.format('"loud" one'), ROW.format("5' high")).encode()) == [
        '"loud" one',
        "5' high",
    ]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("1\tS\t1\tnan\t2\t3\t4", r"line 3: Begin Time \(s\) is 'nan', which is not a number"),
        ("1\tS\t1\t1\tinf\t3\t4", r"line 3: End Time \(s\) is 'inf'"),
        ("1\tS\t1\t\t2\t3\t4", r"line 3: Begin Time \(s\) is ''"),
        ("1\tS\t1\t1_0\t20\t3\t4", r"line 3: Begin Time \(s\) is '1_0'"),
        ("1\tS\t1\t-1\t2\t3\t4", r"line 3: it begins at -1.0 s, before the sound does"),
        ("1\tS\t1\t5\t2\t3\t4", r"line 3: it ends at 2.0 s, before it begins at 5.0 s"),
        ("1\tS\t1\t1\t2\t9\t4", r"line 3: its band can't go from 9.0 to 4.0 Hz"),
        ("1\tS\t1\t1\t2\t-9\t4", r"line 3: its band can't go"),
        ("1\tS\t1\t1\t2\tlow\t4", r"line 3: Low Freq \(Hz\) is 'low'"),
        ("1\tS\t1\t1\t2\t3\t4\ta\tb\tc", r"line 3: it has 10 cells, more than the head"),
        ("1\tS\t1\t1" + "0" * 400 + "\t2\t3\t4", r"line 3: Begin Time \(s\) is '1000"),
        ("1\tS\t1e400\t1\t2\t3\t4", "line 3: Channel is '1e400', which is not a number"),
        ("1\tS\t1\tNA\t2\t3\t4", r"line 3: Begin Time \(s\) is 'NA'"),
    ],
)
def test_an_impossible_row_is_named(cells, why):
    data = table(ROW.format("a"), cells, ROW.format("b")).encode()
    with pytest.raises(BadInput, match=f"^t.txt, {why}") as caught:
        decode_table(data, "t.txt")
    russian = caught.value.localized("ru")
    assert russian.startswith("t.txt, строка 3: ")


def test_a_label_rounded_to_before_the_sound_begins_with_it():
    (sheet,) = decode_table(table("1\tS\t1\t-0.0002\t2\t3\t4").encode(), "t.txt")
    assert sheet.marks[0].event.start == 0.0


def test_cells_missing_at_the_end_are_empty():
    (sheet,) = decode_table(table("1\tS\t1\t1\t2").encode(), "t.txt")
    assert sheet.marks[0].event == Event(1.0, 2.0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "t.txt is empty"),
        (b"\xef\xbb\xbf \r\n", "t.txt is empty"),
        (b"sep=;\r\n", "t.txt is empty"),
        (codecs.BOM_UTF16_LE, "t.txt is empty"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00", "not a text table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text table"),
        (b"start,length\n1,2\n", "has no column end_s; it has: start, length"),
        (b"dear diary\n", "t.txt has no column start_s; it has: dear diary"),
        (b'start_s,end_s\n"1,2\n', r"t.txt, line 2: it is not a row of a table"),
        (b"{}", "is JSON, but neither AOEF nor a report"),
        (b"PAR1nonsense", "is not a whole Parquet table"),
        (b"PK\x03\x04nonsense", "is not a whole Darwin Core archive"),
    ],
)
def test_what_is_no_table_is_told(data, why):
    with pytest.raises(BadInput, match=why):
        decode_table(data, "t.txt")


@pytest.mark.parametrize("name", ["raven", "csv"])
@pytest.mark.parametrize(
    "label",
    ["=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-song", "@SUM(A1)", "'=x", "''-y", "'quoted'"],
)
def test_no_label_is_run_by_a_spreadsheet(name, label):
    chosen = FORMATS[name]
    data = chosen.encode([Sheet(SoundFile(), [Mark(Event(0, 1, label))])])
    cells = data.decode("utf-8-sig").splitlines()[1].replace('"', "").split("\t,"[name == "csv"])
    assert not any(cell[:1] in "=+-@" for cell in cells if cell)
    assert labels(data) == [label]


def test_numbers_may_be_negative_where_a_formula_may_not_be():
    event = Event(0, 1, "-5", snr_db=-3.5)
    data = FORMATS["csv"].encode([Sheet(SoundFile(), [Mark(event)])])
    assert b",-5," in data
    assert decode_table(data, "t.csv")[0].marks[0].event == event


text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20).map(str.strip)
seconds = st.floats(0, 90_000, allow_nan=False)
hertz = st.none() | st.floats(0, 200_000)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda start, length, label, low, width, note: Mark(
                Event(
                    start,
                    start + length,
                    label,
                    0.0,
                    low,
                    None if low is None or width is None else low + width,
                ),
                note=note,
            ),
            seconds,
            seconds,
            text,
            hertz,
            hertz,
            text,
        ),
        max_size=5,
    )
)
def test_csv_and_parquet_give_back_what_they_were_given(marks):
    sheets = [Sheet(SoundFile(path="a.wav" if marks else ""), marks)]
    for name in ("csv", "parquet"):
        found = decode_table(FORMATS[name].encode(sheets), "t", name)
        assert [(sheet.sound, list(sheet.marks)) for sheet in found] == [
            (sheet.sound, list(sheet.marks)) for sheet in sheets
        ]


@pytest.mark.parametrize("name", ["raven", "audacity", "csv", "parquet"])
def test_twenty_thousand_rows_are_read(name):
    marks = [
        Mark(Event(n / 4, n / 4 + 0.125, f"call {n % 7}", 0.0, 1e3, 2e3)) for n in range(20_000)
    ]
    data = FORMATS[name].encode([Sheet(SoundFile(), marks)])
    (sheet,) = decode_table(data, "t")
    assert [mark.event for mark in sheet.marks[::1999]] == [mark.event for mark in marks[::1999]]
    assert len(sheet.marks) == 20_000


def test_each_format_is_known_by_its_content():
    sound = SoundFile("a.wav", duration_s=9.0, sr=8000)
    sheets = [Sheet(sound, [Mark(Event(0.0, 1.0, "x", 0.0, 1.0, 2.0))])]
    for one in FORMATS.values():
        assert format_of(one.encode(sheets), "t") is one
