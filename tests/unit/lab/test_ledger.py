"""What a run over a folder knows of the one before it."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from octolab import plugins
from octolab.lab import Lab
from octolab.lab.classifiers import model_in_use
from octolab.lab.ledger import Ledger, analyze_files
from octolab.model import Analysis


@pytest.mark.parametrize("retrained", [False, True])
def test_what_another_model_found_is_not_known(retrained, tmp_path):
    analyzer, params = plugins.analyzers.get("sound-labels"), {"classifier": "calls"}
    with Lab(tmp_path / "lab") as lab:
        sound = lab.path / "a.wav"
        kept = lab.path / ".octolab" / "classifiers" / "calls.npz"
    soundfile.write(sound, np.zeros(8000), 8000)
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"a classifier")
    table = tmp_path / "calls.csv"
    ledger = Ledger(table, analyzer, params)
    found = Analysis(model=model_in_use(lab.path, analyzer.name, params))
    ledger.add(str(sound), [sound.stat().st_size, sound.stat().st_mtime_ns], found)
    ledger.close()
    if retrained:
        kept.write_bytes(b"another one")
    again = analyze_files([sound], analyzer, params, out=table, jobs=1)
    assert (again.known, list(again.errors)) == ((0, [str(sound)]) if retrained else (1, []))
