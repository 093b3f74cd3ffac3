"""The same sound gives the same events: in blocks of any size, from a file, in parts."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octolab.audio import EventStream, detect_events
from octolab.audio.events import detect_part, join_parts
from octolab.errors import BadInput
from octolab.model import Event

SR = 8000
PARAMETERS = [
    {},
    {"preset": "dense-song"},
    {"preset": "knock"},
    {"preset": "voice"},
    {"method": "onset", "band": (500, 3500)},
    {"method": "pcen", "band": (500, 3500)},
    {"threshold": 1.0},
    {"method": "template", "template": (5.02, 5.17, 300, 1300), "threshold": 0.5},
]


@pytest.fixture(scope="module")
def y(field) -> np.ndarray:
    """Almost four minutes with some 300 events."""
    made = field.scene(("upcall", "knock", "quack"), seconds=233.7, sr=SR, count=70, snr_db=12)
    return made.y


@pytest.fixture(scope="module")
def path(y, tmp_path_factory):
    path = tmp_path_factory.mktemp("sounds") / "a.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    return path


def in_blocks(y: np.ndarray, sizes: list[int], **parameters) -> list[Event]:
    stream = EventStream(SR, **parameters)
    found: list[Event] = []
    at = i = 0
    while at < len(y):
        size = sizes[i % len(sizes)]
        found += stream.push(y[at : at + size])
        at += size
        i += 1
    return found + stream.flush()


@pytest.mark.parametrize("parameters", PARAMETERS[:-1], ids=str)
def test_blocks_give_the_events_of_the_whole(parameters, y):
    whole = detect_events(y, SR, **parameters)
    assert whole
    for sizes in ([len(y)], [1 << 16], [4001, 1, 0, 20_000]):
        assert in_blocks(y, sizes, **parameters) == whole


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=6), st.integers(0, 400_000))
def test_blocks_of_any_size_give_the_same_events(y, sizes, length):
    part = y[:length]
    whole = detect_events(part, SR) if length else []
    assert in_blocks(part, [*sizes, 30_000], threshold=None) == whole


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
@pytest.mark.parametrize("of", [1, 2, 5])
def test_parts_give_the_events_of_the_whole(parameters, of, path):
    whole = detect_events(path, **parameters)
    assert whole
    parts = [detect_part(path, i, of, **parameters) for i in range(of)]
    assert join_parts(pickle.loads(pickle.dumps(parts[::-1]))) == whole


def test_a_file_gives_the_events_of_its_samples(path, y):
    assert detect_events(path) == detect_events(y, SR)


def test_an_event_across_the_border_of_two_parts_is_one(tmp_path):
    """Parts meet at multiples of ten seconds: a long tone lies across one."""
    rng = np.random.default_rng(1)
    y = rng.normal(0, 0.01, 120 * SR)
    tone = slice(int(59.2 * SR), int(60.9 * SR))
    y[tone] += 0.2 * np.sin(2 * np.pi * 1500 * np.arange(len(y[tone])) / SR)
    soundfile.write(tmp_path / "a.wav", y, SR, subtype="FLOAT")
    parts = [detect_part(tmp_path / "a.wav", i, 2) for i in (0, 1)]
    assert all(part.spans for part in parts)
    (event,) = join_parts(parts)
    assert (event.start, event.end) == (
        pytest.approx(59.2, abs=0.08),
        pytest.approx(60.9, abs=0.08),
    )
    assert [event] == detect_events(tmp_path / "a.wav")


def test_more_parts_than_pages_do_no_harm(path):
    parts = [detect_part(path, i, 40) for i in range(40)]
    assert join_parts(parts) == detect_events(path)


def test_parts_that_do_not_belong_together_are_refused(path):
    first, second = (detect_part(path, i, 2) for i in (0, 1))
    with pytest.raises(BadInput, match="every part"):
        join_parts([first])
    with pytest.raises(BadInput, match="every part"):
        join_parts([first, first])
    with pytest.raises(BadInput, match="every part"):
        join_parts([])
    other = detect_part(path, 1, 2, threshold=6)
    with pytest.raises(BadInput, match="same sound and parameters"):
        join_parts([first, other])
    assert join_parts([second, first])
    with pytest.raises(BadInput, match="no part 2 of 2"):
        detect_part(path, 2, 2)


def test_a_long_stream_takes_no_more_memory_than_a_short_one(y):
    """After the first two minutes, what is kept does not grow."""
    stream = EventStream(SR)
    for start in range(0, 150 * SR, SR):
        stream.push(y[start : start + SR])
    tracemalloc.start()
    try:
        for _ in range(4):
            for start in range(0, 150 * SR, SR):
                stream.push(y[start : start + SR])
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 12e6
    assert peak < 24e6


def test_events_are_told_while_the_stream_goes_on(y):
    stream = EventStream(SR)
    found = []
    for start in range(0, len(y), SR):
        found += [(event, (start + SR) / SR) for event in stream.push(y[start : start + SR])]
    assert len(found) > 20
    assert all(told - event.end < 80 for event, told in found)


def test_progress_is_told_and_can_stop_the_work(path, y):
    told = []
    detect_events(path, progress=lambda done, total, message: told.append((done, total)))
    assert told[-1] == (len(y), len(y))
    assert told == sorted(told)

    class StopError(Exception):
        pass

    def stop(done, total, message):
        raise StopError

    with pytest.raises(StopError):
        detect_events(path, progress=stop)
