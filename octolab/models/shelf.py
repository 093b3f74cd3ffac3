"""The sound models of this user: taking one in, and loading it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from octolab.content import atomic_write
from octolab.errors import BadInput, NotFound, Refused
from octolab.model import to_json
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
    file = Path(file)
    name = name or file.stem
    if not NAME.fullmatch(name):
        raise BadInput("{name!r} can't name a model: use letters, digits, - and _", name=name)
    if not licence.strip() or not accept_licence:
        raise Refused(
            "the licence of {name} is: {licence}. If you know it and keep to it, "
            "accept it with --accept-licence",
            name=file.name,
            licence=licence.strip() or "?",
        )
    listed = _read_labels(labels) if isinstance(labels, str | Path) else tuple(labels)
    kept = f"{name}{file.suffix}"
    model = checked(
        SoundModel(kept, rate, window_s, hop_s or window_s, listed, licence=licence, **more), name
    )
    _ear(model, file).try_out()
    folder().mkdir(parents=True, exist_ok=True)
    atomic_write(folder() / kept, file.read_bytes())
    model = dataclasses.replace(model, sha256=fingerprint(folder() / kept), name=name)
    text = json.dumps(to_json(model), ensure_ascii=False, indent=1)
    atomic_write(folder() / f"{name}{ENDING}", text.encode())
    return model


def _read_labels(path: str | Path) -> tuple[str, ...]:
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadInput("the labels in {name} can't be read", name=str(path)) from None
    return tuple(line.strip() for line in lines if line.strip())


def _ear(model: SoundModel, file: Path) -> Ear:
    return Ear(model, LimitedRunner(file, [model.embedding] if model.embedding else []))
