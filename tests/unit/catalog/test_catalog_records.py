"""Pins, CIDs, jobs, the log, settings and revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from octolab.catalog import Catalog, Query
from octolab.errors import NotFound
from octolab.model import Analysis, JobRecord, Observed, Pin

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_pin_is_kept_once_for_each_storage(catalog: Catalog):
    pin = Pin("bafkreia", "local", "queued", requested_at=NOON, updated_at=NOON)
    catalog.set_pin(pin)
    done = replace(
        pin,
        state="pinned",
        attempts=2,
        receipt={"path": "x"},
        updated_at=NOON + timedelta(seconds=1),
        verified_at=NOON,
    )
    catalog.set_pin(done)
    catalog.set_pin(replace(pin, storage="kubo"))
    assert catalog.pins() == [done, replace(pin, storage="kubo")]
    assert catalog.pins(cid="bafkreia", storage="local") == catalog.pins(state="pinned") == [done]
    assert catalog.pins(cid="bafkreib") == []


def test_cids_are_listed_once_with_their_newest_capture(catalog: Catalog, make):
    catalog.add_artifacts(
        [
            make(1, cid="bafkreia", note="old"),
            make(5, cid="bafkreia", note="Новый", size=7),
            make(3, cid="bafkreib", kind="clip"),
            make(9, cid="bafkreic"),
        ]
    )
    catalog.delete([4])
    pin = Pin("bafkreia", "local", "pinned", requested_at=NOON, updated_at=NOON)
    catalog.set_pin(pin)
    catalog.set_pin(replace(pin, storage="kubo", state="failed"))

    def listed(text="", **order):
        return [
            row.cid[-1] for row in catalog.cids([n for n, _ in catalog.cid_order(text, **order)])
        ]

    assert catalog.cid_order() == [(2, 7), (3, 1000)]
    first, second = catalog.cids([2, 3])
    assert (first.cid, first.count, first.note, first.size) == ("bafkreia", 2, "Новый", 7)
    assert first.captured_at == NOON + timedelta(seconds=5)
    assert first.pins == (replace(pin, storage="kubo", state="failed"), pin)
    assert (second.cid, second.kind, second.pins) == ("bafkreib", "clip", ())
    assert [row.artifact_id for row in catalog.cids([3, 4, 99, 2])] == [3, 2]
    assert [listed("новый"), listed(" kreib "), listed("nowhere")] == [["a"], ["b"], []]
    assert [listed(state=one) for one in ("failed", "none", "queued")] == [["a"], ["b"], []]
    for by, descending in (
        ("at", "ab"),
        ("cid", "ba"),
        ("kind", "ab"),
        ("size", "ba"),
        ("note", "ab"),
        ("pins", "ab"),
    ):
        assert listed(by=by) == list(descending)
        assert listed(by=by, descending=False) == list(descending[::-1])


def test_a_job_can_be_followed_and_asked_to_stop(catalog: Catalog):
    job = JobRecord("j1", "timelapse", "Film", "running", 3, 10, created_at=NOON)
    catalog.put_job(job)
    assert catalog.job("j1") == job
    assert not catalog.cancel_requested("j1")
    catalog.request_cancel("j1")
    catalog.put_job(replace(job, done=4))
    assert catalog.cancel_requested("j1")
    done = replace(job, state="done", done=10, result={"artifact": 3, "at": [1]}, finished_at=NOON)
    catalog.put_job(done)
    catalog.put_job(JobRecord("j2", "verify", "", created_at=NOON + timedelta(seconds=1)))
    assert [record.id for record in catalog.jobs()] == ["j2", "j1"]
    assert catalog.jobs(1)[0].id == "j2"
    assert catalog.job("j1") == done
    assert not catalog.cancel_requested("j3")
    with pytest.raises(NotFound, match="no job j3"):
        catalog.job("j3")
    with pytest.raises(NotFound, match="no job j3"):
        catalog.request_cancel("j3")


def test_the_log_is_read_from_its_end_or_onwards(catalog: Catalog):
    entries = [
        catalog.log(level, "Saw {count} bees", {"count": n}, "lab")
        for n, level in enumerate(["debug", "info", "warning", "error", "info"])
    ]
    assert catalog.logs() == entries
    assert catalog.logs(limit=2) == entries[3:]
    assert catalog.logs(after_id=entries[1].id, limit=2) == entries[2:4]
    assert catalog.logs(level="warning") == entries[2:4]
    assert catalog.logs(after_id=entries[-1].id) == []


def test_settings_are_plain_data(catalog: Catalog):
    assert catalog.get_setting("hosts") is None
    assert catalog.get_setting("hosts", []) == []
    catalog.set_setting("hosts", ["камера.local"])
    catalog.set_setting("hosts", {"a": [1, None]})
    assert catalog.get_setting("hosts", []) == {"a": [1, None]}
    assert len(catalog.lab_id) == 36


def test_revisions_grow_with_what_changed_and_nothing_else(catalog: Catalog, make):
    def changed(call) -> set[str]:
        before = catalog.revisions()
        call()
        after = catalog.revisions()
        assert before.keys() == after.keys()
        return {topic for topic in after if after[topic] > before[topic]}

    assert set(catalog.revisions()) == {
        "source",
        "artifact",
        "gallery",
        "analysis",
        "annotation",
        "pin",
        "job",
        "log",
    }
    assert changed(lambda: catalog.add_source("camera", "Roof", "usb://0")) == {"source"}
    assert changed(lambda: catalog.set_observed("roof", Observed("live"))) == {"source"}
    assert changed(lambda: catalog.add_artifact(make())) == {"artifact"}
    assert changed(lambda: catalog.set_note(1, "x")) == {"artifact"}
    assert changed(lambda: catalog.add_tags([1], ["x"])) == {"artifact"}
    assert changed(lambda: catalog.gallery("G", create=True)) == {"gallery"}
    assert changed(lambda: catalog.add_to_gallery("g", [1])) == {"gallery"}
    assert changed(lambda: catalog.delete([1])) == {"artifact", "gallery"}
    assert changed(lambda: catalog.restore([1])) == {"artifact", "gallery"}
    assert changed(lambda: catalog.add_analysis(1, Analysis())) == {"analysis", "artifact"}
    assert changed(lambda: catalog.set_pin(Pin("c", "local", "queued"))) == {"pin"}
    assert changed(lambda: catalog.put_job(JobRecord("j", "k", "t"))) == {"job"}
    assert changed(lambda: catalog.log("info", "hello")) == {"log"}
    assert changed(lambda: catalog.find(Query())) == set()
    assert changed(lambda: catalog.gallery("G", create=True)) == set()
