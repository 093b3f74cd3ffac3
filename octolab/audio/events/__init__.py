"""Finding when something is to be heard: in arrays, streams, and files of any length."""

from octolab.audio.events.matching import Scores, score_events
from octolab.audio.events.parts import Part, detect_part, join_parts
from octolab.audio.events.presets import PRESETS, Preset, settings_of
from octolab.audio.events.settings import THRESHOLDS, Settings
from octolab.audio.events.stream import EventStream, detect_events, detect_in

__all__ = [
    "PRESETS",
    "THRESHOLDS",
    "EventStream",
    "Part",
    "Preset",
    "Scores",
    "Settings",
    "detect_events",
    "detect_in",
    "detect_part",
    "join_parts",
    "score_events",
    "settings_of",
]
