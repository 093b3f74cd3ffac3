"""`octolab analyze` on folders: one table, and on from where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from octolab.audio.tables import read_table
from octolab.cli import main
from octolab.lab import Lab

SR = 8000


@pytest.fixture
def card(tmp_path, monkeypatch) -> Path:
    """Four sounds with a tone in each, below the folder the command is given in."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "card"
    folder.mkdir()
    for number in range(4):
        samples = np.random.default_rng(number).normal(0, 0.003, 3 * SR)
        samples[SR : 2 * SR] += 0.2 * np.sin(2 * np.pi * 1000 * np.arange(SR) / SR)
        soundfile.write(folder / f"20260501_0{number}0000.WAV", samples, SR)
    return folder


def test_a_folder_becomes_a_table_of_events(card, capsys):
    assert main(["analyze", "sound-energy", "card", "-o", "events.csv", "--jobs", "1"]) == 0
    assert capsys.readouterr().out.startswith("events.csv: 4 files analysed, 0 known before")
    sheets = read_table("events.csv")
    assert [sheet.sound.path for sheet in sheets] == [
        f"card/20260501_0{number}0000.WAV" for number in range(4)
    ]
    assert f"{sheets[3].sound.started_at:%Y-%m-%d %H}" == "2026-05-01 03"
    assert not Path("events.csv.ledger").exists()


def test_bad_files_are_listed_and_tried_again_next_time(card, capsys):
    bad = card / "20260501_120000.WAV"
    bad.write_text("no sound")
    command = ["analyze", "sound-energy", "card", "-o", "events.parquet", "--json"]
    assert main([*command, "--jobs", "1"]) == 1
    told = capsys.readouterr()
    assert "octolab: card/20260501_120000.WAV: " in told.err
    assert json.loads(told.out)["failed"] == 1
    assert len(read_table("events.parquet")) == 4
    bad.write_bytes((card / "20260501_000000.WAV").read_bytes())
    assert main(command) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["analysed"], result["known"]) == (1, 4)
    assert len(read_table("events.parquet")) == 5


def test_a_folder_is_printed_when_no_table_is_asked_for(card, capsys):
    assert main(["analyze", "sound-energy", "card", "--json", "-p", "threshold=6"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [f"card/20260501_0{number}0000.WAV" for number in range(4)]
    assert {analysis["params"]["threshold"] for analysis in found.values()} == {6}


def test_a_folder_can_go_into_a_lab(card, capsys):
    command = ["analyze", "sound-energy", "card", "--lab", "lab", "-o", "events.csv", "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["analysed"] == 4
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["known"] == 4
    with Lab("lab") as lab:
        assert [len(sound.analyses()) for sound in lab.find()] == [1] * 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sobel", "card"], "no pictures in the folder card"),
        (["sound-energy", "card", "-o", "e.xls"], "must end with .selections.txt, "),
        (["sound-energy", "card", "-o", "empty"], "empty is a folder"),
        (["sound-energy", "empty", "-o", "e.csv"], "no sounds in the folder"),
        (["sound-energy", "missing.wav", "-o", "e.csv"], "missing.wav: there is no file"),
        (["sound-energy", "missing.wav", "-o", "e.csv", "--lab", "lab"], "there is no file"),
    ],
)
def test_a_slip_is_one_clear_line(card, words, says, capsys):
    Path("empty").mkdir()
    assert main(["analyze", *words]) == 1
    told = capsys.readouterr()
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not list(Path().glob("e.*"))


def test_the_folder_of_a_table_is_made(card):
    assert main(["analyze", "sound-energy", "card", "-o", "new/e.csv", "--jobs", "1"]) == 0
    assert len(read_table("new/e.csv")) == 4


HELD = """
import sys, time
from octolab.cli import main
from octolab.lab.ledger import Ledger

add, left = Ledger.add, list(range(30))

def hold(*given):
    add(*given)
    left.pop() if left else time.sleep(1000)

Ledger.add = hold
main(sys.argv[1:])
"""


def test_what_was_killed_goes_on_and_gives_the_same_table(card, tmp_path):
    for number in range(4, 40):
        source = card / f"20260501_0{number % 4}0000.WAV"
        (card / f"20260501_{number % 24:02}{number:02}00.WAV").write_bytes(source.read_bytes())
    ledger = Path("events.parquet.ledger")
    words = ["analyze", "sound-energy", "card", "-o", "events.parquet", "--jobs", "1", "--json"]
    command = [sys.executable, "-c", HELD, *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        end = time.monotonic() + 120
        while not ledger.exists() or len(ledger.read_bytes().splitlines()) < 8:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert not Path("events.parquet").exists()
    kept = len(ledger.read_bytes().splitlines()) - 1
    with ledger.open("ab") as file:
        file.write(b'{"path": "card/torn')
    command = [sys.executable, "-m", "octolab.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    result = json.loads(done.stdout)
    assert (result["analysed"], result["known"]) == (40 - kept, kept)
    assert main(["analyze", "sound-energy", "card", "-o", "whole.parquet", "--jobs", "1"]) == 0
    assert read_table("events.parquet") == read_table("whole.parquet")


def test_other_parameters_do_not_go_on_from_a_ledger(card, capsys):
    (card / "bad.wav").touch()
    command = ["analyze", "sound-energy", "card", "-o", "events.csv", "--jobs", "1", "--json"]
    assert main(command) == 1
    assert main([*command, "-p", "threshold=7"]) == 1
    outs = capsys.readouterr().out
    assert outs.count('"known": 0') == 2
