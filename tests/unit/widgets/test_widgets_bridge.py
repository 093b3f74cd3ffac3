"""Messages find their panel, answers find their view, and nobody is told who is not there."""

from __future__ import annotations

import asyncio
import threading

import pytest
from support import eventually

import octolab
from octolab.errors import BadInput
from octolab.widgets.bridge import PanelWidget
from octolab.widgets.gallery import GalleryPanel
from octolab.widgets.panel import Answer, Panel, action
from octolab.widgets.watch import GRACE_S, LEASE_S, Lease, watcher


class Clocked(Panel):
    name = "clocked"
    topics = frozenset({"artifact"})

    def __init__(self, lab):
        super().__init__(lab)
        self.go_on = threading.Event()

    @action
    def work(self, held: bool):
        assert not held or self.go_on.wait(60)
        return Answer({"thread": threading.current_thread().name}, [b"bytes"])

    @action
    def wrong(self):
        raise BadInput("select something first")

    def refresh(self, topics):
        self.push("changed", {"topics": sorted(topics)})


class Bare(PanelWidget):
    _esm = "export default {}"


def test_only_a_language_that_was_given_outranks_that_of_the_page(lab):
    for language, given in (("ru", True), (None, False)):
        bare = Bare(lab, [], language=language)
        assert bare.language_given is given
        bare.close()


@pytest.fixture
def widget(lab):
    widget = Bare(lab, [Clocked(lab), GalleryPanel(lab)], language="ru")
    widget.sent = []
    came = threading.Condition()

    def send(content, buffers=None):
        with came:
            widget.sent.append((content, buffers or []))
            came.notify_all()

    def wait(matches):
        with came:
            assert came.wait_for(lambda: any(matches(c) for c, _ in widget.sent), 60)
            return next((c, b) for c, b in widget.sent if matches(c))

    widget.send, widget.wait = send, wait
    yield widget
    widget.close()


def ask(widget, panel, name, number, **args):
    message = {"panel": panel, "action": name, "id": number, "args": args}
    widget._receive(widget, message, [])


def test_an_answer_goes_back_to_who_asked_with_its_bytes(widget):
    ask(widget, "clocked", "work", "view-1", held=False)
    content, buffers = widget.wait(lambda c: c.get("re") == "view-1")
    assert content["ok"]
    assert buffers == [b"bytes"]


def test_the_kernel_is_free_while_an_action_works(widget):
    ask(widget, "clocked", "work", "long", held=True)
    ask(widget, "clocked", "work", "short", held=False)
    content, _ = widget.wait(lambda c: c.get("re") == "short")
    assert content["data"]["thread"] != threading.current_thread().name
    assert not [c for c, _ in widget.sent if c.get("re") == "long"]
    widget.panel("clocked").go_on.set()
    widget.wait(lambda c: c.get("re") == "long")


def test_an_error_comes_in_the_language_of_the_view(widget):
    ask(widget, "clocked", "wrong", "a")
    content, _ = widget.wait(lambda c: c.get("re") == "a")
    assert content["error"] == {"code": "bad_input", "message": "сначала выберите что-нибудь"}
    widget.language = "en"
    ask(widget, "clocked", "wrong", "b")
    content, _ = widget.wait(lambda c: c.get("re") == "b")
    assert content["error"]["message"] == "select something first"


def test_a_message_for_nobody_is_answered_with_an_error(widget):
    ask(widget, "no-such-panel", "x", "c")
    content, _ = widget.wait(lambda c: c.get("re") == "c")
    assert not content["ok"]


def test_views_are_told_of_what_others_change(widget, lab, live):
    ask(widget, "desk", "alive", "d")
    widget.wait(lambda c: c.get("re") == "d")
    lab.add_frame(live.jpeg_bytes)
    widget.wait(lambda c: c.get("panel") == "clocked" and c["event"] == "changed")


def test_a_view_that_comes_back_is_told_what_it_missed(widget, lab, live):
    lab.add_frame(live.jpeg_bytes)
    eventually(lambda: "artifact" in widget._missed)
    assert not widget.sent
    ask(widget, "desk", "alive", "e")
    widget.wait(lambda c: c.get("panel") == "clocked" and "artifact" in c["data"]["topics"])


def test_the_watcher_is_one_for_a_lab_and_stops_when_nobody_listens(lab):
    told = threading.Event()
    assert watcher(lab) is watcher(lab)
    remove = watcher(lab).add(lambda topics: told.set() if "log" in topics else None)
    lab.log("All cameras restarted")
    assert told.wait(60)
    thread = watcher(lab)._thread
    remove()
    thread.join(60)
    assert not thread.is_alive()


def test_the_watcher_tells_of_an_analyzer_that_a_cell_registers(lab):
    told = threading.Event()
    remove = watcher(lab).add(lambda topics: told.set() if "plugin" in topics else None)

    def registered() -> bool:
        octolab.register_analyzer("of-a-cell", run=lambda image, /: {"one": 1.0}, replace=True)
        return told.wait(1)

    eventually(registered)  # the first time perhaps before it knows what there was
    remove()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_lapses_without_heartbeats():
    clock = Clock()
    lease = Lease(clock)
    assert not lease.held()
    assert lease.renew()
    clock.now += LEASE_S - 1
    assert lease.held()
    assert not lease.renew()
    clock.now += LEASE_S + 1
    assert not lease.held()


def test_a_busy_main_thread_keeps_the_lease_but_a_free_one_does_not():
    clock = Clock()
    lease = Lease(clock)

    async def story() -> None:
        lease.renew()
        clock.now += 10 * LEASE_S  # a long cell: the loop has not turned since
        assert lease.held()
        await asyncio.sleep(0)  # now it has, and no heartbeat came with it
        await asyncio.sleep(0)
        assert lease.held()
        clock.now += GRACE_S + 1
        assert not lease.held()

    asyncio.run(story())
