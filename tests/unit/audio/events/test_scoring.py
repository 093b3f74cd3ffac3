"""Scores, by hand and against the definition."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octolab.audio.events import score_events
from octolab.errors import BadInput
from octolab.model import Event

TIMES = st.lists(
    st.tuples(st.floats(0, 5), st.floats(0.05, 2)).map(lambda a: Event(a[0], a[0] + a[1])),
    max_size=5,
)


def test_everything_found():
    events = [Event(1, 2), Event(3, 3.5)]
    scores = score_events(events, events[::-1], duration_s=1800)
    assert (scores.precision, scores.recall, scores.f1) == (1, 1, 1)
    assert (scores.onset_f1, scores.overlap_f1, scores.false_alarms_per_hour) == (1, 1, 0)


def test_the_collar_is_200_ms_and_half_the_duration_at_the_end():
    truth = [Event(10, 12)]
    assert score_events(truth, [Event(10.19, 12.99)]).hits == 1
    assert score_events(truth, [Event(10.19, 13.01)]).hits == 0
    assert score_events(truth, [Event(10.19, 13.01)]).onset_hits == 1
    assert score_events(truth, [Event(10.21, 12)]).onset_hits == 0
    assert score_events([Event(10, 10.1)], [Event(10, 10.29)]).hits == 1
    assert score_events(truth, [Event(10.4, 12)], collar_s=0.5).hits == 1


def test_an_event_counts_once():
    scores = score_events([Event(1, 2)], [Event(1, 2), Event(1.05, 2)], duration_s=3600)
    assert (scores.hits, scores.precision, scores.recall) == (1, 0.5, 1)
    assert scores.f1 == pytest.approx(2 / 3)
    assert scores.false_alarms_per_hour == 1


def test_as_many_pairs_as_possible_are_made():
    """Taking the nearest first would leave one true event without a partner."""
    truth = [Event(1.0, 1.3), Event(1.2, 1.5)]
    found = [Event(1.11, 1.4), Event(1.35, 1.6)]
    assert score_events(truth, found).hits == 2


def test_overlap_is_intersection_over_union():
    truth = [Event(0, 1)]
    assert score_events(truth, [Event(0.5, 1.0)]).overlap_hits == 1
    assert score_events(truth, [Event(0.51, 1.0)]).overlap_hits == 0
    assert score_events(truth, [Event(-1, 1)]).overlap_hits == 1
    assert score_events(truth, [Event(-1, 1)], overlap=0.6).overlap_hits == 0


def test_labels_can_count():
    truth, found = [Event(1, 2, "toot")], [Event(1, 2, "quack")]
    assert score_events(truth, found).hits == 1
    assert score_events(truth, found, labels=True).hits == 0


def test_nothing_to_find_and_nothing_found():
    scores = score_events([], [])
    assert (scores.f1, scores.precision, scores.recall) == (1, 1, 1)
    assert scores.false_alarms_per_hour is None
    assert score_events([Event(1, 2)], []).f1 == 0
    assert score_events([], [Event(1, 2)], duration_s=60).false_alarms_per_hour == 60


def test_scores_of_several_sounds_add_up():
    one = score_events([Event(1, 2)], [Event(1, 2)], duration_s=10)
    two = score_events([Event(1, 2)], [Event(5, 6)], duration_s=20)
    both = one + two
    assert (both.truth, both.found, both.hits, both.duration_s) == (2, 2, 1, 30)
    assert (one + score_events([], [])).duration_s is None


def test_parameters_out_of_range_are_told():
    for wrong in ({"collar_s": -1}, {"offset_share": -0.1}, {"overlap": 0}, {"overlap": 1.1}):
        with pytest.raises(BadInput, match="can't be below 0"):
            score_events([], [], **wrong)


@settings(deadline=None)
@given(TIMES, TIMES)
def test_no_other_assignment_makes_more_pairs(truth, found):
    def agree(a: Event, b: Event) -> bool:
        slack = max(0.2, 0.5 * (a.end - a.start))
        return abs(a.start - b.start) <= 0.2 and abs(a.end - b.end) <= slack

    few, many = sorted((truth, found), key=len)
    swap = few is found
    best = max(
        sum(agree(b, a) if swap else agree(a, b) for a, b in zip(few, order, strict=True))
        for order in itertools.permutations(many, len(few))
    )
    assert score_events(truth, found).hits == best


@settings(deadline=None)
@given(TIMES, TIMES, st.floats(0.2, 1))
def test_overlaps_are_found_wherever_they_are(truth, found, share):
    def overlap(a: Event, b: Event) -> float:
        inside = min(a.end, b.end) - max(a.start, b.start)
        return max(0.0, inside) / (max(a.end, b.end) - min(a.start, b.start))

    pairs = sum(overlap(a, b) >= share for a in truth for b in found)
    hits = score_events(truth, found, overlap=share).overlap_hits
    assert hits <= pairs
    assert (hits > 0) == (pairs > 0)
