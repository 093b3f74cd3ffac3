"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each file to one process, and browser tests, which come first, to the same one.

    So each server and Chromium starts once. Tests that need real data are marked so, however
    far from them the fixture is.
    """
    browser = ROOT / "tests" / "browser"
    for item in items:
        group = "browser" if browser in item.path.parents else str(item.path.relative_to(ROOT))
        item.add_marker(pytest.mark.xdist_group(group))
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)
    items.sort(key=lambda item: browser not in item.path.parents)


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
