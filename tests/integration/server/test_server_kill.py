"""``kill -9`` of the server during interval capture, recording and uploads."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "bench_kill.py"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Five kills, by the benchmark's own code."""
    spec = importlib.util.spec_from_file_location("bench_kill", BENCHMARK)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run(tmp_path_factory.mktemp("kill"), 5)


def test_no_acknowledged_artifact_is_lost(outcome):
    assert len(outcome.acknowledged) > 20
    assert outcome.lost == []


def test_none_is_half_written(outcome):
    assert outcome.damaged == []
    assert outcome.leftovers == []


def test_the_recordings_are_kept_up_to_their_last_fragments(outcome):
    assert outcome.clips == outcome.kills
    assert outcome.recorded_s > 0.5 * outcome.kills, "at least the first second of each"


def test_the_lab_verifies(outcome):
    assert outcome.verified
