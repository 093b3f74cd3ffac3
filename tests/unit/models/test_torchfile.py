"""Reading weights without trusting them."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from octolab.errors import BadInput
from octolab.models.torchfile import read_state_dict

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001


class Named:
    """Pickles as a reference to a name, whether or not the module exists."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Storage:
    def __init__(self, kind: str, key: str, count: int) -> None:
        self.pid = ("storage", Named("torch", kind), key, "cpu", count, None)


class Call:
    def __init__(self, function: Named, *arguments: object) -> None:
        self.function, self.arguments = function, arguments


class TorchPickler(pickle._Pickler):  # the one in Python can be taught to write any name
    def persistent_id(self, obj):
        return obj.pid if isinstance(obj, Storage) else None

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Named):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


REBUILD = Named("torch._utils", "_rebuild_tensor_v2")


def tensor(key: str, count: int, shape: tuple, strides: tuple, offset: int = 0) -> Call:
    storage = Storage("FloatStorage", key, count)
    return Call(REBUILD, storage, offset, shape, strides, False, OrderedDict())


def weights_file(
    path: Path, state: object, storages: dict[str, np.ndarray], *, magic: int = MAGIC
) -> Path:
    out = io.BytesIO()
    for part in (magic, VERSION, {"little_endian": True}, state, list(storages)):
        TorchPickler(out, protocol=2).dump(part)
    for numbers in storages.values():
        out.write(struct.pack("<q", len(numbers)) + numbers.tobytes())
    path.write_bytes(out.getvalue())
    return path


NUMBERS = np.arange(6, dtype=np.float32)


def test_tensors_come_back_with_shape_and_strides(tmp_path):
    state = {
        "rows": tensor("0", 6, (2, 3), (3, 1)),
        "columns": tensor("0", 6, (3, 2), (1, 3)),
        "tail": tensor("0", 6, (2,), (1,), 4),
        "parameter": Call(
            Named("torch._utils", "_rebuild_parameter"),
            tensor("0", 6, (1,), (1,)),
            True,
            OrderedDict(),
        ),
    }
    found = read_state_dict(weights_file(tmp_path / "w.pth", state, {"0": NUMBERS}))
    assert list(found) == list(state)
    np.testing.assert_array_equal(found["rows"], NUMBERS.reshape(2, 3))
    np.testing.assert_array_equal(found["columns"], NUMBERS.reshape(2, 3).T)
    np.testing.assert_array_equal(found["tail"], [4, 5])
    np.testing.assert_array_equal(found["parameter"], [0])


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_qtensor"),
        ("collections", "Counter"),
    ],
)
def test_a_file_that_wants_to_call_something_is_refused(module, name, tmp_path):
    witness = tmp_path / "called"
    state = {"x": Call(Named(module, name), f"touch {witness}")}
    path = weights_file(tmp_path / "w.pth", state, {})
    with pytest.raises(BadInput, match=f"{module}.{name} is not allowed"):
        read_state_dict(path)
    assert not witness.exists()


@pytest.mark.parametrize(
    "state",
    [
        {"x": tensor("0", 6, (7,), (1,))},
        {"x": tensor("0", 6, (2,), (1,), 5)},
        {"x": tensor("0", 6, (2,), (-1,), 3)},
        {"x": tensor("0", 6, (1 << 40, 1 << 40), (0, 6))},
        {"x": tensor("1", 6, (1,), (1,))},
        {"x": 7},
    ],
    ids=["too many", "beyond", "backwards", "overflow", "no storage", "no tensor"],
)
def test_tensors_that_reach_beyond_their_numbers_are_refused(state, tmp_path):
    path = weights_file(tmp_path / "w.pth", state, {"0": NUMBERS})
    with pytest.raises(BadInput, match="is not a file of PyTorch weights"):
        read_state_dict(path)


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    path = weights_file(tmp_path / "w.pth", {"x": tensor("0", 6, (6,), (1,))}, {"0": NUMBERS})
    whole = path.read_bytes()
    for length in (0, 5, 40, len(whole) - 25, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"w\.pth is not a file of PyTorch weights"):
            read_state_dict(path)


def test_other_formats_are_refused(tmp_path):
    path = weights_file(tmp_path / "w.pth", {}, {}, magic=1)
    with pytest.raises(BadInput, match=r"before PyTorch 1\.6"):
        read_state_dict(path)
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(BadInput, match="not a file of PyTorch weights"):
        read_state_dict(path)
