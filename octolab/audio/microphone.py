"""Recording from a microphone of this machine, through PortAudio."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from octolab.audio.growing import LONGEST, GrowingWav
from octolab.errors import BadInput, Unavailable
from octolab.model import utc_now
from octolab.plugins import Progress

_BUFFER_S: Final = 0.5  # of the driver's: so long the disk may take to write a piece
_LOOK_S: Final = 0.02
_SILENT_S: Final = 5.0  # a device that gives nothing for so long is gone
_UNCERTAINTY_S: Final = 0.1  # what a driver may hold back when it starts


@dataclass(frozen=True)
class Take:
    """What was recorded.

    Attributes
    ----------
    path : Path
        The file.
    started_at : datetime
        The moment of the first sample, UTC.
    uncertainty_s : float
        How far from it the truth may lie.
    device : str
        The microphone, as the system calls it.
    sr, channels : int
        Samples a second, and of how many channels.
    duration_s : float
        Seconds that are in the file.
    gaps : int
        How many times samples were lost because the machine was too busy; what follows is
        that much earlier in the file than it was heard.
    """

    path: Path
    started_at: datetime
    uncertainty_s: float
    device: str
    sr: int
    channels: int
    duration_s: float
    gaps: int


def record(
    seconds: float,
    out: str | Path,
    *,
    device: str | int | None = None,
    sr: int | None = None,
    channels: int = 1,
    progress: Progress | None = None,
) -> Take:
    """Record from a microphone of this machine into a WAV file, in constant memory.

    The file is whole after each piece that is written: what ends the recording early, a kill
    or a microphone that was unplugged, leaves all that was heard until then, with the
    moment of the first sample in it.

    Parameters
    ----------
    seconds : float
        For how long.
    out : path
        A file that is not there yet; 16 bits a sample.
    device : str or int, optional
        A part of the microphone's name, or its number, as ``python -m sounddevice`` lists
        them; the system's own choice by default.
    sr : int, optional
        Samples a second; what the microphone prefers by default.
    channels : int
        How many.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``; what it raises ends the recording.

    Returns
    -------
    Take

    Raises
    ------
    Unavailable
        If sounddevice or PortAudio is not installed, there is no such microphone, or it can't
        be opened, gives nothing or is lost; it says what to do.
    BadInput
        If a parameter is out of range, or a WAV file can't hold so much.
    Conflict
        If the file is there already.
    LabError
        If the disk is full.
    """
    path = Path(out)
    sounddevice = _sounddevice()
    found = _device(sounddevice, device)
    name, rate = str(found["name"]), int(sr or found["default_samplerate"])
    if rate < 1 or channels < 1:
        raise BadInput("a microphone gives one channel or more, of 1 Hz or more")
    if not math.isfinite(seconds) or not seconds > 0:
        raise BadInput("a recording lasts more than 0 seconds, not {seconds}", seconds=seconds)
    wanted = math.ceil(seconds * rate)
    if 2 * channels * wanted > LONGEST:
        raise BadInput("a WAV file can't hold more than 4 GB")
    with _errors_of(sounddevice, name):
        stream = sounddevice.RawInputStream(
            device=found["index"],
            samplerate=rate,
            channels=channels,
            dtype="int16",
            latency=_BUFFER_S,
        )
    done = gaps = 0
    with stream:
        before = utc_now()
        with _errors_of(sounddevice, name):
            stream.start()
            ready = _await(stream, name)
        at = max(before, utc_now() - timedelta(seconds=ready / rate))
        wav = GrowingWav(
            path,
            sr=rate,
            channels=channels,
            started_at=at,
            uncertainty_s=_UNCERTAINTY_S,
            device=name,
        )
        try:
            while done < wanted:
                with _errors_of(sounddevice, name):
                    count = min(_await(stream, name), wanted - done)
                    samples, overflowed = stream.read(count)
                wav.append(bytes(samples))
                done += count
                gaps += overflowed
                if progress is not None:
                    progress(done, wanted, "")
        finally:
            wav.close()
    return Take(path, at, _UNCERTAINTY_S, name, rate, channels, done / rate, gaps)


def _await(stream: Any, name: str) -> int:
    """How many samples can be read, which are some."""
    end = time.monotonic() + _SILENT_S
    while not (ready := int(stream.read_available)):
        if time.monotonic() > end:
            raise Unavailable(
                "the microphone {name} gives no sound; see that it is plugged in and switched on",
                name=name,
            )
        time.sleep(_LOOK_S)
    return ready


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise Unavailable(
            "a microphone of this machine needs sounddevice: pip install sounddevice"
        ) from None
    except OSError:
        raise Unavailable(
            "sounddevice needs PortAudio: on Debian and Ubuntu, apt install libportaudio2"
        ) from None
    return sounddevice


def _device(sounddevice: Any, wanted: str | int | None) -> Any:
    names = [one["name"] for one in sounddevice.query_devices() if one["max_input_channels"]]
    if not names:
        raise Unavailable(
            "this machine has no microphone; plug one in and restart Python (the kernel)"
        )
    try:
        return sounddevice.query_devices(wanted, "input")
    except (ValueError, sounddevice.PortAudioError):  # none, or several of that name
        raise Unavailable(
            "there is no one microphone {name!r}; there are: {known}",
            name=wanted,
            known=", ".join(names),
        ) from None


@contextmanager
def _errors_of(sounddevice: Any, name: str) -> Iterator[None]:
    """Say of which microphone it is what PortAudio says."""
    try:
        yield
    except sounddevice.PortAudioError as error:
        raise Unavailable(
            "the microphone {name} can't be used: {reason}", name=name, reason=str(error.args[0])
        ) from None
