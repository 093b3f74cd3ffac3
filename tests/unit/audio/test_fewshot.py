"""Label ten calls, find a thousand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from octolab import Lab
from octolab.audio import detect_events, embed, load_classifier, similar, train
from octolab.errors import BadInput, NotFound
from octolab.model import Event

SR = 22050
CALLS = {
    "rise": (2000, 4000, 0.3),
    "fall": (4000, 2000, 0.3),
    "trill": (3000, 3000, 0.4),
    "note": (5500, 5500, 0.15),
}
NOISE = 0.02


def call(kind: str, sr: int, rng: np.random.Generator) -> tuple[np.ndarray, float, float]:
    """A call with its own length and pitch, and its lowest and highest frequency."""
    begin, end, seconds = CALLS[kind]
    seconds *= rng.uniform(0.8, 1.25)
    u = np.linspace(0, 1, int(seconds * sr))
    hz = (begin + (end - begin) * u) * rng.uniform(0.92, 1.08)
    if kind == "trill":
        hz *= 1 + 0.12 * np.sin(2 * np.pi * 18 * seconds * u)
    y = np.sin(2 * np.pi * np.cumsum(hz) / sr) * np.clip(10 * np.minimum(u, 1 - u), 0, 1)
    return y, hz.min(), hz.max()


def chorus(
    seed: int, each: int, sr: int = SR, kinds=tuple(CALLS)
) -> tuple[np.ndarray, list[Event]]:
    """Calls 10 dB above noise, in turn, half a second to a second apart."""
    rng = np.random.default_rng(seed)
    y, at, events = [np.zeros(2 * sr)], 2 * sr, []
    for kind in kinds * each:
        voice, low, high = call(kind, sr, rng)
        gap = int(rng.uniform(0.5, 1) * sr)
        share = (high - low + 200) / (sr / 2)
        y += [voice * NOISE * np.sqrt(20 * share), np.zeros(gap)]
        events.append(Event(at / sr, (at + len(voice)) / sr, kind, low_hz=low, high_hz=high))
        at += len(voice) + gap
    clean = np.concatenate([*y, np.zeros(2 * sr)])
    return (clean + rng.normal(0, NOISE, len(clean))).astype(np.float32), events


def write(path: Path, y: np.ndarray, sr: int = SR) -> Path:
    soundfile.write(path, y, sr, subtype="FLOAT")
    return path


def right(found: list[Event], truth: list[Event]) -> float:
    """Which part of the events that lie in a true one has its label."""
    pairs = [
        (event.label, true.label)
        for event in found
        for true in truth
        if true.start < (event.start + event.end) / 2 < true.end
    ]
    assert len(pairs) > 0.9 * len(truth)
    return sum(a == b for a, b in pairs) / len(pairs)


@pytest.fixture(scope="module")
def marked(tmp_path_factory) -> list[tuple[Path, Event]]:
    """Ten examples of each call, in one file."""
    y, events = chorus(1, 10)
    path = write(tmp_path_factory.mktemp("marked") / "marked.wav", y)
    return [(path, event) for event in events]


@pytest.fixture(scope="module")
def trained(marked):
    return train(marked)


def test_ten_examples_of_each_name_what_a_detector_finds_elsewhere(trained):
    y, truth = chorus(2, 30)
    found = trained.predict(y, detect_events(y, SR), sr=SR)
    assert right(found, truth) >= 0.9
    assert all(0.25 <= event.score <= 1 for event in found)


def test_three_examples_of_each_vote(marked):
    few = train(marked[:12])
    assert few.kind == "neighbours"
    y, truth = chorus(2, 10)
    assert right(few.predict(y, truth, sr=SR), truth) >= 0.9


def test_calls_of_large_whales_are_below_what_others_need(tmp_path):
    sr, rng = 1000, np.random.default_rng(4)
    y, events = rng.normal(0, 0.01, 90 * sr), []
    for number in range(8):
        label, hz = (("low", 18), ("high", 26))[number % 2]
        at = (5 + 10 * number) * sr
        y[at : at + 4 * sr] += 0.1 * np.sin(2 * np.pi * hz * np.arange(4 * sr) / sr)
        events.append(Event(at / sr, at / sr + 4, label, low_hz=hz - 3, high_hz=hz + 3))
    path = write(tmp_path / "whales.wav", y.astype(np.float32), sr)
    trained = train([(path, event) for event in events])
    assert right(trained.predict(y.astype(np.float32), events, sr=sr), events) == 1


def test_a_file_of_another_rate_is_named_as_well(trained):
    y, truth = chorus(3, 10, sr=48000)
    assert right(trained.predict(y, truth, sr=48000), truth) >= 0.9
    y, truth = chorus(3, 10, sr=12000)  # holds less than the classifier listens to
    assert right(trained.predict(y, truth, sr=12000), truth) >= 0.9


def test_a_rare_label_is_not_swallowed(marked):
    notes = [one for one in marked if one[1].label == "note"][:5]
    others = [one for one in marked if one[1].label == "trill"] + [
        one for one in marked if one[1].label == "rise"
    ]
    some = train([*notes, *others])
    y, truth = chorus(4, 20, kinds=("note", "trill"))
    assert right(some.predict(y, truth, sr=SR), truth) >= 0.9


def test_the_report_tells_of_each_label(trained):
    report = trained.report
    assert set(report.labels) == set(CALLS)
    assert {skill.examples for skill in report.labels.values()} == {10}
    assert report.accuracy >= 0.9
    assert (report.folds, report.apart) == (5, False)


def test_the_report_is_honest_about_labels_without_meaning(marked):
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat(["a", "b"], len(marked) // 2))
    mixed = [
        (path, Event(e.start, e.end, str(label), low_hz=e.low_hz, high_hz=e.high_hz))
        for (path, e), label in zip(marked, labels, strict=True)
    ]
    assert train(mixed).report.accuracy < 0.75


def test_files_are_kept_apart_when_there_are_enough(tmp_path):
    examples = []
    for seed in range(3):
        y, events = chorus(seed, 3)
        path = write(tmp_path / f"{seed}.wav", y)
        examples += [(path, event) for event in events]
    report = train(examples).report
    assert (report.apart, report.folds) == (True, 3)
    assert report.accuracy >= 0.9


def test_bouts_of_one_file_are_kept_apart_when_there_are_enough(tmp_path):
    parts, examples, at = [], [], 0.0
    for seed in range(4):
        y, events = chorus(seed, 3)
        y = np.concatenate([y, NOISE * np.random.default_rng(seed).normal(size=8 * SR)])
        path = tmp_path / "bouts.wav"
        examples += [(path, replace(e, start=at + e.start, end=at + e.end)) for e in events]
        parts.append(y)
        at += len(y) / SR
    write(tmp_path / "bouts.wav", np.concatenate(parts).astype(np.float32))
    report = train(examples).report
    assert (report.apart, report.folds) == (True, 4)
    assert report.accuracy >= 0.9


@pytest.mark.parametrize("count", [12, 40])
def test_a_classifier_is_kept_as_plain_numbers(tmp_path, marked, count):
    made = train(marked[:count])
    made.save(tmp_path / "c.npz")
    read = load_classifier(tmp_path / "c.npz")
    assert read == made
    y, truth = chorus(5, 3)
    assert read.predict(y, truth, sr=SR) == made.predict(y, truth, sr=SR)
    with np.load(tmp_path / "c.npz", allow_pickle=False) as stored:
        assert json.loads(str(stored["about"]))["labels"] == sorted(CALLS)


def test_a_damaged_classifier_is_one_clear_error(tmp_path, trained):
    path = tmp_path / "c.npz"
    with pytest.raises(NotFound):
        load_classifier(path)
    trained.save(path)
    whole = path.read_bytes()
    for data in (b"", b"text", whole[: len(whole) // 2]):
        path.write_bytes(data)
        with pytest.raises(BadInput, match=r"c\.npz is not a classifier"):
            load_classifier(path)
    np.savez(path, about=np.array("{}"))
    with pytest.raises(BadInput, match="is not a classifier"):
        load_classifier(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(BadInput, match="is not a classifier"):
        load_classifier(path.with_suffix(".npy"))


def test_too_few_examples_are_named(marked):
    with pytest.raises(BadInput, match="two labels at least"):
        train([])
    with pytest.raises(BadInput, match="two labels at least"):
        train([one for one in marked if one[1].label == "rise"])
    with pytest.raises(BadInput, match="too few examples of 'note': 1; mark 3 at least"):
        train([one for one in marked if one[1].label != "note"] + [marked[3]])
    with pytest.raises(BadInput, match="no label"):
        train([*marked, (marked[0][0], Event(0, 1))])


def test_events_without_boxes_can_be_learnt_from(marked):
    plain = [(path, Event(e.start, e.end, e.label)) for path, e in marked]
    assert train(plain).report.accuracy >= 0.9


def test_what_sounds_alike_is_found():
    y, events = chorus(6, 8)
    vectors = embed(y, events, sr=SR)
    assert (vectors.dtype, len(vectors)) == (np.float32, 32)
    for i in range(4):
        found = similar(vectors[i], vectors, 5)
        assert found[0] == (i, pytest.approx(1, abs=1e-5))
        assert [events[j].label for j, _ in found].count(events[i].label) >= 4


def test_a_vector_hardly_depends_on_loudness(marked):
    y, events = chorus(7, 1)
    np.testing.assert_allclose(
        embed(y, events, sr=SR), embed(0.1 * y, events, sr=SR), rtol=1e-3, atol=1e-3
    )


def test_a_file_and_its_samples_give_the_same_vectors(tmp_path):
    y, events = chorus(8, 2)
    events = events[::-1]
    path = write(tmp_path / "a.wav", y)
    assert np.array_equal(embed(path, events), embed(y, events, sr=SR))
    assert embed(path, []).shape[0] == 0


@pytest.mark.parametrize(
    "event", [Event(0, 0), Event(1, 1.001), Event(0, 12), Event(0, 2, low_hz=5, high_hz=6)]
)
def test_odd_events_have_vectors(event):
    y, _ = chorus(9, 1)
    assert np.isfinite(embed(y, [event], sr=SR)).all()
    assert np.isfinite(embed(np.zeros(SR, np.float32), [Event(0, 1)], sr=SR)).all()
    assert np.isfinite(embed(np.zeros(1, np.float32), [Event(0, 1)], sr=SR)).all()


@pytest.mark.parametrize("event", [Event(100, 101), Event(0, 3000), Event(-1, 1), Event(2, 1)])
def test_an_event_outside_the_sound_is_refused(event):
    with pytest.raises(BadInput, match="is not within the sound"):
        embed(np.zeros(SR, np.float32), [event], sr=SR)


def test_bad_bands_and_vectors_are_refused():
    with pytest.raises(BadInput, match="a band must go"):
        embed(np.zeros(SR), [Event(0, 1)], sr=SR, band=(3000, 2000))
    with pytest.raises(BadInput, match="pass sr"):
        embed(np.zeros(SR), [Event(0, 1)])
    with pytest.raises(BadInput, match="of one length"):
        similar(np.zeros(3), np.zeros((2, 4)))


def test_a_lab_learns_what_is_marked_in_it(tmp_path, marked):
    with Lab(tmp_path / "lab") as lab:
        sound = lab.add_sound(marked[0][0])
        sound.annotate([event for _, event in marked])
        made = lab.train_sounds("calls")
        assert made.labels == tuple(sorted(CALLS))
        y, truth = chorus(10, 10)
        new = lab.add_sound(write(tmp_path / "new.wav", y))
        lab.analyze([new], "sound-labels", executor="threads", classifier="calls").wait()
        (analysis,) = new.analyses()
        assert right(list(analysis.events), truth) >= 0.9
        assert {label.name for label in analysis.labels} == set(CALLS)
        assert analysis.params["classifier"] == "calls"
        found = lab.analyze([new], "sound-labels", executor="threads", classifier="calls").wait()
        assert (found["analysed"], found["known"]) == (0, 1)
        new.annotate(truth)
        lab.train_sounds("calls")  # now of more examples: what the old one named is out of date
        found = lab.analyze([new], "sound-labels", executor="threads", classifier="calls").wait()
        assert (found["analysed"], found["known"]) == (1, 0)
        assert lab.train_sounds("two", ["rise", "fall"]).labels == ("fall", "rise")
        with pytest.raises(NotFound, match="nothing in the lab is marked 'owl'"):
            lab.train_sounds("three", ["rise", "owl"])
        with pytest.raises(BadInput, match="can't name a classifier"):
            lab.train_sounds("../up")
        with pytest.raises(NotFound, match="there are: calls, two"):
            new.analyze("sound-labels", classifier="none")
        with pytest.raises(BadInput, match="name of a classifier"):
            new.analyze("sound-labels")
