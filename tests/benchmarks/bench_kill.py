"""``kill -9`` of the server, again and again, during interval capture, recording and uploads.

Prints how many artifacts were acknowledged (an answer 201, or a row that a client read) and
how many of them are lost or damaged afterwards; all must still be there. The tests run the
same with fewer kills.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from octolab.capture import encode_jpeg
from octolab.content import file_cid
from octolab.lab import Lab
from octolab.media import probe
from octolab.server.takes import holds_pictures

KILLS = 20
INTERVAL_S = 0.2
LIVE_S = (1.0, 4.0)
START_S = 60.0
LEAST = 5


@dataclass
class Outcome:
    """What a run of kills left."""

    kills: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    frames: int = 0
    clips: int = 0
    recorded_s: float = 0.0
    live_s: float = 0.0
    resumed_s: list[float] = field(default_factory=list)
    verified: bool = False


def run(folder: Path, kills: int, seed: int = 1) -> Outcome:
    """Kill the server of a lab in `folder` so many times and look at what is left."""
    chance = random.Random(seed)
    outcome = Outcome()
    root = folder / "lab"
    environment = {
        **os.environ,
        "OCTOLAB_TOKEN": "kill-test",
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    with Lab(root) as lab:
        stills = lab.add_camera("synthetic://testcard?size=640x360&fps=15", name="stills").slug
        film = lab.add_camera("synthetic://hive?size=640x360&fps=15", name="film").slug
        gallery = lab.gallery("growth")
        lab.catalog.set_desired(stills, interval_s=INTERVAL_S, interval_gallery=gallery.slug)
        lab.catalog.set_desired(film, recording=True)
        for _ in range(kills):
            earlier = _recordings(root)
            with _server(root, environment, folder / "log.txt") as (process, http):
                began = time.monotonic()
                before = lab.count(camera="stills")
                while lab.count(camera="stills") <= before or not _recording(root, earlier):
                    assert time.monotonic() - began < START_S, "capture did not resume by itself"
                    time.sleep(0.02)
                outcome.resumed_s.append(time.monotonic() - began)
                began = time.monotonic()
                known = len(outcome.acknowledged)
                with _client_at_work(http, outcome.acknowledged):
                    time.sleep(chance.uniform(*LIVE_S))
                    while len(outcome.acknowledged) < known + LEAST:  # a busy machine
                        assert time.monotonic() - began < START_S, "nothing is acknowledged"
                        time.sleep(0.02)
                    process.kill()
                    process.wait()
                outcome.live_s += time.monotonic() - began
                outcome.kills += 1
        for slug in (stills, film):
            lab.catalog.set_desired(slug, interval_s=None, recording=False)
        with _server(root, environment, folder / "log.txt") as (process, _):
            process.terminate()
            process.wait(60)
        _judge(lab, outcome)
    return outcome


@contextmanager
def _server(
    root: Path, environment: dict[str, str], log: Path
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server of the lab and a client for it; gone at the end, whatever happens."""
    with log.open("a") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "octolab.server", "--lab", str(root)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.stdout.close()
        assert line, log.read_text()
        url = line.split()[1].partition("/docs")[0]
        headers = {"Authorization": "Bearer kill-test"}
        with httpx.Client(
            base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=False
        ) as http:
            yield process, http
    finally:
        process.kill()
        process.wait()


def _recordings(root: Path) -> set[Path]:
    return set((root / ".octolab" / "recording").glob("film__*.mp4"))


def _recording(root: Path, earlier: set[Path]) -> bool:
    """Whether this server's own recording has a fragment; what a kill left does not count."""
    return any(holds_pictures(file) for file in _recordings(root) - earlier)


@contextmanager
def _client_at_work(http: httpx.Client, acknowledged: dict[int, str]) -> Iterator[None]:
    """Upload frames and read the catalog until the server is gone; note what it confirmed."""

    def work() -> None:
        import numpy as np

        number = len(acknowledged)
        try:
            while True:
                number += 1
                image = np.full((90, 160, 3), number % 256, np.uint8)
                image[0, : number % 160] = 255
                metadata = json.dumps({"tags": ["uploaded"], "gallery": "uploads"})
                files = {
                    "file": ("x.jpg", encode_jpeg(image)),
                    "metadata": (None, metadata),
                }
                answer = http.post("/frames", files=files)
                if answer.status_code == 201:
                    acknowledged[answer.json()["id"]] = answer.json()["cid"]
                for item in http.get("/artifacts", params={"limit": 20}).json()["items"]:
                    acknowledged[item["id"]] = item["cid"]
        except httpx.TransportError:
            pass  # killed

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)


def _judge(lab: Lab, outcome: Outcome) -> None:
    found = {item.id: item for item in lab.find(limit=None)}
    for number, cid in outcome.acknowledged.items():
        item = found.get(number)
        if item is None or item.cid != cid or not item.path.is_file():
            outcome.lost.append(number)
    for item in found.values():
        try:
            whole = file_cid(item.path) == item.cid and probe(item.path).kind == item.kind
        except (OSError, ValueError):
            whole = False
        if not whole:
            outcome.damaged.append(item.record.path)
    clips = [item for item in found.values() if item.kind == "clip"]
    outcome.frames = sum(item.kind == "frame" for item in found.values())
    outcome.clips = len(clips)
    outcome.recorded_s = sum(clip.record.duration_s or 0.0 for clip in clips)
    for folder in ("recording", "incoming"):
        outcome.leftovers += [p.name for p in (lab.path / ".octolab" / folder).iterdir()]
    report = lab.verify()
    outcome.verified = report.ok


def main() -> None:
    """Print what 20 kills left."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outcome = run(Path(folder), KILLS)
    print(
        f"kill -9 x {outcome.kills}: {outcome.frames} frames and {outcome.clips} clips; of "
        f"{len(outcome.acknowledged)} acknowledged {len(outcome.lost)} lost, "
        f"{len(outcome.damaged)} damaged, {len(outcome.leftovers)} leftovers; verify "
        f"{'clean' if outcome.verified else 'NOT CLEAN'}"
    )
    resumed = sorted(outcome.resumed_s)
    print(
        f"kill -9 x {outcome.kills}: {outcome.recorded_s:.1f} s recorded, the servers lived "
        f"{outcome.live_s:.1f} s past their first fragments; "
        f"capture resumed {resumed[len(resumed) // 2]:.2f} s after the start (median)"
    )


if __name__ == "__main__":
    main()
