"""Where models come from and how they are run.

`pull` fetches a model once, checked against its pinned sha256, and keeps it in the user's
cache (``OCTOLAB_MODELS``); `session` runs it. `add_sound_model` takes in a model that
listens, which its user brings, and `add_known_model` one of `add_ons`, such as BirdNET;
`from_torch` makes such a file of a PyTorch model. `load_sound_model` makes an `Ear` of
it, which runs in a limited process of its own.
"""

from __future__ import annotations

from octolab.models.addons import AddOn, add_ons
from octolab.models.hearing import Ear
from octolab.models.known import Download, ModelSpec, Wheel, get
from octolab.models.known import all_models as list
from octolab.models.labels import imagenet_labels
from octolab.models.pulling import folder, installed, pull
from octolab.models.running import fingerprint, session
from octolab.models.shelf import add_known_model, add_sound_model, load_sound_model
from octolab.models.sound import MelInput, SoundModel, read_mel, read_sound_model, sound_models
from octolab.models.torchmodel import from_torch

__all__ = [
    "AddOn",
    "Download",
    "Ear",
    "MelInput",
    "ModelSpec",
    "SoundModel",
    "Wheel",
    "add_known_model",
    "add_ons",
    "add_sound_model",
    "fingerprint",
    "folder",
    "from_torch",
    "get",
    "imagenet_labels",
    "installed",
    "list",
    "load_sound_model",
    "pull",
    "read_mel",
    "read_sound_model",
    "session",
    "sound_models",
]
