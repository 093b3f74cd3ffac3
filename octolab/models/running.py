"""Running models with onnxruntime."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.errors import BadInput

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def session(path: str | Path, data: bytes | None = None) -> InferenceSession:
    """Load a model for one thread of work; it may be run by many threads at once.

    Parameters
    ----------
    path : path
        An ONNX file.
    data : bytes, optional
        Its bytes, if they are at hand already.

    Returns
    -------
    onnxruntime.InferenceSession
        One thread that does not spin while it waits: the machine's other cores are for
        other pictures.

    Raises
    ------
    BadInput
        If it is no model onnxruntime can run.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        model = str(path) if data is None else data
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a family of its own
        raise BadInput(
            "{name} is not a model that can be run: {kind}",
            name=Path(path).name,
            kind=type(error).__name__,
        ) from None


@cache
def _fingerprint(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(path: str | Path) -> str:
    """The sha256 of a file in hex, kept while the file is unchanged."""
    path = Path(path)
    facts = path.stat()
    return _fingerprint(path, facts.st_size, facts.st_mtime_ns)
