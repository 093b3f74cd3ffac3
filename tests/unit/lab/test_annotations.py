"""What people mark in the sounds of a lab, and taking it in from files and out to them."""

from __future__ import annotations

import json
from dataclasses import replace

import duckdb
import numpy as np
import pytest
import soundfile

from octolab.audio.tables import read_table
from octolab.errors import BadInput, NotFound
from octolab.lab import Lab
from octolab.lab.tables import take_in
from octolab.model import Annotation, Event

SONG = Event(1.25, 2.5, "Robin", low_hz=1800.0, high_hz=5200.0)
CALL = Event(0.5, 0.75, "call")


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path / "meadow") as lab:
        yield lab


@pytest.fixture
def sound(lab, shared):
    return lab.add_sound(shared / "data/audio/opensoundscape/birds_10s.wav")


def test_what_was_marked_in_a_sound_is_found_in_the_lab(lab, sound):
    new = sound.annotate([SONG, CALL], by="Ada")
    assert [one.event for one in new] == [SONG, CALL]
    assert sound.annotations() == [new[1], new[0]]  # by time
    assert sound.tags == ("Robin", "call")
    assert lab.find(tags=["Robin"]) == [sound]
    assert lab.annotations("call") == [new[1]]
    assert sound.edit_annotations(remove=[new[1].id]) == [new[0]]
    assert sound.tags == ("Robin",)


def test_events_of_an_analysis_can_be_marked(sound):
    found = sound.analyze("sound-energy").events
    assert found
    assert [one.event for one in sound.annotate(found)] == list(found)


def test_annotations_go_with_the_trash(lab, sound):
    sound.annotate([SONG])
    sound.delete()
    assert lab.annotations() == []
    lab.restore([sound])
    assert len(lab.annotations()) == 1
    sound.delete()
    lab.purge()
    assert lab.annotations() == []


HEAD = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"


@pytest.fixture
def table(tmp_path):
    """Write a selection table of Raven: rows of begin, end and further cells."""

    def write(*rows: str, head: str = "Species"):
        path = tmp_path / "table.txt"
        lines = [f"{n}\tSpectrogram 1\t1\t{row}" for n, row in enumerate(rows, 1)]
        path.write_text("\n".join([f"{HEAD}\t{head}", *lines]), "utf-8")
        return path

    return write


@pytest.fixture(params=["wav", "flac"])
def cut(lab, tmp_path, request):
    """A sound of two seconds, of which a battery wrote less than half a second."""
    path = tmp_path / f"cut.{request.param}"
    y = np.random.default_rng(0).normal(0, 0.1, 96_000)
    soundfile.write(path, y, 48_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 23 // 100])
    return lab.add_sound(path)


def events(annotations):
    return [one.event for one in annotations]


@pytest.mark.parametrize(
    "name", ["raven", "audacity", "csv", "parquet", "aoef", "darwin-core", "json"]
)
def test_what_was_marked_goes_out_and_comes_in_again(lab, sound, shared, tmp_path, name):
    noted = Annotation(0, 0, SONG, by="Ada", note="far")
    sound.annotate([noted, CALL])
    out = sound.export(name, tmp_path / "table")
    other = lab.add_sound(shared / "data/audio/opensoundscape/1min.wav")
    found = other.import_annotations(out, by="Bob")
    if name == "raven":  # has no marks without a band
        whole = replace(CALL, low_hz=0.0, high_hz=16_000.0)
        assert events(found) == [whole, SONG]
    else:
        assert sorted(events(found), key=str) == sorted([CALL, SONG], key=str)
    song = next(one for one in found if one.event == SONG)
    assert song.by == ("Bob" if name == "audacity" else "Ada")
    assert song.note == ("" if name == "audacity" else "far")


@pytest.mark.parametrize(
    "name", ["raven", "audacity", "csv", "parquet", "aoef", "darwin-core", "json"]
)
def test_what_is_there_already_is_not_doubled(lab, sound, tmp_path, name):
    sound.annotate([SONG, CALL, CALL])
    out = sound.export(name, tmp_path / "table")
    sound.edit_annotations(remove=[sound.annotations()[-1].id])
    assert events(sound.import_annotations(out)) == [SONG]
    assert sound.import_annotations(out) == []
    assert sorted(events(sound.annotations()), key=str) == sorted([SONG, CALL, CALL], key=str)


@pytest.mark.parametrize("name", ["aoef", "darwin-core", "json"])
def test_a_table_with_keys_changes_what_it_knows(lab, sound, tmp_path, name):
    sound.annotate([SONG])
    out = sound.export(name, tmp_path / "table")
    (mine,) = sound.annotations()
    sound.edit_annotations(change={mine.id: replace(SONG, start=1.0, label="Wren")})
    taken = take_in(lab, sound, read_table(out), "table")
    assert (taken.new, taken.changed, taken.known) == ([], 1, 0)
    assert [(one.id, one.event) for one in sound.annotations()] == [(mine.id, SONG)]


@pytest.mark.parametrize("name", ["aoef", "darwin-core", "json"])
def test_a_table_with_keys_brings_its_notes_and_scores(lab, sound, tmp_path, name):
    (mine,) = sound.annotate([Annotation(0, 0, replace(SONG, score=0.5), note="far\noff")])
    taxa = {"Robin": "Erithacus rubecula"}
    before = lab.export([sound], name, tmp_path / "before", taxa=taxa)
    for changed in (replace(mine, note="near"), replace(mine, event=replace(SONG, score=0.75))):
        sound.edit_annotations(change={mine.id: changed})
        taken = take_in(lab, sound, read_table(before), "before")
        assert (taken.new, taken.changed, taken.known) == ([], 1, 0)
        (found,) = sound.annotations()
        assert found.id == mine.id
        assert found.event.score == 0.5
        assert found.note.split()[:2] == ["far", "off"]
        taken = take_in(lab, sound, read_table(before), "before")
        assert (taken.new, taken.changed, taken.known) == ([], 0, 1)


def test_a_table_that_names_another_sound_says_so(lab, sound, table):
    path = table("1\t2\t0\t100\ta\tother.wav", head="Species\tBegin File")
    assert take_in(lab, sound, read_table(path), "table").named == "other.wav"
    path = table("1\t2\t0\t100\ta\tbirds_10s.wav", head="Species\tBegin File")
    assert take_in(lab, sound, read_table(path), "table").named == ""


def test_nothing_is_marked_past_the_end(sound):
    with pytest.raises(BadInput, match="past the end"):
        sound.annotate([Event(100, 101, "x")])
    (late,) = sound.annotate([Event(9, 12, "y")])
    with pytest.raises(BadInput, match="past the end"):
        sound.edit_annotations(change={late.id: Event(100, 101, "x")})
    assert events(sound.annotations()) == [Event(9.0, sound.duration_s, "y")]


def test_of_a_sound_that_is_cut_off_only_what_can_be_read_is_marked(tmp_path, cut):
    with pytest.raises(BadInput, match=r"past the end of cut\..* \(0\.4"):
        cut.annotate([Event(1.25, 1.5, "x")])
    (late,) = cut.annotate([Event(0.25, 1.5, "y")])
    assert 0.4 < late.event.end < 0.5
    (sheet,) = read_table(cut.export("aoef", tmp_path / "cut.json"))
    assert (sheet.sound.duration_s, sheet.sound.sr) == (late.event.end, 48000)
    assert [mark.event for mark in sheet.marks] == [late.event]
    (sheet,) = read_table(cut.export("raven", tmp_path / "cut.txt"))
    assert sheet.marks[0].event.high_hz == 24000


def test_a_table_of_raven_over_a_sound_is_marked_in_it(lab, shared):
    hermit = lab.add_sound(shared / "data/audio/ohun/lbh1.wav")
    found = hermit.import_annotations(shared / "data/audio/ohun/lbh1.Table.1.selections.txt")
    assert len(found) == len(hermit.annotations()) == 10
    assert found[0].event.low_hz == 1982.4


def test_further_columns_are_kept_as_a_note(sound, table):
    path = table("1\t2\t0\t100\tWOTH\t30\tsong\t55", head="Species\tdistance\ttype\tPower (dB)")
    (found,) = sound.import_annotations(path)
    assert (found.event.label, found.note) == ("WOTH", "distance: 30\ntype: song")


def test_a_label_past_the_end_is_named_and_nothing_is_marked(sound, table):
    path = table("1\t2\t0\t100\ta", "11.2\t12\t0\t100\tb")
    late = (
        r"^table\.txt, line 3: it begins at 11\.200 s, past the end of birds_10s\.wav \(10\.133 s"
    )
    with pytest.raises(BadInput, match=late) as caught:
        sound.import_annotations(path)
    assert "после конца" in caught.value.localized("ru")
    assert sound.annotations() == []


def test_a_label_that_ends_past_the_end_ends_with_the_sound(sound, table):
    found = sound.import_annotations(table("9\t12\t0\t100\ta", "10.3\t12\t0\t100\tb"))
    assert events(found) == [
        Event(9.0, sound.duration_s, "a", 0.0, 0.0, 100.0),
        Event(sound.duration_s, sound.duration_s, "b", 0.0, 0.0, 100.0),
    ]


def test_a_table_of_several_sounds_is_shared_out(lab, sound, shared, table):
    other = lab.add_sound(shared / "data/audio/opensoundscape/1min.wav")
    path = table(
        "1\t2\t0\t100\ta\tbirds_10s.wav\t1",
        "12\t13\t0\t100\tb\t1min.wav\t2",
        head="Species\tBegin File\tFile Offset (s)",
    )
    assert [one.artifact for one in lab.import_annotations(path)] == [sound.id, other.id]
    assert events(other.annotations()) == [Event(2.0, 3.0, "b", 0.0, 0.0, 100.0)]
    other.edit_annotations(remove=[one.id for one in other.annotations()])
    assert events(other.import_annotations(path)) == events(lab.annotations("b"))[:1]
    third = lab.add_sound(shared / "data/audio/opensoundscape/rugr_drum.wav")
    with pytest.raises(BadInput, match=r"none is rugr_drum\.wav; it names: birds_10s\.wav, 1min"):
        third.import_annotations(path)


def test_a_table_of_strangers_marks_nothing(lab, sound, table):
    head = "Species\tBegin File\tFile Offset (s)"
    known, strange = "1\t2\t0\t1\ta\tbirds_10s.wav\t1", "1\t2\t0\t1\ta\tno.wav\t1"
    with pytest.raises(BadInput, match=r"of sounds that are not in the lab: no\.wav"):
        lab.import_annotations(table(known, strange, head=head))
    with pytest.raises(BadInput, match="does not say which sound it is of"):
        lab.import_annotations(table("1\t2\t0\t1\ta"))
    assert lab.annotations() == []


@pytest.fixture
def twins(lab, tmp_path):
    """The sounds of two recorders that were switched on at one time."""

    def recorded(site: str, hz: int):
        path = tmp_path / site / "20260510_040000.WAV"
        path.parent.mkdir()
        soundfile.write(path, np.sin(np.arange(40_000) * hz / 8000), 8000)
        return lab.add_sound(path)

    return recorded("siteA", 500), recorded("siteB", 900)


BIRDNET = """Start (s),End (s),Scientific name,Common name,Confidence,File
0.0,3.0,Erithacus rubecula,European Robin,0.91,/sd/siteA/20260510_040000.WAV
1.0,4.0,Turdus merula,Blackbird,0.75,{other}
"""
SITE_B = r"D:\siteB\20260510_040000.WAV"


@pytest.fixture
def birdnet(tmp_path):
    """A table of BirdNET of two sounds, one of them that of the first recorder."""

    def write(other: str = SITE_B):
        path = tmp_path / "birdnet.csv"
        path.write_text(BIRDNET.format(other=other))
        return path

    return write


def test_sounds_that_only_share_a_name_are_not_taken_for_one(lab, twins, birdnet):
    path = birdnet()
    several = r"^birdnet\.csv is of several sounds called 20260510_040000\.WAV: /sd/siteA.*, D:"
    with pytest.raises(BadInput, match=r"^2 sounds are called 20260510_040000\.WAV; import bird"):
        lab.import_annotations(path)
    with pytest.raises(BadInput, match=several) as caught:
        twins[0].import_annotations(path)
    assert "сделайте таблицу для каждого" in caught.value.localized("ru")
    twins[1].delete()
    with pytest.raises(BadInput, match=several):
        lab.import_annotations(path)
    assert lab.annotations() == []


def test_a_sound_that_alone_has_its_name_gets_its_rows(lab, twins, birdnet):
    path = birdnet("/sd/siteC/20260510_050000.WAV")
    assert len(twins[0].import_annotations(path)) == 1
    same = birdnet("/sd/siteA/20260510_040000.WAV")
    assert len(twins[1].import_annotations(same)) == 2


@pytest.mark.parametrize("name", ["csv", "parquet", "aoef", "darwin-core", "json", "raven"])
def test_a_lab_tells_sounds_of_one_name_apart(lab, twins, tmp_path, name):
    for twin, label in zip(twins, "ab", strict=True):
        twin.annotate([replace(SONG, label=label, high_hz=3000.0)])
    out = lab.export(twins, name, tmp_path / "table")
    for twin in twins:
        twin.edit_annotations(remove=[one.id for one in twin.annotations()])
    assert [one.event.label for one in twins[1].import_annotations(out)] == ["b"]
    assert [one.artifact for one in lab.import_annotations(out)] == [twins[0].id]
    assert [[one.event.label for one in twin.annotations()] for twin in twins] == [["a"], ["b"]]


def test_a_name_does_not_hide_that_a_table_is_of_another_sound(lab, sound, twins, tmp_path):
    for one in (sound, twins[1]):
        one.annotate([CALL])
    out = lab.export([twins[1]], "csv", tmp_path / "one.csv")
    taken = take_in(lab, twins[0], read_table(out), "one.csv")
    assert (len(taken.new), taken.named) == (1, twins[1].record.path)
    out = lab.export([sound, twins[1]], "csv", tmp_path / "table.csv")
    with pytest.raises(BadInput, match="is of several sounds, and none is 20260510_040000"):
        twins[0].import_annotations(out)


def test_of_two_copies_the_one_at_the_path_is_meant(lab, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.sin(np.arange(40_000)), 8000)
    copies = [lab.add_sound(path, captured_at=f"2026-05-{day}T12:00:00Z") for day in (10, 11)]
    assert copies[0].cid == copies[1].cid
    for copy, label in zip(copies, "ab", strict=True):
        copy.annotate([replace(CALL, label=label)])
    out = lab.export(copies, "csv", tmp_path / "table.csv")
    for copy in copies:
        copy.edit_annotations(remove=[one.id for one in copy.annotations()])
    lab.import_annotations(out)
    assert [[one.event.label for one in copy.annotations()] for copy in copies] == [["a"], ["b"]]


@pytest.mark.parametrize("name", ["csv", "parquet", "aoef", "darwin-core", "json", "raven"])
def test_a_table_of_a_lab_finds_its_sounds_again(lab, sound, shared, tmp_path, name):
    other = lab.add_sound(shared / "data/audio/opensoundscape/1min.wav")
    sound.annotate([SONG])
    other.annotate([SONG, SONG])
    out = lab.export([other, sound], name, tmp_path / "table")
    for one in (sound, other):
        one.edit_annotations(remove=[mark.id for mark in lab.annotations()])
    found = lab.import_annotations(out)
    assert sorted(one.artifact for one in found) == [sound.id, other.id, other.id]


def test_what_an_analysis_found_goes_out_above_a_threshold(sound, tmp_path):
    found = sound.analyze("sound-energy")
    assert len(found.events) > 1
    limit = sorted(event.score for event in found.events)[1]
    out = sound.export("csv", tmp_path / "a.csv", analysis="sound-energy", threshold=limit)
    wanted = [event for event in found.events if event.score >= limit]
    (sheet,) = read_table(out)
    assert [mark.event for mark in sheet.marks] == wanted
    assert len(wanted) < len(found.events)
    again = sound.export("csv", tmp_path / "b.csv", analysis=found)
    assert len(read_table(again)[0].marks) == len(found.events)


def test_an_analyzer_that_was_not_run_is_run(sound, tmp_path):
    sound.export("audacity", tmp_path / "a.txt", analysis="sound-energy")
    assert [one.analyzer for one in sound.analyses()] == ["sound-energy"]
    with pytest.raises(NotFound):
        sound.export("audacity", tmp_path / "a.txt", analysis="no-such")


def test_a_report_holds_all_that_is_known(lab, sound, tmp_path):
    sound.annotate([SONG], by="Ada")
    sound.analyze("sound-energy")
    (told,) = json.loads(sound.export("json", tmp_path / "r.json").read_text())["sounds"]
    assert (told["cid"], told["name"], told["sr"]) == (sound.cid, "birds_10s.wav", 32000)
    assert [one["label"] for one in told["annotations"]] == ["Robin"]
    assert [one["analyzer"] for one in told["analyses"]] == ["sound-energy"]


def test_a_parquet_table_has_absolute_times_and_names(lab, sound, tmp_path):
    sound.annotate([SONG])
    out = lab.export(
        [sound], "parquet", tmp_path / "a.parquet", taxa={"Robin": "Erithacus rubecula"}
    )
    chosen = "SELECT name, cid, taxon, epoch(start_utc - recorded_utc) FROM read_parquet(?)"
    with duckdb.connect(":memory:") as database:
        rows = database.execute(chosen, [str(out)]).fetchall()
    assert rows == [("birds_10s.wav", sound.cid, "Erithacus rubecula", 1.25)]


def test_a_picture_has_no_table_of_sounds(lab, shared, tmp_path):
    frame = lab.add_frame(shared / "data/vision/plantcv/setaria_small_plant_rgb.png")
    with pytest.raises(BadInput, match="is a picture, not a sound"):
        lab.export([frame], "csv", tmp_path / "a.csv")
    with pytest.raises(NotFound, match="no table format 'excel'"):
        lab.export([], "excel", tmp_path / "a.xls")


def test_a_sound_whose_file_is_gone_can_still_tell_its_marks(sound, tmp_path):
    sound.annotate([SONG])
    sound.path.unlink()
    (sheet,) = read_table(sound.export("csv", tmp_path / "a.csv"))
    assert sheet.marks[0].event == SONG
