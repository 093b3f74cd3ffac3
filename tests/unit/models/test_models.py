"""Which models there are, and where they are kept."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from octolab import models
from octolab.errors import BadInput, NotFound
from octolab.model import to_json
from octolab.models import mobilenetv2


def random_weights() -> dict[str, np.ndarray]:
    """Weights of the shapes torchvision's MobileNetV2 has."""
    rng = np.random.default_rng(0)
    weights = {}

    def convolution(key: str, norm: str, out: int, of: int, side: int) -> None:
        weights[f"{key}.weight"] = rng.normal(0, 0.1, (out, of, side, side)).astype(np.float32)
        for part in ("weight", "bias", "running_mean", "running_var"):
            weights[f"{norm}.{part}"] = rng.uniform(0.5, 1, out).astype(np.float32)

    convolution("features.0.0", "features.0.1", 32, 3, 3)
    channels, block = 32, 1
    stages = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
    for expansion, out, count in stages:
        for _ in range(count):
            key, hidden, step = f"features.{block}.conv", channels * expansion, 0
            if expansion > 1:
                convolution(f"{key}.0.0", f"{key}.0.1", hidden, channels, 1)
                step = 1
            convolution(f"{key}.{step}.0", f"{key}.{step}.1", hidden, 1, 3)
            convolution(f"{key}.{step + 1}", f"{key}.{step + 2}", out, hidden, 1)
            channels, block = out, block + 1
    convolution("features.18.0", "features.18.1", 1280, 320, 1)
    weights["classifier.1.weight"] = rng.normal(0, 0.1, (1000, 1280)).astype(np.float32)
    weights["classifier.1.bias"] = np.zeros(1000, np.float32)
    return weights


def test_the_graph_is_the_one_of_the_paper():
    model = mobilenetv2.build(random_weights())
    kinds = [node.op_type for node in model.graph.node]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "Add": 10,
        "Clip": 35,
        "Conv": 52,
        "Flatten": 1,
        "Gemm": 1,
        "GlobalAveragePool": 1,
    }
    numbers = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)
    # 3,504,872 parameters of torchvision's less 2 x 17,056 of the folded normalisation,
    # plus a bias for each convolution and the two limits of ReLU6
    assert numbers == 3_504_872 - 2 * 17_056 + 17_056 + 2


def test_a_graph_that_was_built_runs_on_any_number_of_pictures(tmp_path):
    path = tmp_path / "m.onnx"
    onnx.save(mobilenetv2.build(random_weights()), path)
    session = models.session(path)
    pictures = np.random.default_rng(1).normal(0, 1, (2, 3, 224, 224)).astype(np.float32)
    (both,) = session.run(None, {"input": pictures})
    (second,) = session.run(None, {"input": pictures[1:]})
    assert both.shape == (2, 1000)
    np.testing.assert_allclose(both[1:], second, rtol=1e-4, atol=1e-4)


def test_there_are_a_thousand_labels_that_can_be_told_apart(shared):
    labels = models.imagenet_labels()
    assert len(labels) == len({label.lower() for label in labels}) == 1000
    given = (shared / "models/imagenet_labels_1000.txt").read_text().splitlines()
    differing = [
        (ours, theirs)
        for ours, theirs in zip(labels, given, strict=True)
        if ours not in [name.strip() for name in theirs.split(",")]
    ]
    assert differing == [("crane (bird)", "crane"), ("crane (machine)", "crane")]


def test_models_are_listed_and_found_by_name():
    assert [spec.name for spec in models.list()] == ["mobilenet"]
    spec = models.get("mobilenet")
    assert all(len(source.sha256) == 64 for source in spec.sources)
    assert json.loads(json.dumps(to_json(spec)))["name"] == "mobilenet"
    with pytest.raises(NotFound, match="there is no model 'resnet'; there are: mobilenet"):
        models.pull("resnet")


def test_models_are_kept_where_the_user_says(tmp_path, monkeypatch):
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path))
    assert models.folder() == tmp_path
    monkeypatch.delenv("OCTOLAB_MODELS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert models.folder() == tmp_path / "cache" / "octolab" / "models"


def test_a_model_that_is_there_is_not_fetched_and_a_changed_one_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path))
    assert models.installed("mobilenet") is None
    digest = hashlib.sha256(b"a model").hexdigest()
    path = tmp_path / f"mobilenet-{digest[:16]}.onnx"
    path.write_bytes(b"a model")
    assert models.installed("mobilenet") == path
    assert models.pull("mobilenet") == path
    assert models.fingerprint(path) == digest
    path.write_bytes(b"another")
    assert models.installed("mobilenet") is None


@pytest.mark.parametrize("content", [b"", b"text", b"\x08\x07" * 50])
def test_what_is_no_model_can_not_be_run(content, tmp_path):
    path = Path(tmp_path / "x.onnx")
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"x\.onnx is not a model that can be run"):
        models.session(path)
