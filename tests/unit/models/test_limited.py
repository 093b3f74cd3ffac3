"""Models that somebody brought run in a process of their own, within limits."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import psutil
import pytest
from onnx import TensorProto, helper, numpy_helper

from octolab.errors import BadInput
from octolab.models import gate, limited, wire
from octolab.models.limited import LimitedRunner

FLOAT = TensorProto.FLOAT


def model(path: Path, *nodes: onnx.NodeProto, out: tuple = ("n", 2), **constants) -> Path:
    """A model of ``x`` (1, 2) to ``y``."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", FLOAT, out)],
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("evil.example", 1)]
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=8), path)
    return path


def double(path: Path) -> Path:
    return model(path, helper.make_node("Add", ["x", "x"], ["y"]))


def endless(path: Path) -> Path:
    """Loops are not allowed, but a chain of products does as well."""
    zero = numpy_helper.from_array(np.zeros(1, np.float32))
    return model(
        path,
        helper.make_node("ConstantOfShape", ["shape"], ["m0"], value=zero),
        *(helper.make_node("MatMul", [f"m{i}", "m0"], [f"m{i + 1}"]) for i in range(500)),
        helper.make_node("Slice", ["m500", "from", "to"], ["y"]),
        **{"shape": [6000, 6000], "from": [0, 0], "to": [1, 2]},
    )


def expanding(path: Path) -> Path:
    """Two values that become two thousand million."""
    return model(
        path,
        helper.make_node("Expand", ["x", "shape"], ["many"]),
        helper.make_node("ReduceMean", ["many"], ["y"], axes=[0], keepdims=1),
        shape=[1 << 30, 2],
    )


def filling(path: Path) -> Path:
    """A constant that needs 64 GB."""
    zero = numpy_helper.from_array(np.zeros(1, np.float32))
    return model(
        path,
        helper.make_node("ConstantOfShape", ["shape"], ["many"], value=zero),
        helper.make_node("Add", ["many", "x"], ["y"]),
        shape=[1 << 33, 2],
    )


def looping(path: Path) -> Path:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["v", "v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", FLOAT, [1, 2]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", FLOAT, [1, 2]),
        ],
    )
    loop = helper.make_node("Loop", ["n", "true", "x"], ["y"], body=body)
    return model(path, loop, n=1 << 62, true=True)


@pytest.fixture
def doubling(tmp_path: Path) -> LimitedRunner:
    return LimitedRunner(double(tmp_path / "m.onnx"))


def ask(runner: LimitedRunner, *values: float) -> list[float]:
    return runner(np.array([values], np.float32), "y")[0].tolist()


def test_a_model_answers_from_another_process(doubling):
    assert doubling.shape == (1, 2)
    assert doubling.outputs == ("y",)
    assert ask(doubling, 1, 2) == [2, 4]
    assert ask(doubling, 3, 4) == [6, 8]
    assert doubling._process.pid != os.getpid()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked about the limits")
def test_its_process_has_limits(doubling):
    ask(doubling, 1, 2)
    process = psutil.Process(doubling._process.pid)
    assert process.rlimit(psutil.RLIMIT_AS) == (2 << 30, 2 << 30)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    soft, _ = process.rlimit(psutil.RLIMIT_CPU)
    spent = process.cpu_times()
    assert 0 < soft - spent.user - spent.system <= 62


@pytest.mark.parametrize("hungry", [expanding, filling])
def test_a_model_that_wants_all_memory_gets_little_of_it(hungry, tmp_path):
    path = hungry(tmp_path / "m.onnx")
    assert path.stat().st_size < 300
    with pytest.raises(BadInput, match=r"m\.onnx needs more memory than the 2048 MB"):
        ask(LimitedRunner(path), 1, 2)


def test_a_model_that_comes_to_no_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(limited, "SECONDS", 3)
    with pytest.raises(BadInput, match=r"m\.onnx took longer than 3 s"):
        LimitedRunner(endless(tmp_path / "m.onnx"))


def test_a_model_whose_process_was_killed_says_so_and_runs_again(doubling, monkeypatch):
    def kill(*given: object) -> None:
        doubling._process.kill()
        send(*given)

    send = wire.send
    with monkeypatch.context() as patch:
        patch.setattr(wire, "send", kill)
        with pytest.raises(BadInput, match=r"m\.onnx ended the process that it ran in"):
            ask(doubling, 1, 2)
    assert ask(doubling, 3, 4) == [6, 8]


def test_an_answer_nobody_waited_for_is_not_taken_for_the_next(doubling, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(wire, "receive", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ask(doubling, 1, 2)
    assert ask(doubling, 3, 4) == [6, 8]


def test_an_answer_of_many_values_is_refused(tmp_path):
    path = model(
        tmp_path / "m.onnx",
        helper.make_node("Expand", ["x", "shape"], ["y"]),
        shape=[wire.MAX_VALUES, 2],
    )
    with pytest.raises(BadInput, match=r"m\.onnx gives too many values"):
        ask(LimitedRunner(path), 1, 2)


def test_its_process_ends_with_the_runner(doubling, tmp_path):
    runner = LimitedRunner(double(tmp_path / "another.onnx"))
    process = runner._process
    del runner
    gc.collect()
    assert process.poll() is not None


def test_its_process_ends_with_a_parent_that_was_killed(tmp_path):
    path = endless(tmp_path / "m.onnx")
    script = f"""
from pathlib import Path
from octolab.models.limited import LimitedRunner
LimitedRunner(Path({str(path)!r}))
"""
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        seen = psutil.Process(parent.pid)
        while not (children := seen.children()):
            time.sleep(0.1)
        while children[0].memory_info().rss < 400_000_000:  # until it is deep in its work
            time.sleep(0.1)
        parent.kill()
    psutil.wait_procs(children, timeout=60)
    assert not children[0].is_running()


@pytest.mark.parametrize("place", ["../secret.bin", "/proc/self/environ", "link.bin", "hard.bin"])
def test_numbers_in_other_files_are_never_read(tmp_path, place):
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(16))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "hard.bin").hardlink_to(tmp_path / "secret.bin")
    path = model(folder / "m.onnx", helper.make_node("Add", ["x", "w"], ["y"]))
    made = onnx.load(path)
    weights = made.graph.initializer.add(name="w", data_type=FLOAT, dims=[2])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=place)
    onnx.save(made, path)
    with pytest.raises(BadInput, match="keeps its numbers in other files"):
        gate.read_onnx(path)


@pytest.mark.parametrize("content", [b"", os.urandom(10_000), b"cos\nsystem\n(S'echo'\ntR."])
def test_what_is_no_onnx_is_refused(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is not an ONNX model"):
        gate.read_onnx(path)


def test_what_was_cut_short_is_refused(tmp_path):
    path = endless(tmp_path / "m.onnx")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BadInput, match="is not an ONNX model"):
        gate.read_onnx(path)


def test_loops_and_operations_from_elsewhere_are_refused(tmp_path):
    with pytest.raises(BadInput, match="not allowed: Loop"):
        gate.read_onnx(looping(tmp_path / "m.onnx"))
    own = helper.make_node("Evil", ["x"], ["y"], domain="evil.example")
    with pytest.raises(BadInput, match="not allowed: Evil"):
        gate.read_onnx(model(tmp_path / "m.onnx", own))
