"""HTTP with cameras: to checked addresses only, everything within its time.

httpx limits each read, so a server that sends a byte a second holds it for ever. Here the
socket itself keeps a deadline, and connects to the address that was checked, whatever the
name resolves to by now.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from octolab.capture.addresses import Target
from octolab.capture.faults import Deadline, attempt, refused_login, silent
from octolab.capture.settings import verifies_tls
from octolab.errors import Refused, TooLarge, Unavailable

_REDIRECTS = 5
MAX_BODY = 30_000_000


class Session:
    """A connection to one camera over HTTP.

    ``limit`` is the deadline of what is going on now; set it anew before each wait.
    """

    def __init__(
        self,
        target: Target,
        user: str | None,
        password: str | None,
        settings: Mapping[str, Any],
        limit: Deadline,
        check: Callable[[str], Target],
    ) -> None:
        self.target, self.limit = target, limit
        self._home = (target.scheme, target.host, target.port)
        self._login = (user, password or "") if user is not None else None
        self._check = check
        self._auth: httpx.Auth | None = None
        secure = ssl.create_default_context()
        if not verifies_tls(settings):
            secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
        self._pool = httpcore.ConnectionPool(
            ssl_context=secure, max_connections=2, network_backend=_Network(self)
        )
        self._client = httpx.Client(
            transport=_Transport(self._pool),
            trust_env=False,
            timeout=None,
            headers={"User-Agent": "octolab", "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    def get(self) -> httpx.Response:
        """Ask for the camera's URL; the answer's body is still to be read.

        Redirects are followed only to where the camera's own address could be: each is
        checked like it. Credentials stay with the host they were given for.
        """
        place = self.target.place
        return attempt(self._get, place, seconds=self.limit.seconds, login=bool(self._login))

    def chunks(self, response: httpx.Response) -> Iterator[bytes]:
        """The body as it comes, each wait within `limit`."""
        stream = response.iter_raw()

        def more() -> bytes | None:
            try:
                return next(stream, None)
            except httpcore.RemoteProtocolError:  # it ended before its end
                raise ConnectionResetError from None

        while True:
            chunk = attempt(more, self.target.place, seconds=self.limit.seconds)
            if chunk is None:
                return
            yield chunk

    def body(self, chunks: Iterable[bytes]) -> bytes:
        """All of a body, up to the size limit."""
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) > MAX_BODY:
                raise TooLarge("{place} sends too much for a picture", place=self.target.place)
        return bytes(data)

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):
            self._client.close()

    def _get(self) -> httpx.Response:
        for _ in range(_REDIRECTS + 1):
            response = self._send()
            if response.status_code == 401 and self._login and self._auth is None and self._at_home:
                challenge = response.headers.get("www-authenticate", "").lower()
                response.close()
                kind = httpx.DigestAuth if "digest" in challenge else httpx.BasicAuth
                self._auth = kind(*self._login)
                response = self._send()
            if response.status_code not in (301, 302, 303, 307, 308):
                self._check_status(response)
                return response
            moved = response.headers.get("location", "")
            response.close()
            self._follow(moved)
        raise Unavailable("{place} redirects again and again", place=self.target.place)

    def _send(self) -> httpx.Response:
        request = self._client.build_request("GET", self.target.url)
        return self._client.send(
            request, stream=True, auth=self._auth if self._at_home else None, follow_redirects=False
        )

    @property
    def _at_home(self) -> bool:
        return (self.target.scheme, self.target.host, self.target.port) == self._home

    def _follow(self, location: str) -> None:
        url = str(httpx.URL(self.target.url).join(location))
        if not url.lower().startswith(("http://", "https://")):
            raise Refused(
                "{place} leads to an address that is never opened", place=self.target.place
            )
        self.target = self._check(url)

    def _check_status(self, response: httpx.Response) -> None:
        status, place = response.status_code, self.target.place
        if status == 200:
            return
        response.close()
        if status == 401:
            raise refused_login(place, bool(self._login))
        if status == 403:
            raise Refused("{place} refuses access", place=place)
        if status in (404, 410):
            raise Unavailable("{place} is not there: check the path", place=place)
        raise Unavailable("{place} answers with HTTP {status}", place=place, status=status)


class _Transport(httpx.BaseTransport):
    """Sends httpx's requests through a pool with a network of our own."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=b"",
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Network(httpcore.NetworkBackend):
    """Connects to the session's checked addresses, whatever the host is called."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        session = self._session
        address = session.target.addresses[0]
        left = max(0.05, session.limit.left())
        return _Stream(socket.create_connection((address, port), timeout=left), session)


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, session: Session) -> None:
        self._socket, self._session = connection, session

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._limit()
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._limit()
        self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        self._limit()
        try:
            secure = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self._socket.close()
            raise
        return _Stream(secure, self._session)

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "socket" else None

    def _limit(self) -> None:
        limit = self._session.limit
        if limit.passed:
            raise silent(self._session.target.place, limit.seconds)
        self._socket.settimeout(max(0.01, limit.left()))
