"""Inside a notebook: the lab it works on, the workbench, ``%load_ext octolab``."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from octolab.lab import Lab
    from octolab.lab.artifacts import Clip, Sound

DEMO = "octolab-demo"
INLINE_LIMIT = 64 * 1024 * 1024
_open: dict[Path, Lab] = {}


def current_lab(path: str | os.PathLike[str] | None = None) -> Lab:
    """The lab a notebook works on: one object a folder, however often a cell is run.

    Parameters
    ----------
    path : path-like, optional
        The folder; by default ``OCTOLAB_LAB``, which the `octolab` command sets, else
        ``octolab-demo`` in the working directory, with cameras and a sound to play with.
    """
    from octolab.lab import Lab
    from octolab.lab.demo import fill

    named = path if path is not None else os.environ.get("OCTOLAB_LAB")
    folder = Path(named or DEMO).expanduser().resolve()
    if folder not in _open:
        new = not (folder / "lab.db").exists()
        lab = Lab(folder)
        if new and (not named or folder.name == DEMO):
            fill(lab)
        lab.wake()
        _open[folder] = lab
    return _open[folder]


def workbench(path: str | os.PathLike[str] | None = None) -> Any:
    """The `Workbench` widget on the lab of this notebook (see `current_lab`)."""
    from octolab.widgets import Workbench

    return Workbench(current_lab(path))


def sounds(path: str | os.PathLike[str] | None = None) -> Any:
    """The `SpectrogramViewer` widget on the lab of this notebook (see `current_lab`)."""
    from octolab.widgets import SpectrogramViewer

    return SpectrogramViewer(current_lab(path))


def load(ipython: Any) -> None:
    """Do what ``%load_ext octolab`` promises.

    Clips and sounds get a player, and two magics come: ``%lab [DIR]`` opens a lab as
    ``lab``, ``%workbench [DIR]`` shows the workbench.
    """
    html = ipython.display_formatter.formatters["text/html"]
    html.for_type_by_name("octolab.lab.artifacts", "Clip", lambda clip: player(clip, "video"))
    html.for_type_by_name("octolab.lab.artifacts", "Sound", lambda sound: player(sound, "audio"))

    def open_lab(line: str) -> Lab:
        """Open a lab as ``lab``."""
        lab = current_lab(line.strip() or None)
        ipython.push({"lab": lab})
        return lab

    def show_workbench(line: str) -> Any:
        """Show the workbench."""
        return workbench(line.strip() or None)

    ipython.register_magic_function(open_lab, "line", "lab")
    ipython.register_magic_function(show_workbench, "line", "workbench")


def player(item: Clip | Sound, tag: str) -> str | None:
    """HTML that plays a clip or sound; None (its plain text) when it is very large."""
    if item.record.size > INLINE_LIMIT:
        return None
    data = base64.b64encode(item.read_bytes()).decode()
    source = f"data:{item.record.media_type};base64,{data}"
    options = "controls muted playsinline" if tag == "video" else "controls"
    return (
        f'<{tag} {options} style="max-width:100%" src="{source}"></{tag}>'
        f"<br><code>{item.cid}</code>"
    )
