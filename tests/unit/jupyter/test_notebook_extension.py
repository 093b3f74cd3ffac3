"""``%load_ext octolab`` and the lab of a notebook."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

import octolab
from octolab.jupyter import current_lab


@pytest.fixture
def shell():
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "octolab")
    yield shell
    InteractiveShell.clear_instance()


def test_the_lab_of_a_notebook_is_one_object(tmp_path, monkeypatch):
    monkeypatch.setenv("OCTOLAB_LAB", str(tmp_path / "lab"))
    lab = current_lab()
    assert lab.path == tmp_path / "lab"
    assert current_lab() is lab
    assert lab.cameras() == []
    lab.close()


def test_a_lab_nobody_named_is_the_demo(tmp_path, monkeypatch):
    monkeypatch.delenv("OCTOLAB_LAB", raising=False)
    monkeypatch.chdir(tmp_path)
    lab = current_lab()
    assert lab.path == tmp_path / "octolab-demo"
    assert len(lab.cameras()) == 3
    assert [sound.duration_s for sound in lab.find(kind="sound")] == [12.0]
    lab.close()


def test_the_lab_magic_opens_a_lab_by_name(shell, tmp_path):
    lab = shell.run_line_magic("lab", str(tmp_path / "greenhouse"))
    assert isinstance(lab, octolab.Lab)
    assert shell.user_ns["lab"] is lab
    lab.close()


def test_a_sound_is_heard_when_played(shell, tmp_path):
    from octolab import resources

    with octolab.Lab(tmp_path / "lab") as lab:
        sound = lab.add_sound(resources.dataset("hive-sound") / "hive.wav")
        html = shell.display_formatter.format(sound)[0]["text/html"]
    assert html.startswith('<audio controls style="max-width:100%" src="data:audio/')


def test_a_clip_is_shown_as_a_player(shell, tmp_path):
    from octolab import resources

    with octolab.Lab(tmp_path / "lab") as lab:
        frames = sorted(resources.dataset("plant-growth").glob("*.jpg"))[:3]
        gallery = lab.gallery("growth")
        gallery.add(*(lab.add_frame(path) for path in frames))
        film = gallery.timelapse(fps=3)
        html = shell.display_formatter.format(film)[0]["text/html"]
    assert html.startswith('<video controls muted playsinline style="max-width:100%" src="data:')
    assert film.cid in html
