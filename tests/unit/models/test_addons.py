"""BirdNET: known by name, brought by each user, its licence shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from octolab import models
from octolab.cli import main
from octolab.errors import BadInput, NotFound, Refused
from octolab.i18n import messages
from octolab.models import addons

LABELS = [f"Genus species{i}_Bird {i}" for i in range(6522)]


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def stand_in(folder: Path, samples: int = 144_000, labels: int = 6522) -> Path:
    """A model of BirdNET's shapes; bird 7 is likely where the samples are above zero."""
    folder.mkdir(exist_ok=True)
    weights = np.zeros((1, labels), np.float32)
    weights[0, 7] = 100
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=1),
            helper.make_node("Mul", ["mean", "weights"], ["y"]),
        ],
        "bird",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, samples])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, labels])],
        [numpy_helper.from_array(weights, "weights")],
    )
    domains = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=8), folder / "net.onnx")
    (folder / "License.txt").write_text("CC BY-NC-SA 4.0")
    (folder / "BirdNET_Labels.txt").write_text("\n".join(LABELS))
    return folder / "net.onnx"


def test_birdnet_needs_only_its_file_and_the_licence_accepted(tmp_path):
    path = stand_in(tmp_path / "birdnet")
    with pytest.raises(Refused, match=r"CC BY-NC-SA 4\.0: .*nothing commercial.*--accept-licence"):
        models.add_known_model("birdnet", path)
    assert models.sound_models() == ()
    added = models.add_known_model("birdnet", path, accept_licence=True)
    assert models.sound_models() == (added,)
    assert (added.rate, added.window_s, added.hop_s) == (48_000, 3.0, 3.0)
    assert (added.licence, added.embedding) == ("CC BY-NC-SA 4.0", None)
    windows = np.stack([np.ones(144_000, np.float32), np.zeros(144_000, np.float32)])
    scores = models.load_sound_model("birdnet").scores(windows)
    assert scores.shape == (2, 6522)
    np.testing.assert_allclose(scores[:, 7], [1, 0.5])
    assert added.labels[7] == LABELS[7]


def test_a_file_that_is_known_gives_the_embedding_and_is_added_by_its_name(tmp_path, monkeypatch):
    path = stand_in(tmp_path / "birdnet")
    known = dataclasses.replace(
        addons.add_on("birdnet"),
        embedding="mean",
        sha256=frozenset({models.fingerprint(path)}),
    )
    monkeypatch.setitem(addons._ADD_ONS, "birdnet", known)
    with pytest.raises(BadInput, match=r"BirdNET 2\.4.*'octolab models add birdnet net\.onnx'"):
        models.add_sound_model(
            path, labels=LABELS, rate=48_000, window_s=3.0, licence="MIT", accept_licence=True
        )
    models.add_known_model("birdnet", path, accept_licence=True)
    ear = models.load_sound_model("birdnet")
    np.testing.assert_allclose(ear.embeddings(np.ones((1, 144_000), np.float32)), [[1]])


def test_another_model_or_other_labels_are_refused(tmp_path):
    given = {"accept_licence": True}
    with pytest.raises(BadInput, match="takes an input of 1 x 5, but its description makes one of"):
        models.add_known_model("birdnet", stand_in(tmp_path / "a", samples=5), **given)
    with pytest.raises(BadInput, match="gives 13 scores for each window, but has 6522 labels"):
        models.add_known_model("birdnet", stand_in(tmp_path / "b", labels=13), **given)
    path = stand_in(tmp_path / "c")
    (path.parent / "BirdNET_Labels.txt").write_text("a\nb\n")
    with pytest.raises(BadInput, match=r"no list of 6522 labels beside net\.onnx"):
        models.add_known_model("birdnet", path, **given)
    with pytest.raises(BadInput, match="has 6522 labels, not 2"):
        models.add_known_model("birdnet", path, labels=path.parent / "BirdNET_Labels.txt", **given)
    with pytest.raises(NotFound, match="those are: birdnet"):
        models.add_known_model("perch", path, **given)
    assert models.sound_models() == ()


def test_birdnet_is_added_at_the_command_line(tmp_path, capsys):
    assert main(["models", "list"]) == 0
    assert "birdnet: BirdNET 2.4" in capsys.readouterr().out
    given = ["models", "add", "birdnet", str(stand_in(tmp_path / "birdnet"))]
    assert main(given) == 1
    assert "nothing commercial" in capsys.readouterr().err
    assert main([*given, "--accept-licence", "--rate", "22050"]) == 1
    assert "is known" in capsys.readouterr().err
    assert main([*given, "--accept-licence"]) == 0
    assert capsys.readouterr().out == "birdnet: 6522 labels\n"
    assert main(["models", "list"]) == 0
    assert "birdnet: 6522 labels, 48000 Hz, 3 s (CC BY-NC-SA 4.0)" in capsys.readouterr().out


def test_what_an_add_on_is_and_asks_is_told_in_russian():
    texts = [text for known in models.add_ons() for text in (known.title, known.terms)]
    assert not set(texts) - set(messages("ru"))
