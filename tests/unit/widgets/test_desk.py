"""The panel that every widget has."""

from __future__ import annotations

from octolab.widgets.desk import Desk


def test_a_job_tells_how_much_failed_and_one_reason(lab, tmp_path):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_text("no sound")
    job = lab.add_sounds([tmp_path / "a.wav", tmp_path / "b.wav"])
    job.wait(60)
    result = Desk(lab).job(job.id)["job"].result
    assert (result["added"], result["failed"]) == (0, 2)
    assert "a.wav is neither" in result["error"]
    assert "errors" not in result
