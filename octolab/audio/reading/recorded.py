"""`Recorded`: when and where a sound was recorded, by which device, how set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from octolab.audio.reading.times import Moment


@dataclass(frozen=True)
class Recorded:
    """What a file tells of its recording; None and ``""`` where it tells nothing.

    Attributes
    ----------
    started_at : datetime, optional
        The moment of the first sample, UTC.
    uncertainty_s : float, optional
        How far from it the truth may lie either way: what the last written digit is worth;
        14 hours when neither file nor caller told the time zone. How well the recorder's
        clock was set is not known and not in it.
    time_from : str
        Where the time is written: ``guano``, ``wamd``, ``audiomoth``, ``opensoundscape``,
        ``bext``, ``container`` or ``name``.
    device, serial : str
        The recorder.
    latitude, longitude : float, optional
        Degrees, WGS 84.
    temperature_c, battery_v : float, optional
        At the recorder.
    gain : str
        As the recorder names it, ``medium`` say.
    comment : str
        What a person or the recorder wrote.
    raw : mapping
        Every field by its name, as written.
    """

    started_at: datetime | None = None
    uncertainty_s: float | None = None
    time_from: str = ""
    device: str = ""
    serial: str = ""
    latitude: float | None = None
    longitude: float | None = None
    temperature_c: float | None = None
    battery_v: float | None = None
    gain: str = ""
    comment: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)

    def timed(self, found: Moment | None, time_from: str) -> Recorded:
        """The same with that time, if there is one and the clock had been set."""
        if found is None or found.at.year < _CLOCKS_START:
            return self
        return replace(
            self, started_at=found.at, uncertainty_s=found.uncertainty_s, time_from=time_from
        )

    def known(self) -> dict[str, Any]:
        """What is told besides the time and the raw fields, as plain data."""
        names = (each.name for each in fields(self) if each.name not in (*_TIME, "raw"))
        return {name: value for name in names if (value := getattr(self, name)) not in (None, "")}


_CLOCKS_START: Final = 1980  # one that was never set says 1970, or 1904 in MP4
_TIME: Final = ("started_at", "uncertainty_s", "time_from")


def combined(parts: Iterable[Recorded]) -> Recorded | None:
    """One record of several: the surest time, and the rest from the first part that knows it.

    Of equally sure times the first counts.
    """
    parts, nothing = [*parts], Recorded()
    whole: dict[str, Any] = {"raw": {}}
    for part in parts:
        for each in fields(Recorded):
            if (value := getattr(part, each.name)) != getattr(nothing, each.name):
                whole.setdefault(each.name, value)
        whole["raw"] = {**part.raw, **whole["raw"]}
    timed = [part for part in parts if part.uncertainty_s is not None]
    if timed:
        surest = min(timed, key=lambda part: part.uncertainty_s or 0.0)
        whole.update({name: getattr(surest, name) for name in _TIME})
    return Recorded(**whole) if parts and Recorded(**whole) != nothing else None
