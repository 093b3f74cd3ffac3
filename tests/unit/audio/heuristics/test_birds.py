"""Bird activity: what was put into a recording is counted in its minute and hour."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import soundfile

from octolab.audio.birds import DEFINITIONS, Activity, activity, analyzer
from octolab.errors import BadInput
from octolab.i18n import messages
from octolab.model import Event, Metric, to_json
from octolab.plugins import analyzers, run_analyzer


def test_events_are_counted_by_stretches_of_time():
    events = [Event(1, 3), Event(2, 4), Event(58, 62), Event(61, 61.5), Event(130, 131)]
    assert activity(events, 150, every_s=60) == [
        Activity(0, 60, 3, 5.0),  # 1-4 once, and 58-60
        Activity(60, 60, 1, 2.0),  # 60-62 once
        Activity(120, 30, 1, 1.0),
    ]


def test_the_first_stretch_can_end_at_the_full_hour():
    hours = activity([Event(599, 602)], 5000, every_s=3600, first_s=600)
    assert [(one.start_s, one.length_s) for one in hours] == [(0, 600), (600, 3600), (4200, 800)]
    assert [one.song_s for one in hours] == [1, 2, 0]
    assert [one.events for one in hours] == [1, 0, 0]


def test_an_event_that_outlasts_the_recording_and_many_stretches():
    (one, two, three) = activity([Event(10, 500)], 150, every_s=60)
    assert (one.song_s, two.song_s, three.song_s) == (50, 60, 30)


@pytest.fixture
def dawn(field, tmp_path):
    """Two minutes without birds, then one with a dozen."""
    quiet = field.scene((), seconds=120, noises={"pink": 1.0}, seed=60)
    song = field.scene(("bird",), seconds=60, snr_db=15, noises={"pink": 1.0}, seed=61)
    y = np.concatenate([quiet.y / quiet.y.std(), song.y / np.median(np.abs(song.y)) * 0.6745])
    path = tmp_path / "20260501_042800.wav"
    soundfile.write(path, 0.05 * y / np.abs(y).max() * 10, song.sr)
    return path, song.truth


def test_song_is_found_in_its_minute(dawn):
    path, truth = dawn
    assert analyzers.get("bird-activity") is analyzer
    analysis = run_analyzer(analyzer, path, started_at="2026-05-01T04:58:00+03:00")
    minutes, hours = analysis.data["minutes"], analysis.data["hours"]
    assert minutes["events"] == [0, 0, len(truth)]
    seconds = sum(event.end - event.start for event in truth)
    assert minutes["song_s"][2] == pytest.approx(seconds, rel=0.25)
    assert hours["events"] == [0, len(truth)]
    assert hours["start"] == ["2026-05-01T01:58:00Z", "2026-05-01T02:00:00Z"]
    assert hours["length_s"] == [120, 60]
    assert analysis.metrics["busiest_hour"].value == 2
    assert analysis.metrics["busiest_hour"].unit == "h UTC"
    assert analysis.metrics["song"].value == pytest.approx(sum(minutes["song_s"]), abs=0.02)
    assert analysis.metrics["song_share"].value == pytest.approx(
        analysis.metrics["song"].value / 180
    )
    json.dumps(to_json(analysis), allow_nan=False)


def test_the_file_tells_when_it_began(dawn):
    known = dawn[0].rename(dawn[0].with_name("20260501T042800+0300.wav"))
    analysis = run_analyzer(analyzer, known)
    assert analysis.data["minutes"]["start"][0] == "2026-05-01T01:28:00Z"
    assert analysis.metrics["busiest_hour"] == Metric(1, "h UTC")


@pytest.mark.parametrize("name", ["song.wav", "20260501_042800.wav"])
def test_hours_are_not_of_the_clock_when_time_or_zone_is_unknown(dawn, name):
    analysis = run_analyzer(analyzer, dawn[0].rename(dawn[0].with_name(name)))
    assert "start" not in analysis.data["minutes"]
    assert analysis.metrics["busiest_hour"] == Metric(0, "h")


def test_the_busiest_hour_has_the_most_song_however_short_another_is(dawn):
    path, truth = dawn
    late = 120 + truth[0].start + 0.05  # within the first call: a stretch full of song
    begun = datetime(2026, 5, 1, 5, tzinfo=UTC) - timedelta(seconds=late)
    analysis = run_analyzer(analyzer, path, started_at=begun.isoformat())
    assert analysis.metrics["busiest_hour"].value == 5


@pytest.mark.parametrize("time", ["yesterday", "2026-05-01T04:00:00", 7])
def test_a_time_without_a_zone_is_told(dawn, time):
    with pytest.raises(BadInput, match="no time with a zone"):
        run_analyzer(analyzer, dawn[0], started_at=time)


def test_definitions_are_there_in_both_languages():
    texts = [text for text, _ in DEFINITIONS.values()] + [analyzer.title, analyzer.description]
    assert not set(texts) - set(messages("ru"))
