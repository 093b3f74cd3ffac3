"""The command line: one result on standard output, one line and a code when it fails."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from octolab import models
from octolab.audio.tables import FORMATS, read_table
from octolab.cli import main
from octolab.content import file_cid
from octolab.lab import Lab
from octolab.model import Event

VERBS = ["lab", "serve", "snapshot", "record", "timelapse", "analyze", "export", "cid"]
VERBS += ["publish", "fetch", "verify", "models"]


@pytest.fixture
def leaf(shared) -> Path:
    return shared / "data/vision/plantcv/setaria_small_plant_rgb.png"


def test_cid_prints_the_true_cid(leaf, capsys):
    assert main(["cid", str(leaf), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {str(leaf): file_cid(leaf)}


def test_snapshot_writes_a_whole_picture(tmp_path, capsys):
    out = tmp_path / "plant.jpg"
    url = "synthetic://plant?size=320x240"
    assert main(["snapshot", url, "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["width"] == 320
    assert out.read_bytes()[:3] == b"\xff\xd8\xff"


def test_record_writes_a_film_of_the_length_asked_for(tmp_path, capsys):
    out = tmp_path / "card.mp4"
    command = ["record", "synthetic://testcard?size=320x240", "-o", str(out), "--seconds", "2"]
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["duration_s"] == pytest.approx(2, abs=0.7)
    assert [path.name for path in tmp_path.iterdir()] == ["card.mp4"]


def test_analyze_prints_what_was_found(leaf, capsys):
    assert main(["analyze", "brightness", str(leaf)]) == 0
    assert "brightness" in capsys.readouterr().out


def test_analyze_with_a_lab_keeps_what_was_found(leaf, tmp_path, capsys):
    assert main(["analyze", "sobel", str(leaf), "--lab", str(tmp_path / "lab"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)[str(leaf)]
    with Lab(tmp_path / "lab") as lab:
        kept = lab.find()[0].analyses()[0]
    assert kept.metrics["edge_density"].value == found["metrics"]["edge_density"]["value"]


def test_what_an_analyzer_does_not_take_is_told(shared, capsys):
    sound = shared / "data/audio/ohun/lbh1.wav"
    assert main(["analyze", "sobel", str(sound)]) == 1
    assert "the analyzer 'sobel' takes frames, not a sound" in capsys.readouterr().err


def test_pulled_models_are_printed_as_json(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(models, "pull", lambda name, progress: tmp_path / f"{name}.onnx")
    assert main(["models", "pull", "mobilenetv2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "mobilenetv2": str(tmp_path / "mobilenetv2.onnx")
    }


def test_one_bad_file_does_not_stop_the_others(leaf, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    long = "x" * 300
    assert main(["analyze", "brightness", str(bad), long, str(leaf), "--json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert "error" in found[str(bad)]
    assert found[long]["error"] == "File name too long"
    assert "metrics" in found[str(leaf)]
    assert err.count("\n") == 2


def test_timelapse_publish_fetch_and_verify_go_hand_in_hand(shared, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OCTOLAB_STORAGE", str(tmp_path / "storage"))
    lab = ["--lab", str(tmp_path / "lab")]
    days = sorted((shared / "data/vision/arabidopsis_timeseries").rglob("*.jpg"))[:6]
    days = days or sorted((shared / "data/vision/arabidopsis_timeseries").rglob("*.png"))[:6]
    film = tmp_path / "film.mp4"
    assert main(["timelapse", *map(str, days), "-o", str(film), "--fps", "3"]) == 0
    assert main(["publish", str(film), "--to", "local", *lab]) == 0
    cid = file_cid(film)
    assert main(["fetch", cid, "-o", str(tmp_path / "back.mp4"), *lab]) == 0
    assert (tmp_path / "back.mp4").read_bytes() == film.read_bytes()
    capsys.readouterr()
    assert main(["verify", "--json", *lab]) == 0
    assert json.loads(capsys.readouterr().out)["checked"] == 1


def test_verify_fails_when_a_file_was_changed(leaf, tmp_path, capsys):
    with Lab(tmp_path / "lab") as lab:
        frame = lab.add_frame(leaf)
        frame.path.write_bytes(b"something else")
    assert main(["verify", "--lab", str(tmp_path / "lab")]) == 1
    assert f"changed: {frame.record.path}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["cid", "nowhere.jpg"], "there is no file nowhere.jpg"),
        (["analyze", "nonsense", "x.jpg"], "there is no analyzer 'nonsense'"),
        (["analyze", "sobel", "x.jpg", "-p", "oops"], "-p takes name=value"),
        (["snapshot", "gopher://x", "-o", "x.jpg"], "gopher"),
        (["record", "synthetic://plant", "-o", "x.mp4", "--seconds", "-1"], "--seconds"),
        (["record", "synthetic://plant", "-o", ".", "--seconds", "1"], ". is a folder"),
        (["record", "synthetic://plant", "-o", "x.mkv", "--seconds", "1"], "must end with .mp4"),
        (["snapshot", "synthetic://plant", "-o", "x.bmp"], "must end with .jpg, .jpeg, .png"),
        (["timelapse", "x.jpg", "-o", "."], ". is a folder"),
        (["analyze", "sobel", "x.jpg", "-p", "analyzer=1"], "'analyzer' is no parameter"),
        (["analyze", "sobel", "x.jpg", "-o", "x.csv"], "'sobel' takes frames"),
        (["cid", "x" * 300], f"{'x' * 300}: File name too long"),
        (["publish", "no.jpg", "--lab", "new"], "there is no file no.jpg"),
        (["publish", "bafkreigh2akiscaildc", "--lab", "new"], "there is no lab in"),
        (["fetch", "garbage", "-o", "x", "--lab", "new"], "there is no lab in"),
        (["verify", "--lab", "nowhere"], "there is no lab in"),
        (["export", "7", "--csv", "-o", "x.csv"], "there is no lab in"),
        (["export", "no.wav", "--csv", "-o", "x.csv"], "there is no file no.wav"),
        (["export", "7", "--csv", "-o", "x.csv", "--taxon", "a"], "--taxon takes LABEL="),
    ],
)
def test_a_mistake_is_one_clear_line_and_a_code(command, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("octolab: ")
    assert err.count("\n") == 1
    assert says in err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def birds(shared) -> Path:
    return shared / "data/audio/opensoundscape/birds_10s.wav"


@pytest.mark.parametrize("name", FORMATS)
def test_export_writes_what_is_found_in_a_file(birds, tmp_path, capsys, name):
    out = tmp_path / "table"
    option = "--report" if name == "json" else f"--{name}"
    command = ["export", str(birds), option, "-o", str(out), "--analyzer", "sound-energy"]
    assert main(command) == 0
    (sheet,) = read_table(out, name)
    assert capsys.readouterr().out == f"{out}: rows {len(sheet.marks)}, sounds 1\n"
    assert len(sheet.marks) > 1
    limit = sorted(mark.event.score for mark in sheet.marks)[-1]
    if limit:
        assert main([*command, "--threshold", str(limit)]) == 0
        assert len(read_table(out, name)[0].marks) < len(sheet.marks)


def test_export_takes_numbers_cids_and_files_of_a_lab(birds, shared, tmp_path, capsys):
    out = tmp_path / "table.csv"
    with Lab(tmp_path / "lab") as lab:
        sound = lab.add_sound(birds)
        sound.annotate([Event(1, 2, "robin"), Event(3, 4, "wren")])
        other = lab.add_sound(shared / "data/audio/ohun/lbh1.wav")
        other.annotate([Event(0.5, 1, "hermit")])
    for what in (str(sound.id), sound.cid, str(birds)):
        taxon = ["--taxon", "robin=Erithacus rubecula"]
        command = ["export", what, str(other.id), "--csv", "-o", str(out), *taxon]
        assert main([*command, "--lab", str(tmp_path / "lab")]) == 0
        marks = [mark for sheet in read_table(out) for mark in sheet.marks]
        assert [(mark.event.label, mark.taxon) for mark in marks] == [
            ("robin", "Erithacus rubecula"),
            ("wren", ""),
            ("hermit", ""),
        ]
    assert capsys.readouterr().out == f"{out}: rows 3, sounds 2\n" * 3


def test_a_number_longer_than_any_names_nothing(tmp_path, capsys):
    Lab(tmp_path / "lab").close()
    command = ["export", "9" * 30, "--csv", "-o", "x.csv", "--lab", str(tmp_path / "lab")]
    assert main(command) == 1
    err = capsys.readouterr().err
    assert "9" * 30 in err
    assert err.count("\n") == 1
    assert "Error" not in err


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("new/a.jpg", b"\xff\xd8\xff")])
def test_a_picture_is_written_as_its_name_says(tmp_path, name, magic):
    out = tmp_path / name
    assert main(["snapshot", "synthetic://plant?size=320x240", "-o", str(out)]) == 0
    assert out.read_bytes().startswith(magic)


def test_a_folder_of_pictures_is_analysed_picture_by_picture(leaf, tmp_path, capsys):
    for name in ("b.png", "a.png", "notes.txt"):
        (tmp_path / name).write_bytes(leaf.read_bytes())
    assert main(["analyze", "brightness", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]


def test_what_went_wrong_inside_is_one_line_too(leaf, monkeypatch, capsys):
    monkeypatch.setattr(models, "list", lambda: 1 // 0)
    assert main(["models", "list"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "ZeroDivisionError" in err
    monkeypatch.setenv("OCTOLAB_DEBUG", "1")
    assert main(["models", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [[], ["lab"], ["serve"]])
@pytest.mark.parametrize("port", ["99999", "-5", "http"])
def test_a_port_that_can_not_be_is_refused(verb, port, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([*verb, f"--port={port}"])
    assert f"'{port}' is no port" in capsys.readouterr().err


def test_a_name_the_terminal_can_not_show_is_still_printed(tmp_path):
    (tmp_path / "кадр.txt").write_text("x")
    run = subprocess.run(
        [sys.executable, "-m", "octolab.cli", "cid", "кадр.txt"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == file_cid(tmp_path / "кадр.txt") + "  \\u043a\\u0430\\u0434\\u0440.txt\n"


def test_the_command_line_speaks_russian(shared, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OCTOLAB_LANG", "ru")
    sound = shared / "data/audio/ohun/lbh1.wav"
    assert main(["analyze", "sobel", str(sound)]) == 1
    assert "анализатор 'sobel' принимает кадры, а не звук" in capsys.readouterr().err
    assert main(["publish", "no.jpg", "--to", "moon", "--lab", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "octolab: нет файла no.jpg\n"
    assert main(["analyze", "moon", "no.jpg"]) == 1
    assert "не найдено: анализатор 'moon'" in capsys.readouterr().err
    assert main(["cid", "x" * 300]) == 1
    assert "имя файла слишком длинное" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["fetch"])
    assert "ошибка: не хватает аргументов: CID, -o/--output" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_the_help_of_every_verb_is_in_russian(verb, monkeypatch, capsys):
    monkeypatch.setenv("OCTOLAB_LANG", "ru")
    with pytest.raises(SystemExit, match="0"):
        main([*verb.split(), "--help"])
    told = capsys.readouterr().out.replace(f"octolab {verb}", "")
    assert "запуск:" in told
    assert not re.findall(r"(?<![-\w])[a-z]{2,} +[a-z]{2,}", told)
    assert not re.findall(r"^  .*  [a-z][^а-я:]*$", told, re.MULTILINE)


def test_the_lab_may_be_named_before_the_verb(leaf, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Lab(tmp_path / "mine").close()
    assert main(["--lab", str(tmp_path / "mine"), "verify"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_lost_catalog_is_made_anew_from_the_files(leaf, tmp_path, capsys):
    with Lab(tmp_path / "lab") as lab:
        lab.add_frame(leaf)
    for path in (tmp_path / "lab").glob("lab.db*"):
        path.unlink()
    assert main(["verify", "--repair", "--lab", str(tmp_path / "lab")]) == 0
    with Lab(tmp_path / "lab") as lab:
        assert lab.count() == 1


def test_help_lists_the_verbs():
    run = subprocess.run(
        [sys.executable, "-m", "octolab.cli", "--help"], capture_output=True, text=True, check=True
    )
    for verb in VERBS:
        assert f"\n    {verb} " in run.stdout
