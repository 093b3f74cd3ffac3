"""Keeping a JPEG frame (file, CID and row) against writing and syncing the same bytes alone."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
from _measure import paired, report

from octolab.capture import encode_jpeg
from octolab.lab import Capture, Lab
from octolab.model import utc_now

FRAMES = 20


def main() -> None:
    """Print wall and CPU ratios for a 1080p JPEG."""
    random = np.random.default_rng(0)
    small = random.integers(0, 255, (135, 240, 3), np.uint8)
    jpeg = bytearray(encode_jpeg(np.kron(small, np.ones((8, 8, 1), np.uint8))))
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder) / "lab") as lab:
        camera = lab.add_camera("synthetic://testcard").slug
        at, number = utc_now(), 0

        def ours() -> None:
            nonlocal number
            for _ in range(FRAMES):
                number += 1
                # a few bits differ, as from a camera, so that no two frames are one artifact
                jpeg[-4:] = number.to_bytes(4, "big")
                when = at + timedelta(seconds=number)
                lab.add_capture(jpeg, Capture("frame", "image/jpeg", when, source=camera))

        def reference() -> None:
            for turn in range(FRAMES):
                with (Path(folder) / f"{number}-{turn}.jpg").open("xb", buffering=0) as file:
                    file.write(jpeg)
                    os.fsync(file.fileno())

        def again() -> None:
            reference()
            for path in Path(folder).glob("*.jpg"):
                path.unlink()

        size = f"{len(jpeg) / 1e6:.1f} MB"
        wall = paired(ours, again, rounds=9, clock=time.perf_counter)
        report(f"ingest of a {size} JPEG", "wall against write + fsync", wall.ratio, 3)
        cpu = paired(ours, again, rounds=9)
        report(f"ingest of a {size} JPEG", "CPU against write + fsync", cpu.ratio, 3)
        print(
            f"ingest: {1e3 * wall.ours_s / FRAMES:.1f} ms a frame, "
            f"{1e3 * cpu.ours_s / FRAMES:.2f} ms CPU"
        )


if __name__ == "__main__":
    main()
