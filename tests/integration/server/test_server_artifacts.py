"""Artifacts, galleries, the archive, jobs and the log over HTTP."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from octolab.content import bytes_cid


@pytest.fixture(scope="module")
def frames(http):
    """Five small pictures, one a day."""
    made = []
    for day in range(1, 6):
        out = io.BytesIO()
        Image.fromarray(np.full((48, 64, 3), 40 * day, np.uint8)).save(out, "JPEG")
        metadata = (
            f'{{"name": "лист {day}.jpg", "captured_at": "2026-11-0{day}T12:00:00Z",'
            f' "gallery": "growth", "tags": ["{"odd" if day % 2 else "even"}"]}}'
        )
        files = {"file": ("x.jpg", out.getvalue()), "metadata": (None, metadata)}
        answer = http.post("/frames", files=files)
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
    return made


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def finished(http, job, eventually):
    def ended():
        record = http.get(f"/jobs/{job['id']}").json()
        return record["state"] in ("done", "failed", "cancelled") and record

    return eventually(ended, within_s=60)


def test_pages_follow_each_other_by_cursor(http, frames):
    newest_first = [frame["id"] for frame in reversed(frames)]
    seen, cursor = [], None
    while True:
        page = http.get("/artifacts", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen.append(ids(page))
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == [newest_first[:2], newest_first[2:4], newest_first[4:]]


def test_filters_narrow_what_is_found(http, frames):
    def found(**params):
        return ids(http.get("/artifacts", params={"oldest_first": True, **params}))

    number = [frame["id"] for frame in frames]
    assert found(tag="even") == [number[1], number[3]]
    assert found(since="2026-11-03T00:00:00Z", until="2026-11-05T00:00:00Z") == number[2:4]
    assert found(kind="clip") == []
    assert found(kind=["frame", "clip"]) == number
    assert found(cid=frames[0]["cid"][:30]) == number[:1]
    assert found(text="лист 3") == [number[2]]
    assert found(gallery="growth", tag="odd") == [number[0], number[2], number[4]]
    assert http.get("/artifacts", params={"camera": "elephant"}).status_code == 404
    facets = http.get("/artifacts/facets", params={"tag": "odd"}).json()
    assert facets["total"] == 3
    assert facets["by_kind"] == {"frame": 3}


def test_the_file_comes_with_its_name_and_type(http, frames):
    answer = http.get(f"/artifacts/{frames[0]['id']}/file")
    assert bytes_cid(answer.content) == frames[0]["cid"]
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == (
        "inline; filename*=utf-8''%D0%BB%D0%B8%D1%81%D1%82%201.jpg"
    )
    saved = http.get(f"/artifacts/{frames[0]['id']}/file", params={"download": True})
    assert saved.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
    ],
)
def test_a_range_of_the_file_comes(http, frames, wanted, part):
    url = f"/artifacts/{frames[0]['id']}/file"
    whole = http.get(url).content
    answer = http.get(url, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.content == whole[part]


def test_a_range_behind_the_end_is_refused(http, frames):
    url = f"/artifacts/{frames[0]['id']}/file"
    answer = http.get(url, headers={"Range": "bytes=1000000-"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (416, "range_not_satisfiable")


@pytest.mark.parametrize("wanted", ["bytes=x-y", "bytes=9-2", "elephants=0-1", "bytes="])
def test_a_range_that_is_none_is_left_aside(http, frames, wanted):
    answer = http.get(f"/artifacts/{frames[0]['id']}/file", headers={"Range": wanted})
    assert answer.status_code == 200


def test_a_thumbnail_fits_into_its_box(http, frames):
    answer = http.get(f"/artifacts/{frames[0]['id']}/thumbnail", params={"width": 32, "height": 32})
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (32, 24)


def test_notes_and_tags_are_written(http, frames):
    url = f"/artifacts/{frames[1]['id']}"
    assert http.put(f"{url}/note", json={"note": "new leaf"}).json()["note"] == "new leaf"
    assert "a/b #1" in http.post(f"{url}/tags", json={"tags": ["a/b #1"]}).json()["tags"]
    assert http.delete(f"{url}/tags/a%2Fb%20%231").json()["tags"] == ["even"]
    assert ids(http.get("/artifacts", params={"text": "new leaf"})) == [frames[1]["id"]]
    assert http.post(f"{url}/tags", json={"tags": []}).status_code == 422
    http.put(f"{url}/note", json={"note": ""})


def test_an_analyzer_runs_and_its_result_is_kept_and_drawn(http, frames):
    url = f"/artifacts/{frames[2]['id']}"
    answer = http.post(f"{url}/analyses", json={"analyzer": "sobel"})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["analyzer"] == "sobel"
    assert http.get(f"{url}/analyses").json() == [found]
    drawn = http.get(f"{url}/overlay.jpg", params={"analyzer": "sobel"})
    with Image.open(io.BytesIO(drawn.content)) as image:
        assert image.size == (64, 48)
    missing = http.get(f"{url}/overlay.jpg", params={"analyzer": "brightness"})
    assert missing.status_code == 404
    assert http.post(f"{url}/analyses", json={"analyzer": "elephant"}).status_code == 404
    wrong = http.post(f"{url}/analyses", json={"analyzer": "sobel", "params": {"elephant": 1}})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_input")
    names = {analyzer["name"] for analyzer in http.get("/analyzers").json()}
    assert {"sobel", "brightness", "mobilenet", "sound-energy"} <= names


def test_the_trash_gives_back(http, frames):
    number = frames[4]["id"]
    assert http.delete(f"/artifacts/{number}").status_code == 204
    assert number not in ids(http.get("/artifacts"))
    assert ids(http.get("/artifacts", params={"deleted": True})) == [number]
    assert http.post("/artifacts/restore", json={"ids": [number]}).status_code == 204
    assert number in ids(http.get("/artifacts"))
    assert http.post("/artifacts/delete", json={"ids": []}).status_code == 422


def test_a_gallery_is_made_filled_renamed_and_deleted(http, frames):
    made = http.post("/galleries", json={"name": "Мои снимки"})
    assert made.status_code == 201
    url = f"/galleries/{made.json()['slug']}"
    assert made.headers["location"] == f"/api/v1{url}"
    numbers = [frame["id"] for frame in frames[:3]]
    assert http.post(f"{url}/items", json={"ids": numbers}).json()["count"] == 3
    assert http.delete(f"{url}/items", params={"ids": numbers[:1]}).json()["count"] == 2
    assert ids(http.get(f"{url}/items")) == [numbers[2], numbers[1]]
    assert ids(http.get(f"{url}/items", params={"tag": "even"})) == [numbers[1]]
    assert http.patch(url, json={"name": "Other"}).json()["name"] == "Other"
    assert http.delete(url).status_code == 204
    assert http.get(url).status_code == 404
    assert http.get(f"/artifacts/{numbers[1]}").status_code == 200


def test_a_gallery_of_a_search_holds_what_matches(http, frames):
    search = {"kind": ["frame"], "tag": ["even"], "until": "2050-01-01T00:00:00Z"}
    made = http.post("/galleries", json={"name": "Even ones", "search": search})
    assert made.status_code == 201
    url = f"/galleries/{made.json()['slug']}"
    assert ids(http.get(f"{url}/items")) == ids(http.get("/artifacts", params={"tag": "even"}))
    number = frames[1]["id"]
    assert http.post(f"/artifacts/{number}/tags", json={"tags": ["even"]}).status_code == 200
    assert number in ids(http.get(f"{url}/items"))
    http.delete(f"/artifacts/{number}/tags/even")
    assert http.post(f"{url}/items", json={"ids": [number]}).status_code == 409
    again = http.post("/galleries", json={"name": "Even ones", "search": {}})
    assert again.status_code == 409
    wrong = http.post("/galleries", json={"name": "x", "search": {"gallery": "growth"}})
    assert wrong.status_code == 422
    http.delete(url)


def test_a_timelapse_is_made_in_a_job(http, frames, eventually):
    answer = http.post("/galleries/growth/timelapse", json={"fps": 5, "size": [64, 48]})
    assert answer.status_code == 202
    job = finished(http, answer.json()["job"], eventually)
    assert (job["state"], job["error"]) == ("done", "")
    clip = http.get(f"/artifacts/{job['result']['id']}").json()
    assert clip["kind"] == "clip"
    assert clip["duration_s"] == pytest.approx(1.0)
    assert clip["meta"]["frames"] == [frame["cid"] for frame in frames]
    http.delete(f"/artifacts/{clip['id']}")


@pytest.mark.parametrize(
    "film", [{"fps": 0}, {"fps": 1e9}, {"size": [1, 1]}, {"size": [640]}, {"transition": "boom"}]
)
def test_a_film_out_of_reason_is_refused(http, frames, film):
    assert http.post("/galleries/growth/timelapse", json=film).status_code == 422


def test_a_gallery_is_analysed_in_a_job(http, frames, eventually):
    answer = http.post("/galleries/growth/analyses", json={"analyzer": "brightness"})
    assert answer.status_code == 202
    job = finished(http, answer.json()["job"], eventually)
    assert job["result"]["analysed"] == len(frames)


def test_an_artifact_is_published_and_comes_back_by_cid(http, frames):
    answer = http.post("/pins", json={"artifact": frames[3]["id"], "storage": "local"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "pinned"
    pins = http.get("/pins", params={"cid": frames[3]["cid"]}).json()["items"]
    assert [(pin["storage"], pin["state"]) for pin in pins] == [("local", "pinned")]
    assert bytes_cid(http.get(f"/cids/{frames[3]['cid']}").content) == frames[3]["cid"]
    assert "local" in {storage["name"] for storage in http.get("/storages").json()}
    assert http.post("/pins", json={"artifact": 1, "storage": "moon"}).status_code == 404
    assert http.post("/pins", json={"storage": "local"}).status_code == 422


def test_pins_come_in_pages(http, frames):
    for frame in frames:
        assert http.post("/pins", json={"artifact": frame["id"]}).status_code == 201
    everything = http.get("/pins").json()
    assert (len(everything["items"]), everything["next"]) == (5, None)
    seen, cursor = [], None
    while len(seen) < 5:
        page = http.get("/pins", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += page.json()["items"]
        cursor = page.json()["next"]
    assert seen == everything["items"]
    assert cursor is None
    assert http.get("/pins?limit=0").status_code == 422
    assert http.get("/pins?cursor=!!").status_code == 422


def test_a_file_can_be_asked_for_its_head(http, frames):
    answer = http.head(f"/artifacts/{frames[0]['id']}/file")
    assert int(answer.headers["content-length"]) == frames[0]["size"]
    assert answer.content == b""
    assert http.head(f"/cids/{frames[0]['cid']}").headers["x-ipfs-cid"] == frames[0]["cid"]


def test_a_parameter_that_an_analyzer_has_not_begins_no_job(http, frames):
    body = {"analyzer": "sobel", "params": {"nope": 1}}
    before = http.get("/jobs").json()
    for path in (f"/artifacts/{frames[0]['id']}/analyses", "/galleries/growth/analyses"):
        answer = http.post(path, json=body)
        assert answer.status_code == 422
        assert "no parameter 'nope'; there are: threshold" in answer.json()["error"]["message"]
    assert http.get("/jobs").json() == before


def test_a_lab_is_verified_in_a_job(http, frames, eventually):
    job = finished(http, http.post("/verify").json()["job"], eventually)
    assert job["result"]["checked"] >= len(frames)
    assert job["result"]["changed"] == job["result"]["missing"] == job["result"]["orphans"] == []


def test_a_job_that_ended_can_be_cancelled_without_harm(http, frames, eventually):
    job = finished(http, http.post("/verify").json()["job"], eventually)
    assert http.post(f"/jobs/{job['id']}/cancel").json()["state"] == "done"
    assert job["id"] in {record["id"] for record in http.get("/jobs").json()}
    assert http.post("/jobs/none/cancel").status_code == 404


def test_a_file_that_is_gone_is_told(server, http, frames):
    path = server.lab / frames[0]["path"]
    kept = path.read_bytes()
    path.unlink()
    try:
        answer = http.get(f"/artifacts/{frames[0]['id']}/file")
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "lab")
    finally:
        path.write_bytes(kept)


def test_the_log_tells_what_happened(http, frames):
    entries = http.get("/logs").json()
    assert entries
    after = entries[0]["id"]
    assert all(entry["id"] > after for entry in http.get(f"/logs?after_id={after}").json())
    assert http.get("/logs?level=elephant").status_code == 422
