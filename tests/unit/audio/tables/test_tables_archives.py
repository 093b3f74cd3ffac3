"""Darwin Core archives and JSON reports."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from octolab.audio.tables import FORMATS, Mark, Sheet, SoundFile, decode_table
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Metric

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOUND = SoundFile(
    "sounds/a.wav",
    "/lab/sounds/a.wav",
    "bafkreia",
    "audio/wav",
    60.0,
    48000,
    1,
    NOON,
    2.0,
    51.5,
    -0.25,
    "AudioMoth 1.8",
)
MARKED = Sheet(
    SOUND,
    [
        Mark(
            Event(1.25, 2.5, "зарянка", 0.0, 1800.0, 5200.0),
            taxon="Erithacus rubecula",
            by="Ада",
            note="вдалеке",
        ),
        Mark(Event(3.0, 3.0, "-song")),
    ],
)
FOUND = Sheet(
    SOUND,
    [Mark(Event(4.0, 5.0, "", 7.5, 100.0, 200.0, 150.0, 9.5))],
    Analysis(
        events=(Event(4.0, 5.0, "", 7.5, 100.0, 200.0, 150.0, 9.5),),
        metrics={"events": Metric(1, "")},
        analyzer="sound-events",
        version="0.2",
        params={"threshold": 4.5},
        created_at=NOON,
    ),
)


def tables(data: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name: list(
                csv.DictReader(
                    archive.read(name).decode().splitlines(),
                    delimiter="\t",
                    quoting=csv.QUOTE_NONE,
                )
            )
            for name in archive.namelist()
            if name.endswith(".txt")
        }


def test_an_occurrence_says_what_was_heard_when_and_by_whom():
    heard = tables(FORMATS["darwin-core"].encode([MARKED, FOUND]))["occurrence.txt"]
    first, point, machine = heard
    assert (
        first.items()
        >= {
            "basisOfRecord": "HumanObservation",
            "occurrenceStatus": "present",
            "eventID": "ipfs://bafkreia",
            "eventDate": "2026-11-22T12:00:01.250Z/2026-11-22T12:00:02.500Z",
            "eventTime": "12:00:01.250Z",
            "scientificName": "Erithacus rubecula",
            "verbatimIdentification": "зарянка",
            "identifiedBy": "Ада",
            "decimalLatitude": "51.5",
            "decimalLongitude": "-0.25",
            "geodeticDatum": "WGS84",
            "associatedMedia": "ipfs://bafkreia#t=1.250,2.500",
            "occurrenceRemarks": "вдалеке",
            "dynamicProperties": "",
        }.items()
    )
    assert first["occurrenceID"].startswith("urn:uuid:")
    assert len({row["occurrenceID"] for row in heard}) == 3
    assert (point["eventDate"], point["scientificName"]) == ("2026-11-22T12:00:03.000Z", "")
    assert machine["basisOfRecord"] == "MachineObservation"
    assert machine["identifiedBy"] == "OctoLab sound-events 0.2"
    assert json.loads(machine["dynamicProperties"]) == {
        "score": 7.5,
        "peakFrequencyHz": 150.0,
        "signalToNoiseDb": 9.5,
    }


def test_the_region_of_the_recording_is_told():
    both = tables(FORMATS["darwin-core"].encode([MARKED]))
    row = both["multimedia.txt"][0]
    assert row == {
        "occurrenceID": both["occurrence.txt"][0]["occurrenceID"],
        "identifier": "ipfs://bafkreia#t=1.250,2.500",
        "type": "Sound",
        "format": "audio/wav",
        "title": "sounds/a.wav",
        "accessURI": "ipfs://bafkreia",
        "isROIOf": "ipfs://bafkreia",
        "CreateDate": "2026-11-22T12:00:00.000Z",
        "startTime": "1.25",
        "endTime": "2.5",
        "startTimestamp": "2026-11-22T12:00:01.250Z",
        "endTimestamp": "2026-11-22T12:00:02.500Z",
        "freqLow": "1800",
        "freqHigh": "5200",
        "mediaDuration": "60",
        "captureDevice": "AudioMoth 1.8",
    }


def test_the_archive_describes_itself():
    with zipfile.ZipFile(io.BytesIO(FORMATS["darwin-core"].encode([MARKED]))) as archive:
        meta = ElementTree.fromstring(archive.read("meta.xml"))
        space = "{http://rs.tdwg.org/dwc/text/}"
        for part in meta:
            name = part.findtext(f"{space}files/{space}location")
            head = archive.read(name).decode().splitlines()[0].split("\t")
            fields = part.findall(f"{space}field")
            assert len(fields) >= 15
            for field in fields:
                assert head[int(field.get("index"))] == field.get("term").rsplit("/", 1)[1]
    assert [part.tag for part in meta] == [f"{space}core", f"{space}extension"]


def test_an_archive_comes_back():
    (sheet,) = decode_table(FORMATS["darwin-core"].encode([MARKED]), "a.zip")
    assert sheet.sound.cid == "bafkreia"
    assert sheet.sound.started_at == NOON
    assert [mark.event for mark in sheet.marks] == [mark.event for mark in MARKED.marks]
    assert (sheet.marks[0].taxon, sheet.marks[0].by) == ("Erithacus rubecula", "Ада")
    (named,) = decode_table(
        FORMATS["darwin-core"].encode([MARKED]), "a.zip", label="scientificName"
    )
    assert named.marks[0].event.label == "Erithacus rubecula"


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("_", "."), text)
    return out.getvalue()


META = """<archive xmlns="http://rs.tdwg.org/dwc/text/">
 <core rowType="http://rs.tdwg.org/dwc/terms/Occurrence" ignoreHeaderLines="{header}">
  <files><location>o.csv</location></files><id index="0"/>
  <field index="1" term="http://rs.tdwg.org/dwc/terms/vernacularName"/></core>
 <extension rowType="http://rs.tdwg.org/ac/terms/Multimedia" ignoreHeaderLines="{header}">
  <files><location>m.csv</location></files><coreid index="0"/>
  <field index="1" term="http://rs.tdwg.org/ac/terms/startTime"/>
  <field index="2" term="http://rs.tdwg.org/ac/terms/endTime"/>
  <field index="3" term="http://rs.tdwg.org/ac/terms/accessURI"/></extension>
</archive>"""


@pytest.mark.parametrize("header", [0, 1])
def test_an_archive_of_others_is_read(header):
    sign = "\t" if header == 0 else ","
    first = ["id,name\n", "id,s,e,u\n"] if header else ["", ""]
    made = archive(
        meta_xml=META.format(header=header),
        o_csv=first[0] + "1,Robin\n".replace(",", sign),
        m_csv=first[1] + "1,2.5,3,https://x.org/a.wav\n".replace(",", sign),
    )
    (sheet,) = decode_table(made, "a.zip")
    assert sheet.sound.path == "https://x.org/a.wav"
    assert [mark.event for mark in sheet.marks] == [Event(2.5, 3.0, "Robin")]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"readme_txt": "x"}, "not a whole Darwin Core archive"),
        ({"meta_xml": "<archive"}, "not a whole Darwin Core archive"),
        ({"meta_xml": '<!DOCTYPE a [<!ENTITY b "c">]><archive/>'}, "has a document type"),
        ({"meta_xml": META.format(header="x"), "o_csv": "", "m_csv": ""}, "not a whole Darwin"),
        ({"meta_xml": "<archive/>"}, "has no table of occurrences"),
        ({"meta_xml": META.format(header=1)}, "not a whole Darwin Core archive"),
        (
            {
                "meta_xml": META.format(header=1),
                "o_csv": "id,name\n1,x\n",
                "m_csv": "id,s,e,u\n1,9,3,x\n",
            },
            "multimedia, line 2: it ends at 3.0 s",
        ),
    ],
)
def test_a_broken_archive_is_told(members, why):
    with pytest.raises(BadInput, match=why):
        decode_table(archive(**members), "a.zip")


def test_an_archive_damaged_anywhere_is_told():
    whole = FORMATS["darwin-core"].encode([MARKED])
    for place in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        with contextlib.suppress(BadInput):  # and nothing else
            decode_table(bytes(broken), "a.zip", "darwin-core")


def test_a_report_holds_recordings_annotations_and_analyses():
    report = json.loads(FORMATS["json"].encode([MARKED, FOUND]))
    (sound,) = report["sounds"]
    assert sound["cid"] == "bafkreia"
    assert sound["started_at"] == "2026-11-22T12:00:00Z"
    assert "place" not in sound
    assert sound["annotations"][0]["label"] == "зарянка"
    assert sound["annotations"][0]["start_utc"] == "2026-11-22T12:00:01.250Z"
    (analysis,) = sound["analyses"]
    assert (analysis["analyzer"], analysis["params"]) == ("sound-events", {"threshold": 4.5})
    assert analysis["events"][0]["score"] == 7.5


def test_a_report_comes_back():
    marked, found = decode_table(FORMATS["json"].encode([MARKED, FOUND]), "r.json")
    assert marked.marks == MARKED.marks
    assert (marked.sound.cid, marked.sound.device) == ("bafkreia", "AudioMoth 1.8")
    assert found.analysis == FOUND.analysis


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"format": "octolab sound report"}', "not a whole report: KeyError 'sounds'"),
        ('{"format": "octolab sound report", "sounds": [{"annotations": [{}]}]}', "not a whole"),
        (
            '{"format": "octolab sound report", "sounds": '
            '[{"annotations": [{"start": 1, "end": 2, "label": 5}]}]}',
            "not a whole report: event.label is 5",
        ),
        (
            '{"format": "octolab sound report", "sounds": '
            '[{"annotations": [{"start": 2, "end": 1}]}]}',
            "not a whole report: it ends at 1.0 s",
        ),
        ('{"format": "octolab sound report", "sounds": [{"annotations"', "not a whole report"),
        (
            '{"format": "octolab sound report", "sounds": '
            '[{"started_at": "0001-01-01T00:00:00+05:00"}]}',
            "not a whole report: OverflowError",
        ),
    ],
)
def test_a_broken_report_is_told(text, why):
    with pytest.raises(BadInput, match=why):
        decode_table(text.encode(), "r.json")
