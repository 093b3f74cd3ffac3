"""The widgets: which panels each has, and its bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from octolab.widgets.bridge import PanelWidget, bundle
from octolab.widgets.cameras import Cameras
from octolab.widgets.cids import Cids
from octolab.widgets.films import Films
from octolab.widgets.gallery import GalleryPanel
from octolab.widgets.intake import Intake
from octolab.widgets.logs import Logs
from octolab.widgets.selection import Selection
from octolab.widgets.sounds import Sounds
from octolab.widgets.viewer import Viewer

if TYPE_CHECKING:
    from octolab.lab import Lab

TABS = ("cameras", "gallery", "timelapse", "sounds", "cids", "log")


class CameraGrid(PanelWidget):
    """All cameras of a lab: live pictures, stills, recordings, intervals, analysis.

    Parameters
    ----------
    lab : Lab
        Whose cameras.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("camera-grid", ".js")
    _css = bundle("camera-grid", ".css")

    def __init__(self, lab: Lab, **options: Any) -> None:
        super().__init__(lab, [Cameras(lab), Intake(lab), Viewer(lab)], **options)


class GalleryPicker(PanelWidget):
    """Browse, filter, select, look at and act on what a lab has captured.

    Parameters
    ----------
    lab : Lab
        What to browse.
    gallery : str, optional
        Begin with this gallery, by name; all artifacts by default.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("gallery-picker", ".js")
    _css = bundle("gallery-picker", ".css")

    def __init__(self, lab: Lab, gallery: str | None = None, **options: Any) -> None:
        selection = Selection()
        slug = lab.gallery(gallery).slug if gallery else None
        self._selection = selection
        self._lab = lab
        panels = [
            GalleryPanel(lab, selection, slug),
            Viewer(lab),
            Films(lab, selection),
            Intake(lab),
        ]
        super().__init__(lab, panels, **options)

    @property
    def selected(self) -> list[Any]:
        """The artifacts that are selected now: frames, clips and sounds."""
        return [self._lab.get(number) for number in self._selection.ids()]


class SpectrogramViewer(PanelWidget):
    """Look at sounds of any length, hear them, mark what is in them.

    Parameters
    ----------
    lab : Lab
        Whose sounds.
    sound : Sound, Clip or int, optional
        What to open; the newest by default.
    language : {"en", "ru"}, optional
        That of the process by default.
    height : str, optional
        A CSS height; by default it fills a dashboard's page and most of a notebook's window.
    """

    _esm = bundle("spectrogram-viewer", ".js")
    _css = bundle("spectrogram-viewer", ".css")

    sound = traitlets.Int(None, allow_none=True).tag(sync=True)
    height = traitlets.Unicode("").tag(sync=True)

    def __init__(self, lab: Lab, sound: Any = None, **options: Any) -> None:
        number = sound if sound is None or isinstance(sound, int) else sound.id
        super().__init__(lab, [Sounds(lab), Intake(lab)], sound=number, **options)


class TimelapseMaker(PanelWidget):
    """Make films of a gallery or of a camera's frames, and play them.

    Parameters
    ----------
    lab : Lab
        Whose frames.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("timelapse-maker", ".js")
    _css = bundle("timelapse-maker", ".css")

    def __init__(self, lab: Lab, **options: Any) -> None:
        super().__init__(lab, [Films(lab), Viewer(lab), GalleryPanel(lab)], **options)


class CidTable(PanelWidget):
    """The CIDs of a lab, with notes and where they are kept.

    Parameters
    ----------
    lab : Lab
        Whose CIDs.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("cid-table", ".js")
    _css = bundle("cid-table", ".css")

    def __init__(self, lab: Lab, **options: Any) -> None:
        super().__init__(lab, [Cids(lab), Viewer(lab)], **options)


class LogConsole(PanelWidget):
    """The lab's log as it grows.

    Parameters
    ----------
    lab : Lab
        Whose log.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("log-console", ".js")
    _css = bundle("log-console", ".css")

    def __init__(self, lab: Lab, **options: Any) -> None:
        super().__init__(lab, [Logs(lab)], **options)


class Toasts(PanelWidget):
    """Notes in the corner of the page: warnings, errors and the progress of jobs.

    Parameters
    ----------
    lab : Lab
        What to tell of.
    language : {"en", "ru"}, optional
        That of the process by default.
    """

    _esm = bundle("toasts", ".js")
    _css = bundle("toasts", ".css")

    def __init__(self, lab: Lab, **options: Any) -> None:
        super().__init__(lab, [], announce=True, **options)


class Workbench(PanelWidget):
    """All of OctoLab in one place: cameras, gallery, timelapse, sounds, CIDs and log.

    Parameters
    ----------
    lab : Lab
        What to work on.
    tab : {"cameras", "gallery", "timelapse", "sounds", "cids", "log"}
        Where to begin.
    language : {"en", "ru"}, optional
        That of the process by default; people can switch it.
    height : str, optional
        A CSS height; by default it fills a dashboard's page and most of a notebook's window.
    """

    _esm = bundle("workbench", ".js")
    _css = bundle("workbench", ".css")

    tab = traitlets.Enum(TABS, default_value="cameras").tag(sync=True)
    height = traitlets.Unicode("").tag(sync=True)

    def __init__(self, lab: Lab, **options: Any) -> None:
        selection = Selection()
        panels = [
            Cameras(lab),
            Intake(lab),
            GalleryPanel(lab, selection),
            Viewer(lab),
            Films(lab, selection),
            Sounds(lab),
            Cids(lab),
            Logs(lab),
        ]
        super().__init__(lab, panels, announce=True, **options)
