"""Files in over HTTP: what is kept, and all that is not."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import struct
import zlib
from functools import partial

import httpx
import numpy as np
import psutil
import pytest
import soundfile
from PIL import Image

from octolab import plugins
from octolab.content import bytes_cid
from octolab.errors import BadInput
from octolab.lab import Lab
from octolab.server.app import create_app
from octolab.server.routes import uploads

BOUNDARY = "boundary"


@pytest.fixture(scope="module")
def leaf(shared) -> bytes:
    image = Image.open(shared / "data/vision/plantcv/setaria_small_plant_rgb.png")
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG")
    return out.getvalue()


def post(http, path, data, name="leaf.jpg", **metadata):
    files = {"file": (name, data)}
    if metadata:
        files["metadata"] = (None, json.dumps(metadata))
    return http.post(path, files=files)


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    message: str = answer.json()["error"]["message"]
    return message


@pytest.fixture
def nothing_changes(server):
    """The lab's files and rows are after the test what they were before it."""

    def state():
        files = sorted(p for p in server.lab.rglob("*") if p.is_file() and "lab.db" not in p.name)
        rows = [server.http.get(path).json() for path in ("/artifacts", "/galleries", "/jobs")]
        return [p for p in files if p.name != "alive"], rows

    before = state()
    yield
    assert state() == before


def test_a_frame_is_kept_with_what_was_said_of_it(server, http, leaf):
    slug = server.add_camera("synthetic://testcard", name="bench 3")
    answer = post(
        http,
        "/frames",
        leaf,
        name='Лист "№1" #1%.jpg',
        gallery="Рост",
        tags=["plant", "лист"],
        captured_at="2026-11-20T10:00:00+03:00",
        camera="bench 3",
        note="first",
    )
    assert answer.status_code == 201
    frame = answer.json()
    assert answer.headers["location"] == f"/api/v1/artifacts/{frame['id']}"
    assert frame["cid"] == bytes_cid(leaf)
    assert frame["captured_at"] == "2026-11-20T07:00:00Z"
    assert frame["source"] == slug
    assert frame["tags"] == ["plant", "лист"]
    assert frame["note"] == "first"
    assert frame["meta"]["name"] == 'Лист "№1" #1%.jpg'
    assert (server.lab / frame["path"]).read_bytes() == leaf
    assert [g["name"] for g in http.get("/galleries").json()] == ["Рост"]
    assert http.get(f"/artifacts/{frame['id']}").json() == frame


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "..\\..\\x.jpg", "a/b\x00c.jpg", "'.jpg"])
def test_a_strange_name_stays_a_name(server, http, leaf, name):
    frame = post(http, "/frames", leaf, name=name).json()
    assert frame["path"].startswith("frames/imported/")
    assert not {"/", "\\", "\x00"} & set(frame["meta"]["name"])
    assert http.delete(f"/artifacts/{frame['id']}").status_code == 204


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + ihdr
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.usefixtures("nothing_changes")
class TestNothingIsKeptOf:
    def test_an_empty_file(self, http):
        told = refused(post(http, "/frames", b"", name="лист.jpg"), 422, "bad_input")
        assert told.startswith("лист.jpg is empty"), "by the name that its sender knows"

    def test_a_truncated_picture(self, http, leaf):
        refused(post(http, "/frames", leaf[: len(leaf) // 2]), 422, "bad_input")

    def test_a_text_called_jpg(self, http):
        refused(post(http, "/frames", b"hello, I am no picture", name="x.jpg"), 422, "bad_input")

    def test_a_sound_sent_as_a_picture(self, http, shared):
        sound = next((shared / "data/audio").rglob("*.wav")).read_bytes()
        refused(post(http, "/frames", sound[:100_000], name="x.jpg"), 422, "bad_input")

    def test_a_picture_sent_as_a_sound(self, http, leaf):
        refused(post(http, "/audio", leaf, name="x.wav"), 422, "bad_input")

    def test_an_image_bomb(self, http):
        refused(post(http, "/frames", png_header(60_000, 60_000)), 413, "too_large")

    @pytest.mark.parametrize(
        ("metadata", "told"),
        [
            ("{", "not valid JSON"),
            ("[1]", "JSON object"),
            ("NaN", "not valid JSON"),
            ('{"captured_at": NaN}', "not valid JSON"),
            ("[" * 30_000, "not valid JSON"),
            ('{"tags": "plant"}', "metadata.tags must be a list"),
            ('{"tags": [1]}', "must be a text"),
            ('{"tags": [""]}', "too short"),
            ('{"note": 3}', "metadata.note must be a text"),
            ('{"name": {"a": 1}}', "metadata.name must be a text"),
            ('{"elephant": 1}', "metadata.elephant is not known"),
            ('{"captured_at": 17}', "captured_at must be a time"),
            ('{"captured_at": "17"}', "captured_at must be a time"),
            ('{"captured_at": "soon"}', "captured_at must be a time"),
            ('{"captured_at": "2026-11-20T10:00:00"}', "needs a time zone"),
            ('{"captured_at": "0001-01-01T00:00:00Z"}', "can't be right"),
            ('{"captured_at": "1666-01-01T00:00:00Z"}', "can't be right"),
            ('{"captured_at": "2999-01-01T00:00:00Z"}', "can't be right"),
            ('{"captured_at": "9999-12-31T23:59:59-23:59"}', "can't be right"),
        ],
    )
    def test_wrong_metadata(self, http, leaf, metadata, told):
        files = {"file": ("leaf.jpg", leaf), "metadata": (None, metadata)}
        assert told in refused(http.post("/frames", files=files), 422, "bad_input")

    def test_metadata_without_end(self, http, leaf):
        files = {"file": ("leaf.jpg", leaf), "metadata": (None, '{"note": "' + "x" * 70_000)}
        refused(http.post("/frames", files=files), 413, "too_large")

    def test_a_camera_nobody_knows(self, http, leaf):
        refused(post(http, "/frames", leaf, camera="elephant"), 404, "not_found")

    def test_two_files_at_once(self, http, leaf):
        files = [("file", ("a.jpg", leaf)), ("file", ("b.jpg", leaf))]
        refused(http.post("/frames", files=files), 422, "bad_input")

    def test_no_file_at_all(self, http):
        told = refused(http.post("/frames", files={"metadata": (None, "{}")}), 422, "bad_input")
        assert "'file'" in told

    def test_an_unknown_part(self, http, leaf):
        files = {"file": ("a.jpg", leaf), "other": (None, "x")}
        refused(http.post("/frames", files=files), 422, "bad_input")

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b"{}"),
            ("multipart/form-data", b"x"),
            ("multipart/form-data; boundary=b", b""),
            ("multipart/form-data; boundary=b", b"--c\r\n\r\nx\r\n--c--"),
            (
                "multipart/form-data; boundary=b",
                b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n\xff\xd8',
            ),
            ("image/jpeg", b"\xff\xd8\xff"),
        ],
    )
    def test_a_body_that_is_no_upload(self, http, kind, body):
        answer = http.post("/frames", content=body, headers={"Content-Type": kind})
        refused(answer, 422, "bad_input")

    def test_a_frame_over_the_limit_by_its_announced_length(self, http):
        """Not a byte of the body is needed to refuse it."""
        told = refused(raw_post(http, "/frames", length=60_000_000, body=b""), 413, "too_large")
        assert "50.0 MB" in told

    def test_a_frame_over_the_limit_of_unknown_length(self, server, http):
        sent = 0

        def body():
            nonlocal sent
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
            for _ in range(80):
                sent += 1
                yield bytes(1_000_000)
            yield b"\r\n--b--\r\n"

        answer = http.post(
            "/frames",
            content=body(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        refused(answer, 413, "too_large")

    def test_an_upload_that_stops_coming(self, http):
        told = refused(raw_post(http, "/clips", length=5_000_000, body=b"--b"), 408, "too_slow")
        assert "for 9 s" in told

    def test_an_upload_that_breaks_off(self, server, eventually):
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        broken = raw_connect(server.http, "/clips", length=5_000_000, body=head + bytes(3_000_000))
        incoming = server.lab / ".octolab" / "incoming"
        eventually(lambda: list(incoming.iterdir()))
        broken.close()
        eventually(lambda: not list(incoming.iterdir()))


def raw_connect(http: httpx.Client, path: str, *, length: int, body: bytes) -> socket.socket:
    connection = socket.create_connection((http.base_url.host, http.base_url.port), timeout=60)
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {http.headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def raw_post(http: httpx.Client, path: str, *, length: int, body: bytes) -> httpx.Response:
    with raw_connect(http, path, length=length, body=body) as connection:
        answer = b""
        while not answer.endswith(b"}}"):
            answer += connection.recv(65536)
    head, _, content = answer.partition(b"\r\n\r\n")
    return httpx.Response(int(head.split()[1]), content=content)


def test_a_large_upload_does_not_fill_the_memory(server, http):
    """256 MB that turn out to be no video: refused by what they are, with little memory."""
    before = psutil.Process(server.process.pid).memory_info().rss

    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\n'
        for _ in range(256):
            yield bytes(1_000_000)
        yield b"\r\n--b--\r\n"

    answer = http.post(
        "/clips", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    refused(answer, 422, "bad_input")
    assert psutil.Process(server.process.pid).memory_info().rss - before < 100_000_000
    assert not list((server.lab / ".octolab" / "incoming").iterdir())


@pytest.fixture(scope="module")
def ears(http, eventually):
    """What hears sounds has been loaded, which takes seconds the first time."""
    job = post(http, "/audio", wav(seconds=61.0), name="first.wav").json()["job"]
    eventually(lambda: http.get(f"/jobs/{job['id']}").json()["state"] == "done", within_s=120)


@pytest.mark.usefixtures("ears")
def test_a_short_sound_is_heard_at_once(http):
    answer = post(http, "/audio", wav(seconds=3.0), name="tone.wav", tags=["tone"])
    assert answer.status_code == 201, answer.text
    heard = answer.json()
    assert answer.headers["location"] == f"/api/v1/artifacts/{heard['artifact']['id']}"
    assert heard["artifact"]["kind"] == "sound"
    assert heard["artifact"]["duration_s"] == pytest.approx(3.0)
    assert heard["analysis"]["analyzer"] == "sound-events"
    assert heard["job"] is None
    kept = http.get(f"/artifacts/{heard['artifact']['id']}/analyses").json()
    assert [analysis["analyzer"] for analysis in kept] == ["sound-energy", "sound-events"]
    assert kept[1]["events"] == heard["analysis"]["events"]
    assert {"duration", "sample_rate", "channels", "rms", "peak"} <= heard["analysis"][
        "metrics"
    ].keys()


@pytest.mark.usefixtures("ears")
def test_a_preset_can_be_chosen(http):
    told = {"preset": "knock", "params": {"threshold": 9.0}}
    analysis = post(http, "/audio", wav(seconds=2.2), name="t.wav", **told).json()["analysis"]
    assert (analysis["params"]["preset"], analysis["params"]["threshold"]) == ("knock", 9.0)


@pytest.mark.usefixtures("ears")
def test_the_analyzer_and_its_parameters_can_be_chosen(http):
    told = {"analyzer": "sound-energy", "params": {"threshold": 7.5}}
    analysis = post(http, "/audio", wav(seconds=2.0), name="t.wav", **told).json()["analysis"]
    assert (analysis["analyzer"], analysis["params"]["threshold"]) == ("sound-energy", 7.5)


def test_a_long_sound_is_heard_in_a_job(http, eventually):
    answer = post(http, "/audio", wav(seconds=70.0), name="long.wav")
    assert answer.status_code == 202, answer.text
    heard = answer.json()
    assert heard["analysis"] is None

    def done():
        job = http.get(f"/jobs/{heard['job']['id']}").json()
        assert job["state"] in ("queued", "running", "done"), job
        return job["state"] == "done"

    eventually(done, within_s=60)
    result = http.get(f"/jobs/{heard['job']['id']}").json()["result"]
    kept = http.get(result["analyses"].removeprefix("/api/v1")).json()
    assert [analysis["analyzer"] for analysis in kept] == ["sound-energy", "sound-events"]
    events = http.get(result["events"].removeprefix("/api/v1")).json()
    assert events == kept[1]["events"]
    assert len(events) == result["count"]


def flac(seconds: float) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(1).normal(0, 0.1, int(8000 * seconds))
    soundfile.write(out, noise, 8000, format="FLAC")
    return out.getvalue()


def riff(samples: bytes, *, channels: int = 1, sr: int = 8000, size: int | None = None) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, sr, 2 * sr * channels, 2 * channels, 16)
    data = struct.pack("<4sI", b"data", len(samples) if size is None else size) + samples
    body = b"WAVE" + struct.pack("<4sI", b"fmt ", len(form)) + form + data
    return struct.pack("<4sI", b"RIFF", len(body) if size is None else size) + body


BAD_SOUNDS = {
    "text": b"this is no sound at all, but it is called one" * 9,
    "empty": b"",
    "no samples": riff(b""),
    "claims 4 GB": riff(bytes(4000), size=0xFFFFFF00),
    "cut flac": flac(5.0)[:20_000],
    "only a head": riff(bytes(100))[:30],
    "0 Hz": riff(bytes(4000), sr=0),
    "0 channels": riff(bytes(4000), channels=0),
}


@pytest.mark.usefixtures("ears", "nothing_changes")
@pytest.mark.parametrize("name", BAD_SOUNDS)
def test_a_sound_that_can_not_be_read_is_refused_and_not_kept(http, name):
    answer = post(http, "/audio", BAD_SOUNDS[name], name="x.wav")
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["message"]


@pytest.mark.usefixtures("ears", "nothing_changes")
@pytest.mark.parametrize(
    ("told", "status", "code", "says"),
    [
        ({"analyzer": "nothing-such"}, 404, "not_found", "no analyzer"),
        ({"analyzer": "sobel"}, 422, "bad_input", "takes frame"),
        ({"preset": "unicorn"}, 422, "bad_input", "no preset 'unicorn'"),
        ({"params": {"colour": 1}}, 422, "bad_input", "no parameter 'colour'"),
        ({"params": {"threshold": "x"}}, 422, "bad_input", "not the number"),
        ({"params": {"band": [9000, 1]}, "gallery": "bees"}, 422, "bad_input", "band"),
        ({"params": [1]}, 422, "bad_input", "JSON object"),
        ({"analyzer": 5}, 422, "bad_input", "analyzer"),
    ],
)
def test_what_can_not_be_asked_of_a_sound_is_refused(http, told, status, code, says):
    assert says in refused(
        post(http, "/audio", wav(seconds=1.0), name="x.wav", **told), status, code
    )


def test_a_sound_whose_hearing_fails_later_is_taken_away_again(tmp_path, monkeypatch):
    """Only an analyzer made for it fails late, so this one server runs in the test itself."""

    def impatient(path):
        with soundfile.SoundFile(path) as sound:
            if len(sound) > 15 * sound.samplerate:
                raise BadInput("too long for me")
        return {"seconds": 1.0}

    made = plugins.Analyzer("impatient", impatient, kinds=frozenset({"sound"}))
    plugins.analyzers.all()
    monkeypatch.setitem(plugins.analyzers._found, made.name, made)
    patient = partial(uploads.settled, within_s=60)  # libraries are loaded the first time
    monkeypatch.setattr(uploads, "settled", patient)
    files = {
        "file": ("a.wav", wav(seconds=20.0)),
        "metadata": (None, '{"analyzer": "impatient", "captured_at": "2026-11-20T10:00:00Z"}'),
    }

    async def ask():
        app = create_app(tmp_path / "lab", "token")
        transport = httpx.ASGITransport(app)
        address, token = "http://localhost/api/v1", {"Authorization": "Bearer token"}
        client = httpx.AsyncClient(transport=transport, base_url=address, headers=token)
        async with app.router.lifespan_context(app), client as http:
            refused(await http.post("/audio", files=files), 422, "bad_input")
            assert app.state.lab.count() == 0
            assert not list((tmp_path / "lab" / "sounds").rglob("*.wav"))
            at = (None, '{"captured_at": "2026-11-20T10:00:00Z"}')
            kept = await http.post("/sounds", files={**files, "metadata": at})
            refused(await http.post("/audio", files=files), 422, "bad_input")
            assert app.state.lab.get(kept.json()["id"]).path.is_file(), "it was there before"

    asyncio.run(ask())


@pytest.mark.usefixtures("ears")
def test_odd_but_possible_sounds_are_heard_or_refused_in_words(http):
    many = np.random.default_rng(2).integers(-999, 999, 32 * 8000).astype("<i2").tobytes()
    for sound in (
        riff(many, channels=32),
        riff(bytes(2)),
        riff(many, sr=1_000_000),
        riff(bytes(40), sr=1),
    ):
        answer = post(http, "/audio", sound, name="odd.wav")
        assert answer.status_code in (201, 422), answer.text


@pytest.mark.usefixtures("ears")
def test_events_come_as_a_table_too(http):
    sound = post(http, "/audio", wav(seconds=3.5), name="table.wav").json()
    number, events = sound["artifact"]["id"], sound["analysis"]["events"]
    path = f"/artifacts/{number}/events"
    assert http.get(path).json() == events
    assert http.get(path, params={"threshold": 1e9}).json() == []
    table = http.get(path, params={"format": "csv", "analyzer": "sound-events"})
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 1 + len(events)
    raven = http.get(path, params={"format": "raven"})
    assert raven.text.startswith("Selection\t")
    refused(http.get(path, params={"analyzer": "mobilenet"}), 404, "not_found")
    refused(http.get(path, params={"format": "xls"}), 422, "bad_input")


def test_annotations_are_edited_all_or_nothing(http, leaf):
    number = post(http, "/sounds", wav(seconds=2.5), name="marks.wav").json()["id"]
    path = f"/artifacts/{number}/annotations"
    assert http.get(path).json() == []
    add = [{"start": 1.0, "end": 1.5, "label": "owl", "note": "far"}, {"start": 0.1, "end": 0.2}]
    late, early = http.patch(path, json={"add": add, "by": "ann"}).json()[::-1]
    assert (late["event"]["label"], late["note"], late["by"]) == ("owl", "far", "ann")
    change = {str(early["id"]): {"start": 0.1, "end": 0.3, "label": "fox"}}
    after = http.patch(path, json={"change": change, "remove": [late["id"]]}).json()
    assert [one["event"]["label"] for one in after] == ["fox"]
    for wrong, status, code in (
        ({"add": [{"start": 2.0, "end": 1.0}]}, 422, "bad_input"),
        ({"add": [{"start": -1.0, "end": 1.0}]}, 422, "bad_input"),
        ({"change": {str(late["id"]): {"start": 0, "end": 1}}}, 404, "not_found"),
        ({"delete": [1]}, 422, "bad_input"),
    ):
        refused(http.patch(path, json={**wrong, "remove": [early["id"]]}), status, code)
    assert http.get(path).json() == after
    frame = post(http, "/frames", leaf).json()["id"]
    refused(http.get(f"/artifacts/{frame}/annotations"), 422, "bad_input")
    refused(http.get(f"/artifacts/{frame}/events"), 422, "bad_input")


def wav(*, seconds: float, sr: int = 8000) -> bytes:
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * sr)) / sr)).astype("<i2")
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + tone.nbytes, b"WAVE", b"fmt ", 16, 1, 1,
                       sr, 2 * sr, 2, 16, b"data", tone.nbytes)  # fmt: skip
    return head + tone.tobytes()


def test_a_full_disk_is_told_and_nothing_is_left(make_server, leaf):
    """A limit on the size of files stands in for a full disk: writes fail half-way."""
    full = make_server().start()
    clip = bytes(8_000_000)
    limit = 4_000_000
    psutil.Process(full.process.pid).rlimit(psutil.RLIMIT_FSIZE, (limit, limit))
    told = refused(post(full.http, "/clips", clip, name="x.mp4"), 507, "lab")
    assert "disk is full" in told
    assert not list((full.lab / ".octolab" / "incoming").iterdir())
    assert post(full.http, "/frames", leaf).status_code == 201
    with Lab(full.lab) as lab:
        assert lab.verify().ok
