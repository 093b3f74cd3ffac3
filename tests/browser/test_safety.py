"""A visitor of the dashboards can use them but not run code, and not reach around them."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

TOKEN = {"Authorization": "token a-token-for-tests"}


def request(url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> int:
    """The HTTP status of a request with the token."""
    asked = urllib.request.Request(url, data, {**TOKEN, **headers}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code


def message(kind: str, **content: object) -> str:
    """One message of Jupyter's protocol to the shell channel."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": "visitor",
        "username": "",
        "version": "5.3",
        "date": "2026-11-22T10:00:00Z",
    }
    return json.dumps(
        {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
        }
    )


def test_code_of_a_visitor_is_not_run(voila, tmp_path: Path):
    asked = urllib.request.Request(voila.url + "/voila/render/dashboards/workbench.ipynb")
    asked.add_header("Authorization", TOKEN["Authorization"])
    with urllib.request.urlopen(asked, timeout=60) as answer:
        kernel = re.search(r'"kernelId": "([0-9a-f-]+)"', answer.read().decode()).group(1)
    touched = tmp_path / "touched"
    address = f"ws://{voila.url.removeprefix('http://')}/api/kernels/{kernel}/channels"
    with connect(address, additional_headers=TOKEN, max_size=None, open_timeout=60) as socket:
        code = f"open({str(touched)!r}, 'w').close()"
        socket.send(message("execute_request", code=code, silent=False))
        socket.send(message("kernel_info_request"))
        kinds: list[str] = []
        while "kernel_info_reply" not in kinds:
            kinds.append(json.loads(socket.recv(timeout=60))["msg_type"])
    assert "execute_reply" not in kinds
    assert not touched.exists()


def test_a_socket_without_the_token_is_refused(voila):
    address = f"ws://{voila.url.removeprefix('http://')}/api/kernels/{uuid.uuid4()}/channels"
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, open_timeout=60)


def test_files_beside_the_notebooks_are_not_served(voila):
    assert request(f"{voila.url}/voila/files/labs/01_quickstart.ipynb") == 404
    assert request(f"{voila.url}/voila/api/contents/") == 404
    assert request(f"{voila.url}/voila/render/..%2f..%2fpyproject.toml") in (302, 404)


def test_the_api_is_there_under_jupyters_login(voila, page):
    page.goto(voila.at("voila/render/dashboards/workbench.ipynb"))
    page.locator("[data-camera][data-frames]").first.wait_for()
    names = page.evaluate(
        "fetch('/octolab-api/api/v1/cameras').then(r => r.json()).then(d => JSON.stringify(d))"
    )
    assert "Bench 3" in names


def test_a_foreign_page_can_not_post_with_the_cookie_of_a_visitor(voila, page, watch):
    watch.expected.append("403")
    page.goto(voila.at())
    status = page.evaluate(
        "fetch('/octolab-api/api/v1/frames', {method: 'POST', body: new FormData()})"
        ".then(r => r.status)"
    )
    assert status == 403
