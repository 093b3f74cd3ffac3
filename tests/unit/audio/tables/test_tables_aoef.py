"""AOEF, with the package soundevent at the other end."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from datetime import time as clock

import pytest
from soundevent import data, io

from octolab.audio.tables import Mark, Sheet, SoundFile, decode_table, read_table, write_table
from octolab.errors import BadInput
from octolab.model import Analysis, Event

NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
SOUND = SoundFile(
    "sounds/a.wav", "", "bafkreia", "", 60.0, 48000, 2, NOON, latitude=51.5, longitude=-0.25
)
ROOM = {"uuid": "r", "path": "a.wav", "duration": 9, "channels": 1, "samplerate": 8000}
SPECIES = data.term_from_key("species")


@pytest.fixture
def recording():
    return data.Recording(
        path="/field/site 1/a.wav",
        duration=60.0,
        channels=2,
        samplerate=48000,
        date=date(2026, 11, 22),
        time=clock(12, 30),
        latitude=51.5,
        longitude=-0.25,
    )


def test_an_annotation_set_of_soundevent_is_read(recording, tmp_path):
    def marked(geometry, *tags, **said):
        event = data.SoundEvent(recording=recording, geometry=geometry)
        return data.SoundEventAnnotation(sound_event=event, tags=list(tags), **said)

    robin = data.Tag(term=SPECIES, value="Robin")
    song = data.Tag(term=data.term_from_key("type"), value="song")
    made = [
        marked(
            data.BoundingBox(coordinates=[1.0, 1000.0, 2.0, 5000.0]),
            song,
            robin,
            created_by=data.User(name="Ada"),
            notes=[data.Note(message="far")],
        ),
        marked(data.TimeInterval(coordinates=[3.0, 4.0])),
        marked(data.TimeStamp(coordinates=5.0)),
        marked(data.Polygon(coordinates=[[[6, 100], [7, 300], [6.5, 900], [6, 100]]])),
        marked(data.LineString(coordinates=[[8, 200], [9, 100]])),
        marked(data.Point(coordinates=[10, 440])),
        marked(data.MultiPoint(coordinates=[[11, 1], [12, 2]])),
        marked(data.BoundingBox(coordinates=[13.0, 10.0, 14.0, 5_000_000.0])),
    ]
    clip = data.Clip(recording=recording, start_time=0, end_time=60)
    whole = data.AnnotationSet(clip_annotations=[data.ClipAnnotation(clip=clip, sound_events=made)])
    io.save(whole, tmp_path / "a.json")

    (sheet,) = read_table(tmp_path / "a.json")
    assert sheet.sound == SoundFile(
        "/field/site 1/a.wav", "", "", "", 60.0, 48000, 2, NOON, None, 51.5, -0.25
    )
    assert [mark.event for mark in sheet.marks] == [
        Event(1.0, 2.0, "Robin", 0.0, 1000.0, 5000.0),
        Event(3.0, 4.0),
        Event(5.0, 5.0),
        Event(6.0, 7.0, "", 0.0, 100.0, 900.0),
        Event(8.0, 9.0, "", 0.0, 100.0, 200.0),
        Event(10.0, 10.0, "", 0.0, 440.0, 440.0),
        Event(11.0, 12.0, "", 0.0, 1.0, 2.0),
        Event(13.0, 14.0, "", 0.0, 10.0, None),
    ]
    first = sheet.marks[0]
    assert (first.by, first.note, first.other) == ("Ada", "far", {"type": "song"})
    assert first.key == str(made[0].uuid)
    assert read_table(tmp_path / "a.json", label="type")[0].marks[0].event.label == "song"


def test_a_prediction_set_of_soundevent_is_read(recording, tmp_path):
    event = data.SoundEvent(recording=recording, geometry=data.TimeInterval(coordinates=[1.0, 2.0]))
    tags = [
        data.PredictedTag(tag=data.Tag(term=SPECIES, value=name), score=score)
        for name, score in (("Wren", 0.2), ("Robin", 0.7))
    ]
    found = data.SoundEventPrediction(sound_event=event, score=0.75, tags=tags)
    clip = data.Clip(recording=recording, start_time=0, end_time=60)
    whole = data.PredictionSet(
        clip_predictions=[data.ClipPrediction(clip=clip, sound_events=[found])]
    )
    io.save(whole, tmp_path / "p.json")
    (sheet,) = read_table(tmp_path / "p.json")
    assert [mark.event for mark in sheet.marks] == [Event(1.0, 2.0, "Robin", 0.75)]


def test_soundevent_reads_what_people_marked(tmp_path):
    marks = [
        Mark(
            Event(1.25, 2.5, "Robin", 0.0, 1800.0, 5200.0, 3100.0, 12.5),
            taxon="Erithacus rubecula",
            by="Ада",
            note="вдалеке",
            made_at=NOON,
            other={"type": "song"},
        ),
        Mark(Event(3.0, 3.0)),
        Mark(Event(4.0, 5.0, "Robin", 0.0, None, 900.0)),
        Mark(Event(6.0, 7.0, "Robin", 0.0, 100.0, None)),
    ]
    path = write_table([Sheet(SOUND, marks)], tmp_path / "a.json", "aoef")
    whole = io.load(path, type="annotation_set", audio_dir="/lab")
    (clip,) = whole.clip_annotations
    recording = clip.clip.recording
    assert str(recording.path) == "/lab/sounds/a.wav"
    assert (recording.duration, recording.channels, recording.samplerate) == (60.0, 2, 48000)
    assert (recording.date, recording.time) == (date(2026, 11, 22), clock(12, 30))
    first, point, below, above = clip.sound_events
    assert first.sound_event.geometry.coordinates == [1.25, 1800.0, 2.5, 5200.0]
    assert {(tag.term.name, tag.value) for tag in first.tags} == {
        ("label", "Robin"),
        ("dwc:scientificName", "Erithacus rubecula"),
        ("type", "song"),
    }
    assert (first.created_by.name, first.notes[0].message) == ("Ада", "вдалеке")
    assert point.sound_event.geometry.coordinates == 3.0
    assert below.sound_event.geometry.coordinates == [4.0, 0.0, 5.0, 900.0]
    assert above.sound_event.geometry.coordinates == [6.0, 100.0, 7.0, 5_000_000.0]

    (again,) = read_table(path)
    assert again.sound == SOUND
    assert [mark.event for mark in again.marks] == [
        marks[0].event,
        marks[1].event,
        Event(4.0, 5.0, "Robin", 0.0, 0.0, 900.0),
        marks[3].event,
    ]
    assert again.marks[0].made_at == NOON


def test_soundevent_reads_what_an_analysis_found(tmp_path):
    mark = Mark(Event(1.0, 2.0, "call", 12.5, 100.0, 200.0, 150.0, 9.0))
    sheet = Sheet(SOUND, [mark], Analysis(analyzer="sound-events"))
    path = write_table([sheet], tmp_path / "p.json", "aoef")
    whole = io.load(path, type="prediction_set")
    (found,) = whole.clip_predictions[0].sound_events
    assert found.score == 1.0
    assert {feature.term.name: feature.value for feature in found.sound_event.features} == {
        "score": 12.5,
        "peak_hz": 150.0,
        "snr_db": 9.0,
    }
    assert read_table(path)[0].marks[0].event == mark.event


def test_soundevent_and_we_pass_it_to_and_fro(recording, tmp_path):
    box = data.BoundingBox(coordinates=[1.0, 1000.0, 2.0, 5000.0])
    event = data.SoundEventAnnotation(
        sound_event=data.SoundEvent(recording=recording, geometry=box),
        tags=[data.Tag(term=SPECIES, value="Robin")],
    )
    clip = data.Clip(recording=recording, start_time=0, end_time=60)
    whole = data.AnnotationSet(
        clip_annotations=[data.ClipAnnotation(clip=clip, sound_events=[event])]
    )
    io.save(whole, tmp_path / "a.json")
    there = read_table(tmp_path / "a.json")
    back = io.load(write_table(there, tmp_path / "b.json", "aoef"), type="annotation_set")
    (same,) = back.clip_annotations[0].sound_events
    assert same.sound_event.geometry == box
    assert same.tags[0].value == "Robin"
    assert back.clip_annotations[0].clip.recording.path == recording.path


def test_the_same_marks_have_the_same_numbers_each_time(tmp_path):
    sheets = [Sheet(SOUND, [Mark(Event(0, 1)), Mark(Event(0, 1))])]
    one, two = (
        json.loads(write_table(sheets, tmp_path / name, "aoef").read_text())["data"]
        for name in ("1.json", "2.json")
    )
    assert one["sound_event_annotations"] == two["sound_event_annotations"]
    assert len({event["uuid"] for event in one["sound_events"]}) == 2


def test_a_dataset_without_annotations_is_told():
    whole = {"version": "1.1.0", "data": {"collection_type": "dataset", "recordings": []}}
    with pytest.raises(BadInput, match=r"sd\.json holds recordings but no annotations"):
        decode_table(json.dumps(whole).encode(), "sd.json", "aoef")


def test_a_sound_of_unknown_length_can_not_be_written():
    with pytest.raises(BadInput, match=r"the length and the rate of x\.wav are not known"):
        write_table([Sheet(SoundFile("x.wav"))], "x", "aoef")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"version": "1.1.0"}, "not a whole AOEF file: KeyError 'data'"),
        ({"data": []}, "not a whole AOEF file"),
        ({"data": {"sound_event_annotations": [{"sound_event": "x"}]}}, "KeyError 'x'"),
        ([], "not a whole AOEF file"),
        ({"data": {"recordings": [{**ROOM, "samplerate": 1e999}]}}, "AOEF file: OverflowError"),
        ({"data": {"recordings": [{**ROOM, "duration": 10**400}]}}, "AOEF file: OverflowError"),
    ],
)
def test_a_broken_file_is_told(content, why):
    with pytest.raises(BadInput, match=why):
        decode_table(json.dumps(content).encode(), "a.json", "aoef")


@pytest.mark.parametrize(
    ("coordinates", "why"),
    [
        ([2.0, 0.0, 1.0, 9.0], "its box is reversed"),
        ([-1.0, 0.0, 1.0, 9.0], "it begins at -1.0 s"),
        ([float("nan"), 0.0, 1.0, 9.0], "not a number"),
    ],
)
def test_an_impossible_event_is_named(coordinates, why):
    content = {
        "data": {
            "collection_type": "annotation_set",
            "recordings": [ROOM],
            "sound_events": [
                {
                    "uuid": "e",
                    "recording": "r",
                    "geometry": {"type": "BoundingBox", "coordinates": coordinates},
                }
            ],
        }
    }
    with pytest.raises(BadInput, match=f"a.json, sound event 1: .*{why}"):
        decode_table(json.dumps(content).encode(), "a.json")
