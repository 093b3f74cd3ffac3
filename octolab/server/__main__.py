"""``python -m octolab.server --lab DIR``: run the server of a lab."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from octolab.errors import BadInput, OctolabError
from octolab.i18n import phrase
from octolab.server import presence
from octolab.server.app import create_app

GRACE_S = 4


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is told to end; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return _serve(arguments)
    except OctolabError as error:
        print(f"octolab: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="octolab serve", description="The server of a lab: live cameras and the HTTP API."
    )
    parser.add_argument(
        "--lab", metavar="DIR", default=None, help="the lab's folder ($OCTOLAB_LAB)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; loopback by default")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--token-file", metavar="FILE", help="a file that holds the token")
    parser.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="a name it is called by"
    )
    parser.add_argument(
        "--idle-timeout",
        metavar="SECONDS",
        type=float,
        default=None,
        help="end after so long with nothing live and nobody connected",
    )
    return parser


def _serve(arguments: argparse.Namespace) -> int:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    logging.getLogger("uvicorn.error").addFilter(_told_already)
    chosen = _token(arguments.token_file)
    token = chosen or secrets.token_urlsafe(24)
    listening = _listen(arguments.host, arguments.port)
    url = presence.address(arguments.host, listening.getsockname()[1])
    app = create_app(
        arguments.lab,
        token,
        url=url,
        hosts=arguments.allow_host,
        idle_timeout_s=arguments.idle_timeout,
        on_idle=lambda: setattr(server, "should_exit", True),
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S, lifespan="on"
    )
    # a token that was given is known to who gave it, and no log needs it
    server = _Server(config, f"OctoLab: {url}/docs" + ("" if chosen else f"?token={token}"))
    # uvicorn raises the signals it took once more when it is done; we end by ourselves then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        server.run(sockets=[listening])
    except SystemExit:
        return 1
    finally:
        listening.close()
    return 0 if server.started else 1


def _token(path: str | None) -> str | None:
    """The token that was given, in a file or by the environment."""
    if path is None:
        return os.environ.get("OCTOLAB_TOKEN")
    try:
        token = Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadInput(
            "the token file {path} can't be read ({kind})", path=path, kind=type(error).__name__
        ) from None
    if not token.isascii() or not token.isprintable() or len(token) < 8:
        raise BadInput("the token in {path} must be 8 or more plain characters", path=path)
    return token


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that the address is known before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise BadInput(
            "can't listen at {host}:{port}: {reason}; choose another port with --port",
            host=host,
            port=port,
            reason=phrase(getattr(error, "strerror", None) or str(error)),
        ) from None
    listening.set_inheritable(False)
    return listening


def _told_already(record: logging.LogRecord) -> bool:
    return "Application startup failed" not in record.getMessage()


class _Server(uvicorn.Server):
    """uvicorn, saying once where it is when it is there."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            print(self._line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
