"""Plugins: a bad one is left out, and what one gives is checked before anything is kept."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from octolab import plugins
from octolab.errors import BadInput, NotFound
from octolab.model import Analysis, Label, Metric, Region, from_json, to_json


def point(name: str, plugin: object, value: str = "somebody.else:plugin") -> SimpleNamespace:
    def load() -> object:
        if isinstance(plugin, Exception):
            raise plugin
        return plugin

    return SimpleNamespace(name=name, value=value, load=load)


def named(name: str, **known) -> plugins.Analyzer:
    return plugins.Analyzer(name, run=lambda data: {}, **known)


@pytest.fixture
def registry(monkeypatch):
    def make(*points: SimpleNamespace) -> plugins.Registry[plugins.Analyzer]:
        monkeypatch.setattr(plugins.registry, "entry_points", lambda group: list(points))
        return plugins.Registry("analyzer", "some", plugins.Analyzer)

    return make


def test_a_thread_waits_while_another_loads_the_plugins(registry):
    slow = point("slow", named("slow"))
    load = slow.load
    slow.load = lambda: (time.sleep(0.2), load())[1]
    some = registry(slow)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: some.get("slow").name, range(4)))
    assert found == ["slow"] * 4


def test_plugins_are_loaded_when_first_asked_for(registry):
    loaded = []
    lazy = point("lazy", named("lazy"))
    load = lazy.load
    lazy.load = lambda: (loaded.append(True), load())[1]
    some = registry(lazy)
    assert not loaded
    some.all()
    some.all()
    assert loaded == [True]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (point("bad", ZeroDivisionError("division by zero")), "ZeroDivisionError: division"),
        (point("bad", ImportError("no module named torch")), "no module named torch"),
        (point("bad", len), "it is builtin_function_or_method, not Analyzer"),
        (point("bad", named("other")), "it calls itself 'other'"),
        (point("not good!", named("not good!")), "can't name a plugin"),
        (point("good", named("good", version="2")), "the name 'good' is taken"),
    ],
)
def test_a_bad_plugin_is_left_out_with_a_warning_and_the_rest_is_there(registry, bad, why):
    some = registry(point("good", named("good")), bad)
    with pytest.warns(UserWarning, match=why) as warned:
        assert [one.name for one in some.all()] == ["good"]
    assert len(warned) == 1
    assert some.get("good").version == "1"
    assert some.installed("good")
    with pytest.raises(NotFound, match="there are: good"):
        some.get("bad")


def test_nobody_takes_the_place_of_one_of_ours(registry):
    theirs = point("sobel", named("sobel", version="theirs"))
    ours = point("sobel", named("sobel", version="ours"), "octolab.vision.sobel:analyzer")
    some = registry(theirs, ours)
    with pytest.warns(UserWarning, match=r"'sobel' \(somebody.else:plugin\) is left out"):
        assert some.get("sobel").version == "ours"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"kinds": frozenset({"picture"})}, "no such kind: picture"), ({"run": 3}, "no function")],
)
def test_an_analyzer_that_can_not_work_is_refused_when_it_is_made(wrong, why):
    with pytest.raises(BadInput, match=why):
        plugins.Analyzer(**{"name": "wrong", "run": len, **wrong})


# --- what they return ---------------------------------------------------------------


def run(found: object, **params: object) -> Analysis:
    return plugins.run_analyzer(plugins.Analyzer("a", run=lambda data, **_: found), None, **params)


@pytest.mark.parametrize(
    ("found", "metric"),
    [
        ({"a": 1}, Metric(1.0)),
        ({"a": np.float32(2.5)}, Metric(2.5)),
        ({"a": np.bool_(True)}, Metric(1.0)),
        ({"a": Metric(3, "cm")}, Metric(3.0, "cm")),
        (Analysis(metrics={"a": 1.0}), Metric(1.0)),
        (Analysis(metrics={"a": Metric(np.int64(4), error=np.float32(0.5))}), Metric(4.0, "", 0.5)),
    ],
)
def test_a_metric_may_be_any_number(found, metric):
    assert run(found).metrics == {"a": metric}


def test_an_analysis_is_returned_as_it_will_be_read_again():
    found = run(
        Analysis(
            labels=[Label("leaf", np.float32(0.5))],
            regions=(Region((0, 0, np.int64(5), 5.5)),),
            data={"counts": (1, np.int8(2))},
        ),
        band=(1, 2.5),
    )
    assert found == from_json(Analysis, to_json(found))
    assert found.labels == (Label("leaf", 0.5),)
    assert found.data == {"counts": [1, 2]}
    assert found.params == {"band": [1, 2.5]}
    assert found.duration_s > 0


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"a": math.nan}, "metrics.a.value is nan"),
        ({"a": np.float32(np.inf)}, "metrics.a.value is inf"),
        ({"a": "x"}, "metrics.a is 'x'"),
        ({"a": None}, "metrics.a is None"),
        ({"a": np.arange(3)}, "metrics.a is ndarray"),
        (Analysis(metrics={"a": Metric(math.nan)}), "metrics.a.value is nan"),
        (Analysis(metrics=[1]), "metrics is list"),
        (Analysis(labels=("leaf",)), "labels.0 is 'leaf'"),
        (Analysis(labels="leaf"), "labels is 'leaf'"),
        (Analysis(labels=(Label("leaf", "sure"),)), "labels.0.score is 'sure'"),
        (Analysis(regions=(Region((1, 2, 3)),)), "regions.0.box is list"),
        (Analysis(data={"m": np.zeros((3, 3))}), "data.m is ndarray"),
        (Analysis(data={"m": [1.0, math.nan]}), "data.m.1 is nan"),
        (Analysis(data={"m": object()}), "data.m is object"),
    ],
)
def test_what_can_not_be_kept_is_refused_and_told_where_it_is(found, why):
    with pytest.raises(BadInput, match=rf"the analyzer 'a' returned .*: {why};"):
        run(found)


@pytest.mark.parametrize("found", [None, 1.0, [1, 2], "x", np.zeros(3)])
def test_what_is_no_analysis_is_refused(found):
    with pytest.raises(BadInput, match="must return an Analysis"):
        run(found)


@pytest.mark.parametrize("value", [np.arange(3), math.nan, object()])
def test_a_parameter_that_can_not_be_kept_is_refused(value):
    with pytest.raises(BadInput, match="the parameter mask of 'a' is"):
        run({"a": 1}, mask=value)


# --- what they draw ---------------------------------------------------------------


def test_an_overlay_draws_on_a_copy_of_its_own():
    def overlay(image, analysis):
        image[:] = 255
        return image

    image = np.zeros((4, 5, 3), np.uint8)
    image.flags.writeable = False
    drawn = plugins.draw_overlay(named("a", overlay=overlay), image, Analysis())
    assert drawn.min() == 255
    assert image.max() == 0


@pytest.mark.parametrize(
    ("overlay", "why"),
    [
        (lambda image, analysis: 1 / 0, "failed: ZeroDivisionError"),
        (lambda image, analysis: None, "returned NoneType; it must return"),
        (lambda image, analysis: image[:2], r"returned ndarray \(2, 5, 3\); .* \(4, 5, 3\)"),
        (lambda image, analysis: image / 255, r"returned ndarray \(4, 5, 3\); .* of uint8"),
    ],
)
def test_an_overlay_that_draws_nothing_is_told(overlay, why):
    with pytest.raises(BadInput, match=why):
        plugins.draw_overlay(named("a", overlay=overlay), np.zeros((4, 5, 3), np.uint8), Analysis())


def test_an_analyzer_says_which_parameters_it_has():
    def run(path, *, band=None, least=0.5, progress=None):
        raise AssertionError("it is not run")

    loud = SimpleNamespace(name="loud", title="", description="")
    analyzer = plugins.Analyzer("ear", run, params={"preset": None}, presets=(loud,))
    with pytest.raises(BadInput, match="no parameter 'pitch'; there are: band, least, preset"):
        plugins.run_analyzer(analyzer, "a.wav", pitch=1)
    with pytest.raises(BadInput, match="no parameter 'progress'"):
        analyzer.check({"progress": 1})
    with pytest.raises(BadInput, match="no preset 'soft'; there are: loud"):
        analyzer.check({"preset": "soft"})
    analyzer.check({"band": [1, 2], "preset": "loud"})


@pytest.mark.parametrize("run", [lambda data, **more: {}, max])
def test_an_analyzer_that_takes_anything_is_given_it(run):
    plugins.Analyzer("any", run, params={"a": 1}).check({"b": 2})
