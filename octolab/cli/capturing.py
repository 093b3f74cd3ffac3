"""`octolab snapshot`, `record` and `timelapse`: pictures and films of cameras and files."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from octolab.cli.console import bar, file_to_write, show
from octolab.cli.options import Verb, printing, size
from octolab.errors import BadInput
from octolab.i18n import translate
from octolab.model import to_json

if TYPE_CHECKING:
    from octolab.capture import CapturedFrame

LONGEST_RECORDING_S = 24 * 3600
MICROPHONE = "mic://"
PICTURES = (".jpg", ".jpeg", ".png")
FILM = ".mp4"
SOUND = ".wav"


def _snapshot(arguments: argparse.Namespace) -> None:
    from octolab.capture import snapshot
    from octolab.content import atomic_write

    out = file_to_write(arguments.output, *PICTURES)
    taken = snapshot(arguments.url, user=arguments.user, password=_password(arguments))
    atomic_write(out, _encoded(taken, out.suffix.lower()))
    height, width = taken.image.shape[:2]
    show(
        arguments,
        {"path": str(out), "width": width, "height": height, "at": taken.at},
        translate("{path}: {width} x {height} pixels", path=out, width=width, height=height),
    )


def _encoded(taken: CapturedFrame, ending: str) -> bytes:
    """The picture as the end of the name says; a JPEG as the camera sent it."""
    from octolab.capture import encode_jpeg
    from octolab.media import encode_png

    if ending == ".png":
        return encode_png(taken.image)
    return taken.jpeg or encode_jpeg(taken.image)


def _record(arguments: argparse.Namespace) -> None:
    from octolab.capture import CameraReader

    if not 0 < arguments.seconds <= LONGEST_RECORDING_S:
        raise BadInput(
            "--seconds is from 0 to {limit}, not {seconds}",
            limit=LONGEST_RECORDING_S,
            seconds=arguments.seconds,
        )
    if arguments.url.startswith(MICROPHONE):
        _record_sound(arguments)
        return
    out = file_to_write(arguments.output, FILM)
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


def _record_sound(arguments: argparse.Namespace) -> None:
    from octolab.audio import record

    out = file_to_write(arguments.output, SOUND)
    name = unquote(arguments.url.removeprefix(MICROPHONE))
    take = record(
        arguments.seconds, out, device=None if name in ("", "default") else name, progress=bar
    )
    show(
        arguments,
        {"path": str(out), "duration_s": take.duration_s, "started_at": take.started_at},
        translate("{path}: {seconds:.1f} s", path=out, seconds=take.duration_s),
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
        file_to_write(arguments.output, FILM),
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
    login.add_argument(
        "url",
        metavar="URL",
        help=translate("a camera: rtsp://…, http://…, usb://0, synthetic://plant, file:///…"),
    )
    login.add_argument(
        "--user",
        metavar=translate("NAME"),
        help=translate("asks for the password ($OCTOLAB_CAMERA_PASSWORD)"),
    )
    snapshot = verb(
        "snapshot", _snapshot, translate("take one still from a camera"), printing(), login
    )
    _writes(snapshot, translate("a picture: .jpg or .png"))
    record = verb(
        "record", _record, translate("record a camera for some seconds"), printing(), login
    )
    record.epilog = translate(
        "A microphone of this machine is mic://default, or mic:// and a part of its name; its "
        "sound is written as .wav."
    )
    _writes(record, translate("a film: .mp4"))
    record.add_argument(
        "--seconds",
        type=float,
        required=True,
        metavar=translate("N"),
        help=translate("how long to record"),
    )
    timelapse = verb("timelapse", _timelapse, translate("make a film of pictures"), printing())
    timelapse.add_argument(
        "files", nargs="+", metavar=translate("FILE"), help=translate("pictures, in order")
    )
    _writes(timelapse, translate("a film: .mp4"))
    timelapse.add_argument(
        "--fps",
        type=float,
        default=24,
        metavar=translate("N"),
        help=translate("pictures a second, 24 by default"),
    )
    timelapse.add_argument(
        "--size",
        type=size,
        metavar=translate("WxH"),
        help=translate("in pixels; that of the first picture by default"),
    )
    timelapse.add_argument(
        "--transition",
        choices=["fade", "zoom"],
        help=translate("blend each picture into the next, or draw nearer to it meanwhile"),
    )


def _writes(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("-o", "--output", required=True, metavar=translate("FILE"), help=text)
