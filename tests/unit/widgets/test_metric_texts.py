"""Every metric our analyzers return has a text of its own in the front end."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from octolab import plugins

FINDINGS = Path(__file__).parents[3] / "widgets/src/lib/findings.ts"
NEEDS_A_MODEL = {"mobilenet": [], "sound-model": ["windows"], "sound-labels": ["found", "events"]}
OURS = [one.name for one in plugins.analyzers.all() if plugins.analyzers.installed(one.name)]


@pytest.mark.parametrize("name", OURS)
def test_metrics_have_texts(name, tmp_path):
    import soundfile

    known = re.findall(r"^  (\w+): \(t\) => t\(", FINDINGS.read_text("utf-8"), re.MULTILINE)
    analyzer = plugins.analyzers.get(name)
    if name in NEEDS_A_MODEL:
        metrics = NEEDS_A_MODEL[name]
    elif "frame" in analyzer.kinds:
        image = np.random.default_rng(1).integers(0, 255, (60, 80, 3), dtype=np.uint8)
        metrics = plugins.run_analyzer(analyzer, image).metrics
    else:
        noise = np.random.default_rng(1).normal(0, 0.05, 8 * 16_000)
        soundfile.write(tmp_path / "noise.wav", noise, 16_000)
        metrics = plugins.run_analyzer(analyzer, tmp_path / "noise.wav").metrics
    assert set(metrics) <= set(known)
