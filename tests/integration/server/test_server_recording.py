"""A recording under way: since when, and what does not cut it."""

from __future__ import annotations

from pathlib import Path


def test_settings_of_stills_do_not_cut_a_recording(server, http, eventually):
    slug = server.add_camera("synthetic://plant?size=160x90", name="Roof")
    assert http.get(f"/cameras/{slug}").json()["observed"]["recording_since"] is None
    http.post(f"/cameras/{slug}/recording/start")

    def since() -> str | None:
        seen = http.get(f"/cameras/{slug}").json()["observed"]
        return seen["state"] == "live" and seen["recording_since"]

    def recordings() -> list[Path]:
        return list((server.lab / ".octolab/recording").glob("*.mp4"))

    began = eventually(since)
    [recording] = eventually(recordings)
    settings = http.get(f"/cameras/{slug}").json()["settings"]
    settings |= {"interval_s": 7, "gallery": "x"}
    changed = http.patch(f"/cameras/{slug}", json={"settings": settings})
    assert changed.status_code == 200, changed.text
    http.post(f"/cameras/{slug}/interval/start", json={"seconds": 0.5})
    eventually(lambda: http.get("/artifacts?kind=frame").json()["items"])  # so both were taken up
    assert (eventually(since), recordings()) == (began, [recording])
    http.post(f"/cameras/{slug}/interval/stop")
    http.post(f"/cameras/{slug}/recording/stop")
    eventually(lambda: http.get(f"/cameras/{slug}").json()["observed"]["recording_since"] is None)
    logged = [entry for entry in http.get("/logs").json() if "recorded" in entry["message"]]
    assert logged[-1]["values"]["camera"] == "Roof"
