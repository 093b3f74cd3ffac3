"""Making ONNX of a PyTorch model, as far as it goes without PyTorch.

Torch is too large for the tests of every change. With it: `octolab.models.from_torch`
of a module, `add_sound_model` of the file, and `Ear.scores` gives what the module gives.
"""

from __future__ import annotations

import sys

import pytest

from octolab import models
from octolab.errors import BadInput, Unavailable


def test_without_torch_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(Unavailable, match="pip install torch onnxscript"):
        models.from_torch(None, None, tmp_path / "m.onnx")


@pytest.mark.parametrize("name", ["m.pt", "m.pth", "m.pt2", "m.pkl"])
def test_a_file_of_torch_is_not_opened_but_told_how_to_turn_into_one_that_is(tmp_path, name):
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    with pytest.raises(BadInput, match=r"one \.onnx or \.tflite file; .*from_torch"):
        models.add_sound_model(
            tmp_path / name,
            labels=["a"],
            rate=1000,
            window_s=1.0,
            licence="CC0",
            accept_licence=True,
        )
