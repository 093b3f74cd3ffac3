"""MobileNetV2 (Sandler et al. 2018) as an ONNX graph, from torchvision's weights.

Batch normalisation is folded into the convolutions, so the graph is convolutions,
clipping, additions, one mean and one matrix product: what onnxruntime runs fastest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from octolab.models.torchfile import read_state_dict

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

# Table 2 of the paper: expansion, channels out, repetitions, first stride.
_STAGES: Final = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_EPSILON: Final = 1e-5
_OPSET: Final = 13
_IR_VERSION: Final = 8
_CLASSES: Final = 1000


def convert(path: Path) -> bytes:
    """Turn torchvision's weights file into an ONNX model; the same bytes each time."""
    return bytes(build(read_state_dict(path)).SerializeToString(deterministic=True))


def build(weights: dict[str, np.ndarray]) -> ModelProto:
    """Make the graph: ``input`` (n, 3, 224, 224) float32 to ``logits`` (n, 1000)."""
    from onnx import TensorProto, checker, helper

    graph = _Graph(weights)
    x = graph.convolution("input", "features.0.0", "features.0.1", stride=2)
    channels, block = 32, 1
    for expansion, out, repetitions, first_stride in _STAGES:
        for repetition in range(repetitions):
            stride = first_stride if repetition == 0 else 1
            x = graph.inverted_residual(x, f"features.{block}.conv", channels, expansion, stride)
            channels, block = out, block + 1
    x = graph.convolution(x, f"features.{block}.0", f"features.{block}.1")
    x = graph.node("GlobalAveragePool", [x])
    x = graph.node("Flatten", [x], axis=1)
    head = [
        graph.constant("classifier.weight", weights["classifier.1.weight"]),
        graph.constant("classifier.bias", weights["classifier.1.bias"]),
    ]
    graph.node("Gemm", [x, *head], name="logits", transB=1)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "mobilenet_v2",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 224, 224])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", _CLASSES])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="octolab",
    )
    checker.check_model(model)
    return model


class _Graph:
    """The nodes and constants made so far."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._limits = [
            self.constant("zero", np.array(0, np.float32)),
            self.constant("six", np.array(6, np.float32)),
        ]

    def constant(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], *, name: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = name or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolution(
        self, x: str, key: str, norm: str, *, stride: int = 1, groups: int = 1, relu: bool = True
    ) -> str:
        gain, shift, mean, variance = (
            self._weights[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        kernel = self._weights[f"{key}.weight"] * scale[:, None, None, None]
        side = kernel.shape[2]
        made = self.node(
            "Conv",
            [
                x,
                self.constant(f"{key}.weight", kernel.astype(np.float32)),
                self.constant(f"{key}.bias", (shift - mean * scale).astype(np.float32)),
            ],
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[side // 2] * 4,
            group=groups,
        )
        return self.node("Clip", [made, *self._limits]) if relu else made

    def inverted_residual(
        self, x: str, key: str, channels: int, expansion: int, stride: int
    ) -> str:
        y, step, hidden = x, 0, channels * expansion
        if expansion != 1:
            y = self.convolution(y, f"{key}.0.0", f"{key}.0.1")
            step = 1
        y = self.convolution(y, f"{key}.{step}.0", f"{key}.{step}.1", stride=stride, groups=hidden)
        y = self.convolution(y, f"{key}.{step + 1}", f"{key}.{step + 2}", relu=False)
        out = self._weights[f"{key}.{step + 1}.weight"].shape[0]
        return self.node("Add", [x, y]) if stride == 1 and channels == out else y
