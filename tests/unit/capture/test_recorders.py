"""A recording is cut into fragments by the clock, however slowly the pictures come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import av
import numpy as np

from octolab.capture.recorders import PictureRecorder
from octolab.capture.stream import CapturedFrame


def test_pictures_that_come_slower_than_promised_still_make_a_fragment_a_second(tmp_path):
    start = datetime(2026, 6, 1, tzinfo=UTC)
    recorder = PictureRecorder(tmp_path / "slow.mp4", fps=15)
    for number in range(16):  # 4 a second instead of 15
        image = np.full((120, 160, 3), number * 10, np.uint8)
        recorder.add(CapturedFrame(start + timedelta(seconds=number / 4), 0.0, pixels=image))
    recorder.close()
    with av.open(tmp_path / "slow.mp4") as film:
        keys = [
            float(packet.pts * packet.time_base)
            for packet in film.demux(video=0)
            if packet.is_keyframe and packet.pts is not None
        ]
    assert keys == [0.0, 1.0, 2.0, 3.0]
