"""From opening the workbench in Voila to the first live picture, with a warm kernel.

    python tests/benchmarks/bench_first_picture.py [ROUNDS]

Wall time, because a person waits it; the limit is 4 s.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from _measure import report
from playwright.sync_api import Browser, sync_playwright

import octolab
from octolab.lab.live import find_server

LIMIT_S = 4.0
CHROMIUM = os.environ.get("OCTOLAB_CHROMIUM", "/usr/bin/chromium")
TOKEN = "bench"
PICTURE = "document.querySelector('[data-camera][data-frames]') !== null"


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder) / "lab"
        with octolab.Lab(lab) as made:
            for scene in ("plant", "hive", "testcard"):
                made.add_camera(f"synthetic://{scene}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "octolab.jupyter", f"--lab={lab}", f"--port={port}"],
            env={**os.environ, "OCTOLAB_TOKEN": TOKEN},
            stderr=subprocess.DEVNULL,
        )
        try:
            with sync_playwright() as play:
                browser = play.chromium.launch(
                    executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox"]
                )
                waits = []
                for _ in range(rounds):
                    wait_until_quiet(process.pid)
                    waits.append(first_picture(browser, port))
                browser.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            if server := find_server(lab):
                os.kill(server.pid, signal.SIGTERM)
    print(f"first live picture: {', '.join(f'{wait:.2f}' for wait in waits)} s")
    report("first live picture, warm kernel", "median", statistics.median(waits), LIMIT_S, " s")


def first_picture(browser: Browser, port: int) -> float:
    """Seconds from asking for the page to a live picture on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    start = time.perf_counter()
    page.goto(
        f"http://127.0.0.1:{port}/voila/render/dashboards/workbench.ipynb?token={TOKEN}",
        wait_until="commit",
    )
    page.wait_for_function(PICTURE, timeout=60_000)
    waited = time.perf_counter() - start
    page.goto("about:blank")  # a page that is left ends its kernel, one that is closed does not
    page.close()
    return waited


def wait_until_quiet(pid: int, quiet_s: float = 2.0, limit_s: float = 90.0) -> None:
    """Return when the server and its kernels have nothing left to prepare."""
    deadline = time.monotonic() + limit_s
    since, before = time.monotonic(), cpu_of_tree(pid)
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = cpu_of_tree(pid)
        if now - before > 0.1:
            since = time.monotonic()
        before = now
        if time.monotonic() - since > quiet_s and len(psutil.Process(pid).children()) > 0:
            return


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process and what it started."""
    total = 0.0
    parent = psutil.Process(pid)
    for process in [parent, *parent.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
