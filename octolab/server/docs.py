"""The API document and its page, from files of this machine: no CDN, no foreign request."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from octolab.errors import NotFound

if TYPE_CHECKING:
    from fastapi import FastAPI

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'"
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OctoLab API</title>
<link rel="icon" href="docs/favicon.png{query}">
<link rel="stylesheet" href="docs/swagger-ui.css{query}">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js{query}"></script>
<script>
const token = {token};
SwaggerUIBundle({{
  url: "openapi.json{query}",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {{
    if (token && !request.headers.Authorization)
      request.headers.Authorization = "Bearer " + token;
    return request;
  }},
}});
</script>
</body>
</html>
"""


def install(app: FastAPI) -> None:
    """Add ``/docs``, to which ``/`` leads, and what it needs; the page hands its own token on."""

    @app.get("/", include_in_schema=False)
    def home(request: Request) -> RedirectResponse:
        query = request.url.query
        return RedirectResponse(f"docs?{query}" if query else "docs")

    @app.get("/docs", include_in_schema=False)
    def page(token: str = "") -> HTMLResponse:
        query = f"?token={quote(token)}" if token else ""
        script = json.dumps(token).replace("<", "\\u003c")
        return HTMLResponse(_PAGE.format(query=query, token=script), headers=HEADERS)

    @app.get("/docs/{name}", include_in_schema=False)
    def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise NotFound("there is nothing at {path}; /docs lists what there is", path=name)
        return FileResponse(_folder() / name, media_type=ASSETS[name])


def _folder() -> Path:
    spec = find_spec("fastapi_offline")
    if spec is None or not spec.submodule_search_locations:
        raise NotFound("the page needs the package fastapi-offline; pip install fastapi-offline")
    return Path(spec.submodule_search_locations[0]) / "static"
