"""From panels to anywidget: messages in and out, a pool of threads, one language."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from octolab.errors import BadInput, OctolabError
from octolab.i18n import LANGUAGES, current_language
from octolab.model import to_json
from octolab.widgets.desk import Desk
from octolab.widgets.panel import Answer, Buffers, Panel
from octolab.widgets.watch import Lease, watcher

if TYPE_CHECKING:
    from octolab.lab import Lab

STATIC = Path(__file__).parent / "static"
THREADS = 8


def bundle(name: str, suffix: str) -> Path:
    """One built file of the front end.

    Raises
    ------
    FileNotFoundError
        In a checkout whose front end was never built.
    """
    path = STATIC / f"{name}{suffix}"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not built; run `npm ci --ignore-scripts && npm run build` in widgets/, "
            "or `pip install .`"
        )
    return path


class PanelWidget(anywidget.AnyWidget):
    """A widget whose views talk to panels.

    Parameters
    ----------
    lab : Lab
        What it shows.
    panels : sequence of Panel
        The panels its views need.
    language : {"en", "ru"}, optional
        By default that chosen in the page before, else that of the process. Views follow when
        another is chosen in the page.
    """

    language = traitlets.Enum(LANGUAGES, default_value="en").tag(sync=True)
    language_given = traitlets.Bool(False).tag(sync=True)
    lab_name = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        lab: Lab,
        panels: Sequence[Panel],
        *,
        announce: bool = False,
        language: str | None = None,
        **traits: Any,
    ) -> None:
        lab.wake()
        desk = Desk(lab, announce=announce)
        self._panels: dict[str, Panel] = {panel.name: panel for panel in (desk, *panels)}
        self._lease = Lease()
        self._missed: set[str] = set()
        self._missed_lock = threading.Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="octolab-widget")
        super().__init__(
            language=language or current_language(),
            language_given=language is not None,
            lab_name=lab.name,
            **traits,
        )
        _take_messages_where_they_come(self.comm)
        for panel in self._panels.values():
            panel.language = self.language
            panel.attach(self._push, self._lease.held)
        self.on_msg(self._receive)
        self.observe(self._speak, "language")
        self._unwatch = watcher(lab).add(self._changed)

    def panel(self, name: str) -> Panel:
        """One of its panels, by name."""
        return self._panels[name]

    def close(self) -> None:
        """End what runs for it and take it off the page."""
        self._unwatch()
        for panel in self._panels.values():
            panel.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        super().close()

    def _speak(self, change: Any) -> None:
        for panel in self._panels.values():
            panel.language = change.new

    # --- from the page ---------------------------------------------------------------

    def _receive(self, _widget: Any, message: Any, buffers: Buffers) -> None:
        if self._lease.renew():
            with contextlib.suppress(RuntimeError):
                self._pool.submit(self._return)
        if isinstance(message, dict) and "id" in message:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                self._pool.submit(self._perform, message, list(buffers or ()))

    def _return(self) -> None:
        """Somebody is there again: tell what changed meanwhile."""
        with self._missed_lock:
            missed, self._missed = frozenset(self._missed), set()
        for panel in self._panels.values():
            with contextlib.suppress(OctolabError):
                panel.looked_at()
        self._refresh(missed)

    def _perform(self, message: dict[str, Any], buffers: Buffers) -> None:
        try:
            panel = self._panels.get(str(message.get("panel")))
            if panel is None:
                raise BadInput("this widget has no panel {name!r}", name=message.get("panel"))
            answer = panel.act(str(message.get("action")), dict(message.get("args") or {}), buffers)
            content = {"re": message["id"], "ok": True, "data": to_json(answer.data)}
        except OctolabError as error:
            answer = Answer()
            text = error.localized(self.language)
            content = {
                "re": message["id"],
                "ok": False,
                "error": {"code": error.code, "message": text},
            }
        self._post(content, answer.buffers)

    # --- to the page ---------------------------------------------------------------

    def _push(self, panel: str, event: str, data: Any, buffers: Buffers) -> None:
        self._post({"panel": panel, "event": event, "data": to_json(data)}, buffers)

    def _post(self, content: dict[str, Any], buffers: Buffers) -> None:
        if self.comm is not None:
            self.send(content, list(buffers) or None)

    def _changed(self, topics: frozenset[str]) -> None:
        if self._lease.held():
            self._refresh(topics)
        else:
            with self._missed_lock:
                self._missed |= topics

    def _refresh(self, topics: frozenset[str]) -> None:
        for panel in self._panels.values():
            if panel.topics & topics:
                with contextlib.suppress(RuntimeError):
                    self._pool.submit(self._refresh_one, panel, topics)

    def _refresh_one(self, panel: Panel, topics: frozenset[str]) -> None:
        with contextlib.suppress(OctolabError):
            panel.refresh(topics)


def _take_messages_where_they_come(comm: Any) -> None:
    """Let ipykernel hand over each message in the subshell that it was sent to.

    Version 7.4 hands it to that which the widget answered last instead, and drops it when
    that has ended, as the one in which JupyterLab asks for a notebook's widgets soon does.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None
