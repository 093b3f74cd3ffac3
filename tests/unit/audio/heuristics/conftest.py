"""The synthesiser of sounds whose truth is known."""

from __future__ import annotations

from types import ModuleType

import pytest

from octolab import resources


@pytest.fixture(scope="session")
def field() -> ModuleType:
    """The script `datasets/field_sounds.py`."""
    return resources.dataset_script("field-sounds")
