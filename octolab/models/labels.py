"""Class names of the models we know."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def imagenet_labels() -> tuple[str, ...]:
    """The 1000 classes of ImageNet (ILSVRC 2012), in the order of a model's outputs.

    The first of the WordNet names each class goes by, as google-coral/test_data lists
    them (Apache-2.0); where two classes shared a name, one that tells them apart.
    """
    text = (resources.files("octolab.models") / "imagenet.txt").read_text("utf-8")
    return tuple(text.splitlines())
