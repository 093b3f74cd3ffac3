"""`read_recorded` gathers what a file, and its name, tell of the recording."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import BinaryIO

from octolab.audio.reading import notes
from octolab.audio.reading.packets import demuxer_of
from octolab.audio.reading.recorded import Recorded, combined
from octolab.audio.reading.riff import is_wave, read_chunks
from octolab.audio.reading.times import name_day, name_moment, zone_of


def read_recorded(
    source: str | Path | bytes, *, name: str | None = None, timezone: str | tzinfo | None = None
) -> Recorded | None:
    """Tell when, where and by what a sound was recorded.

    Looked at are, in this order, GUANO, Wildlife Acoustics' wamd, the comments of AudioMoth
    and OpenSoundscape, other tags, bext, and the name; the surest time counts.

    Parameters
    ----------
    source : path or bytes
        The file, or all of it.
    name : str, optional
        Its name, when it is kept under another one.
    timezone : str or tzinfo, optional
        The zone the recorder's clock was set to (``Europe/Berlin``, ``+02:00``), for times
        written without one. By default they are taken for UTC, which AudioMoth means by
        them, and are uncertain by 14 hours.

    Returns
    -------
    Recorded, optional
        None when nothing is told, also of a file that is no sound or can't be read.

    Raises
    ------
    BadInput
        If there is no such time zone.

    Examples
    --------
    >>> from octolab.audio.reading import read_recorded
    >>> found = read_recorded(b"", name="S4A03895_20190522_060000.wav", timezone="-05:00")
    >>> found.started_at.isoformat(), found.uncertainty_s, found.time_from
    ('2019-05-22T11:00:00+00:00', 1.0, 'name')
    """
    zone = zone_of(timezone)
    if name is None:
        name = "" if isinstance(source, bytes) else Path(source).name
    return combined([*_of_file(source, zone), _of_name(name, zone)])


def _of_name(name: str, zone: tzinfo | None) -> Recorded:
    if (found := name_moment(name, zone)) is not None:
        return Recorded().timed(found, "name")
    day = name_day(name)  # no time of day is made up for it
    return Recorded(raw={"name: date": day} if day else {})


def _of_file(source: str | Path | bytes, zone: tzinfo | None) -> Iterator[Recorded]:
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            head = file.read(16)
            if is_wave(head):
                yield from _of_wave(file, zone)
            elif (demuxer := demuxer_of(head)) is not None:
                yield _of_tags(file, demuxer, zone)
    except (OSError, ValueError):  # BadInput too: what is wrong with a file, its reader tells
        return


def _of_wave(file: BinaryIO, zone: tzinfo | None) -> Iterator[Recorded]:
    chunks = read_chunks(file, "").chunks
    for ident, parse in (
        (b"guan", notes.guano),
        (b"wamd", notes.wamd),
        (b"LIST", notes.info),
        (b"bext", notes.bext),
    ):
        if ident in chunks:
            yield parse(chunks[ident], zone)


def _of_tags(file: BinaryIO, demuxer: str, zone: tzinfo | None) -> Recorded:
    import av

    file.seek(0)
    try:
        with av.open(file, "r", format=demuxer, metadata_errors="replace") as container:
            told = dict(container.metadata)
            for stream in container.streams.audio[:1]:
                told.update(stream.metadata)
            return notes.tags(told, zone, (container.duration or 0) / 1e6)
    except av.FFmpegError:
        return Recorded()
