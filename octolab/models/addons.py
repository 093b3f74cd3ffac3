"""Sound models that OctoLab knows and does not bring: each user gets them from their makers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from octolab.errors import NotFound


@dataclass(frozen=True)
class AddOn:
    """A sound model that needs only its file, its labels and a user who keeps to its licence.

    Attributes
    ----------
    name, title : str
        What it is called, and what it is.
    licence, terms : str
        The licence's name, and what it asks of people, in English that can be translated.
    rate, window_s, activation, embedding
        As the attributes of `octolab.models.SoundModel`; the embedding is that of the files
        in `sha256`.
    labels : int
        How many it has.
    sha256 : frozenset of str
        Of the files that are known to be it; others are recognised by their shapes.
    """

    name: str
    title: str
    licence: str
    terms: str
    rate: int
    window_s: float
    activation: Literal["none", "sigmoid", "softmax"]
    embedding: str
    labels: int
    sha256: frozenset[str]


_ADD_ONS: Final = {
    "birdnet": AddOn(
        "birdnet",
        "BirdNET 2.4, 6522 birds and other animals by their sounds",
        "CC BY-NC-SA 4.0",
        "CC BY-NC-SA 4.0: name its makers (the K. Lisa Yang Center at the Cornell Lab of "
        "Ornithology, and Chemnitz University of Technology), use it for nothing commercial, and "
        "pass on what you make of it only under the same licence",
        rate=48_000,
        window_s=3.0,
        activation="sigmoid",
        embedding="model/GLOBAL_AVG_POOL/Mean",
        labels=6522,
        sha256=frozenset({"55f3e4055b1a13bfa9a2452731d0d34f6a02d6b775a334362665892794165e4c"}),
    ),
}


def add_ons() -> tuple[AddOn, ...]:
    """Every model that is known but not brought, by name."""
    return tuple(_ADD_ONS[name] for name in sorted(_ADD_ONS))


def add_on(name: str) -> AddOn:
    """The one of that name.

    Raises
    ------
    NotFound
        If there is none; the error lists those there are.
    """
    try:
        return _ADD_ONS[name]
    except KeyError:
        raise NotFound(
            "{name!r} is no sound model that needs nothing but its file; those are: {names}",
            name=name,
            names=", ".join(sorted(_ADD_ONS)),
        ) from None
