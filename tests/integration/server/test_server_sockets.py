"""WebSockets: live pictures and what changes."""

from __future__ import annotations

import io
import json
import struct
from itertools import pairwise

import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


@pytest.fixture(scope="module")
def cameras(server):
    return [
        server.add_camera(f"synthetic://{scene}?size=640x360&fps=15", name=scene)
        for scene in ("plant", "hive", "testcard")
    ]


@pytest.fixture
def open_socket(server):
    def open_one(path, **options):
        token = {"Authorization": server.http.headers["Authorization"]}
        return connect(
            server.ws + path,
            additional_headers={**token, **options},
            proxy=None,
            max_size=None,
            open_timeout=60,
        )

    return open_one


class Batch:
    """A message taken apart as its description says, without our own code."""

    def __init__(self, message):
        (length,) = struct.unpack(">I", message[:4])
        header, rest = json.loads(message[4 : 4 + length]), message[4 + length :]
        self.states, self.pictures = header["states"], {}
        for entry in header["pictures"]:
            self.pictures[entry["slug"]], rest = rest[: entry["size"]], rest[entry["size"] :]
        assert rest == b""


def next_batch(socket):
    return Batch(socket.recv(timeout=60))


def batches(socket, count):
    return [next_batch(socket) for _ in range(count)]


def test_all_cameras_come_in_one_message(cameras, open_socket):
    seen, states = set(), set()
    with open_socket("/live?width=320&fps=15") as socket:
        while seen != set(cameras) or states != {"live"}:
            batch = next_batch(socket)
            assert set(batch.states) == set(cameras)
            states = {state["state"] for state in batch.states.values()}
            seen |= set(batch.pictures)
            for jpeg in batch.pictures.values():
                with Image.open(io.BytesIO(jpeg)) as image:
                    assert image.size == (320, 180)


def test_only_the_cameras_asked_for_come(cameras, open_socket):
    with open_socket(f"/live?cameras={cameras[0]}") as socket:
        for batch in batches(socket, 5):
            assert set(batch.states) == {cameras[0]}
            assert set(batch.pictures) <= {cameras[0]}


def test_a_viewer_gets_no_picture_twice(cameras, open_socket):
    with open_socket(f"/live?cameras={cameras[2]}&fps=30") as socket:
        pictures = [b.pictures.get(cameras[2]) for b in batches(socket, 20)]
    shown = [picture for picture in pictures if picture]
    assert len(shown) >= 10
    assert all(a != b for a, b in pairwise(shown))


def test_a_camera_added_later_appears(server, cameras, open_socket):
    with open_socket("/live?width=160") as socket:
        slug = server.add_camera("synthetic://testcard?size=320x240", name="late")
        while slug not in next_batch(socket).pictures:
            pass
        server.http.delete(f"/cameras/{slug}")
        while slug in next_batch(socket).states:
            pass


def test_a_camera_stays_open_while_somebody_looks(server, cameras, open_socket, eventually):
    def state():
        return server.http.get(f"/cameras/{cameras[1]}").json()["observed"]["state"]

    with open_socket(f"/live?cameras={cameras[1]}"):
        eventually(lambda: state() == "live")


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/live?cameras=elephant", 404, b"elephant"),
        ("/live?width=1", 422, b"width must be 16 or more"),
        ("/live?fps=1000", 422, b"fps must be 30 or less"),
        ("/live?fps=nan", 422, b"fps"),
        ("/events?after_log=-1", 422, b"after_log must be 0 or more"),
        ("/nothing", 404, b"there is nothing at /api/v1/nothing"),
    ],
)
def test_a_wrong_wish_is_told_before_the_socket_opens(open_socket, path, status, told):
    with pytest.raises(InvalidStatus) as refused, open_socket(path):
        pass
    assert refused.value.response.status_code == status
    assert told in refused.value.response.body


def test_a_page_of_another_origin_can_open_none(open_socket):
    with (
        pytest.raises(InvalidStatus) as refused,
        open_socket("/live", Origin="http://evil.example"),
    ):
        pass
    assert refused.value.response.status_code == 403


def told(socket, wanted):
    while not wanted(message := json.loads(socket.recv(timeout=60))):
        pass
    return message


def test_what_changes_is_told(server, cameras, open_socket):
    with open_socket("/events") as socket:
        first = json.loads(socket.recv(timeout=60))
        assert first["type"] == "revisions"
        assert {"source", "artifact", "gallery", "analysis", "pin", "job", "log"} <= set(
            first["revisions"]
        )
        server.http.post("/galleries", json={"name": "told"})
        message = told(socket, lambda m: "gallery" in m.get("revisions", {}))
        assert message["type"] == "changed"
        assert message["revisions"]["gallery"] > first["revisions"]["gallery"]


def test_new_log_entries_are_told_to_all(server, cameras, open_socket):
    with open_socket("/events") as one, open_socket("/events") as two:
        for socket in (one, two):
            told(socket, lambda m: m["type"] == "revisions")  # from now on all is told
        server.http.post(f"/cameras/{cameras[0]}/snapshot")
        for socket in (one, two):
            message = told(
                socket, lambda m: m["type"] == "log" and "still" in m["entry"]["message"]
            )
            assert message["entry"]["values"] == {"camera": "plant"}


def test_old_log_entries_are_told_when_asked_for(server, cameras, open_socket):
    with open_socket("/events?after_log=0") as socket:
        told(socket, lambda m: m["type"] == "log" and m["entry"]["id"] == 1)


def drain(socket):
    while True:
        socket.recv(timeout=60)


def test_sockets_end_with_the_server(make_server):
    server = make_server().start()
    server.add_camera("synthetic://plant?size=320x240")
    headers = {"Authorization": server.http.headers["Authorization"]}
    options = {"additional_headers": headers, "proxy": None, "open_timeout": 60}
    with (
        connect(server.ws + "/live", **options) as live,
        connect(server.ws + "/events", **options) as events,
    ):
        live.recv(timeout=60)
        assert server.end() == 0
        for socket in (live, events):
            with pytest.raises(ConnectionClosed):
                drain(socket)
