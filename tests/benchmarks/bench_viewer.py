"""A day of sound in the page: time to the first picture, and frames a second while it pans.

    python tests/benchmarks/bench_viewer.py [ROUNDS] [RATE]

The day is a sparse RF64 file with a tone each minute. Wall time, because a person waits it:
the first picture of a sound whose tiles are made within 1 s of its being chosen, and 30
frames a second or more while the picture moves, at several zooms.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _measure import report
from bench_first_picture import wait_until_quiet
from playwright.sync_api import Browser, Page, sync_playwright

import octolab
from octolab.lab.live import find_server
from octolab.lab.sounds import made_tiles

CHROMIUM = os.environ.get("OCTOLAB_CHROMIUM", "/usr/bin/chromium")
TOKEN = "bench"
LIMIT_S = 1.0
LEAST_FPS = 30.0
DAY_S = 86_400
SPANS_S = (43_200.0, 7_200.0, 600.0, 60.0)

# The tiles of the view are drawn, and the picture is not of one colour.
DRAWN = """() => {
  const area = document.querySelector('.ol-scene[data-complete="true"]');
  const canvas = area?.querySelector('.ol-sheet-base');
  if (!canvas) return false;
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(data.buffer);
  return pixels.some(one => one !== pixels[0]);
}"""

# Turn the wheel sideways at each frame for some seconds; the times between frames.
PAN = """async seconds => {
  const area = document.querySelector('.ol-scene');
  const box = area.getBoundingClientRect();
  const times = [];
  let last = performance.now(), by = 24;
  const until = last + seconds * 1000;
  while (last < until) {
    area.dispatchEvent(new WheelEvent('wheel', {deltaX: by, deltaY: 0, bubbles: true,
      cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + 20}));
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    if (times.length % 120 === 0) by = -by;
  }
  return times.slice(1);
}"""


def write_day(path: Path, rate: int) -> None:
    """Write a day of silence with a tone each minute, without taking the room on the disk."""
    frames = DAY_S * rate
    head = b"RF64\xff\xff\xff\xffWAVE" + b"ds64"
    head += struct.pack("<IQQQI", 28, 72 + 2 * frames, 2 * frames, frames, 0)
    head += b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    head += b"data\xff\xff\xff\xff"
    seconds = np.arange(2 * rate) / rate
    with path.open("wb") as file:
        file.write(head)
        for minute in range(DAY_S // 60):
            tone = np.sin(2 * np.pi * (400 + 5 * minute % 3000) * seconds) * np.hanning(2 * rate)
            file.seek(len(head) + 2 * rate * (60 * minute + minute % 50))
            file.write((tone * 9000).astype("<i2").tobytes())
        file.truncate(len(head) + 2 * frames)


def main(rounds: int, rate: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder) / "lab"
        write_day(Path(folder) / "day.wav", rate)
        with octolab.Lab(lab) as made:
            short = Path(folder) / "short.wav"
            write_day(short, 100)
            day = made.add_sound(Path(folder) / "day.wav", name="day.wav", move=True)
            made_tiles(made, day)
            made.add_sound(short, name="short.wav", move=True)
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
                wait_until_quiet(process.pid)
                measure(browser, port, day.id, rounds)
                browser.close()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            if server := find_server(lab):
                os.kill(server.pid, signal.SIGTERM)


def measure(browser: Browser, port: int, day: int, rounds: int) -> None:
    """Choose the day again and again, then pan it at several zooms."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"http://127.0.0.1:{port}/voila/render/dashboards/workbench.ipynb?token={TOKEN}")
    page.locator("[data-tab=sounds]").click(timeout=120_000)
    page.locator(".ol-lane").wait_for(timeout=60_000)
    first = [first_picture(page, day) for _ in range(rounds)]
    print(f"first picture of a day: {', '.join(f'{one:.2f}' for one in first)} s")
    report("first picture of a day", "median", statistics.median(first), LIMIT_S, " s")
    for span in SPANS_S:
        page.locator("[data-do=fit]").click()
        zoom_to(page, span)
        page.wait_for_function(DRAWN)
        times = page.evaluate(PAN, 4)
        slow = sorted(times)[int(len(times) * 0.95)]
        name = f"pan, {span:g} s in sight"
        mean = statistics.mean(times)
        print(f"{name}: {1000 / mean:.0f} frames a second, 95 % within {slow:.0f} ms")
        report(name, "ms a frame", mean, 1000 / LEAST_FPS, " ms")


def first_picture(page: Page, day: int) -> float:
    """Seconds from choosing the day to its picture."""
    other = f".ol-sound-row:not([data-sound='{day}'])"
    page.locator("[data-do=choose]").click()
    page.locator(other).first.click()
    page.wait_for_timeout(1500)
    page.locator("[data-do=choose]").click()
    row = page.locator(f".ol-sound-row[data-sound='{day}']")
    row.wait_for()
    page.evaluate("document.querySelector('.ol-scene').dataset.complete = 'before'")
    start = time.perf_counter()
    row.click()
    page.wait_for_function(
        "document.querySelector('[data-do=choose]').textContent.startsWith('day')", polling=20
    )
    page.wait_for_function(DRAWN, polling=20)
    return time.perf_counter() - start


def zoom_to(page: Page, span_s: float) -> None:
    """Zoom in by keys until about that much is in sight."""
    page.locator(".ol-scene").focus()
    shown = float(DAY_S)
    while shown > span_s * 1.5:
        page.keyboard.press("+")
        shown /= 2
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 5,
        int(sys.argv[2]) if len(sys.argv) > 2 else 24_000,
    )
