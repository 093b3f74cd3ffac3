"""What a sound model hears in a file of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper

from octolab import models, plugins
from octolab.audio import classify_sound
from octolab.audio.classify import prepared, windows
from octolab.errors import BadInput, NotFound
from octolab.models import MelInput, SoundModel

RATE = 4000


def mean_model(path: Path, shape: tuple[int, ...], weights: np.ndarray) -> Path:
    """A model that multiplies a flat window by weights, (values, labels)."""
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["row"]),
        helper.make_node("MatMul", ["row", "weights"], ["y"]),
    ]
    constants = {
        "flat": np.array([-1, len(weights)], np.int64),
        "weights": weights.astype(np.float32),
    }
    made = helper.make_model(
        helper.make_graph(
            nodes,
            "mean",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", weights.shape[1]])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.save(made, path)
    return path


@pytest.fixture
def high(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A mel model that hears whether there is more above 1 kHz than below, or all is silent."""
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path / "models"))
    mel = MelInput(n_fft=256, hop_length=100, n_mels=16, norm=None)
    columns = 1 + RATE // 100
    weights = np.zeros((16, columns, 2))
    weights[8:, :, 0] = weights[:8, :, 1] = 0.01
    weights[:8, :, 0] = weights[8:, :, 1] = -0.01
    path = mean_model(tmp_path / "high.onnx", (1, 16, columns), weights.reshape(-1, 2))
    models.add_sound_model(
        path,
        labels=["high", "low"],
        rate=RATE,
        window_s=1.0,
        licence="CC0",
        accept_licence=True,
        input="mel",
        mel=mel,
        activation="sigmoid",
    )
    return "high"


def record(path: Path, parts: list[tuple[float, float]], sr: int = 8000) -> Path:
    """Tones one after another: (Hz, seconds); 0 Hz is silence."""
    rng = np.random.default_rng(0)
    y = [np.sin(2 * np.pi * hz * np.arange(int(s * sr)) / sr) for hz, s in parts]
    samples = 0.5 * np.concatenate(y)
    soundfile.write(path, samples + 1e-4 * rng.normal(size=len(samples)), sr)
    return path


def test_windows_with_a_label_become_one_event(tmp_path, high):
    path = record(tmp_path / "a.wav", [(300, 3), (1500, 2), (300, 2.5)])
    found = classify_sound(path, model=high, threshold=0.6)
    assert [(e.label, e.start, e.end) for e in found.events] == [
        ("low", 0, 3),
        ("high", 3, 5),
        ("low", 5, 7.5),
    ]
    assert {label.name for label in found.labels} == {"high", "low"}
    assert found.metrics["windows"].value == 8
    assert found.model == models.load_sound_model(high).model.sha256


def test_the_analyzer_takes_the_name_of_a_model(tmp_path, high):
    path = record(tmp_path / "a.wav", [(1500, 2)])
    analyzer = plugins.analyzers.get("sound-model")
    found = plugins.run_analyzer(analyzer, path, model=high)
    assert [e.label for e in found.events] == ["high"]
    assert found.params == {"model": "high", "threshold": 0.5}


def test_a_sound_shorter_than_a_window_is_filled_up(tmp_path, high):
    found = classify_sound(record(tmp_path / "a.wav", [(1500, 0.4)]), model=high, threshold=0.0)
    assert {(e.start, e.end) for e in found.events} == {(0.0, 0.4)}


def test_bad_input_is_one_clear_error(tmp_path, high):
    path = record(tmp_path / "a.wav", [(1500, 0.4)])
    with pytest.raises(BadInput, match="needs the name of a model"):
        classify_sound(path)
    with pytest.raises(NotFound, match="there are: high"):
        classify_sound(path, model="other")
    with pytest.raises(BadInput, match="threshold"):
        classify_sound(path, model=high, threshold=2)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    with pytest.raises(BadInput):
        classify_sound(tmp_path / "empty.wav", model=high)


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
@pytest.mark.parametrize(("n", "starts"), [(100, [0, 40, 80]), (80, [0, 40]), (20, [0]), (0, [])])
def test_windows_cover_a_stream_however_it_is_cut(size, n, starts):
    y = np.arange(n, dtype=np.float32)
    found = [*windows((y[i : i + size] for i in range(0, n, size)), 40, 40)]
    assert [start for start, _ in found] == starts
    for start, window in found:
        assert window.tolist() == [*y[start : start + 40], *[0] * (40 - len(y[start : start + 40]))]


def test_windows_may_overlap():
    found = [*windows([np.ones(70, np.float32)], 40, 20)]
    assert [(start, int(window.sum())) for start, window in found] == [(0, 40), (20, 40), (40, 30)]


@pytest.mark.parametrize("order", ["mel-time", "time-mel"])
@pytest.mark.parametrize("center", [True, False])
def test_spectrograms_have_the_shape_the_description_tells(order, center):
    mel = MelInput(n_fft=256, hop_length=90, n_mels=20, order=order, center=center, scale="log")
    model = SoundModel("m.onnx", RATE, 1.0, 1.0, ("a",), "mel", mel)
    made = prepared(model, np.zeros((3, RATE), np.float32))
    assert made.shape == (3, *model.shape)
    np.testing.assert_allclose(made, np.log(1e-10), rtol=1e-5)
