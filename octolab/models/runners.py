"""One face for the runtimes of models: an array in by one input, an array out by name."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from octolab.errors import BadInput, Unavailable
from octolab.models.gate import checked_size, read_onnx
from octolab.models.running import session


class Runner(Protocol):
    """A model that is loaded; any thread may call it.

    ``shape`` is that of its one input, None where any size will do; ``outputs`` are the
    names of what it gives by default.
    """

    @property
    def shape(self) -> tuple[int | None, ...]:
        """What it takes."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """What it gives."""

    def __call__(self, inputs: np.ndarray, output: str) -> np.ndarray:
        """Run it once; what it gives under that name."""


def load(path: Path, extra: Sequence[str] = ()) -> Runner:
    """Load a model for the CPU, in this process: see `octolab.models.limited`.

    Parameters
    ----------
    path : Path
        An ``.onnx`` or ``.tflite`` file.
    extra : sequence of str
        Inner values that can be asked for, too, such as an embedding.

    Raises
    ------
    BadInput
        If it is no such model, is not allowed (see `octolab.models.gate`), or has several
        inputs.
    NotFound, TooLarge
        If it is not there, or has more than 200 MB.
    Unavailable
        If the runtime is not installed.
    """
    if path.suffix == ".tflite":
        return LiteRunner(path, extra)
    return OnnxRunner(path, extra)


class OnnxRunner:
    """A model in onnxruntime."""

    def __init__(self, path: Path, extra: Sequence[str] = ()) -> None:
        from onnx import ValueInfoProto

        model = read_onnx(path)
        self.outputs = tuple(output.name for output in model.graph.output)
        inner = {name for node in model.graph.node for name in node.output}
        for name in set(extra) - set(self.outputs):
            if name not in inner:
                raise _no_output(path, name)
            model.graph.output.append(ValueInfoProto(name=name))
        self._session = session(path, model.SerializeToString())
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            raise _one_input(path)
        self._input = inputs[0].name
        self.shape = tuple(size if isinstance(size, int) else None for size in inputs[0].shape)

    def __call__(self, inputs: np.ndarray, output: str) -> np.ndarray:
        """Run it once."""
        return np.asarray(self._session.run([output], {self._input: inputs})[0])


class LiteRunner:
    """A model in LiteRT, which runs one call at a time."""

    def __init__(self, path: Path, extra: Sequence[str] = ()) -> None:
        checked_size(path)
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise Unavailable(
                "{name} needs LiteRT: pip install ai-edge-litert", name=path.name
            ) from None
        try:
            with warnings.catch_warnings():  # inner values cost memory, it says
                warnings.simplefilter("ignore")
                self._model = Interpreter(
                    str(path), num_threads=1, experimental_preserve_all_tensors=bool(extra)
                )
            self._model.allocate_tensors()
        except Exception as error:  # RuntimeError and ValueError with many lines of C++
            raise BadInput(
                "{name} is not a model that can be run: {kind}",
                name=path.name,
                kind=type(error).__name__,
            ) from None
        inputs = self._model.get_input_details()
        if len(inputs) != 1 or inputs[0]["dtype"] is not np.float32:
            raise _one_input(path)
        self._input = inputs[0]["index"]
        self._outputs = {one["name"]: one["index"] for one in self._model.get_output_details()}
        self.outputs = tuple(self._outputs)
        everything = {one["name"]: one["index"] for one in self._model.get_tensor_details()}
        for name in extra:
            if name not in everything:
                raise _no_output(path, name)
            self._outputs[name] = everything[name]
        self.shape = tuple(int(size) if size > 0 else None for size in inputs[0]["shape"])
        self._lock = threading.Lock()

    def __call__(self, inputs: np.ndarray, output: str) -> np.ndarray:
        """Run it once."""
        with self._lock:
            self._model.set_tensor(self._input, inputs)
            self._model.invoke()
            return np.asarray(self._model.get_tensor(self._outputs[output]))


def _one_input(path: Path) -> BadInput:
    return BadInput("the model {name} must have one input, of float32", name=path.name)


def _no_output(path: Path, output: str) -> BadInput:
    return BadInput("the model {name} has no output {output!r}", name=path.name, output=output)
