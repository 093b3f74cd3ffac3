"""What opens the workbench and JupyterLab also ends them, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from support import eventually, free_port

from octolab.errors import BadInput, Unavailable
from octolab.jupyter import open_lab, open_workbench
from octolab.lab.live import find_server

OPEN = """
import sys
from octolab import jupyter
jupyter.{}(sys.argv[1], port=int(sys.argv[2]), browser=False)
"""


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except OSError:
        return False
    return True


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    folders = {
        name: str(home / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    return {**os.environ, **folders}


def test_ctrl_c_ends_the_workbench_and_its_kernels(tmp_path, env):
    port, lab = free_port(), tmp_path / "lab"
    process = start("open_workbench", lab, port, {**env, "OCTOLAB_TOKEN": "given"})
    try:
        eventually(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/login"))
        page = f"http://127.0.0.1:{port}/voila/render/dashboards/workbench.ipynb?token=given"
        urllib.request.urlopen(page, timeout=120).close()  # now its kernel has run all cells
        said = press_ctrl_c(process)
        assert f"http://127.0.0.1:{port}/voila/render/dashboards/workbench.ipynb\n" in said
        assert "given" not in said
    finally:
        end(process, lab)


def test_ctrl_c_ends_jupyterlab(tmp_path, env):
    env.pop("OCTOLAB_TOKEN", None)
    port, lab = free_port(), tmp_path / "lab"
    process = start("open_lab", lab, port, env)
    try:
        eventually(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/api"))
        said = press_ctrl_c(process)
        assert said.count("?token=") == 1
        assert "Warning" not in said
    finally:
        end(process, lab)


def start(opener: str, lab: Path, port: int, env: dict[str, str]) -> subprocess.Popen[str]:
    """Open in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", OPEN.format(opener), str(lab), str(port)],
        env=env,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def press_ctrl_c(process: subprocess.Popen[str]) -> str:
    """End it; what it said to the terminal, once all it started has ended too."""
    started = [p for p in descendants(process.pid) if "octolab.server" not in command(p)]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert psutil.wait_procs(started, 60)[1] == []
    assert 'File "<string>"' not in said  # a kernel that just started may say it was interrupted
    return said


def end(process: subprocess.Popen[str], lab: Path) -> None:
    """Leave nothing behind, whatever happened."""
    process.kill()
    process.communicate()
    if server := find_server(lab):
        os.kill(server.pid, signal.SIGTERM)


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def command(process: psutil.Process) -> list[str]:
    """Its command line; none of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def test_a_port_that_is_taken_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("OCTOLAB_LAB", "")  # put back what opening sets
    monkeypatch.setenv("JUPYTER_PATH", "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} is taken; choose another"):
            open_workbench(tmp_path / "lab", port=port, browser=False)


@pytest.mark.parametrize("opener", [open_workbench, open_lab])
def test_a_port_that_can_not_be_is_named_before_anything_is_made(opener, tmp_path):
    with pytest.raises(BadInput, match="70000 is no port"):
        opener(tmp_path / "lab", port=70000, browser=False)
    assert not (tmp_path / "lab").exists()


def test_the_notebooks_are_in_the_lab_that_jupyterlab_shows(tmp_path, env):
    port, lab = free_port(), tmp_path / "lab"
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN.format("open_lab"), str(lab), str(port)],
        env={**env, "OCTOLAB_TOKEN": "t"},
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/api"))
        assert (lab / "notebooks" / "labs" / "01_quickstart.ipynb").is_file()
        url = f"http://127.0.0.1:{port}/api/contents/notebooks/labs?token=t"
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert "01_quickstart.ipynb" in answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
