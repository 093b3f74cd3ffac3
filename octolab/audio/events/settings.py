"""What a detector is told: which method, where to listen, and how far a sound must stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from octolab.errors import BadInput

Method = Literal["bands", "energy", "onset", "pcen", "template"]

THRESHOLDS: Final[dict[str, float]] = {
    "bands": 4.5,
    "energy": 4.5,
    "onset": 7.0,
    "pcen": 6.0,
    "template": 0.6,
}
"""The methods, each with the threshold it has by default."""

_LONGEST_S: Final = 10.0  # of a window, a template, or what else must lie within one page


@dataclass(frozen=True)
class Kind:
    """A label for events of some duration and peak frequency; the first that fits is given."""

    label: str
    longest_s: float = float("inf")
    highest_hz: float = float("inf")


@dataclass(frozen=True)
class Settings:
    """All that a detector is told; `octolab.audio.detect_events` says what each means.

    ``brief`` is how many times as far as others an event must stand out in one of many bands
    that is no longer than a window and the smoothing: a single look, which now and then is
    unusual by chance, as among drops of rain.
    """

    method: Method = "bands"
    label: str = "sound"
    kinds: tuple[Kind, ...] = ()
    band: tuple[float, float] | None = None
    threshold: float = THRESHOLDS["bands"]
    brief: float = 1.3
    release: float = 0.65
    min_duration_s: float = 0.085
    max_duration_s: float | None = None
    merge_gap_s: float = 0.1
    n_fft: int | None = None
    window_s: float = 0.046
    hop_s: float = 0.01
    smooth_s: float = 0.08
    floor_s: float = 8.0
    floor_share: float = 0.35
    common_db: float = 15.0
    fundamental: bool = False


def resolve(base: Settings, given: dict[str, Any]) -> Settings:
    """Change what was given (not None) of some settings, and check the whole.

    Raises
    ------
    BadInput
        If a setting is out of range.
    """
    changes = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(set(changes) - {field.name for field in fields(Settings)})
    if unknown:
        raise BadInput("detection has no parameter {name!r}", name=unknown[0])
    method = changes.get("method", base.method)
    if method not in THRESHOLDS:
        raise BadInput(
            "there is no detection method {name!r}; there are: {names}",
            name=method,
            names=", ".join(THRESHOLDS),
        )
    if method != base.method:
        changes.setdefault("threshold", THRESHOLDS[method])
    if "band" in changes:
        changes["band"] = _band(changes["band"])
    try:
        return _checked(replace(base, **changes))
    except TypeError:
        raise BadInput("a parameter of detection is not the number it should be") from None


def _band(band: Any) -> tuple[float, float]:
    try:
        low, high = (float(hz) for hz in band)
    except (TypeError, ValueError):
        raise BadInput("a band is two frequencies in Hz, such as [1000, 8000]") from None
    if not 0 <= low < high:
        raise BadInput(
            "a band must go from a lower to a higher frequency, not {low} to {high}",
            low=low,
            high=high,
        )
    return low, high


def _checked(settings: Settings) -> Settings:
    if not settings.threshold > 0 or not 0 < settings.release <= 1:
        raise BadInput("threshold must be above 0, and release from 0 to 1")
    longest = settings.max_duration_s
    if settings.min_duration_s < 0 or settings.merge_gap_s < 0:
        raise BadInput("min_duration_s and merge_gap_s can't be below 0")
    if longest is not None and longest < settings.min_duration_s:
        raise BadInput("max_duration_s can't be below min_duration_s")
    within: Sequence[tuple[str, float, float]] = (
        ("window_s", settings.window_s, _LONGEST_S / 10),
        ("hop_s", settings.hop_s, _LONGEST_S / 100),
        ("smooth_s", settings.smooth_s, _LONGEST_S / 10),
        ("floor_s", settings.floor_s, 6 * _LONGEST_S),
        ("floor_share", settings.floor_share, 1.0),
    )
    for name, value, limit in within:
        if not 0 < value <= limit:
            raise BadInput("{name} must be above 0 and at most {limit}", name=name, limit=limit)
    return settings
