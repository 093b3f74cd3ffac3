"""Models that listen: their descriptions, their gate, and what they answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from octolab import models
from octolab.cli import main
from octolab.errors import BadInput, NotFound, OctolabError, Refused, TooLarge
from octolab.models import gate

RATE = 1000
LABELS = ["low", "high"]


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def filters(samples: int = RATE) -> np.ndarray:
    """Two sines that a window is compared with: 50 and 200 Hz at 1 kHz, (samples, 4)."""
    t = np.arange(samples) / RATE
    waves = [f(2 * np.pi * hz * t) for hz in (50, 200) for f in (np.sin, np.cos)]
    return (np.stack(waves, axis=1) * 2 / samples).astype(np.float32)


def graph(path: Path, shape: tuple[str | int, ...] = ("n", RATE), extra=(), **more) -> Path:
    """A model that tells which of two tones is the louder; ``inner`` is its embedding."""
    constants = {
        "flat": np.array([-1, RATE], np.int64),
        "waves": filters(),
        "pairs": np.repeat(np.eye(2), 2, axis=0).astype(np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["row"]),
        helper.make_node("MatMul", ["row", "waves"], ["parts"]),
        helper.make_node("Mul", ["parts", "parts"], ["inner"]),
        helper.make_node("MatMul", ["inner", "pairs"], ["y"]),
        *extra,
    ]
    made = helper.make_model(
        helper.make_graph(
            nodes,
            "tones",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17), *more.pop("domains", ())],
        ir_version=8,
        **more,
    )
    onnx.save(made, path)
    return path


def add(path: Path, **more) -> models.SoundModel:
    given = {"labels": LABELS, "rate": RATE, "window_s": 1.0, "licence": "CC0"} | more
    return models.add_sound_model(path, **{"accept_licence": True, **given})


def tones(*hz: float) -> np.ndarray:
    t = np.arange(RATE) / RATE
    return np.stack([np.sin(2 * np.pi * f * t) for f in hz]).astype(np.float32)


@pytest.mark.parametrize(
    "shape", [("n", RATE), (1, RATE), (RATE,), ("n", 1, "t"), (2, RATE, 1), (4, 1, RATE)]
)
def test_a_model_answers_whatever_the_shape_it_takes(tmp_path, shape):
    add(graph(tmp_path / "tones.onnx", shape))
    ear = models.load_sound_model("tones")
    found = ear.scores(tones(50, 200, 50))
    np.testing.assert_allclose(found, [[1, 0], [0, 1], [1, 0]], atol=1e-3)


def test_any_number_of_windows_is_asked_about_in_parts(tmp_path):
    add(graph(tmp_path / "tones.onnx"))
    ear = models.load_sound_model("tones")
    found = ear.scores(np.repeat(tones(50, 200), 20, axis=0))
    assert found.argmax(axis=1).tolist() == [0] * 20 + [1] * 20


def test_what_was_added_is_kept_with_its_description(tmp_path, own_models):
    added = add(graph(tmp_path / "tones.onnx"), name="pitch", activation="softmax", hop_s=0.5)
    assert models.sound_models() == (added,)
    assert (added.name, added.file, added.window, added.hop) == ("pitch", "pitch.onnx", RATE, 500)
    assert added.sha256 == models.fingerprint(own_models / "pitch.onnx")
    assert json.loads((own_models / "pitch.sound.json").read_text())["licence"] == "CC0"


def test_an_inner_value_can_be_the_embedding(tmp_path):
    add(graph(tmp_path / "tones.onnx"), embedding="inner")
    found = models.load_sound_model("tones").embeddings(tones(50, 200))
    np.testing.assert_allclose(found, [[1, 0, 0, 0], [0, 0, 1, 0]], atol=1e-3)


def test_a_model_without_an_embedding_says_so(tmp_path):
    add(graph(tmp_path / "tones.onnx"))
    with pytest.raises(BadInput, match="declares no embedding"):
        models.load_sound_model("tones").embeddings(tones(50))


def test_the_licence_is_shown_and_must_be_accepted(tmp_path):
    path = graph(tmp_path / "tones.onnx")
    with pytest.raises(Refused, match=r"CC BY-NC-SA 4\.0.*--accept-licence"):
        add(path, licence="CC BY-NC-SA 4.0", accept_licence=False)
    with pytest.raises(Refused, match="say what the licence of"):
        add(path, licence=" ")
    assert models.sound_models() == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"labels": ["a", "b", "c"]}, "gives 2 scores for each window, but has 3 labels"),
        ({"labels": []}, "labels"),
        ({"labels": ["a", "a"]}, "labels"),
        ({"window_s": 0.5}, "takes an input of . x 1000, but its description makes one of 500"),
        ({"rate": 0}, "rate"),
        ({"hop_s": 2.0}, "hop_s"),
        ({"input": "mel"}, "mel"),
        ({"embedding": "nowhere"}, "has no output 'nowhere'"),
        ({"output": "nowhere"}, "has no output 'nowhere'"),
        ({"activation": "tanh"}, "activation"),
        ({"name": "../up"}, "can't name a model"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(tmp_path, own_models, wrong, says):
    with pytest.raises(BadInput, match=says):
        add(graph(tmp_path / "tones.onnx"), **wrong)
    assert not own_models.exists() or not any(own_models.iterdir())


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("not a model")
    with pytest.raises(BadInput, match=r"text\.onnx is not an ONNX model"):
        add(path)
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="not an ONNX model"):
        add(path)
    with pytest.raises(NotFound):
        add(tmp_path / "none.onnx")


def test_a_model_with_numbers_elsewhere_is_refused(tmp_path):
    path = graph(tmp_path / "tones.onnx")
    onnx.save_model(
        onnx.load(path),
        path,
        save_as_external_data=True,
        location="numbers.bin",
        size_threshold=0,
    )
    with pytest.raises(BadInput, match="keeps its numbers in other files"):
        add(path)


def test_a_model_that_could_run_for_ever_is_refused(tmp_path):
    inner = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "body", [], [])
    loop = helper.make_node("Loop", ["", ""], [], body=inner)
    with pytest.raises(BadInput, match="operations that are not allowed: Loop"):
        add(graph(tmp_path / "loop.onnx", extra=[loop]))
    strange = helper.make_node("Shell", ["x"], ["z"], domain="my.own")
    domains = [helper.make_opsetid("my.own", 1)]
    path = graph(tmp_path / "shell.onnx", extra=[strange], domains=domains)
    with pytest.raises(BadInput, match="not allowed: Shell"):
        add(path)


def test_a_model_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge):
        add(graph(tmp_path / "tones.onnx"))


def test_a_file_that_was_changed_since_is_not_run(tmp_path, own_models):
    add(graph(tmp_path / "tones.onnx"))
    with (own_models / "tones.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BadInput, match="sha256 differs"):
        models.load_sound_model("tones")
    (own_models / "tones.onnx").unlink()
    with pytest.raises(NotFound, match=r"tones\.onnx"):
        models.load_sound_model("tones")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"labels": "abc", "window_s": 1}', "\xff"])
def test_a_damaged_description_is_one_clear_error(own_models, text):
    own_models.mkdir()
    (own_models / "bad.sound.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=r"bad\.sound\.json does not describe a sound model"):
        models.load_sound_model("bad")
    assert models.sound_models() == ()


@pytest.mark.parametrize("name", ["none", "../tones", "", "/etc/passwd"])
def test_an_unknown_name_lists_those_there_are(tmp_path, name):
    add(graph(tmp_path / "tones.onnx"))
    with pytest.raises(NotFound, match="there are: tones"):
        models.load_sound_model(name)


def test_labels_are_read_from_a_file(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("niedrig\nhöch\n\n", "utf-8")
    assert add(graph(tmp_path / "tones.onnx"), labels=path).labels == ("niedrig", "höch")
    with pytest.raises(BadInput, match="labels in"):
        add(graph(tmp_path / "tones.onnx"), labels=tmp_path / "none.txt")


def test_a_model_is_added_at_the_command_line(tmp_path, capsys):
    path = graph(tmp_path / "tones.onnx")
    (tmp_path / "labels.txt").write_text("low\nhigh\n")
    given = ["models", "add", str(path), "--labels", str(tmp_path / "labels.txt")]
    assert main(given) == 1
    assert "--rate" in capsys.readouterr().err
    given += ["--rate", "1000", "--window", "1", "--licence", "CC BY-NC 4.0"]
    assert main(given) == 1
    assert "CC BY-NC 4.0" in capsys.readouterr().err
    assert main([*given, "--mel", "{"]) == 1
    assert "JSON" in capsys.readouterr().err
    assert main([*given, "--mel", '{"n_fft": "many"}']) == 1
    assert "n_fft is 'many'" in capsys.readouterr().err
    assert main([*given, "--mel", '{"bands": 1}']) == 1
    assert "no parameter 'bands'; it has: n_fft, hop_length" in capsys.readouterr().err
    assert main([*given, "--accept-licence"]) == 0
    assert capsys.readouterr().out == "tones: 2 labels\n"
    assert main(["models", "list"]) == 0
    assert "tones: 2 labels, 1000 Hz, 1 s (CC BY-NC 4.0)" in capsys.readouterr().out
    assert main(["models", "list", "tones"]) == 1
    assert "takes no names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"file": "none.onnx"}, "there is no file none.onnx"),
        ({"labels": "none.txt"}, "the labels in none.txt can't be read"),
        ({"rate": -1}, "rate is -1"),
        ({"rate": "fast"}, "rate is 'fast'"),
        ({"window_s": float("nan")}, "window_s is nan"),
        ({"hop_s": 0}, "hop_s is 0"),
    ],
)
def test_what_is_wrong_is_said_before_the_licence_is_asked_for(tmp_path, wrong, says):
    given = {"file": graph(tmp_path / "tones.onnx"), **wrong}
    with pytest.raises(OctolabError, match=says):
        add(given.pop("file"), accept_licence=False, **given)
