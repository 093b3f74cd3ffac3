"""The limits of the server, and the settings of a lab that change them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput

if TYPE_CHECKING:
    from octolab.catalog import Catalog

KEY = "server"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a lab allows; kept in its catalog under the key ``server``.

    Attributes
    ----------
    max_frame_bytes : int
        The largest still that may be uploaded.
    max_media_bytes : int
        The largest clip or sound that may be uploaded.
    snapshot_hosts : tuple of str
        Hosts that ``/rtsp/snapshot`` may ask; empty: all but the forbidden ones.
    allowed_hosts : tuple of str
        Names the server may be called by, besides localhost and IP addresses.
    segment_s : float
        A recording is cut into clips of this length at most.
    """

    max_frame_bytes: int = 50_000_000
    max_media_bytes: int = 2_000_000_000
    snapshot_hosts: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    segment_s: float = 3600.0


def read_settings(catalog: Catalog) -> Settings:
    """The settings of a lab; what it does not say is left at its default.

    Raises
    ------
    BadInput
        If the catalog holds something else than was meant to be there.
    """
    kept = catalog.get_setting(KEY, {})
    settings = parse_settings(kept)
    names = [name.strip() for name in os.environ.get("OCTOLAB_ALLOWED_HOSTS", "").split(",")]
    return dataclasses.replace(
        settings, allowed_hosts=(*settings.allowed_hosts, *filter(None, names))
    )


def parse_settings(kept: Mapping[str, Any]) -> Settings:
    """Check plain data and make it `Settings`.

    Raises
    ------
    BadInput
        If a key is unknown or a value of the wrong sort.
    """
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        if field.name not in kept:
            continue
        value, default = kept[field.name], field.default
        if isinstance(default, tuple):
            good = isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
            value = tuple(value) if good else value
        else:
            good = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        if not good:
            raise BadInput(
                "the server setting {name} can't be {value!r}", name=field.name, value=value
            )
        values[field.name] = value
    for name in kept:
        if name not in values:
            raise BadInput("there is no server setting {name}", name=name)
    return Settings(**values)
