"""Reading the tensors of a PyTorch weights file without PyTorch and without trusting it.

The format of PyTorch before 1.6: five pickles (a magic number, a version, system facts,
the state dict, the keys of its storages) and then each storage as a count and raw
little-endian numbers. The unpickler knows the handful of names a state dict needs and
refuses any other, so a file can't call anything.
"""

from __future__ import annotations

import collections
import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from octolab.errors import BadInput

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001
_NUMBERS: Final = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ByteStorage": "u1",
}


@dataclass
class _Storage:
    dtype: np.dtype[Any]
    count: int
    numbers: np.ndarray | None = None


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> np.ndarray:
        numbers = self.storage.numbers
        if numbers is None:
            raise ValueError("a tensor has no numbers")
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))
        if min((self.offset, *self.strides, *self.shape), default=0) < 0 or last >= len(numbers):
            raise ValueError("a tensor reaches beyond its numbers")
        steps = [s * numbers.itemsize for s in self.strides]
        view = np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, steps)
        return view.copy()


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _StateDict(pickle.Unpickler):
    def __init__(self, file: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(file, encoding="utf-8")
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda tensor, *_: tensor
        if module == "torch" and name in _NUMBERS:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, _, count = pid[:5]
        return self._storages.setdefault(key, _Storage(np.dtype(_NUMBERS[kind]), int(count)))


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the named tensors of a weights file.

    Parameters
    ----------
    path : path
        A ``.pth`` file in the format of PyTorch before 1.6.

    Returns
    -------
    dict of str to ndarray
        The state dict.

    Raises
    ------
    BadInput
        If it is anything else, damaged, or asks for what is not allowed.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path.stat().st_size)
    except Exception as error:  # a pickle can fail in any way
        raise BadInput(
            "{name} is not a file of PyTorch weights that can be read safely: {reason}",
            name=path.name,
            reason=str(error),
        ) from None


def _read(file: BinaryIO, size: int) -> dict[str, np.ndarray]:
    storages: dict[str, _Storage] = {}

    def load() -> Any:
        return _StateDict(file, storages).load()

    if load() != _MAGIC or load() != _VERSION:
        raise ValueError("not the format of before PyTorch 1.6")
    load()
    state: dict[str, _Tensor] = load()
    for key in load():
        storage = storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        length = count * storage.dtype.itemsize
        if count != storage.count or length > size - file.tell():
            raise ValueError("a storage is cut short")
        storage.numbers = np.frombuffer(file.read(length), storage.dtype)
    return {name: tensor.array() for name, tensor in state.items()}
