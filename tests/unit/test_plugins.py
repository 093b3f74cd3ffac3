"""The registries of plugins."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from octolab import plugins


def test_a_thread_waits_while_another_loads_the_plugins(monkeypatch):
    def load() -> plugins.Analyzer:
        time.sleep(0.2)
        return plugins.Analyzer("slow", run=lambda data: {})

    slow = SimpleNamespace(name="slow", value="somewhere:slow", load=load)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [slow])
    registry: plugins.Registry[plugins.Analyzer] = plugins.Registry("analyzer", "some")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: registry.get("slow").name, range(4)))
    assert found == ["slow"] * 4
