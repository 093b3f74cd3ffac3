"""The panel that lists the CIDs of a lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from octolab.errors import NotFound
from octolab.widgets.panel import Panel, action
from octolab.widgets.plain import storage_choices

if TYPE_CHECKING:
    from octolab.catalog import CidOrder
    from octolab.lab import Lab

LONGEST_PAGE = 500


class Cids(Panel):
    """Lists CIDs with their notes and where they are kept.

    The catalog gives all that match in order, as numbers; pages of them are then looked up.
    """

    name = "cids"
    topics = frozenset({"artifact", "pin"})

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._found: list[int] = []

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views that the list has changed."""
        self.push("changed", {"topics": sorted(topics)})

    @action
    def query(
        self,
        text: str = "",
        sort: CidOrder = "at",
        descending: bool = True,
        pins: str = "any",
    ) -> dict[str, Any]:
        """Show what matches from now on: how many CIDs, and their bytes."""
        state = None if pins == "any" else pins
        found = self.lab.catalog.cid_order(text, by=sort, descending=descending, state=state)
        self._found = [number for number, _ in found]
        size = sum(size for _, size in found)
        return {"total": len(found), "bytes": size, "storages": storage_choices(self)}

    @action
    def page(self, offset: int, limit: int) -> dict[str, Any]:
        """Rows of what matches, from any place in it."""
        start, length = max(0, int(offset)), max(1, min(int(limit), LONGEST_PAGE))
        return {
            "offset": start,
            "rows": self.lab.catalog.cids(self._found[start : start + length]),
        }

    @action
    def note(self, cid: str, text: str) -> dict[str, str]:
        """Write a note about all artifacts with a CID."""
        for item in self.lab.by_cid(cid):
            item.set_note(text)
        return {"note": text}

    @action
    def publish(self, cid: str, storage: str) -> dict[str, Any]:
        """Send the file of a CID to a storage."""
        items = self.lab.by_cid(cid)
        if not items:
            raise NotFound("no artifact of this lab has the CID {cid}", cid=cid)
        return {"pin": self.lab.publish(items[0], storage)}
