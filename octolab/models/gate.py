"""What a model file must be before anything runs it: one ONNX file of standard operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from octolab.errors import BadInput, NotFound, TooLarge

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

MAX_BYTES: Final = 200_000_000
_DOMAINS: Final = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
_ENDLESS: Final = {"Loop", "Scan"}  # onnxruntime sets them no limit


def checked_size(path: Path) -> Path:
    """See to it that a model file is there and not too large.

    Raises
    ------
    NotFound
        If it is not there.
    TooLarge
        If it has more than 200 MB.
    """
    if not path.is_file():
        raise NotFound("there is no file {name}", name=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(
            "the model {name} is too large: at most {limit} MB",
            name=path.name,
            limit=MAX_BYTES // 1_000_000,
        )
    return path


def read_onnx(path: Path) -> ModelProto:
    """Read a model that came from anywhere, without running it.

    Parameters
    ----------
    path : Path
        An ONNX file.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    BadInput
        If it is not ONNX, keeps numbers in other files, holds functions or operations of
        its own, or loops.
    NotFound, TooLarge
        As `checked_size`.
    """
    import onnx

    checked_size(path)
    try:
        model = onnx.load(path, load_external_data=False)
        operations = len(model.graph.node)
    except Exception:  # protobuf's errors have no common ancestor
        operations = 0
    if not operations:
        raise BadInput("{name} is not an ONNX model", name=path.name)
    if any(tensor.data_location or tensor.external_data for tensor in _tensors(model.graph)):
        raise BadInput(
            "{name} keeps its numbers in other files; save it as one file", name=path.name
        )
    refused = {
        node.op_type
        for node in _nodes(model.graph)
        if node.domain not in _DOMAINS or node.op_type in _ENDLESS
    }
    refused.update(function.name for function in model.functions)
    if refused:
        raise BadInput(
            "{name} uses operations that are not allowed: {operations}",
            name=path.name,
            operations=", ".join(sorted(refused)),
        )
    return model


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors(inner)
