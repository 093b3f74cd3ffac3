"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parent.parent
BROWSER = "tests/browser/"


class OneBrowser(LoadFileScheduling):
    """Each file goes to one process, and all browser tests to the same one.

    So each server and Chromium starts once.
    """

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def pytest_configure() -> None:
    """Let every Python that tests start take the installed package, not the checkout's."""
    os.environ["PYTHONSAFEPATH"] = "1"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser | None:
    """Schedule so with ``--dist loadfile``."""
    return OneBrowser(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what lasts longest, so that no process waits for another at the end.

    Tests that need real data are marked so, however far from them the fixture is.
    """
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)
    longest_first = (BROWSER, "tests/integration/")
    items.sort(key=lambda item: [not item.nodeid.startswith(part) for part in longest_first])


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings, photos and models (``OCTOLAB_SHARED``)."""
    folder = Path(os.environ.get("OCTOLAB_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.fail(
            f"no real data in {folder}/data: set OCTOLAB_SHARED, "
            'or run the other tests alone with -m "not shared" (see README)',
            pytrace=False,
        )
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the user's own configuration and speak English."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("OCTOLAB_LANG", "en")
