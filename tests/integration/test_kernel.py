"""Widgets in a real kernel, spoken to as JupyterLab does."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from jupyter_client.manager import start_new_kernel

CELL = """
import octolab
from octolab.widgets import LogConsole
widget = LogConsole(octolab.Lab({folder!r}))
print(widget.comm.comm_id)
"""


@pytest.fixture
def client(tmp_path, monkeypatch) -> Iterator[object]:
    """A client of a kernel of its own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def on_control(client, kind: str, **content):
    """What the kernel answers to a request on its control channel."""
    request = client.session.msg(f"{kind}_request", content)
    client.control_channel.send(request)
    while True:
        answer = client.get_control_msg(timeout=60)
        if answer["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return answer["content"]


def asks(client, comm: str, number: str, subshell: str | None) -> None:
    """Ask the widget whether it is there, and wait for its answer."""
    content = {"panel": "desk", "action": "alive", "id": number, "args": {}}
    data = {"method": "custom", "content": content}
    message = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = client.get_iopub_msg(timeout=60)
        if told["msg_type"] == "comm_msg":
            answer = told["content"]["data"].get("content", {})
            if answer.get("re") == number:
                assert answer["ok"]
                return
    pytest.fail("the widget did not answer")


def test_a_widget_outlives_the_subshell_it_was_asked_in(client, tmp_path):
    printed = []
    client.execute_interactive(
        CELL.format(folder=str(tmp_path / "lab")),
        timeout=120,
        output_hook=lambda told: printed.append(told["content"].get("text", "")),
    )
    comm = "".join(printed).strip()
    subshell = on_control(client, "create_subshell")["subshell_id"]
    asks(client, comm, "1", subshell)
    assert on_control(client, "delete_subshell", subshell_id=subshell)["status"] == "ok"
    asks(client, comm, "2", None)
