"""One long sound in parts, each by itself, in any order and any process; then joined.

A part is a number of whole pages. It is given as much of the sound before and after it as
has a say in what is found there, so the joined parts are what one pass over the sound finds,
to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from octolab.audio.events.layout import Layout, layout
from octolab.audio.events.pages import Pages, rows_before, rows_needed
from octolab.audio.events.presets import settings_of
from octolab.audio.events.settings import Settings
from octolab.audio.events.spans import Joiner, Overlap, Span, events
from octolab.audio.events.stream import Example, power_stream, sound_template
from octolab.audio.reading import SoundReader, open_sound
from octolab.errors import BadInput
from octolab.model import Event
from octolab.plugins import Progress


@dataclass(frozen=True)
class Part:
    """What was found in one part of a sound, up to row `end`: data that can be pickled."""

    number: int
    of: int
    sr: int
    frames: int
    settings: Settings
    overlap: Overlap
    end: int
    spans: tuple[Span, ...]


def detect_part(
    path: str | Path,
    number: int,
    of: int,
    *,
    template: Example | None = None,
    progress: Progress | None = None,
    **parameters: Any,
) -> Part:
    """Do one part of `detect_events` on a file.

    Parameters
    ----------
    path : path
        The file, at its own sample rate.
    number, of : int
        Which part, from 0, of how many. Parts of a sound of less than ten minutes cost
        more than they gain: up to two minutes on either side are looked at too.
    template, progress, **parameters
        As for `detect_events`; the same for all parts.

    Returns
    -------
    Part
        For `join_parts`.

    Raises
    ------
    BadInput
        As `detect_events`, or if there is no such part.
    """
    if not 0 <= number < of:
        raise BadInput("there is no part {number} of {of}", number=number, of=of)
    settings = settings_of(**parameters)
    with open_sound(path) as sound:
        lay = layout(sound.sr, settings)
        example = sound_template(sound, template, lay, settings)
        total = 1 + sound.frames // lay.hop
        pages = -(-total // lay.page)
        begin, end = (min(pages * i // of * lay.page, total) for i in (number, number + 1))
        first = max(0, begin - rows_before(lay))
        last = min(total, rows_needed(lay, end))
        if (last - 1) * lay.hop + lay.n_fft > sound.frames:
            last = total  # the last windows are those of the end of the sound
        search = Pages(lay, settings, example, first, begin, end)
        spans: list[Span] = []
        for rows in _power(sound, lay, first, last) if begin < end else ():
            spans += search.take(rows)
            if progress is not None:
                progress(max(0, search.done - begin), end - begin, "")
        if last == total:
            spans += search.finish()
        return Part(number, of, sound.sr, sound.frames, settings, search.overlap, end, tuple(spans))


def join_parts(parts: Sequence[Part]) -> list[Event]:
    """The events of a sound from all its parts, in any order: those of `detect_events`.

    Raises
    ------
    BadInput
        If a part is missing, or they are not of the same sound and parameters.
    """
    ordered = sorted(parts, key=lambda part: part.number)
    if not ordered or [part.number for part in ordered] != list(range(ordered[0].of)):
        raise BadInput("every part of a sound is needed once to join them")
    one = ordered[0]
    if any(
        (p.of, p.sr, p.frames, p.settings) != (one.of, one.sr, one.frames, one.settings)
        for p in ordered
    ):
        raise BadInput("these parts are not of the same sound and parameters")
    lay = layout(one.sr, one.settings)
    joiner = Joiner(lay, one.settings, one.overlap)
    done: list[Span] = []
    for part in ordered:
        done += joiner.take(part.spans, part.end)
    return events([*done, *joiner.flush()], lay, one.settings, one.frames)


def _power(sound: SoundReader, lay: Layout, first: int, last: int) -> Iterator[np.ndarray]:
    """Rows `first` to `last`, as they are in a pass over the whole sound."""
    lead = lay.lead if first else 0
    number = first - lead
    stop = (last - 1) * lay.hop + lay.n_fft
    stream = power_stream(lay)
    for block in sound.blocks(start=number * lay.hop, stop=stop):
        rows = stream.push(block)
        yield rows[max(0, first - number) : max(0, last - number)]
        number += len(rows)
    if stop > sound.frames:
        yield stream.flush()
