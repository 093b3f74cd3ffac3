"""The lab: a folder, its catalog, and the handles it hands out."""

from octolab.lab.artifacts import Clip, Frame, Item, Sound
from octolab.lab.cameras import Camera
from octolab.lab.galleries import Gallery
from octolab.lab.ingest import Capture
from octolab.lab.lab import Lab
from octolab.lab.live import LiveBatch
from octolab.lab.verify import VerifyReport

__all__ = [
    "Camera",
    "Capture",
    "Clip",
    "Frame",
    "Gallery",
    "Item",
    "Lab",
    "LiveBatch",
    "Sound",
    "VerifyReport",
]
