"""Sending artifacts to storages and getting them back, by CID."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from octolab import plugins
from octolab.content import PROFILES, atomic_write, file_cid, parse_cid, verify_bytes
from octolab.errors import NotFound, OctolabError
from octolab.model import Pin, utc_now

if TYPE_CHECKING:
    from octolab.catalog import Catalog


def publish(catalog: Catalog, path: Path, cid: str, storage: str) -> Pin:
    """Save one file at a storage; the pin that results is kept, also when it failed."""
    chosen = plugins.storages.get(storage)
    before = next(iter(catalog.pins(cid=cid, storage=storage)), None)
    pin = before or Pin(cid, storage, "queued")
    pin = replace(pin, state="pinning", attempts=pin.attempts + 1, detail="", updated_at=utc_now())
    catalog.set_pin(pin)
    try:
        receipt = chosen.save(path, cid)
        pin = replace(pin, state="pinned", receipt=dict(receipt), updated_at=utc_now())
        catalog.set_pin(pin)
    except Exception as error:
        reason = (
            str(error) if isinstance(error, OctolabError) else f"{type(error).__name__}: {error}"
        )
        pin = replace(pin, state="failed", receipt={}, detail=reason, updated_at=utc_now())
        catalog.set_pin(pin)
    return pin


def fetch(root: Path, catalog: Catalog, cid: str) -> Path:
    """Find the verified file of a CID in the lab, else at the storages that have it."""
    cid = str(parse_cid(cid))
    for artifact in catalog.by_cid(cid):
        path = root / artifact.path
        if path.is_file() and file_cid(path, profile=artifact.profile) == cid:
            return path
    kept = root / ".octolab" / "fetched" / cid
    if kept.is_file() and any(file_cid(kept, profile=profile) == cid for profile in PROFILES):
        return kept
    pinned = [pin.storage for pin in catalog.pins(cid=cid, state="pinned")]
    others = [storage.name for storage in plugins.storages.all()]
    reasons = []
    for name in dict.fromkeys([*pinned, *others]):
        try:
            data = plugins.storages.get(name).fetch(cid)
            verify_bytes(data, cid)
        except Exception as error:
            reasons.append(f"{name}: {error}")
            continue
        kept.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(kept, data)
        return kept
    raise NotFound(
        "{cid} is neither in this lab nor at a storage it knows ({reasons})",
        cid=cid,
        reasons="; ".join(reasons),
    )
