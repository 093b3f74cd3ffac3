"""Models in LiteRT's format run like those in ONNX's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from octolab import models
from octolab.errors import BadInput
from octolab.models import limited
from octolab.models.limited import LimitedRunner

pytest.importorskip("ai_edge_litert")

RATE = 500


def lite_model(path: Path, weights: np.ndarray) -> Path:
    """Two layers, fully connected: ``x`` (1, samples) to ``inner`` to ``y``, its double."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    labels, samples = weights.shape
    model = schema.ModelT()
    model.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    code.version = 1
    model.operatorCodes = [code]
    graph = schema.SubGraphT()
    model.buffers, graph.tensors, graph.operators = [schema.BufferT()], [], []

    def tensor(name: str, shape: tuple[int, ...], data: np.ndarray | None = None) -> int:
        made = schema.TensorT()
        made.name, made.shape, made.type = name, list(shape), schema.TensorType.FLOAT32
        made.buffer = 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(data.astype("<f4").tobytes(), np.uint8)
            made.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def layer(given: int, factors: int, made: int) -> None:
        operator = schema.OperatorT()
        operator.opcodeIndex = 0
        operator.inputs, operator.outputs = [given, factors, -1], [made]
        operator.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
        operator.builtinOptions = schema.FullyConnectedOptionsT()
        graph.operators.append(operator)

    x = tensor("x", (1, samples))
    inner, y = tensor("inner", (1, labels)), tensor("y", (1, labels))
    layer(x, tensor("first", weights.shape, weights), inner)
    layer(inner, tensor("second", (labels, labels), 2 * np.eye(labels)), y)
    graph.inputs, graph.outputs = [x], [y]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The weights of a model that was added as ``lite``."""
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path / "models"))
    weights = np.random.default_rng(0).normal(size=(3, RATE)).astype(np.float32)
    models.add_sound_model(
        lite_model(tmp_path / "lite.tflite", weights),
        labels=["a", "b", "c"],
        rate=RATE,
        window_s=1.0,
        embedding="inner",
        licence="CC0",
        accept_licence=True,
    )
    return weights


def test_it_answers_about_one_window_after_the_other(added):
    windows = np.random.default_rng(1).normal(size=(5, RATE)).astype(np.float32)
    ear = models.load_sound_model("lite")
    np.testing.assert_allclose(ear.scores(windows), 2 * windows @ added.T, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(ear.embeddings(windows), windows @ added.T, rtol=1e-3, atol=1e-3)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "text.tflite"
    path.write_text("TFL3 or not")
    with pytest.raises(BadInput, match=r"text\.tflite is not a model that can be run"):
        models.add_sound_model(
            path, labels=["a"], rate=RATE, window_s=1.0, licence="CC0", accept_licence=True
        )


def endless_model(path: Path, size: int = 4) -> Path:
    """``x`` (1, size) to ``y``: while true, leave it as it is."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT()
    model.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.WHILE
    code.version = 1
    always = schema.BufferT()
    always.data = np.ones(1, np.uint8)
    model.operatorCodes, model.buffers = [code], [schema.BufferT(), always]

    def tensor(name: str, kind: int, shape: list[int], buffer: int = 0) -> object:
        made = schema.TensorT()
        made.name, made.type, made.shape, made.buffer = name, kind, shape, buffer
        return made

    def graph(outputs: list[int], *more: object) -> object:
        made = schema.SubGraphT()
        made.tensors = [tensor("x", schema.TensorType.FLOAT32, [1, size]), *more]
        made.inputs, made.outputs, made.operators = [0], outputs, []
        return made

    main = graph([1], tensor("y", schema.TensorType.FLOAT32, [1, size]))
    loop = schema.OperatorT()
    loop.opcodeIndex, loop.inputs, loop.outputs = 0, [0], [1]
    loop.builtinOptionsType = schema.BuiltinOptions.WhileOptions
    loop.builtinOptions = schema.WhileOptionsT()
    loop.builtinOptions.condSubgraphIndex, loop.builtinOptions.bodySubgraphIndex = 1, 2
    main.operators = [loop]
    condition = graph([1], tensor("true", schema.TensorType.BOOL, [], 1))
    model.subgraphs = [main, condition, graph([0])]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def test_a_model_that_comes_to_no_end_is_ended(tmp_path, monkeypatch):
    runner = LimitedRunner(endless_model(tmp_path / "while.tflite"))
    assert runner.shape == (1, 4)
    monkeypatch.setattr(limited, "SECONDS", 2)
    with pytest.raises(BadInput, match=r"while\.tflite took longer than 2 s"):
        runner(np.zeros((1, 4), np.float32), "y")


def test_a_model_that_wants_all_memory_gets_none_of_it(tmp_path):
    with pytest.raises(BadInput, match=r"while\.tflite is not a model that can be run"):
        LimitedRunner(endless_model(tmp_path / "while.tflite", size=1 << 29))
