"""What can be wrong with a sound file, each said in one way."""

from __future__ import annotations

import math

from octolab.errors import BadInput, TooLarge


def not_a_sound(name: str) -> BadInput:
    """Neither by its first bytes nor by what a decoder makes of it."""
    return BadInput(
        "{name} is not a sound OctoLab can read, or is damaged (WAV, FLAC, Ogg, MP3, M4A)",
        name=name,
    )


def empty(name: str) -> BadInput:
    """Not one byte."""
    return BadInput("{name} is empty (0 bytes)", name=name)


def no_samples(name: str) -> BadInput:
    """A whole header, and nothing after it."""
    return BadInput("{name} holds no samples", name=name)


def no_sound(name: str) -> BadInput:
    """A video without a sound track."""
    return BadInput("{name} holds no sound", name=name)


def broken_header(name: str) -> BadInput:
    """A WAV that ends, or makes no sense, before its samples begin."""
    return BadInput("{name} breaks off in its header; there are no samples to read", name=name)


def contradiction(name: str, bits: int, channels: int, size: int) -> BadInput:
    """A WAV whose sizes do not fit together."""
    return BadInput(
        "the header of {name} contradicts itself: {channels} channels of {bits}-bit samples "
        "can't take {size} bytes",
        name=name,
        channels=channels,
        bits=bits,
        size=size,
    )


def no_rate(name: str) -> BadInput:
    """A WAV whose samples take no time."""
    return BadInput("the header of {name} gives a sample rate of 0 Hz", name=name)


def cut_short(name: str) -> BadInput:
    """Less is there than the header says."""
    return BadInput("{name} is cut short: its header tells of more than there is", name=name)


def damaged(name: str, at_s: float) -> BadInput:
    """A sound that can be decoded up to there."""
    return BadInput(
        "{name} is damaged or cut short {seconds} s after its beginning",
        name=name,
        seconds=f"{at_s:.1f}",
    )


def partly_read(name: str, found_s: float) -> BadInput:
    """The warning that goes with a damaged file read as far as it goes."""
    return BadInput(
        "{name} is cut short or damaged; {found} s of it can be read",
        name=name,
        found=f"{found_s:.1f}",
    )


def shrank(name: str) -> BadInput:
    """The file was whole when it was opened."""
    return BadInput("{name} became shorter while it was read", name=name)


def unreadable(name: str) -> BadInput:
    """The system refuses: a folder, no permission, a lost disk."""
    return BadInput("the file {name} can't be read", name=name)


def changes_format(name: str) -> BadInput:
    """Rate or channels differ from one part of a file to the next."""
    return BadInput(
        "{name} changes its sample rate or channels midway; convert it to one format first",
        name=name,
    )


def no_sample(name: str, at_s: float, value: float) -> BadInput:
    """A float that is none: NaN, infinity, or so large that its square has no meaning."""
    seconds = f"{at_s:.3f}"
    if not math.isfinite(value):
        return BadInput("{name} holds NaN or infinity at {seconds} s", name=name, seconds=seconds)
    return BadInput(
        "{name} holds {value} at {seconds} s; the samples of a sound lie about 0, with 1 at full "
        "scale",
        name=name,
        value=f"{value:.3g}",
        seconds=seconds,
    )


def too_long(name: str, limit: int) -> TooLarge:
    """More than fits into memory at once."""
    return TooLarge(
        "{name} is too long to be read at once; the limit is {limit} million samples",
        name=name,
        limit=limit >> 20,
    )
