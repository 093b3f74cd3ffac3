"""Files dropped on a page: they keep their times and their names."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from octolab.errors import BadInput
from octolab.widgets.intake import Intake

MODIFIED_MS = 1_790_000_000_000.0


def wav(guano: str = "") -> bytes:
    """A quarter of a second of sound, perhaps with what a recorder says of it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.sin(np.arange(2000) * 0.3) * 0.2, 8000, format="WAV")
    data = buffer.getvalue()
    if guano:
        chunk = guano.encode() + b" " * (len(guano) % 2)
        data += struct.pack("<4sI", b"guan", len(chunk)) + chunk
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return data


def drop(lab, data: bytes, name: str):
    """What a page does with a file; what becomes of it."""
    intake = Intake(lab)
    upload = intake.begin()["upload"]
    intake.act("piece", {"upload": upload, "offset": 0}, [data])
    row = intake.act(
        "finish_file", {"upload": upload, "name": name, "modified_ms": MODIFIED_MS}
    ).data
    return lab.get(row["id"]).record


def test_the_time_in_the_name_counts_more_than_that_of_the_file(lab):
    record = drop(lab, wav(), "AM_20260510_040100.wav")
    assert record.captured_at.isoformat() == "2026-05-10T04:01:00+00:00"
    assert record.uncertainty_s > 1  # the name tells no time zone


def test_the_time_that_the_recorder_wrote_counts_most(lab):
    guano = "GUANO|Version: 1.0\nTimestamp: 2026-05-04T21:30:00+02:00\nMake: Batty"
    record = drop(lab, wav(guano), "AM_20260510_040100.wav")
    assert record.captured_at.isoformat() == "2026-05-04T19:30:00+00:00"
    assert record.meta["recorder"]["device"] == "Batty"


def test_without_any_that_of_the_file_counts(lab):
    assert drop(lab, wav(), "hum.wav").captured_at.timestamp() * 1000 == MODIFIED_MS


@pytest.mark.parametrize("name", ["bad.wav", "Ульи/ухо.wav", "..", "x" * 300 + ".wav"])
def test_an_error_names_the_file_of_the_user(lab, name):
    with pytest.raises(BadInput) as caught:
        drop(lab, b"hello text", name)
    assert name.replace("/", "_")[-60:].strip(".") in str(caught.value)
    assert "page-" not in str(caught.value)
    assert list((lab.path / ".octolab/incoming").iterdir()) == []
