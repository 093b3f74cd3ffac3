"""The sound models of this user: taking one in, and loading it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from octolab.content import atomic_write
from octolab.errors import BadInput, NotFound, Refused
from octolab.i18n import phrase
from octolab.model import to_json
from octolab.models.addons import add_on, add_ons
from octolab.models.gate import checked_size
from octolab.models.hearing import Ear
from octolab.models.limited import LimitedRunner
from octolab.models.pulling import folder
from octolab.models.running import fingerprint
from octolab.models.sound import ENDING, NAME, SoundModel, checked, description_of, read_sound_model


def load_sound_model(model: str | Path) -> Ear:
    """Read a model's description, check its file against it, and load it.

    Parameters
    ----------
    model : str or Path
        The name of one that was added, or the path of a description or model file.

    Returns
    -------
    Ear

    Raises
    ------
    NotFound
        If there is none.
    BadInput
        If description and file don't agree, or it can't be run.
    Unavailable
        If its runtime is not installed.
    """
    path = description_of(model)
    described = read_sound_model(path)
    file = path.parent / described.file
    if not file.is_file():
        raise NotFound("there is no file {name}", name=str(file))
    if described.sha256 and fingerprint(file) != described.sha256:
        raise BadInput(
            "{name} is not the file that its description is of (its sha256 differs)",
            name=described.file,
        )
    described = dataclasses.replace(described, sha256=fingerprint(file))
    return _ear(described, file)


def add_sound_model(
    file: str | Path,
    *,
    labels: str | Path | Sequence[str],
    rate: int,
    window_s: float,
    licence: str,
    accept_licence: bool = False,
    name: str | None = None,
    hop_s: float | None = None,
    **more: Any,
) -> SoundModel:
    """Copy a model into the user's folder of models, with its description.

    Parameters
    ----------
    file : path
        An ``.onnx`` or ``.tflite`` file.
    labels : path or sequence of str
        A text file with a label a line, or the labels.
    rate, window_s, hop_s, **more
        As the attributes of `SoundModel`; `hop_s` is `window_s` by default.
    licence : str
        What its makers allow, such as ``CC BY-NC-SA 4.0``.
    accept_licence : bool
        That the user knows the licence and keeps to it.
    name : str, optional
        What to call it; that of the file by default.

    Returns
    -------
    SoundModel

    Raises
    ------
    Refused
        If the licence was not accepted; the message shows it.
    BadInput
        If it can't be run, or does not give a score for each label.
    """
    file = checked_size(Path(file))
    digest = fingerprint(file)
    for known in add_ons():
        if digest in known.sha256:
            raise BadInput(
                "{file} is {title}: add it with 'octolab models add {name} {file}'",
                file=file.name,
                title=phrase(known.title),
                name=known.name,
            )
    name = file.stem if name is None else name
    model = SoundModel(
        f"{name}{file.suffix}",
        rate,
        window_s,
        window_s if hop_s is None else hop_s,
        _read_labels(labels) if isinstance(labels, str | Path) else tuple(labels),
        licence=licence.strip(),
        sha256=digest,
        name=name,
        **more,
    )
    return _add(file, model, licence.strip(), accept_licence)


def add_known_model(
    name: str,
    file: str | Path,
    *,
    labels: str | Path | None = None,
    hop_s: float | None = None,
    accept_licence: bool = False,
) -> SoundModel:
    """Copy a model that OctoLab knows, but may not bring, into the user's folder of models.

    Parameters
    ----------
    name : str
        One of `octolab.models.add_ons`, such as ``birdnet``.
    file : path
        Its ``.tflite`` or ``.onnx`` file.
    labels : path, optional
        A text file with a label a line; by default the one beside it that has as many.
    hop_s : float, optional
        From one window to the next, in seconds; by default they do not overlap.
    accept_licence : bool
        That the user knows its licence and keeps to it.

    Returns
    -------
    SoundModel
        With an embedding if the file is one that is known.

    Raises
    ------
    Refused
        If the licence was not accepted; the message shows what it asks.
    BadInput
        If the file is another model, or there are no labels.
    NotFound
        If there is no such model or file.
    """
    known = add_on(name)
    file = checked_size(Path(file))
    digest = fingerprint(file)
    model = SoundModel(
        f"{name}{file.suffix}",
        known.rate,
        known.window_s,
        known.window_s if hop_s is None else hop_s,
        _read_labels(labels or _labels_beside(file, known.labels)),
        activation=known.activation,
        embedding=known.embedding if digest in known.sha256 else None,
        licence=known.licence,
        sha256=digest,
        name=name,
    )
    if len(model.labels) != known.labels:
        raise BadInput(
            "{title} has {wanted} labels, not {found}",
            title=phrase(known.title),
            wanted=known.labels,
            found=len(model.labels),
        )
    return _add(file, model, phrase(known.terms), accept_licence)


def _add(file: Path, model: SoundModel, terms: Any, accepted: bool) -> SoundModel:
    """Keep a model, once it is known to make sense, allowed, and able to answer."""
    if not NAME.fullmatch(model.name):
        raise BadInput("{name!r} can't name a model: use letters, digits, - and _", name=model.name)
    checked(model, file.name)
    if not model.licence:
        raise Refused("say what the licence of {name} is, with --licence", name=file.name)
    if not accepted:
        raise Refused(
            "the licence of {name} is: {licence}. If you know it and keep to it, "
            "accept it with --accept-licence",
            name=file.name,
            licence=terms,
        )
    _ear(model, file).try_out()
    folder().mkdir(parents=True, exist_ok=True)
    atomic_write(folder() / model.file, file.read_bytes())
    text = json.dumps(to_json(model), ensure_ascii=False, indent=1)
    atomic_write(folder() / f"{model.name}{ENDING}", text.encode())
    return model


def _labels_beside(file: Path, count: int) -> Path:
    """The list of labels in the folder of a model."""
    for path in sorted(file.parent.glob("*abel*.txt")):
        if len(_read_labels(path)) == count:
            return path
    raise BadInput(
        "there is no list of {count} labels beside {name}: pass --labels FILE",
        count=count,
        name=file.name,
    )


def _read_labels(path: str | Path) -> tuple[str, ...]:
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadInput("the labels in {name} can't be read", name=str(path)) from None
    return tuple(line.strip() for line in lines if line.strip())


def _ear(model: SoundModel, file: Path) -> Ear:
    return Ear(model, LimitedRunner(file, [model.embedding] if model.embedding else []))
