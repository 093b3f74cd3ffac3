"""`octolab snapshot`, `record` and `timelapse`: pictures and films of cameras and files."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from octolab.cli.console import bar, show
from octolab.cli.options import Verb, printing, size
from octolab.errors import BadInput
from octolab.i18n import translate
from octolab.model import to_json

LONGEST_RECORDING_S = 24 * 3600


def _snapshot(arguments: argparse.Namespace) -> None:
    from octolab.capture import snapshot
    from octolab.content import atomic_write

    taken = snapshot(arguments.url, user=arguments.user, password=_password(arguments))
    out = Path(arguments.output)
    atomic_write(out, taken.jpeg or _jpeg(taken.image))
    height, width = taken.image.shape[:2]
    show(
        arguments,
        {"path": str(out), "width": width, "height": height, "at": taken.at},
        translate("{path}: {width} x {height} pixels", path=out, width=width, height=height),
    )


def _jpeg(image: Any) -> bytes:
    from octolab.capture import encode_jpeg

    return encode_jpeg(image)


def _record(arguments: argparse.Namespace) -> None:
    from octolab.capture import CameraReader

    if not 0 < arguments.seconds <= LONGEST_RECORDING_S:
        raise BadInput(
            "--seconds is from 0 to {limit}, not {seconds}",
            limit=LONGEST_RECORDING_S,
            seconds=arguments.seconds,
        )
    out = Path(arguments.output)
    part = out.with_name(f"{out.name}.part")
    password = _password(arguments)
    try:
        with CameraReader(arguments.url, user=arguments.user, password=password) as camera:
            camera.latest()
            camera.start_recording(part)
            end = time.monotonic() + arguments.seconds
            while (left := end - time.monotonic()) > 0:
                time.sleep(min(left, 0.2))
                bar(int(arguments.seconds - left), int(arguments.seconds))
            clip = camera.stop_recording()
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    show(
        arguments,
        {"path": str(out), "duration_s": clip.duration_s, "started_at": clip.started_at},
        translate("{path}: {seconds:.1f} s", path=out, seconds=clip.duration_s),
    )


def _password(arguments: argparse.Namespace) -> str | None:
    """The camera's password: from the environment or asked for, never from the command line."""
    if arguments.user is None:
        return None
    if (given := os.environ.get("OCTOLAB_CAMERA_PASSWORD")) is not None:
        return given
    from getpass import getpass

    return getpass(translate("Password of {user}: ", user=arguments.user))


def _timelapse(arguments: argparse.Namespace) -> None:
    from octolab.media import timelapse

    info = timelapse(
        [Path(name) for name in arguments.files],
        Path(arguments.output),
        fps=arguments.fps,
        size=arguments.size,
        transition=arguments.transition,
        progress=bar,
    )
    show(
        arguments,
        {"path": arguments.output, **to_json(info)},
        translate("{path}: {seconds:.1f} s", path=arguments.output, seconds=info.duration_s),
    )


def declare(verb: Verb) -> None:
    """Add the verbs to the parser."""
    login = argparse.ArgumentParser(add_help=False)
    login.add_argument("url", help="rtsp://…, http://…, usb://0, synthetic://plant, file:///…")
    login.add_argument("-o", "--output", required=True, metavar="FILE")
    login.add_argument("--user", help="asks for the password ($OCTOLAB_CAMERA_PASSWORD)")
    verb("snapshot", _snapshot, "take one still from a camera", printing(), login)
    record = verb("record", _record, "record a camera for some seconds", printing(), login)
    record.add_argument("--seconds", type=float, required=True)
    timelapse = verb("timelapse", _timelapse, "make a film of pictures", printing())
    timelapse.add_argument("files", nargs="+", metavar="FILE")
    timelapse.add_argument("-o", "--output", required=True, metavar="OUT")
    timelapse.add_argument("--fps", type=float, default=24)
    timelapse.add_argument("--size", type=size, metavar="WxH")
    timelapse.add_argument("--transition", choices=["fade"])
