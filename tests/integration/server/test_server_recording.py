"""A recording under way: since when, and what does not cut it."""

from __future__ import annotations

import time


def test_settings_of_stills_do_not_cut_a_recording(server, http, eventually):
    slug = server.add_camera("synthetic://plant?size=160x90", name="Roof")
    assert http.get(f"/cameras/{slug}").json()["observed"]["recording_since"] is None
    http.post(f"/cameras/{slug}/recording/start")

    def since() -> str | None:
        seen = http.get(f"/cameras/{slug}").json()["observed"]
        return seen["state"] == "live" and seen["recording_since"]

    began = eventually(since)
    [recording] = (server.lab / ".octolab/recording").glob("*.mp4")
    settings = http.get(f"/cameras/{slug}").json()["settings"]
    settings |= {"interval_s": 7, "gallery": "x"}
    changed = http.patch(f"/cameras/{slug}", json={"settings": settings})
    assert changed.status_code == 200, changed.text
    time.sleep(1)  # the supervisor has looked at it by now
    frames = eventually(since), list((server.lab / ".octolab/recording").glob("*.mp4"))
    assert frames == (began, [recording])
    http.post(f"/cameras/{slug}/recording/stop")
    eventually(lambda: http.get(f"/cameras/{slug}").json()["observed"]["recording_since"] is None)
    logged = [entry for entry in http.get("/logs").json() if "recorded" in entry["message"]]
    assert logged[-1]["values"]["camera"] == "Roof"
