"""The words turn into JSON and back without loss."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from octolab.model import (
    Analysis,
    Artifact,
    Desired,
    Event,
    JobRecord,
    Label,
    Metric,
    Observed,
    Pin,
    Region,
    Source,
    from_json,
    to_json,
)

NOON = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        Source(
            1, "bench-3", "camera", "Bench 3", "usb://0", {"size": [1, 2]}, Desired(), Observed()
        ),
        Observed("live", "", NOON, NOON, NOON, 640, 480, 15.0),
        Artifact(1, "frame", "bafk", "frames/a.jpg", "image/jpeg", 3, NOON, 0.1, tags=("a", "б")),
        Analysis(
            labels=(Label("daisy", 0.9),),
            regions=(Region((1.0, 2.0, 3.0, 4.0), "x", None, ((0.0, 0.0), (1.5, 2.0))),),
            events=(Event(0.5, 1.0, "toot", 3.0, low_hz=200.0),),
            metrics={"area": Metric(12.5, "cm2", 0.5)},
            params={"threshold": 60},
            created_at=NOON,
        ),
        Pin("bafk", "local", "pinned", receipt={"path": "x"}, requested_at=NOON, updated_at=NOON),
        JobRecord("1", "analysis", "sobel", "done", 3, 3, result={"analysed": 3}, created_at=NOON),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_out_comes_back_equal(value):
    assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


def test_times_are_written_in_utc():
    at = NOON.astimezone(timezone(timedelta(hours=3)))
    assert to_json(Observed("live", at=at))["at"] == "2026-06-01T12:00:00.123456Z"


def test_numpy_numbers_become_plain_ones():
    assert (
        json.dumps(to_json({"area": np.float32(2.5), "n": np.int64(3)})) == '{"area": 2.5, "n": 3}'
    )


def test_unknown_keys_of_a_newer_version_are_ignored():
    assert from_json(Label, {"name": "cat", "score": 1, "later": True}) == Label("cat", 1.0)
