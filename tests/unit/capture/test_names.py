"""What the package offers, and what it costs to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import octolab.capture as capture

ROOT = Path(__file__).parents[3]


def test_the_public_names_are_these() -> None:
    assert sorted(capture.__all__) == [
        "CameraReader",
        "CameraStream",
        "CapturedFrame",
        "RecordedClip",
        "StreamInfo",
        "check_camera",
        "check_settings",
        "check_url",
        "encode_jpeg",
        "hide_fields",
        "open_camera",
        "recover_recording",
        "redact",
        "snapshot",
        "split_credentials",
    ]
    assert all(hasattr(capture, name) for name in capture.__all__)


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, octolab.capture; "
        "print([m for m in ('av', 'cv2', 'httpx', 'PIL', 'simplejpeg') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
