"""The HTTP API, a module for each thing it is about."""

from octolab.server.routes import (
    archive,
    artifacts,
    cameras,
    files,
    galleries,
    marks,
    sockets,
    uploads,
    work,
)

HTTP = (
    work.router,
    uploads.router,
    cameras.router,
    artifacts.router,
    files.router,
    marks.router,
    galleries.router,
    archive.router,
)
SOCKETS = (sockets.router,)

__all__ = ["HTTP", "SOCKETS"]
