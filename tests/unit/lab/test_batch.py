"""A folder of sounds as one job: bad files are listed, and a killed job goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from support import eventually

import octolab
from octolab.errors import BadInput, NotFound, OctolabError, Unavailable
from octolab.lab import Lab, workers

SR = 8000


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path / "lab") as lab:
        yield lab


def make_sounds(folder: Path, count: int, seconds: float = 3.0) -> Path:
    """Noise with a tone in it, another in each; named as an AudioMoth names them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        samples = np.random.default_rng(number).normal(0, 0.003, int(seconds * SR))
        tone = np.arange(SR // 2)
        samples[SR : SR + SR // 2] += 0.2 * np.sin(2 * np.pi * (500 + 50 * number) * tone / SR)
        soundfile.write(folder / f"20260501_{number // 60:02}{number % 60:02}00.WAV", samples, SR)
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    return make_sounds(tmp_path / "card", 5)


def test_a_folder_is_kept_with_the_times_of_its_recordings(lab, folder):
    make_sounds(folder / "deeper", 1, seconds=2.0)
    (folder / "CONFIG.TXT").write_text("Gain: medium")
    (folder / ".hidden.wav").write_text("of some system")
    result = lab.add_sounds(folder, gallery="may").wait(200)
    assert result == {"added": 6, "known": 0, "failed": 0, "errors": {}}
    may = lab.gallery("may")
    assert [f"{sound.captured_at:%H:%M}" for sound in may][:3] == ["00:00", "00:00", "00:01"]
    assert len(sorted(folder.rglob("*.WAV"))) == 6


def test_the_same_folder_again_adds_only_what_is_new(lab, folder):
    lab.add_sounds(folder).wait(200)
    (folder / "20260501_000000.WAV").rename(folder / "20260501_230000.WAV")
    assert lab.add_sounds(folder).wait(200)["added"] == 1  # the same bytes at another time
    again = lab.add_sounds([folder, *folder.iterdir()], tags=["may"]).wait(200)
    assert (again["added"], again["known"]) == (0, 5)
    assert lab.count(tags=["may"]) == 5
    assert not list((lab.path / ".octolab" / "incoming").iterdir())


def test_bad_files_are_listed_and_the_rest_is_kept(lab, folder):
    (folder / "text.wav").write_text("no sound")
    (folder / "empty.flac").touch()
    gone = folder / "gone.wav"
    result = lab.add_sounds([folder, gone]).wait(200)
    assert result["added"] == 5
    assert set(result["errors"]) == {
        str(folder / "text.wav"),
        str(folder / "empty.flac"),
        str(gone),
    }
    with pytest.raises(NotFound, match="no sounds in the folder"):
        lab.add_sounds(lab.path / ".octolab")


def test_adding_can_be_stopped_and_goes_on(lab, folder, monkeypatch):
    from octolab import jobs

    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0)
    add_artifact = lab.catalog.add_artifact

    def stop_after(new):
        lab.jobs()[0].cancel()
        return add_artifact(new)

    monkeypatch.setattr(lab.catalog, "add_artifact", stop_after)
    with pytest.raises(OctolabError, match="cancelled"):
        lab.add_sounds(folder).wait(200)
    assert lab.count() == 1
    monkeypatch.undo()
    assert lab.add_sounds(folder).wait(200)["known"] == 1
    assert lab.count() == 5


def test_a_folder_becomes_one_table(lab, folder, tmp_path):
    (folder / "text.wav").write_text("no sound")
    out = tmp_path / "events.parquet"
    result = lab.analyze(folder, "sound-energy", out=out).wait(200)
    assert (result["analysed"], result["failed"]) == (5, 1)
    assert list(result["errors"]) == [str(folder / "text.wav")]
    tones = [row["peak_hz"] for row in rows(out) if row["end_s"] - row["start_s"] > 0.4]
    assert tones == pytest.approx([500, 550, 600, 650, 700], abs=20)
    assert lab.jobs()[0].record.done == lab.jobs()[0].record.total == 11


def rows(path: Path) -> list[dict]:
    import duckdb

    with duckdb.connect(":memory:") as database:
        found = database.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_what_is_kept_is_not_analysed_again_unless_asked_to(lab, folder):
    lab.add_sounds(folder).wait(200)
    sounds = lab.find()
    assert lab.analyze(sounds[:3], "sound-energy").wait(200)["analysed"] == 3
    result = lab.analyze(sounds, "sound-energy").wait(200)
    assert (result["analysed"], result["known"]) == (2, 3)
    assert lab.analyze(sounds, "sound-energy", threshold=6.0).wait(200)["analysed"] == 5
    assert lab.analyze(sounds, "sound-energy", again=True).wait(200)["analysed"] == 5


def test_an_analyzer_of_a_notebook_runs_here_and_again_each_time(lab, folder):
    lab.add_sounds(folder).wait(200)
    where = []
    octolab.register_analyzer(
        "of-this-cell", run=lambda path: where.append(os.getpid()) or {"one": 1.0}, kinds=("sound",)
    )
    for _ in range(2):
        assert lab.analyze(lab.find(), "of-this-cell").wait(200)["analysed"] == 5
    assert where == [os.getpid()] * 10
    assert lab.analyze(lab.find(), "of-this-cell", again=False).wait(200)["known"] == 5


def test_a_table_needs_a_name_and_a_folder(lab, folder, tmp_path):
    with pytest.raises(BadInput, match="must end with one of"):
        lab.analyze(folder, "sound-energy", out=tmp_path / "events.xls")
    with pytest.raises(NotFound, match="no folder"):
        lab.analyze(folder, "sound-energy", out=tmp_path / "nowhere" / "events.csv")
    with pytest.raises(BadInput, match="takes frames"):
        lab.analyze(folder, "sobel", out=tmp_path / "events.csv")
    assert lab.count() == 0


# --- processes ---------------------------------------------------------------


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """An installed package with an analyzer that does what the samples of a sound say."""
    site = tmp_path / "site"
    info = site / "trouble-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[octolab.analyzers]\ntrouble = trouble:analyzer\n")
    (site / "trouble.py").write_text(
        textwrap.dedent(
            """
            import os, signal, time
            from contextlib import suppress
            from pathlib import Path
            from octolab.model import Analysis, Event, Metric
            from octolab.plugins import Analyzer

            def lines(path):
                return len(Path(path).read_text().split())

            def run(path, progress=None, log="", sleep=0.0, deadly="", vanishing="", steps=0):
                sizes = [int(n) for n in (deadly or "0").split(",")]
                if log:
                    with open(log, "a") as file:
                        file.write(f"{path.name}\\n")
                    with suppress(FileNotFoundError):  # while it is there, so many go on
                        while lines(log) > int(Path(f"{log}.most").read_text()):
                            time.sleep(0.01)
                time.sleep(sleep)
                for step in range(steps):
                    progress(step, steps, "")
                    time.sleep(0.01)
                if path.stat().st_size in sizes:
                    os.kill(os.getpid(), signal.SIGKILL)
                if vanishing and Path(vanishing).exists():
                    Path(vanishing).unlink()
                return Analysis(
                    events=(Event(0.5, 1.0, "x", 5.0),), metrics={"pid": Metric(os.getpid())}
                )

            analyzer = Analyzer("trouble", run, kinds=frozenset({"sound"}), title="Trouble")
            """
        )
    )
    from octolab import plugins

    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{Path(octolab.__file__).parents[1]}")
    monkeypatch.setattr(
        plugins, "analyzers", plugins.Registry("analyzer", "octolab.analyzers", plugins.Analyzer)
    )


@pytest.mark.usefixtures("plugin")
def test_processes_do_the_work_and_the_deadly_file_is_listed(lab, tmp_path):
    folder = make_sounds(tmp_path / "card", 6)
    make_sounds(tmp_path / "odd", 3, seconds=2.5)
    deadly = (tmp_path / "odd" / "20260501_000200.WAV").rename(folder / "20260501_120000.WAV")
    lab.add_sounds(folder).wait(200)
    size = str(deadly.stat().st_size)
    result = lab.analyze(lab.find(), "trouble", executor="processes", deadly=size).wait(200)
    assert (result["analysed"], result["failed"]) == (6, 1)
    ((path, said),) = result["errors"].items()
    assert "12-00-00" in path
    assert "ended the process" in said
    pids = {sound.analyses()[0].metrics["pid"].value for sound in lab.find() if sound.analyses()}
    assert os.getpid() not in pids


@pytest.mark.usefixtures("plugin")
def test_workers_that_are_told_to_end_are_no_fault_of_their_files(lab, folder, tmp_path):
    lab.add_sounds(folder).wait(200)
    log = tmp_path / "log"
    job = lab.analyze(lab.find(), "trouble", executor="processes", log=str(log), sleep=1000)
    eventually(log.exists, within_s=120)
    for process in process_tree(os.getpid()):
        process.terminate()
    with pytest.raises(Unavailable, match="ended before it was done"):
        job.wait(200)
    assert job.state == "failed"


@pytest.mark.usefixtures("plugin")
def test_a_worker_that_is_killed_for_no_fault_of_the_file_loses_nothing(lab, folder, tmp_path):
    lab.add_sounds(folder).wait(200)
    log = tmp_path / "log"
    (most := tmp_path / "log.most").write_text("0")
    job = lab.analyze(lab.find(), "trouble", executor="processes", log=str(log))
    eventually(log.exists, within_s=120)
    process_tree(os.getpid())[0].kill()
    most.unlink()
    assert job.wait(200)["analysed"] == 5


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("executor", ["processes", "threads"])
def test_a_file_that_vanishes_in_mid_job_is_listed(lab, folder, executor):
    lab.add_sounds(folder).wait(200)
    sounds = sorted(lab.find(), key=lambda sound: sound.captured_at)
    job = lab.analyze(sounds, "trouble", executor=executor, vanishing=str(sounds[-1].path))
    result = job.wait(200)
    assert (result["analysed"], list(result["errors"])) == (4, [sounds[-1].record.path])


@pytest.mark.usefixtures("plugin")
def test_a_job_in_processes_stops_at_once_and_leaves_no_process(lab, folder, tmp_path):
    lab.add_sounds(folder).wait(200)
    log = tmp_path / "log"
    job = lab.analyze(lab.find(), "trouble", executor="processes", log=str(log), sleep=1000)
    eventually(log.exists, within_s=120)
    job.cancel()
    with pytest.raises(OctolabError, match="cancelled"):
        job.wait(200)
    assert not process_tree(os.getpid())


SCRIPT = """
import sys
from octolab.lab import Lab

_, folder, log, sleep, out = sys.argv
lab = Lab(folder, create=False)
sounds = lab.find(limit=None)
job = lab.analyze(sounds, "trouble", executor="processes", log=log, sleep=float(sleep), out=out)
result = job.wait()
print(result["analysed"], result["known"])
"""


@pytest.mark.usefixtures("plugin")
def test_a_script_killed_half_way_goes_on_and_gives_the_same_table(lab, tmp_path):
    """The script has no ``if __name__ == "__main__"``; students forget it."""
    lab.add_sounds(make_sounds(tmp_path / "card", 10)).wait(200)
    script, log, out = tmp_path / "script.py", tmp_path / "log", tmp_path / "events.parquet"
    script.write_text(SCRIPT)
    (most := tmp_path / "log.most").write_text("5")
    command = [sys.executable, str(script), str(lab.path), str(log), "0.2", str(out)]
    with subprocess.Popen(command) as process:
        eventually(lambda: log.exists() and len(log.read_text().split()) >= 5, within_s=120)
        children = process_tree(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    assert not out.exists()
    eventually(lambda: not any(child.is_running() for child in children), within_s=120)
    most.unlink()
    kept = sum(len(sound.analyses()) for sound in lab.find())
    log.unlink()
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.stdout.split() == [str(10 - kept), str(kept)], done.stderr
    assert len(log.read_text().split()) == 10 - kept
    table = rows(out)
    job = lab.analyze(
        lab.find(), "trouble", executor="threads", again=True, out=out, log=str(log), sleep=0.2
    )
    job.wait(200)
    assert rows(out) == table
    assert len(table) == 10


def process_tree(pid: int) -> list[psutil.Process]:
    return [c for c in psutil.Process(pid).children() if "spawn_main" in " ".join(c.cmdline())]


# --- a cluster ---------------------------------------------------------------


@pytest.mark.usefixtures("plugin")
@pytest.mark.filterwarnings("default")
def test_a_cluster_takes_twenty_files_a_task(lab, tmp_path):
    distributed = pytest.importorskip("distributed")
    lab.add_sounds(make_sounds(tmp_path / "card", 45, seconds=2.0)).wait(200)
    sounds = lab.find(limit=None)
    sounds[3].path.unlink()
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster):
        log = tmp_path / "log"
        result = lab.analyze(sounds, "trouble", executor="dask", log=str(log)).wait(200)
    assert (result["analysed"], list(result["errors"])) == (44, [sounds[3].record.path])
    pids = {
        sound.analyses()[0].metrics["pid"].value
        for sound in lab.find(limit=None)
        if sound.analyses()
    }
    assert os.getpid() not in pids
    with pytest.raises(OctolabError, match="needs a cluster"):
        lab.analyze(lab.find(), "trouble", executor="dask").wait(200)


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("executor", ["processes", "threads"])
def test_one_long_file_tells_how_far_it_is_and_can_be_stopped(lab, tmp_path, executor):
    (sound,) = make_sounds(tmp_path / "card", 1).iterdir()
    item = lab.add_sound(sound)
    job = lab.analyze([item], "trouble", executor=executor, steps=4000)
    eventually(lambda: job.record.done >= 3 and job.record.total == 100, within_s=120)
    job.cancel()
    with pytest.raises(OctolabError, match="cancelled"):
        job.wait(200)
    assert lab.analyze([item], "trouble", executor=executor, steps=3).wait(200)["analysed"] == 1


def test_chunks_hold_everything_once():
    tasks = [workers.Task(n, "sound", f"{n}") for n in range(45)]
    assert [len(chunk) for chunk in workers._chunks(tasks, 20)] == [20, 20, 5]


def test_jobs_in_threads_end_with_what_runs(lab, folder):
    lab.add_sounds(folder).wait(200)
    held = threading.Event()
    octolab.register_analyzer(
        "slow", run=lambda path: held.wait(60) and {"one": 1.0}, kinds=("sound",), replace=True
    )
    job = lab.analyze(lab.find(), "slow")
    eventually(lambda: job.state == "running", within_s=120)
    job.cancel()
    time.sleep(0.6)
    held.set()
    with pytest.raises(OctolabError, match="cancelled"):
        job.wait(200)
