"""What a first lab shows: three cameras and a sound that need no hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from octolab import resources
from octolab.i18n import translate

if TYPE_CHECKING:
    from octolab.lab.lab import Lab

CAMERAS = (
    ("synthetic://plant", "Plant"),
    ("synthetic://hive", "Hive entrance"),
    ("synthetic://testcard", "Test card"),
)


def fill(lab: Lab) -> None:
    """Add the demo cameras and twelve seconds of a hive."""
    for url, name in CAMERAS:
        lab.add_camera(url, name=translate(name))
    lab.add_sound(resources.dataset("hive-sound") / "hive.wav", name=translate("Hive"))
