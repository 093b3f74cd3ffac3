"""Finding events: in a stream, an array or a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.audio.events.following import followed
from octolab.audio.events.layout import Layout, layout
from octolab.audio.events.pages import Pages
from octolab.audio.events.presets import settings_of
from octolab.audio.events.settings import Settings
from octolab.audio.events.spans import Joiner, events
from octolab.audio.events.template import Template, make_template
from octolab.audio.reading import SoundReader, check_samples, load, open_sound
from octolab.audio.spectra import BandStream
from octolab.errors import BadInput
from octolab.model import Event
from octolab.plugins import Progress

Example = str | Path | tuple[np.ndarray, int] | Sequence[float]
"""A clip (a path, or samples and their rate), or a box of the sound itself:
(start_s, end_s) or (start_s, end_s, low_hz, high_hz)."""

_ALL_HZ: Final = (0.0, float("inf"))


class EventStream:
    """Finds events in a stream, in constant memory.

    The events are those of `detect_events`, whatever the size of the blocks. They are told
    about 50 s late: what is unusual is judged from half a minute to either side.

    Parameters
    ----------
    sr : int
        Sample rate in Hz.
    template : (ndarray, int), str or Path, optional
        An example clip, for ``method="template"``.
    **parameters
        As for `detect_events`.

    Raises
    ------
    BadInput
        If a parameter is out of range.
    """

    def __init__(self, sr: int, *, template: Example | None = None, **parameters: Any) -> None:
        settings = settings_of(**parameters)
        lay = layout(checked_rate(sr), settings)
        example = None if template is None else _clip_template(template, lay, settings)
        self._start(lay, settings, example)

    @classmethod
    def of(cls, lay: Layout, settings: Settings, template: Template | None) -> EventStream:
        """One whose parameters have been worked out."""
        stream = cls.__new__(cls)
        stream._start(lay, settings, template)
        return stream

    def _start(self, lay: Layout, settings: Settings, template: Template | None) -> None:
        self._lay = lay
        self._settings = settings
        self._power = power_stream(lay)
        self._pages = Pages(lay, settings, template)
        self._joiner = Joiner(lay, settings, self._pages.overlap)
        self._frames = 0

    def push(self, x: np.ndarray) -> list[Event]:
        """Take the next samples, (n,) float; the events that are now certain, by time.

        Raises
        ------
        BadInput
            If they are not finite floats in one dimension.
        """
        spans = self._pages.take(self._power.push(x))
        self._frames += len(x)
        done = self._joiner.take(spans, self._pages.done)
        return events(done, self._lay, self._settings)

    def flush(self) -> list[Event]:
        """The events that are left when the stream has ended."""
        spans = [*self._pages.take(self._power.flush()), *self._pages.finish()]
        done = [*self._joiner.take(spans, self._pages.done), *self._joiner.flush()]
        return events(done, self._lay, self._settings, self._frames)


def detect_events(
    sound: str | Path | np.ndarray,
    sr: int | None = None,
    *,
    preset: str | None = None,
    method: str | None = None,
    band: Sequence[float] | None = None,
    threshold: float | None = None,
    release: float | None = None,
    min_duration_s: float | None = None,
    max_duration_s: float | None = None,
    merge_gap_s: float | None = None,
    n_fft: int | None = None,
    hop_s: float | None = None,
    smooth_s: float | None = None,
    floor_s: float | None = None,
    floor_share: float | None = None,
    common_db: float | None = None,
    template: Example | None = None,
    progress: Progress | None = None,
) -> list[Event]:
    """Find when something is to be heard above the background.

    Power is measured each 10 ms in some 80 bands of frequency. How far each is above its
    floor (a running quantile) is smoothed, what all bands have in common (a gust, a drop of
    rain) is taken off, and the rest is divided by how much it usually wavers. The band
    that stands out most decides. Every parameter left out is as the preset has it.

    Parameters
    ----------
    sound : path or ndarray (n,) float
        A file of any length, read in constant memory, or mono samples.
    sr : int, optional
        Sample rate in Hz of an array; for a file, a rate to analyse it at.
    preset : str, optional
        What to look for, a name of `octolab.audio.events.PRESETS`.
    method : {"bands", "energy", "onset", "pcen", "template"}, optional
        ``bands`` as above (the default); ``energy`` the same with `band` as a whole;
        ``onset`` sudden rises, each until it has fallen half-way; ``pcen`` bands after
        per-channel energy normalisation; ``template`` what is like an example.
    band : (low, high), optional
        Frequencies to listen to, in Hz; from 50 Hz up by default.
    threshold : float, optional
        How far an event must stand out, in standard deviations of the background (4.5;
        onset 7, pcen 6); for ``template`` the least correlation (0.6). With ``bands``, what is
        shorter than 0.13 s must stand out 1.3 times as far: chance seldom lasts longer.
    release : float, optional
        At which part of `threshold` it begins and ends, 0 to 1 (0.65).
    min_duration_s, max_duration_s : float, optional
        Shorter (0.085) and longer ones are left out. As levels are averaged over 80 ms, a
        loud chip of 0.03 s lasts longer than that here.
    merge_gap_s : float, optional
        Those closer together are one (0.1).
    n_fft : int, optional
        Samples in a window; by default the power of two nearest to 46 ms.
    hop_s, smooth_s : float, optional
        From one window to the next (0.01), and over how long levels are averaged (0.08).
    floor_s, floor_share : float, optional
        The stretch whose quantile is the floor (8 s), and which quantile (0.35).
    common_db : float, optional
        How much of what all bands have in common is taken off at most (15).
    template : optional
        For ``method="template"``: a clip (a path, or samples with their rate), or a box in
        the sound itself, (start_s, end_s) or (start_s, end_s, low_hz, high_hz).
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")`` while a file is read.

    Returns
    -------
    list of Event
        By time. ``score`` is how far it stood out, ``snr_db`` the most it was above the
        floor in one band, ``peak_hz`` that band's middle; ``low_hz`` to ``high_hz`` are the
        bands within 10 dB of it.

    Raises
    ------
    BadInput
        If a parameter is out of range, or the samples or the file can't be read.

    Notes
    -----
    Silence, a steady tone and sounds too short to tell from their background hold no event.
    A sound that goes on for most of 8 s becomes its own floor: for a dense chorus take the
    preset ``dense-song``.
    """
    settings = settings_of(
        preset,
        method=method,
        band=band,
        threshold=threshold,
        release=release,
        min_duration_s=min_duration_s,
        max_duration_s=max_duration_s,
        merge_gap_s=merge_gap_s,
        n_fft=n_fft,
        hop_s=hop_s,
        smooth_s=smooth_s,
        floor_s=floor_s,
        floor_share=floor_share,
        common_db=common_db,
    )
    if isinstance(sound, str | Path):
        with open_sound(sound) as opened:
            return detect_in(opened, settings, sr=sr, template=template, progress=progress)
    y = check_samples(sound)
    if sr is None:
        raise BadInput("samples need their rate: pass sr, in Hz")
    lay = layout(checked_rate(sr), settings)
    cut = lambda begin, end: y[max(0, begin) : end]  # noqa: E731
    stream = EventStream.of(lay, settings, template_of(template, lay, settings, cut, len(y)))
    return [*stream.push(y), *stream.flush()]


def detect_in(
    sound: SoundReader,
    settings: Settings,
    *,
    sr: int | None = None,
    template: Example | None = None,
    progress: Progress | None = None,
) -> list[Event]:
    """As `detect_events`, in a sound that is open."""
    lay = layout(sr or sound.sr, settings)
    stream = EventStream.of(lay, settings, sound_template(sound, template, lay, settings))
    found: list[Event] = []
    for block in followed(sound, sr, progress):
        found += stream.push(block)
    return found + stream.flush()


def power_stream(lay: Layout) -> BandStream:
    """What measures the power of each band, row by row."""
    return BandStream(lay.sr, n_fft=lay.n_fft, hop_length=lay.hop, edges=lay.edges)


def checked_rate(sr: float) -> int:
    """A sample rate in Hz, or `BadInput`."""
    if not 0 < sr < 1e8 or sr != int(sr):
        raise BadInput("samples need their rate: pass sr, in Hz")
    return int(sr)


Cut = Callable[[int, int], np.ndarray]


def template_of(
    example: Example | None, lay: Layout, settings: Settings, cut: Cut, frames: int
) -> Template | None:
    """Make the example for ``method="template"``: of a clip, or of a box in the sound.

    ``cut(begin, end)`` gives samples of the sound itself.
    """
    if example is None or settings.method != "template":
        return None
    parts: list[Any] = [*example] if isinstance(example, list | tuple) else []
    if isinstance(example, str | Path) or (parts and isinstance(parts[0], np.ndarray)):
        return _clip_template(example, lay, settings)
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (2, 4) or not 0 <= numbers[0] < numbers[1] <= frames / lay.sr:
        raise _no_example()
    band = (numbers[2], numbers[3]) if len(numbers) == 4 else _ALL_HZ
    begin, end = (round(seconds / lay.row_s) for seconds in numbers[:2])
    context = lay.floor // 2
    first_row = max(0, begin - context)
    lead = min(first_row, lay.lead)
    y = cut((first_row - lead) * lay.hop, (end + context) * lay.hop)
    stream = power_stream(lay)
    power = np.concatenate([stream.push(y), stream.flush()])[lead:]
    return make_template(power, begin - first_row, end - first_row, lay, band)


def _clip_template(example: Any, lay: Layout, settings: Settings) -> Template:
    if isinstance(example, str | Path):
        y, _ = load(example, sr=lay.sr)
    elif not isinstance(example, list | tuple) or len(example) != 2:
        raise _no_example()
    elif example[1] == lay.sr:
        y = check_samples(example[0])
    else:
        raise BadInput("an example must have the sample rate of the sound, {sr} Hz", sr=lay.sr)
    stream = power_stream(lay)
    power = np.concatenate([stream.push(y), stream.flush()])
    return make_template(power, 0, len(power), lay, _ALL_HZ)


def _no_example() -> BadInput:
    return BadInput(
        "an example is a file, or start and end in seconds within the sound and perhaps "
        "a low and a high frequency in Hz, such as [1.5, 2.5, 2000, 6000]"
    )


def sound_template(
    sound: SoundReader, example: Example | None, lay: Layout, settings: Settings
) -> Template | None:
    """As `template_of`, for a sound that is open."""
    if example is None:
        return None
    ratio = sound.sr / lay.sr

    def cut(begin: int, end: int) -> np.ndarray:
        start, stop = round(begin * ratio), min(round(end * ratio), sound.frames)
        return np.concatenate([*sound.blocks(start=start, stop=stop, sr=lay.sr)])

    return template_of(example, lay, settings, cut, round(sound.frames / ratio))
