"""Places that keep files under their CID."""

from __future__ import annotations
