"""The long-lived process of a lab: it owns the cameras and answers over HTTP.

``uvicorn octolab.server:app`` serves the lab named by ``OCTOLAB_LAB``; ``python -m
octolab.server`` and ``octolab serve`` do the same with the server file, the idle timeout and
the address line that go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from octolab.server.app import create_app

    app: FastAPI

__all__ = ["app", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "app":
        from octolab.server.app import create_app

        globals()["app"] = made = create_app()
        return made
    if name == "create_app":
        from octolab.server.app import create_app

        return create_app
    raise AttributeError(f"module 'octolab.server' has no attribute {name!r}")
