"""When birds sing: events and seconds of song by minute and by hour.

The index says how much is heard between 1 and 12 kHz that stands out of its background.
It knows no species, and whatever else sounds there is counted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from octolab.audio.events import detect_in, settings_of
from octolab.audio.reading import open_sound, read_recorded
from octolab.errors import BadInput
from octolab.model import Analysis, Event, Metric
from octolab.plugins import Analyzer, Progress

DEFINITIONS: Final = {
    "song": (
        "The seconds in which something between 1 and 12 kHz stands out of its background, by "
        "the preset bird.",
        "Band-limited activity, as in Towsey et al. 2014, Ecol. Inform. 21",
    ),
    "song_share": (
        "Those seconds against the length of the recording.",
        "Acoustic activity, as in Towsey et al. 2014, Ecol. Inform. 21",
    ),
}
"""What each index is, and where it comes from."""


@dataclass(frozen=True)
class Activity:
    """How much was heard in one stretch of time.

    Attributes
    ----------
    start_s, length_s : float
        Where it lies in the recording.
    events : int
        How many began in it.
    song_s : float
        Seconds of song in it; what sounds at once counts once.
    """

    start_s: float
    length_s: float
    events: int
    song_s: float


def activity(
    events: Sequence[Event], duration_s: float, *, every_s: float, first_s: float = 0.0
) -> list[Activity]:
    """Count events by stretches of time.

    Parameters
    ----------
    events : sequence of Event
        By time.
    duration_s : float
        Of the recording.
    every_s : float
        How long a stretch is.
    first_s : float
        How long the first one is if shorter, so that stretches begin at full hours, say.

    Returns
    -------
    list of Activity
        All of the recording; the last may be shorter too.
    """
    edges = [0.0]
    while edges[-1] < duration_s:
        step = first_s if len(edges) == 1 and first_s > 0 else every_s
        edges.append(min(edges[-1] + step, duration_s))
    counts = [0] * (len(edges) - 1)
    song = [0.0] * (len(edges) - 1)
    at, heard_until = 0, 0.0
    for event in events:
        while at < len(counts) - 1 and event.start >= edges[at + 1]:
            at += 1
        counts[at] += 1
        begin, place = max(event.start, heard_until), at
        heard_until = max(heard_until, event.end)
        while begin < event.end and place < len(song):
            end = min(event.end, edges[place + 1])
            song[place] += max(0.0, end - begin)
            begin, place = max(begin, end), place + 1
    return [
        Activity(edges[i], edges[i + 1] - edges[i], counts[i], song[i]) for i in range(len(counts))
    ]


def bird_activity(
    path: str | Path,
    *,
    threshold: float | None = None,
    preset: str = "bird",
    started_at: str | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Say when birds are heard in a recording of any length.

    Parameters
    ----------
    path : path
        The file.
    threshold : float, optional
        How far a call must stand out (see `octolab.audio.detect_events`).
    preset : str
        ``"bird"``, or ``"dense-song"`` for a chorus without pauses.
    started_at : str, optional
        When the recording began, ISO 8601 with a time zone; as the file tells by default.
    progress : callable, optional
        Called as ``progress(samples_done, samples, "")``.

    Returns
    -------
    Analysis
        The events; metrics ``events``, ``song`` in seconds, ``song_share``, ``busiest_hour``
        (that with the most song; hours from the beginning, or UTC); in ``data`` the ``minutes``
        and ``hours`` (by the clock, UTC, where time and zone are known) as columns, and the
        ``definitions``.

    Raises
    ------
    BadInput
        If the file or the time can't be read.
    """
    begun = _moment(started_at) if started_at is not None else None
    with open_sound(path) as sound:
        found = detect_in(sound, settings_of(preset, threshold=threshold), progress=progress)
        duration_s = sound.duration_s
    if begun is None:
        begun = _begun(path)
    first_s = 0.0
    if begun is not None:
        first_s = 3600 - (begun.minute * 60 + begun.second + begun.microsecond / 1e6)
    hours = activity(found, duration_s, every_s=3600, first_s=first_s)
    minutes = activity(found, duration_s, every_s=60)
    busiest = max(hours, key=lambda hour: hour.song_s)
    hour = busiest.start_s / 3600
    if begun is not None:
        hour = float((begun + timedelta(seconds=busiest.start_s + 1e-3)).hour)
    song_s = sum(one.song_s for one in minutes)
    return Analysis(
        events=tuple(found),
        metrics={
            "events": Metric(float(len(found))),
            "song": Metric(song_s, "s"),
            "song_share": Metric(song_s / duration_s),
            "busiest_hour": Metric(hour, "h" if begun is None else "h UTC"),
        },
        data={
            "minutes": _columns(minutes, begun),
            "hours": _columns(hours, begun),
            "definitions": {
                name: {"definition": text, "source": source}
                for name, (text, source) in DEFINITIONS.items()
            },
        },
    )


def _begun(path: str | Path) -> datetime | None:
    """When the recording began, if that is known well enough to tell hours of the day."""
    recorded = read_recorded(path)
    if recorded is None or (recorded.uncertainty_s or 0) >= 3600:
        return None
    return recorded.started_at


def _columns(stretches: Sequence[Activity], begun: datetime | None) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "start_s": [round(one.start_s, 3) for one in stretches],
        "length_s": [round(one.length_s, 3) for one in stretches],
        "events": [one.events for one in stretches],
        "song_s": [round(one.song_s, 2) for one in stretches],
    }
    if begun is not None:
        times = [begun + timedelta(seconds=one.start_s) for one in stretches]
        columns["start"] = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times]
    return columns


def _moment(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        time = datetime.min
    if time.tzinfo is None:
        raise BadInput(
            "{value!r} is no time with a zone, such as 2026-05-01T04:30:00+03:00", value=text
        )
    return time.astimezone(UTC)


analyzer = Analyzer(
    "bird-activity",
    run=bird_activity,
    kinds=frozenset({"sound"}),
    title="Bird activity",
    description="Calls and seconds of song by minute and by hour, between 1 and 12 kHz. It knows "
    "no species.",
    params={"threshold": None, "preset": "bird", "started_at": None},
)
