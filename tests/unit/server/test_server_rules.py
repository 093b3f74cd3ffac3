"""The small rules of the server, each alone."""

from __future__ import annotations

import logging
import struct
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers

from octolab.errors import BadInput, OctolabError, Refused
from octolab.server import access, presence, problems
from octolab.server.activity import Activity
from octolab.server.app import create_app
from octolab.server.deps import read_cursor, write_cursor
from octolab.server.once import AGAIN_S, Once
from octolab.server.ranges import read_range
from octolab.server.settings import Settings, parse_settings
from octolab.server.takes import holds_pictures
from octolab.server.uploads import clean_name, parse_metadata


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:80", "127.0.0.1:1", "[::1]", "a.localhost"]
)
def test_our_own_host_names_pass(host):
    access.check_host(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.x", "[::1"]
)
def test_foreign_host_names_are_refused(host):
    with pytest.raises(Refused):
        access.check_host(host)


def test_a_host_may_be_made_known():
    access.check_host("Greenhouse.lan:8000", {"greenhouse.lan"})


def test_a_request_without_origin_passes():
    access.check_origin(Headers({"host": "127.0.0.1:8000"}))
    access.check_origin(Headers({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}))


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1", "https://x", "null", "", "http://[", "file://"]
)
def test_another_origin_is_refused(origin):
    with pytest.raises(Refused):
        access.check_origin(Headers({"host": "127.0.0.1:8000", "origin": origin}))


def test_the_access_log_shows_no_query():
    path = "/api/v1/rtsp/snapshot?url=rtsp%3A%2F%2Fu%3Ap%40h&token=abc"
    record = logging.LogRecord("x", 20, "", 0, '%s "%s"', ("1.2.3.4", f"GET {path} HTTP/1.1"), None)
    assert access.HideQueries().filter(record)
    assert record.getMessage() == '1.2.3.4 "GET /api/v1/rtsp/snapshot?… HTTP/1.1"'


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9", "ru"),
        ("en;q=0.1,ru;q=0.2", "ru"),
        ("fr-FR,de;q=0.5", "en"),
        ("ru;q=elephant,en", "en"),
        ("*", "en"),
    ],
)
def test_the_language_follows_the_header(header, language):
    assert problems.language_of(header) == language


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"loc": ("query", "limit"), "type": "missing", "msg": ""}, "limit is missing"),
        (
            {
                "loc": ("body", "a", 0, "b"),
                "type": "less_than_equal",
                "msg": "",
                "ctx": {"le": 3.0},
            },
            "a.0.b must be 3 or less",
        ),
        ({"loc": ("body",), "type": "json_invalid", "msg": ""}, "the body must be a JSON object"),
        ({"loc": ("path", "n"), "type": "int_parsing", "msg": ""}, "n must be a whole number"),
        ({"loc": ("path", "n"), "type": "odd", "msg": "Odd {x}"}, "n does not fit: Odd {x}"),
    ],
)
def test_a_problem_of_the_framework_is_told_in_our_words(problem, message):
    assert str(problems.of_validation([problem])).startswith(message)


def test_a_full_disk_is_known_and_other_faults_are_not():
    assert problems.disk_error(OSError(28, "No space left on device")).http_status == 507
    assert problems.disk_error(OSError(2, "No such file")) is None


def test_an_unforeseen_fault_is_logged_without_secrets(caplog):
    try:
        raise RuntimeError("rtsp://admin:s3cret@cam/1 broke")
    except RuntimeError as error:
        told = problems.fault(error)
    assert isinstance(told, OctolabError)
    assert told.http_status == 500
    assert "RuntimeError" in str(told)
    assert "s3cret" not in str(told) + caplog.text
    assert "cam/1 broke" in caplog.text


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("leaf.jpg", "leaf.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\лист.jpg", "лист.jpg"),
        ("%22a%22%0D%0A.jpg", '"a".jpg'),
        ("a\x00b\n.jpg", "ab.jpg"),
        ("../", ""),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_name_of_an_upload_is_only_a_name(name, clean):
    assert clean_name(name) == clean


def test_metadata_is_optional():
    assert parse_metadata(b"").model_dump() == parse_metadata(b"{}").model_dump()


def test_metadata_keeps_the_moment_with_its_zone():
    metadata = parse_metadata(b'{"captured_at": "2026-11-20T10:00:00+03:00"}')
    assert metadata.captured_at == datetime(2026, 11, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", [b"\xff", b"nul", b'{"captured_at": Infinity}', b'""', b"[]"])
def test_metadata_that_is_no_object_is_refused(text):
    with pytest.raises(BadInput):
        parse_metadata(text)


@pytest.mark.parametrize(
    ("header", "starts"),
    [
        ("bytes=0-99", [0]),
        ("bytes=100-", [100]),
        ("Bytes = 0-1, 5-", [0, 5]),
        ("bytes=-50", [-50]),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5", None),
        ("bytes=9-2", None),
        ("bytes=a-b", None),
        ("rows=0-9", None),
    ],
)
def test_a_range_header_is_read(header, starts):
    assert read_range(header) == starts


def test_a_cursor_comes_back_exactly():
    at = datetime(2026, 11, 22, 9, 30, 0, 123457, UTC)
    assert read_cursor(write_cursor(at, 7), int) == (at, 7)
    assert read_cursor(write_cursor(at, "bafk", "my-place"), str, str) == (at, "bafk", "my-place")
    assert read_cursor(None, int) is None


@pytest.mark.parametrize("text", ["!", "x", "MTIz", "я", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE"])
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(BadInput):
        read_cursor(text, int)


def test_settings_take_their_defaults():
    assert parse_settings({}) == Settings()
    assert parse_settings({"snapshot_hosts": ["10.0.0.0/8"]}).snapshot_hosts == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    "kept",
    [{"elephant": 1}, {"max_frame_bytes": "1"}, {"max_frame_bytes": True}, {"segment_s": 0},
     {"snapshot_hosts": "x"}, {"snapshot_hosts": [1]}],
)  # fmt: skip
def test_settings_of_the_wrong_sort_are_told(kept):
    with pytest.raises(BadInput):
        parse_settings(kept)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80"),
     ("::", "http://[::1]:80")],
)  # fmt: skip
def test_the_address_is_one_that_can_be_asked(host, url):
    assert presence.address(host, 80) == url


def box(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(data), kind) + data


@pytest.mark.parametrize(
    ("content", "held"),
    [
        (b"", False),
        (box(b"ftyp", b"isom") + box(b"moov", bytes(100)), False),
        (box(b"ftyp", b"isom") + box(b"moov", bytes(100))[:50], False),
        (box(b"ftyp", b"isom") + box(b"moov") + box(b"moof", bytes(100))[:50], False),
        (box(b"ftyp", b"isom") + box(b"moov") + box(b"moof") + box(b"mdat", b"x" * 9)[:12], True),
        (b"not an MP4 at all", True),
    ],
)
def test_a_recording_is_empty_when_it_is_all_header(tmp_path, content, held):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    assert holds_pictures(path) is held


def test_the_document_of_the_api_can_be_written():
    document = create_app("nowhere", "token").openapi()
    assert len(document["paths"]) > 40


def test_nobody_is_quiet_while_connected():
    activity = Activity()
    with activity.connection():
        assert activity.quiet_s == 0.0
    assert 0.0 <= activity.quiet_s < 60.0


def test_a_line_that_comes_again_and_again_is_logged_now_and_then(monkeypatch):
    moments = iter([0.0, 2.0, 4.0, 6.0, 8.0, AGAIN_S + 1, 3 * AGAIN_S])
    monkeypatch.setattr("octolab.server.once.time", SimpleNamespace(monotonic=moments.__next__))
    once = Once()

    def told(text):
        record = logging.LogRecord("x", 40, "", 0, "%s", (text,), None)
        return record.getMessage() if once.filter(record) else None

    assert told("full") == "full"
    assert [told("full") for _ in range(3)] == [None] * 3
    assert told("other") == "other"
    assert told("full") == "full (and 3 times since)"
    assert told("full") == "full"
