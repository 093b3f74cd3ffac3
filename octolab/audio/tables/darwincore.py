"""Darwin Core archives with the Audiovisual (Audubon) Core: occurrences and where they sound.

A zip of two tables. ``occurrence.txt`` says what was heard when; ``multimedia.txt`` has the
region of the recording for each occurrence, and the recording's CID. A label goes into
``verbatimIdentification``; ``scientificName`` is filled only when the scientific name is
known, because "Song thrush" looks like one.

References: https://dwc.tdwg.org/terms, https://ac.tdwg.org/termlist,
https://dwc.tdwg.org/text.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from octolab.audio.tables.sheet import Mark, Sheet, SoundFile, checked, identifiers, iso, moment_of
from octolab.audio.tables.text import (
    Row,
    delimited,
    each,
    grid_of,
    maybe_number,
    number,
    text_of,
)
from octolab.errors import BadInput
from octolab.model import Event

MAGIC = b"PK\x03\x04"
LARGEST = 1 << 28
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    LookupError,
    ValueError,
    TypeError,
    StopIteration,
    EOFError,
    OSError,
    RuntimeError,  # a member is encrypted
)
OCCURRENCE = "http://rs.tdwg.org/dwc/terms/Occurrence"
MULTIMEDIA = "http://rs.tdwg.org/ac/terms/Multimedia"
_DWC = "http://rs.tdwg.org/dwc/terms/"
_AC = "http://rs.tdwg.org/ac/terms/"
_DCTERMS = "http://purl.org/dc/terms/"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_TEXT = "http://rs.tdwg.org/dwc/text/"

Cell = str | float | None
Column = Callable[[Sheet, Mark, UUID], Cell]


def _machine(sheet: Sheet) -> bool:
    return sheet.analysis is not None


def _identified_by(sheet: Sheet, mark: Mark, _: UUID) -> str:
    if sheet.analysis is None:
        return mark.by
    return f"OctoLab {sheet.analysis.analyzer} {sheet.analysis.version}".rstrip()


def _measured(sheet: Sheet, mark: Mark, _: UUID) -> str:
    event = mark.event
    found = {
        "score": event.score or None,
        "peakFrequencyHz": event.peak_hz,
        "signalToNoiseDb": event.snr_db,
        **mark.other,
    }
    known = {key: value for key, value in found.items() if value is not None}
    return json.dumps(known, ensure_ascii=False) if known else ""


def _interval(sheet: Sheet, mark: Mark, _: UUID) -> str:
    start, end = (moment_of(sheet.sound, at) for at in (mark.event.start, mark.event.end))
    return iso(start) if start == end else f"{iso(start)}/{iso(end)}"


def _clock(sheet: Sheet, mark: Mark, _: UUID) -> str:
    return iso(moment_of(sheet.sound, mark.event.start))[11:]


def _address(sound: SoundFile) -> str:
    return f"ipfs://{sound.cid}" if sound.cid else sound.path


def _region(sheet: Sheet, mark: Mark, _: UUID) -> str:
    return f"{_address(sheet.sound)}#t={mark.event.start:.3f},{mark.event.end:.3f}"


# term: what fills it
_OCCURRENCE: Mapping[str, Column] = {
    _DWC + "occurrenceID": lambda _sheet, _mark, key: f"urn:uuid:{key}",
    _DWC + "basisOfRecord": lambda sheet, _mark, _key: (
        "MachineObservation" if _machine(sheet) else "HumanObservation"
    ),
    _DWC + "occurrenceStatus": lambda _sheet, _mark, _key: "present",
    _DWC + "eventID": lambda sheet, _mark, _key: _address(sheet.sound),
    _DWC + "eventDate": _interval,
    _DWC + "eventTime": _clock,
    _DWC + "samplingProtocol": lambda _sheet, _mark, _key: "sound recording",
    _DWC + "scientificName": lambda _sheet, mark, _key: mark.taxon,
    _DWC + "verbatimIdentification": lambda _sheet, mark, _key: mark.event.label,
    _DWC + "identifiedBy": _identified_by,
    _DWC + "decimalLatitude": lambda sheet, _mark, _key: sheet.sound.latitude,
    _DWC + "decimalLongitude": lambda sheet, _mark, _key: sheet.sound.longitude,
    _DWC + "geodeticDatum": lambda sheet, _mark, _key: (
        None if sheet.sound.latitude is None else "WGS84"
    ),
    _DWC + "associatedMedia": _region,
    _DWC + "occurrenceRemarks": lambda _sheet, mark, _key: mark.note,
    _DWC + "dynamicProperties": _measured,
}
_MULTIMEDIA: Mapping[str, Column] = {
    _DWC + "occurrenceID": lambda _sheet, _mark, key: f"urn:uuid:{key}",
    _DCTERMS + "identifier": _region,
    _DC + "type": lambda _sheet, _mark, _key: "Sound",
    _DC + "format": lambda sheet, _mark, _key: sheet.sound.media_type,
    _DCTERMS + "title": lambda sheet, _mark, _key: sheet.sound.name or sheet.sound.path,
    _AC + "accessURI": lambda sheet, _mark, _key: _address(sheet.sound),
    _AC + "isROIOf": lambda sheet, _mark, _key: _address(sheet.sound),
    _XMP + "CreateDate": lambda sheet, _mark, _key: iso(sheet.sound.started_at),
    _AC + "startTime": lambda _sheet, mark, _key: mark.event.start,
    _AC + "endTime": lambda _sheet, mark, _key: mark.event.end,
    _AC + "startTimestamp": lambda sheet, mark, _key: iso(moment_of(sheet.sound, mark.event.start)),
    _AC + "endTimestamp": lambda sheet, mark, _key: iso(moment_of(sheet.sound, mark.event.end)),
    _AC + "freqLow": lambda _sheet, mark, _key: mark.event.low_hz,
    _AC + "freqHigh": lambda _sheet, mark, _key: mark.event.high_hz,
    _AC + "mediaDuration": lambda sheet, _mark, _key: sheet.sound.duration_s,
    _AC + "captureDevice": lambda sheet, _mark, _key: sheet.sound.device,
}


# --- writing ---------------------------------------------------------------


def encode(sheets: Sequence[Sheet]) -> bytes:
    """Write an archive."""
    named = [
        (sheet, mark, key)
        for sheet in sheets
        for mark, key in zip(sheet.marks, identifiers(sheet), strict=True)
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.xml", _meta())
        for name, columns in (("occurrence.txt", _OCCURRENCE), ("multimedia.txt", _MULTIMEDIA)):
            head = [term.rsplit("/", 1)[1] for term in columns]
            rows = [[fill(*one) for fill in columns.values()] for one in named]
            archive.writestr(name, delimited([head, *rows], "\t"))
    return out.getvalue()


def _meta() -> str:
    """Say which table has which terms where."""
    parts = [
        ("core", "id", OCCURRENCE, "occurrence.txt", _OCCURRENCE),
        ("extension", "coreid", MULTIMEDIA, "multimedia.txt", _MULTIMEDIA),
    ]
    text = [f'<?xml version="1.0" encoding="UTF-8"?>\n<archive xmlns="{_TEXT}">']
    for role, key, kind, name, columns in parts:
        fields = "".join(
            f'    <field index="{index}" term={quoteattr(term)}/>\n'
            for index, term in enumerate(columns)
            if not (role == "extension" and index == 0)
        )
        text.append(
            f'  <{role} encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" '
            f'fieldsEnclosedBy="" ignoreHeaderLines="1" rowType="{kind}">\n'
            f"    <files><location>{name}</location></files>\n"
            f'    <{key} index="0"/>\n{fields}  </{role}>'
        )
    return "\n".join([*text, "</archive>\n"])


# --- reading ---------------------------------------------------------------


def decode(data: bytes, name: str, *, label: str | None = None) -> list[Sheet]:
    """Read an archive whose multimedia table says where in a recording an occurrence is.

    ``label`` names the term of labels, such as ``vernacularName``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = _tables(archive, name)
    except BadInput:
        raise
    except _BROKEN as error:
        raise BadInput(
            "{name} is not a whole Darwin Core archive: {reason}", name=name, reason=str(error)
        ) from None
    if OCCURRENCE not in tables or MULTIMEDIA not in tables:
        raise BadInput(
            "{name} has no table of occurrences with one of multimedia, which says where in a "
            "recording they are",
            name=name,
        )
    heard = {row["id"]: row for _, row in tables[OCCURRENCE]}
    names = ("verbatimIdentification", "vernacularName", "scientificName")

    def make(line: int, row: Row) -> tuple[SoundFile, Mark]:
        told = heard.get(row["id"], {})
        named = names if label is None else (label,)
        text = next((told[term] for term in named if told.get(term)), "")
        return _sound(row, told), _mark(row, told, text, line)

    found: dict[SoundFile, list[Mark]] = {}
    for sound, mark in each(f"{name}: multimedia", tables[MULTIMEDIA], make):
        found.setdefault(sound, []).append(mark)
    return [Sheet(sound, marks) for sound, marks in found.items()] or [Sheet(SoundFile())]


def _sound(row: Row, told: Row) -> SoundFile:
    address = row.get("isROIOf") or row.get("accessURI") or ""
    cid = address.removeprefix("ipfs://") if address.startswith("ipfs://") else ""
    return SoundFile(
        path=row.get("title") or address,
        cid=cid,
        media_type=row.get("format", ""),
        duration_s=maybe_number(row.get("mediaDuration"), "mediaDuration"),
        started_at=_moment(row.get("CreateDate", "")),
        latitude=maybe_number(told.get("decimalLatitude"), "decimalLatitude"),
        longitude=maybe_number(told.get("decimalLongitude"), "decimalLongitude"),
        device=row.get("captureDevice", ""),
    )


def _mark(row: Row, told: Row, label: str, line: int) -> Mark:
    measured = _measures(told.get("dynamicProperties", ""))
    start, end = (number(row.get(term, ""), term) for term in ("startTime", "endTime"))
    return Mark(
        checked(
            Event(
                start,
                end,
                label,
                maybe_number(measured.pop("score", None), "score") or 0.0,
                maybe_number(row.get("freqLow"), "freqLow"),
                maybe_number(row.get("freqHigh"), "freqHigh"),
                maybe_number(measured.pop("peakFrequencyHz", None), "peakFrequencyHz"),
                maybe_number(measured.pop("signalToNoiseDb", None), "signalToNoiseDb"),
            )
        ),
        taxon=told.get("scientificName", ""),
        by=told.get("identifiedBy", ""),
        note=told.get("occurrenceRemarks", ""),
        key=row["id"].removeprefix("urn:uuid:"),
        other={key: str(value) for key, value in measured.items()},
        line=line,
    )


def _measures(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _tables(archive: zipfile.ZipFile, name: str) -> dict[str, list[tuple[int, Row]]]:
    """The tables of an archive by what their rows are; cells by the last part of their term."""
    meta = text_of(_member(archive, "meta.xml"), name)
    if "<!" in meta.replace("<!--", ""):
        raise BadInput("{name} has a document type, which an archive has no need of", name=name)
    tables: dict[str, list[tuple[int, Row]]] = {}
    for part in ElementTree.fromstring(meta):
        location = part.find(f"{{{_TEXT}}}files/{{{_TEXT}}}location")
        if location is None or not location.text:
            continue
        terms = {}
        for field in part:
            if "index" in field.attrib:
                term = field.get("term", "id").rsplit("/", 1)[-1]
                terms[int(field.attrib["index"])] = term
        own = next(field for field in part if field.tag.endswith(("}id", "}coreid")))
        text = text_of(_member(archive, location.text), name)
        if part.get("ignoreHeaderLines", "0") == "0":
            text = "\t".join(f"column {index}" for index in range(max(terms) + 1)) + "\n" + text
        grid = grid_of(text, f"{name}: {location.text}")
        columns = {term: grid.head[index] for index, term in terms.items()}
        columns["id"] = grid.head[int(own.attrib["index"])]
        tables[part.get("rowType", "")] = [
            (line, {term: row.get(column, "") for term, column in columns.items()})
            for line, row in grid.rows
        ]
    return tables


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
