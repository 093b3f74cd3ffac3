"""What cameras cost: CPU of this process, in per cent of one core.

    python tests/benchmarks/bench_capture.py

Drawn cameras at 1280x720 and 15 frames a second, each read alone, shown to a viewer, and
recorded; and a 1080p15 H.264 file played as a camera, passed on and shown.
"""

from __future__ import annotations

import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
from _measure import cpu_s

from octolab.capture import CameraReader

SECONDS = 6.0


def film(path: Path) -> Path:
    """1080p15 with a keyframe every two seconds, as cameras send it."""
    with (
        CameraReader("synthetic://testcard?size=1920x1080&fps=15") as camera,
        av.open(str(path), "w") as output,
    ):
        stream = output.add_stream("libx264", rate=15, options={"preset": "veryfast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        seen = None
        for i in range(60):
            while (frame := camera.latest()) is seen:
                time.sleep(0.005)
            seen = frame
            picture = av.VideoFrame.from_ndarray(frame.image, format="rgb24")
            picture.pts, picture.time_base = i, Fraction(1, 15)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return path


def percent(url: str, *, width: int | None = None, record: Path | None = None) -> float:
    """CPU while the camera is open, shown at `width` (0: as it is), recorded into a file."""
    with CameraReader(url) as camera:
        camera.latest()
        if width is None:
            time.sleep(5)  # until nobody looks any more
        if record is not None:
            camera.start_recording(record)
        start, began = cpu_s(), time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            if width is not None:
                camera.jpeg(width or None)
            time.sleep(1 / 15)
        used = (cpu_s() - start) / (time.perf_counter() - began)
        if record is not None:
            camera.stop_recording()
    return 100 * used


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        for scene in ("plant?day=30", "hive", "testcard"):
            url = f"synthetic://{scene}"
            print(
                f"{url:26} 720p15: read {percent(url):5.1f} %, "
                f"shown at 480 {percent(url, width=480):5.1f} %, "
                f"shown whole {percent(url, width=0):5.1f} %, "
                f"recorded {percent(url, record=clip):5.1f} %"
            )
        url = film(folder / "film.mp4").as_uri()
        print(
            f"{'H.264 packets':26} 1080p15: read {percent(url):5.1f} %, "
            f"shown at 480 {percent(url, width=480):5.1f} %, "
            f"shown whole {percent(url, width=0):5.1f} %, "
            f"recorded {percent(url, record=clip):5.1f} %"
        )


if __name__ == "__main__":
    main()
