"""A relay to an RTSP camera that lets no redirect pass.

libav follows a redirect wherever it leads, and can't be told not to. So it is given a port of
this machine instead of the camera, and what the camera answers is read here and written anew:
whatever else libav may take for a redirect, it never gets to see. For 8 Mbit/s it takes half a
hundredth of a processor.
"""

from __future__ import annotations

import re
import selectors
import socket
import ssl
import threading

_LONGEST_HEAD = 16_384
_LONGEST_BODY = 65_536
_AT_ONCE = 1_000_000
_STATUS = re.compile(rb"RTSP/1\.[01] +(\d{3})(?: .*)?")
_FIELD = re.compile(rb"([\w-]+) *: *(.*)")
_REQUEST = re.compile(rb"[A-Z_]+ \S+ RTSP/1\.[01]")


class Relay:
    """Passes one connection on to a camera; ends when either side does.

    Parameters
    ----------
    camera : socket.socket
        An open connection to it, which is closed in the end.
    patience_s : float
        The longest to wait for the one who connects, and for a side that takes nothing.

    Attributes
    ----------
    port : int
        Where to connect, on 127.0.0.1; once.
    moved : str or None
        Where the camera wanted to redirect to; the connection has ended with it.
    """

    def __init__(self, camera: socket.socket, patience_s: float) -> None:
        self.moved: str | None = None
        self._camera, self._patience_s = camera, patience_s
        self._trusted = False
        camera.settimeout(patience_s)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._run, name="octolab-relay", daemon=True).start()

    def trust(self) -> None:
        """Pass everything on as it comes: libav follows a redirect only while it opens."""
        self._trusted = True

    def _run(self) -> None:
        with self._camera:
            try:
                with self._door:
                    self._door.settimeout(self._patience_s)
                    asking, _ = self._door.accept()
                with asking:
                    asking.settimeout(self._patience_s)
                    self._pass_on(asking)
            except (OSError, ValueError):
                return  # one side is gone, or what came is no RTSP: the other sees an end too

    def _pass_on(self, asking: socket.socket) -> None:
        """Both ways in one thread, as a secure connection bears no second one."""
        answers = Answers()
        with selectors.DefaultSelector() as ready:
            ready.register(self._camera, selectors.EVENT_READ)
            ready.register(asking, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fileobj is asking:
                        if not (data := asking.recv(65_536)):
                            return
                        self._camera.sendall(data)
                    else:
                        if (sent := self._receive()) is None:
                            return
                        asking.sendall(answers.rest(sent) if self._trusted else answers.feed(sent))
                        if (moved := answers.moved) is not None:
                            self.moved = moved
                            return

    def _receive(self) -> bytes | None:
        """All that the camera has sent, as no selector knows of deciphered bytes; None at the end.

        It may be nothing: a secure connection has messages of its own.
        """
        data = b""
        self._camera.setblocking(False)
        try:
            while len(data) < _AT_ONCE and (more := self._camera.recv(65_536)):
                data += more
        except (BlockingIOError, ssl.SSLWantReadError):
            return data
        finally:
            self._camera.settimeout(self._patience_s)
        return data or None


class Answers:
    """Reads what an RTSP camera sends and writes it anew, without redirects."""

    def __init__(self) -> None:
        self.moved: str | None = None
        self._rest = bytearray()

    def feed(self, data: bytes) -> bytes:
        """What may be passed on of all that came so far.

        Raises
        ------
        ValueError
            If it is no RTSP.
        """
        self._rest += data
        passed = b""
        while self.moved is None and (message := self._next()) is not None:
            passed += message
        return passed

    def rest(self, data: bytes) -> bytes:
        """What is left of all that came so far, as it is."""
        if self._rest:
            data, self._rest = bytes(self._rest) + data, bytearray()
        return data

    def _next(self) -> bytes | None:
        """The next whole message; None while there is none."""
        if self._rest.startswith((b"\r", b"\n")):
            self._rest = self._rest.lstrip(b"\r\n")
        if self._rest.startswith(b"$"):  # a packet of video or sound, and how long it is
            end = 4 + int.from_bytes(self._rest[2:4], "big")
            return self._take(end) if len(self._rest) >= max(end, 4) else None
        end = self._rest.find(b"\r\n\r\n")
        if end < 0:
            if len(self._rest) > _LONGEST_HEAD:
                raise ValueError("no head")
            return None
        first, *lines = bytes(self._rest[:end]).replace(b"\r", b"").split(b"\n")
        fields = [found.groups() for line in lines if (found := _FIELD.fullmatch(line))]
        known = {name.lower(): value for name, value in fields}
        length = int(known.get(b"content-length", b"0"))
        if not 0 <= length <= _LONGEST_BODY:
            raise ValueError("no length")
        if len(self._rest) < end + 4 + length:
            return None
        body = self._take(end + 4 + length)[end + 4 :]
        status = _STATUS.fullmatch(first)
        if status is None:
            if _REQUEST.fullmatch(first):
                return b""  # it asks something of its own, which goes without an answer
            raise ValueError("no status")
        if status[1].startswith(b"3"):
            self.moved = known.get(b"location", b"").decode("latin-1").strip()
            return None
        kept = [f for f in fields if f[0].lower() not in (b"content-length", b"location")]
        if body:
            kept.append((b"Content-Length", b"%d" % len(body)))
        head = [b"RTSP/1.0 %s -" % status[1], *(b"%s: %s" % field for field in kept)]
        return b"\r\n".join(head) + b"\r\n\r\n" + body

    def _take(self, count: int) -> bytes:
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken
