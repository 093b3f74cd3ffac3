"""What to look for: settings for some sounds, with a word on each and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from octolab.audio.events.settings import Kind, Settings, resolve
from octolab.errors import NotFound


@dataclass(frozen=True)
class Preset:
    """Settings under a name; `title` and `description` are templates for `octolab.i18n`.

    `source` says what the numbers rest on.
    """

    name: str
    title: str
    description: str
    source: str
    settings: Settings


_PULSE_S: Final = 0.22  # quacks are shorter: 0.2 s, and a window blurs both ends
_PIPING: Final = Settings(
    label="toot",
    band=(250.0, 2200.0),
    window_s=0.064,
    hop_s=0.005,
    smooth_s=0.02,
    floor_s=15.0,
    floor_share=0.1,
    merge_gap_s=0.04,
    min_duration_s=0.1,
    max_duration_s=2.0,
    fundamental=True,
)

PRESETS: Final = (
    Preset(
        "bird",
        "Birds",
        "Calls and phrases between 1 and 12 kHz that are apart from each other.",
        "The multiband detector as it is; developed on synthetic calls in noise.",
        Settings(label="bird", band=(1000.0, 12000.0)),
    ),
    Preset(
        "dense-song",
        "Dense song",
        "Syllables that follow each other within some hundredths of a second, for minutes.",
        "Syllables of 40-200 ms with gaps of 20-60 ms: Zann 1996, The Zebra Finch.",
        Settings(
            label="syllable",
            band=(400.0, 12000.0),
            window_s=0.023,
            hop_s=0.005,
            smooth_s=0.02,
            floor_s=15.0,
            floor_share=0.1,
            merge_gap_s=0.015,
            min_duration_s=0.02,
            brief=1.0,
        ),
    ),
    Preset(
        "bee-piping",
        "Queen piping",
        "Toots and quacks of honey bee queens, told apart by length and pitch.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24.",
        replace(_PIPING, kinds=(Kind("quack", _PULSE_S, 420.0),)),
    ),
    Preset(
        "bee-toot",
        "Queen tooting",
        "Pulses of a quarter of a second or longer at 370 to 600 Hz, with harmonics.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24.",
        replace(_PIPING, min_duration_s=_PULSE_S),
    ),
    Preset(
        "bee-quack",
        "Queen quacking",
        "Pulses shorter than a fifth of a second at about 350 Hz, with harmonics.",
        "Michelsen et al. 1986, Behav. Ecol. Sociobiol. 18; Kirchner 1993, Apidologie 24.",
        replace(_PIPING, label="quack", max_duration_s=_PULSE_S),
    ),
    Preset(
        "whale-upcall",
        "Right whale up-calls",
        "Sounds of half a second to two seconds between 50 and 350 Hz.",
        "Parks and Tyack 2005, J. Acoust. Soc. Am. 117; windows of 128 ms as in the usual "
        "analysis of 256 points at 2 kHz.",
        Settings(
            label="upcall",
            band=(50.0, 350.0),
            window_s=0.128,
            hop_s=0.02,
            smooth_s=0.16,
            min_duration_s=0.5,
            max_duration_s=2.0,
        ),
    ),
    Preset(
        "knock",
        "Knocks",
        "Impulses shorter than a third of a second, at all frequencies together.",
        "Energy in windows of 12 ms above its floor.",
        Settings(
            method="energy",
            label="knock",
            band=(100.0, 5000.0),
            window_s=0.012,
            hop_s=0.005,
            smooth_s=0.015,
            min_duration_s=0.01,
            max_duration_s=0.35,
            merge_gap_s=0.03,
            threshold=6.0,
        ),
    ),
    Preset(
        "voice",
        "Voices",
        "Energy between 100 and 4000 Hz for more than 0.2 s; speech, and whatever else is there.",
        "Band-limited energy above its floor; not a recogniser of speech.",
        Settings(
            method="energy",
            label="voice",
            band=(100.0, 4000.0),
            smooth_s=0.12,
            min_duration_s=0.2,
            merge_gap_s=0.35,
        ),
    ),
)
"""All presets, in the order to show them in."""


def settings_of(preset: str | None = None, **given: Any) -> Settings:
    """The settings of a preset, with what was given (not None) in place of its own.

    Raises
    ------
    NotFound
        If there is no such preset; the message lists those there are.
    BadInput
        If a parameter is out of range.
    """
    chosen = Settings()
    if preset is not None:
        by_name = {one.name: one.settings for one in PRESETS}
        if preset not in by_name:
            raise NotFound(
                "there is no preset {name!r}; there are: {names}",
                name=preset,
                names=", ".join(by_name),
            )
        chosen = by_name[preset]
    return resolve(chosen, given)
