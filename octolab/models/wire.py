"""How a model's process and the one that asks it talk: JSON and plain numbers by a pipe.

There are no pickles: a process that a hostile model has taken over can't make the other
one run anything.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import IO, Any, Final

import numpy as np

MAX_VALUES: Final = 1 << 25
_LENGTH: Final = struct.Struct("<I")
_MAX_TEXT: Final = 1 << 20


def send(pipe: IO[bytes], message: Mapping[str, Any], values: np.ndarray | None = None) -> None:
    """Write a message, and values after it, an array of float32."""
    shape = None if values is None else values.shape
    text = json.dumps({**message, "shape": shape}).encode()
    pipe.write(_LENGTH.pack(len(text)) + text)
    if values is not None:
        pipe.write(np.ascontiguousarray(values).ravel().view(np.uint8).data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], np.ndarray]:
    """Read a message, and the values after it, which are none if it came without.

    Raises
    ------
    EOFError
        If the other end was closed.
    ValueError
        If it is no message, or has more values than anybody needs.
    """
    (length,) = _LENGTH.unpack(_read(pipe, _LENGTH.size))
    if length > _MAX_TEXT:
        raise ValueError("a message is too long")
    message = json.loads(_read(pipe, length))
    shape = message.pop("shape")
    if shape is None:
        return message, np.empty(0, np.float32)
    if math.prod(shape) > MAX_VALUES:
        raise ValueError("there are too many values")
    values = np.empty(shape, np.float32)
    if pipe.readinto(values.ravel().view(np.uint8).data) < values.nbytes:  # type: ignore[attr-defined]
        raise EOFError
    return message, values


def _read(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
