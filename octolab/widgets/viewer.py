"""The panel of the full view: one artifact with its picture, findings, tags and CID."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, LabError, NotFound, TooLarge
from octolab.model import Analysis
from octolab.widgets.overlays import overlay_png, prepare
from octolab.widgets.panel import Answer, Panel, action
from octolab.widgets.plain import (
    analysis_row,
    analyzer_choices,
    artifact_row,
    camera_names,
    storage_choices,
)

if TYPE_CHECKING:
    from octolab.lab import Item

SHOWN_IN_A_PAGE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
LARGEST_PICTURE = 12_000_000
LONGEST_SIDE = 3200
LARGEST_MEDIA = 200_000_000
CHUNK = 4_000_000


class Viewer(Panel):
    """Shows one artifact whole."""

    name = "viewer"
    topics = frozenset({"analysis", "pin"})

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views that findings or pins have changed."""
        self.push("changed", {"topics": sorted(topics)})

    @action
    def detail(self, id: int) -> dict[str, Any]:
        """All that is known of it."""
        item = self.lab.get(int(id))
        record = item.record
        return {
            "item": artifact_row(record, camera_names(self.lab)),
            "path": record.path,
            "note": record.note,
            "meta": {k: v for k, v in record.meta.items() if not isinstance(v, list | dict)},
            "profile": record.profile,
            "uncertainty_s": record.uncertainty_s,
            "created_at": record.created_at,
            "deleted": record.deleted_at is not None,
            "analyses": [analysis_row(self, one) for one in item.analyses()],
            "analyzers": [one for one in analyzer_choices(self) if item.kind in one["kinds"]],
            "pins": self.lab.catalog.pins(cid=record.cid),
            "storages": storage_choices(self),
        }

    @action
    def picture(self, id: int) -> Answer:
        """A frame's picture as the page can show it; very large ones are reduced."""
        item = self.lab.get(int(id))
        record = item.record
        if item.kind != "frame":
            raise BadInput("{path} is not a picture", path=record.path)
        small = record.size <= LARGEST_PICTURE
        if record.media_type in SHOWN_IN_A_PAGE and small and not _turned(item):
            return Answer({"media_type": record.media_type, "reduced": False}, [item.read_bytes()])
        from octolab.capture import encode_jpeg

        image = item.image  # type: ignore[attr-defined]
        reduced = max(image.shape[:2]) > LONGEST_SIDE
        if reduced:
            import cv2

            scale = LONGEST_SIDE / max(image.shape[:2])
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return Answer({"media_type": "image/jpeg", "reduced": reduced}, [encode_jpeg(image, 92)])

    @action
    def media(self, id: int, offset: int = 0) -> Answer:
        """A piece of a file, to play or to save; views ask for piece after piece."""
        item = self.lab.get(int(id))
        size = item.record.size
        if size > LARGEST_MEDIA:
            raise TooLarge(
                "this file has {size} MB; up to {limit} MB play in the page. Open {path} instead",
                size=size // 1_000_000,
                limit=LARGEST_MEDIA // 1_000_000,
                path=item.record.path,
            )
        try:
            with item.path.open("rb") as file:
                file.seek(max(0, int(offset)))
                data = file.read(CHUNK)
        except FileNotFoundError:
            raise LabError(
                "the file {path} is gone from the lab; `octolab verify` lists all that are",
                path=item.record.path,
            ) from None
        return Answer({"size": size, "media_type": item.record.media_type}, [data])

    # --- findings ---------------------------------------------------------------

    @action
    def analyse(self, id: int, analyzer: str) -> dict[str, Any]:
        """Run an analyzer and keep what it found."""
        prepare(self, analyzer)
        item = self.lab.get(int(id))
        item.analyze(analyzer)
        return self.detail(id)

    @action
    def overlay(self, id: int, index: int) -> Answer:
        """One analysis drawn, as a transparent PNG of the picture's shape."""
        item = self.lab.get(int(id))
        analysis = _at(item.analyses(), int(index))
        png = overlay_png(item.image, analysis)  # type: ignore[attr-defined]
        return Answer(None, [png] if png else [])

    @action
    def publish(self, id: int, storage: str) -> dict[str, Any]:
        """Send it to a storage."""
        return {"pin": self.lab.publish(self.lab.get(int(id)), storage)}

    # --- what people write ---------------------------------------------------------------

    @action
    def tag(self, id: int, add: Sequence[str] = (), remove: Sequence[str] = ()) -> dict[str, Any]:
        """Tag it, or take tags off it."""
        item = self.lab.get(int(id))
        names = [name.strip() for name in add if name.strip()]
        if names:
            item.add_tags(*names)
        if remove:
            item.remove_tags(*remove)
        return {"tags": item.tags}

    @action
    def note(self, id: int, text: str) -> dict[str, str]:
        """Write a note about it."""
        item = self.lab.get(int(id))
        item.set_note(text)
        return {"note": item.note}


def _at(analyses: Sequence[Analysis], index: int) -> Analysis:
    try:
        return analyses[index]
    except IndexError:
        raise NotFound("that analysis is gone; open the picture again") from None


def _turned(item: Item) -> bool:
    """Whether the picture's EXIF turns it: pages turn it too, overlays are drawn upright."""
    return False
