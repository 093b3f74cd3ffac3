"""Right whales' up-calls are told from other sounds of that length and pitch."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from octolab.audio.events import score_events
from octolab.audio.whales import DEFINITIONS, analyzer, contour
from octolab.errors import BadInput
from octolab.i18n import messages
from octolab.plugins import analyzers, run_analyzer

SR = 2000


def sweep(begin_hz: float, end_hz: float, seconds: float = 1.0) -> np.ndarray:
    u = np.linspace(0, 1, int(seconds * SR))
    return np.sin(2 * np.pi * np.cumsum(begin_hz + (end_hz - begin_hz) * u) / SR) * np.sin(
        np.pi * u
    )


def in_noise(*calls: np.ndarray, every_s: float = 6.0) -> np.ndarray:
    y = np.random.default_rng(7).normal(0, 0.1, int(every_s * SR * (len(calls) + 2)))
    for i, call in enumerate(calls, start=1):
        start = int(i * every_s * SR)
        y[start : start + len(call)] += 0.4 * call
    return y


@pytest.mark.parametrize("seed", [40, 41])
def test_upcalls_are_found(seed, field, tmp_path):
    made = field.scene(("upcall",), sr=SR, snr_db=10, noises={"gusts": 1.0}, seed=seed)
    field.write(made, tmp_path / "a.wav")
    assert analyzers.get("whale-upcalls") is analyzer
    analysis = run_analyzer(analyzer, tmp_path / "a.wav")
    assert score_events(made.truth, analysis.events).f1 >= 0.9
    assert analysis.metrics["upcalls"].value == len(analysis.events)
    assert analysis.metrics["upcalls_per_hour"].value == pytest.approx(60 * len(analysis.events))
    for event in analysis.events:
        true = min(made.truth, key=lambda one: abs(one.start - event.start))
        assert event.low_hz == pytest.approx(true.low_hz, abs=35)
        assert event.high_hz == pytest.approx(true.high_hz, abs=45)


def test_what_does_not_rise_as_it_should_is_other(tmp_path):
    y = in_noise(sweep(80, 180), sweep(180, 80), sweep(150, 150), sweep(200, 320), sweep(90, 190))
    soundfile.write(tmp_path / "a.wav", y, SR)
    analysis = run_analyzer(analyzer, tmp_path / "a.wav")
    assert [round(event.start) for event in analysis.events] == [6, 30]
    assert analysis.metrics["other"].value == 3


def test_a_contour_is_the_line_along_the_loudest_frequency():
    y = in_noise(sweep(80, 180))
    found = contour(y, SR, 6.1, 6.9)
    assert found.start_hz == pytest.approx(90, abs=12)
    assert found.end_hz == pytest.approx(170, abs=12)
    assert found.fit > 0.95
    assert found.is_upcall
    assert not contour(y, SR, 2.0, 3.0).is_upcall
    assert not contour(y, SR, 6.1, 6.1).is_upcall


def test_humpbacks_are_no_right_whales(shared):
    path = shared / "data/audio/librosa-data/glacier-bay-humpback.hq.ogg"
    assert run_analyzer(analyzer, path).metrics["upcalls"].value <= 2


def test_a_rate_too_low_is_told(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(2000), 799)
    with pytest.raises(BadInput, match=r"a\.wav needs 800 samples a second or more and has 799"):
        run_analyzer(analyzer, tmp_path / "a.wav")


def test_definitions_are_there_in_both_languages():
    texts = [text for text, _ in DEFINITIONS.values()] + [analyzer.title, analyzer.description]
    assert not set(texts) - set(messages("ru"))
