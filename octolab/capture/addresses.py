"""Camera URLs: taking credentials out, and which addresses may be reached at all."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from octolab.capture.faults import within
from octolab.errors import BadInput, Refused, Unavailable

Purpose = Literal["camera", "snapshot"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NETWORK = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
CAMERA = (*NETWORK, "file", "usb", "synthetic")

# Cloud metadata services outside the link-local ranges.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_URL = r"(?:rtsps?|https?)://"
# Greedy, as passwords are pasted with any character in them: up to the last @ of the line or
# of what comes before the next address.
_LOGIN = re.compile(rf"([a-z][a-z0-9+.-]*:/{{1,3}})(?:(?!{_URL}).)*@", re.IGNORECASE)
_SECRET = (
    "(?:user|usr|username|login|account|pass|pwd|passwd|password|passphrase|token|"
    "access_token|auth|key|apikey|api_key|secret|sig|signature)"
)
# In a query, or in the path as recorders have it: /user=admin_password=secret_channel=1
_SECRET_FIELD = re.compile(
    rf"([?&;/_]{_SECRET}=)(?:(?!_(?:{_SECRET}|channel|stream)=)[^&#;\s])*", re.IGNORECASE
)
_STRANGE = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked network address: the URL without credentials and where it leads."""

    url: str
    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def place(self) -> str:
        """The address as people may see it: no credentials, no query."""
        return place(self.url)

    def pinned(self, user: str | None, password: str | None) -> str:
        """The URL with the resolved address for its host, and the credentials percent-encoded."""
        address = self.addresses[0]
        host = f"[{address}]" if ":" in address else address
        login = ""
        if user is not None:
            login = (
                quote(user, safe="") + (":" + quote(password, safe="") if password else "") + "@"
            )
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(scheme=self.scheme, netloc=f"{login}{host}:{self.port}"))


def split_credentials(url: str) -> tuple[str, str | None, str | None]:
    """Take user and password out of a URL.

    Passwords are understood as people paste them, with ``#``, ``/``, ``?`` or spaces, where
    the URL can be read in one way only.

    Returns
    -------
    tuple of (str, str or None, str or None)
        The URL without them, the user, the password; percent-encoding undone.

    Raises
    ------
    BadInput
        If it is no URL, or it is not clear where the password ends.
    """
    login, parts = _split(url)
    if login is None:
        return url, None, None
    user, colon, password = login.partition(":")
    return urlunsplit(parts), unquote(user) or None, unquote(password) if colon else None


def redact(text: object) -> str:
    """Hide credentials of any URL in a text: user and password, and secrets in path and query."""
    return hide_fields(_LOGIN.sub(r"\1***@", str(text)))


def hide_fields(url: str) -> str:
    """Hide what a URL without user and password still tells in its path and query."""
    return _SECRET_FIELD.sub(r"\1***", url)


def place(url: str) -> str:
    """A URL as people may see it: scheme, host, port and path, nothing else."""
    _, parts = _split(url)
    return hide_fields(urlunsplit(parts._replace(query="", fragment="")))


def check_url(
    url: str,
    *,
    purpose: Purpose = "camera",
    allow_hosts: Collection[str] | None = None,
    own_ports: Collection[int] = (),
    timeout_s: float = 5.0,
) -> str:
    """Check that a URL may be opened.

    Names are resolved, and every address they lead to is looked at: link-local addresses,
    cloud metadata services, multicast and other special ranges are never reached, nor are
    `own_ports` on any address of this machine. Addresses in the local network are where
    cameras live and may be reached.

    Parameters
    ----------
    url : str
        What was typed; may hold credentials.
    purpose : {"camera", "snapshot"}
        ``"snapshot"`` allows rtsp, rtsps, http and https only; ``"camera"`` also file, usb
        and synthetic.
    allow_hosts : collection of str, optional
        When given, only these: names (``*.school.lan`` for a whole domain), addresses,
        networks (``192.168.1.0/24``).
    own_ports : collection of int
        Ports this program listens on.
    timeout_s : float
        For resolving the name.

    Returns
    -------
    str
        The URL, unchanged.

    Raises
    ------
    BadInput
        If it is no URL, of another scheme, or names a drawn camera that there is not.
    Refused
        If it leads where it may not.
    Unavailable
        If the name does not resolve in time.
    """
    scheme = _split(url)[1].scheme.lower()
    allowed = CAMERA if purpose == "camera" else tuple(NETWORK)
    known = ", ".join(f"{s}://" for s in allowed)
    if not scheme:
        raise BadInput(
            "{url} is no address: it must begin with one of {known}", url=_told(url), known=known
        )
    if scheme not in allowed:
        raise BadInput(
            "{scheme}:// addresses can't be opened here, only {known}", scheme=scheme, known=known
        )
    if scheme in NETWORK:
        resolve(url, allow_hosts=allow_hosts, own_ports=own_ports, timeout_s=timeout_s)
    elif scheme == "synthetic":
        from octolab.capture.synthetic import scene_name

        scene_name(url)
    return url


def resolve(
    url: str,
    *,
    allow_hosts: Collection[str] | None = None,
    own_ports: Collection[int] = (),
    timeout_s: float = 5.0,
) -> Target:
    """Check a network URL as `check_url` does and say which addresses it leads to.

    Connect to these addresses and not to the name: it may resolve differently next time.
    """
    clean, _, _ = split_credentials(url)
    parts = urlsplit(clean)
    host = unquote(parts.hostname or "").rstrip(".")
    if parts.scheme.lower() not in NETWORK or not host:
        raise BadInput("{url} is not the address of a camera", url=_told(url))
    port = parts.port if parts.port is not None else NETWORK[parts.scheme.lower()]
    addresses = _lookup(host, port, timeout_s)
    for address in addresses:
        _refuse_forbidden(host, port, address, own_ports)
    if allow_hosts is not None and not _listed(host, addresses, allow_hosts):
        raise Refused("{host} is not in the list of allowed hosts", host=host)
    return Target(
        clean, parts.scheme.lower(), host, port, tuple(str(address) for address in addresses)
    )


# --- parsing -----------------------------------------------------------------------------------


def _split(url: str) -> tuple[str | None, SplitResult]:
    """The login, as it was typed, and the rest of an address."""
    login, clean = _part(url)
    if _STRANGE.search(clean) or (login and _STRANGE.search(login.replace(" ", ""))):
        raise BadInput("{url} holds spaces or characters a URL can't have", url=_told(url))
    fault: BadInput
    try:
        parts = urlsplit(clean)
        _ = parts.port, parts.hostname
    except ValueError:
        fault = BadInput("{url} is not a valid address", url=_told(url))
    else:
        return login, parts
    raise fault


def _part(url: str) -> tuple[str | None, str]:
    """Take the login out, wherever it can only be one."""
    scheme, mark, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    login, at, beyond = rest.rpartition("@")
    if scheme.lower() in NETWORK and len(login) >= len(authority) and ":" in login and at:
        if "@" in login or _may_be_host(authority):
            raise BadInput(
                "it is not clear where the password ends in {url}: give user and password apart "
                "from the address (user=, password=), or write @ in them as %40, / as %2F, "
                "? as %3F and # as %23",
                url=_told(url),
            )
        return login, f"{scheme}://{beyond}"
    login, at, _ = authority.rpartition("@")  # no password can end at an @ further on
    return (login, f"{scheme}{mark}{rest[len(login) + 1 :]}") if at else (None, url)


def _may_be_host(text: str) -> bool:
    """Whether it reads as ``host`` or ``host:port``."""
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        return False


def _told(url: str) -> str:
    """An address that may be no address at all, without anything that could be a login."""
    before, at, rest = url.rpartition("@")
    scheme, mark, _ = before.partition("://")
    known = f"{scheme}://" if mark and scheme.lower() in CAMERA else ""
    return hide_fields(f"{known}***@{rest}" if at else url)


# --- addresses ---------------------------------------------------------------------------------


def _lookup(host: str, port: int, timeout_s: float) -> tuple[Address, ...]:
    """Resolve in a thread: the system's resolver knows no time limit of ours."""
    fault: Unavailable
    try:
        found = within(timeout_s, lambda: _getaddrinfo(host, port))
    except TimeoutError:
        fault = Unavailable(
            "the name {host} could not be looked up within {seconds:g} s",
            host=host,
            seconds=round(timeout_s, 1),
        )
    except (OSError, UnicodeError):
        fault = Unavailable("the name {host} was not found", host=host)
    else:
        return tuple(ipaddress.ip_address(text) for text in found)
    raise fault


def _getaddrinfo(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _refuse_forbidden(host: str, port: int, address: Address, own_ports: Collection[int]) -> None:
    for real in _meanings(address):
        if (
            real.is_link_local
            or real.is_multicast
            or real.is_unspecified
            or (real.is_reserved and not real.is_loopback)
            or real in _METADATA
            or str(real) == "255.255.255.255"
        ):
            raise Refused("{host} leads to an address that is never opened", host=host)
        if port in own_ports and _is_this_machine(real):
            raise Refused(
                "{host}:{port} is OctoLab itself, which is never opened as a camera",
                host=host,
                port=port,
            )


def _meanings(address: Address) -> Iterable[Address]:
    """The address, and any IPv4 address that is wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
        if address in _NAT64 or int(address) < 2**32:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _is_this_machine(address: Address) -> bool:
    """Only an address of this machine can be bound."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _listed(host: str, addresses: Iterable[Address], allowed: Collection[str]) -> bool:
    names = {entry.lower().rstrip(".") for entry in allowed}
    name = host.lower()
    if name in names or any(e.startswith("*.") and name.endswith(e[1:]) for e in names):
        return True
    networks = []
    for entry in names:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            continue
    return all(
        any(address.version == n.version and address in n for n in networks)
        for address in addresses
    )
