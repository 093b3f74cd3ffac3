"""The panel that browses artifacts: filters, pages, small pictures, a selection."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, OctolabError
from octolab.lab.inputs import moment
from octolab.widgets.overlays import prepare
from octolab.widgets.panel import Answer, Panel, action
from octolab.widgets.plain import (
    analyzer_choices,
    artifact_row,
    camera_names,
    storage_choices,
)
from octolab.widgets.selection import Selection

if TYPE_CHECKING:
    from octolab.catalog import Query
    from octolab.lab import Lab
    from octolab.plugins import Progress

LONGEST_PAGE = 500
MOST_THUMBS = 96
THUMB_SIZE = (320, 240)
MOST_TAGS = 60
MOST_AT_ONCE = 1000
CHUNK = 2000
UNDO_STEPS = 20


class GalleryPanel(Panel):
    """Browses the lab and acts on what is selected."""

    name = "gallery"
    topics = frozenset({"artifact", "gallery", "source"})

    def __init__(
        self, lab: Lab, selection: Selection | None = None, gallery: str | None = None
    ) -> None:
        super().__init__(lab)
        self.selection = selection if selection is not None else Selection()
        self._gallery = gallery
        self._query: Query = lab.query(gallery=gallery)
        self._deleted: dict[str, list[int]] = {}
        self._undo_numbers = itertools.count(1)
        self._thumbs = ThreadPoolExecutor(2, thread_name_prefix="octolab-thumbs")

    def close(self) -> None:
        """End the threads."""
        self._thumbs.shutdown(wait=False, cancel_futures=True)

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views that what they show may be out of date."""
        self.push("changed", {"topics": sorted(topics)})

    # --- looking ---------------------------------------------------------------

    @action
    def choices(self) -> dict[str, Any]:
        """What can be filtered by and done."""
        galleries = [
            {"slug": one.slug, "name": one.name, "count": one.count}
            for one in self.lab.catalog.galleries()
        ]
        return {
            "gallery": self._gallery,
            "galleries": galleries,
            "cameras": [
                {"name": slug, "title": name} for slug, name in camera_names(self.lab).items()
            ],
            "analyzers": analyzer_choices(self),
            "storages": storage_choices(self),
        }

    @action
    def query(self, filter: Mapping[str, Any]) -> dict[str, Any]:
        """Show what matches from now on; how much that is, and by what it can be narrowed."""
        wanted = self._meant(filter)
        differs = replace(wanted, newest_first=True) != replace(self._query, newest_first=True)
        self._query = wanted
        if differs:
            self._forget_hidden()
        facets = self.lab.catalog.facets(self._query)
        names = camera_names(self.lab)
        tags = sorted(facets.by_tag.items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "total": facets.total,
            "selected": len(self.selection),
            "kinds": facets.by_kind,
            "cameras": [
                {"slug": slug, "name": names.get(slug, slug), "count": count}
                for slug, count in sorted(facets.by_source.items(), key=lambda pair: -pair[1])
                if slug
            ],
            "tags": [{"name": name, "count": count} for name, count in tags[:MOST_TAGS]],
            "trash": self.lab.catalog.count(self._meant({"trash": True})),
            "days": dict(sorted(facets.by_day.items())),
        }

    def _forget_hidden(self) -> None:
        """Nothing may be deleted, sent or analysed that the filter hides."""
        chosen = set(self.selection.ids())
        if chosen:
            self.selection.set(chosen.difference(self.lab.catalog.ids(self._query)), False)

    def _meant(self, wish: Mapping[str, Any]) -> Query:
        from octolab.catalog import Query

        kinds, cameras, tags = (list(wish.get(key) or ()) for key in ("kinds", "cameras", "tags"))
        since, until = wish.get("since"), wish.get("until")
        return Query(
            kinds=tuple(kinds),
            sources=tuple(cameras),
            tags=tuple(tags),
            gallery=wish.get("gallery") or None,
            since=moment(since) if since else None,
            until=moment(until) if until else None,
            text=str(wish.get("text") or ""),
            only_deleted=bool(wish.get("trash")),
            newest_first=bool(wish.get("newest_first", True)),
        )

    @action
    def page(self, offset: int, limit: int) -> dict[str, Any]:
        """Rows of what matches, from any place in it."""
        limit = max(1, min(int(limit), LONGEST_PAGE))
        records = self.lab.catalog.page(self._query, max(0, int(offset)), limit)
        names = camera_names(self.lab)
        return {
            "offset": offset,
            "items": [artifact_row(record, names, self.selection) for record in records],
        }

    @action
    def thumbs(self, ids: Sequence[int]) -> Answer:
        """Small JPEGs of these; an empty one where none can be made."""
        ids = list(ids)[:MOST_THUMBS]
        return Answer({"ids": ids}, list(self._thumbs.map(self._thumb, ids)))

    def _thumb(self, number: int) -> bytes:
        try:
            return self.lab.get(number).thumbnail(THUMB_SIZE)
        except OctolabError:
            return b""

    # --- galleries ---------------------------------------------------------------

    @action
    def new_gallery(self, name: str) -> dict[str, str]:
        """Make an empty gallery."""
        if not name.strip():
            raise BadInput("a gallery needs a name")
        return {"slug": self.lab.gallery(name.strip()).slug}

    @action
    def rename_gallery(self, gallery: str, name: str) -> None:
        """Call a gallery something else."""
        self.lab.catalog.rename_gallery(gallery, name)

    @action
    def delete_gallery(self, gallery: str) -> None:
        """Forget a gallery; what is in it stays in the lab."""
        self.lab.catalog.delete_gallery(gallery)

    # --- selecting ---------------------------------------------------------------

    @action
    def select(self, ids: Sequence[int], on: bool) -> dict[str, int]:
        """Select these, or no more."""
        self.selection.set(map(int, ids), on)
        return self._selected()

    @action
    def select_range(self, start: int, stop: int, on: bool = True) -> dict[str, int]:
        """Select what matches from one place up to before another."""
        ids: list[int] = []
        for offset in range(int(start), int(stop), LONGEST_PAGE):
            limit = min(LONGEST_PAGE, int(stop) - offset)
            ids += [r.id for r in self.lab.catalog.page(self._query, offset, limit)]
        self.selection.set(ids, on)
        return self._selected()

    @action
    def select_all(self) -> dict[str, int]:
        """Select all that matches."""
        self.selection.set(self.lab.catalog.ids(self._query), True)
        return self._selected()

    @action
    def select_none(self) -> dict[str, int]:
        """Select nothing."""
        self.selection.clear()
        return self._selected()

    def _selected(self) -> dict[str, int]:
        return {"selected": len(self.selection)}

    def _chosen(self, ids: Sequence[int] | None) -> list[int]:
        chosen = [int(number) for number in ids] if ids else self.selection.ids()
        if not chosen:
            raise BadInput("select something first")
        return chosen

    # --- acting ---------------------------------------------------------------

    def _with_each(
        self,
        title: str,
        ids: Sequence[int],
        change: Callable[[Sequence[int]], object],
        after: Callable[[], object] = lambda: None,
    ) -> dict[str, Any]:
        """Change these: at once or, when they are many, some at a time as a job it names."""
        if len(ids) <= MOST_AT_ONCE:
            change(ids)
            after()
            return {"count": len(ids)}

        def work(progress: Progress, cancelled: object) -> None:
            for done in range(0, len(ids), CHUNK):
                progress(done, len(ids), "")
                change(ids[done : done + CHUNK])
            after()

        return {"count": len(ids), "job": self.lab.run_job("gallery", title, work).id}

    @action
    def delete(self, ids: Sequence[int] | None = None) -> dict[str, Any]:
        """Move to the trash; the answer says how to undo that."""
        chosen = self._chosen(ids)
        self.selection.set(chosen, False)
        number = str(next(self._undo_numbers))
        self._deleted[number] = chosen
        while len(self._deleted) > UNDO_STEPS:
            self._deleted.pop(next(iter(self._deleted)))
        begun = self._with_each(
            self.text("Moving to the trash"),
            chosen,
            self.lab.catalog.delete,
            lambda: self.lab.log("Moved to the trash: {count}", count=len(chosen)),
        )
        return {"undo": number, **begun, **self._selected()}

    @action
    def restore(self, undo: str | None = None, ids: Sequence[int] | None = None) -> dict[str, Any]:
        """Take back a deletion, or take these out of the trash."""
        chosen = self._deleted.pop(undo, []) if undo else self._chosen(ids)
        self.selection.set(chosen, False)
        begun = self._with_each(
            self.text("Restoring from the trash"),
            chosen,
            self.lab.catalog.restore,
            lambda: self.lab.log("Restored from the trash: {count}", count=len(chosen)),
        )
        return {**begun, **self._selected()}

    @action
    def purge(self) -> dict[str, Any]:
        """Empty the trash for good; one that holds much, as a job."""
        self.selection.clear()
        count = self.lab.catalog.count(self._meant({"trash": True}))
        if count <= MOST_AT_ONCE:
            return {"count": self.lab.purge()}

        def work(progress: Progress, cancelled: object) -> None:
            progress(0, None, "")
            self.lab.purge()

        job = self.lab.run_job("gallery", self.text("Emptying the trash"), work)
        return {"count": count, "job": job.id}

    @action
    def tag(self, add: Sequence[str] = (), remove: Sequence[str] = ()) -> dict[str, Any]:
        """Tag what is selected, or take tags off it."""
        new, old = _tags(add) if add else [], list(remove)

        def change(ids: Sequence[int]) -> None:
            if new:
                self.lab.catalog.add_tags(ids, new)
            if old:
                self.lab.catalog.remove_tags(ids, old)

        return self._with_each(self.text("Tagging"), self._chosen(None), change)

    @action
    def collect(self, gallery: str) -> dict[str, Any]:
        """Put what is selected into a gallery, made when there is none of that name."""
        if not gallery.strip():
            raise BadInput("a gallery needs a name")
        chosen = self._chosen(None)
        target = self.lab.gallery(gallery.strip())
        begun = self._with_each(
            self.text("Adding to {gallery}", gallery=target.name),
            chosen,
            partial(self.lab.catalog.add_to_gallery, target.slug),
        )
        return {**begun, "slug": target.slug, "name": target.name}

    @action
    def leave(self, gallery: str) -> dict[str, Any]:
        """Take what is selected out of a gallery; it stays in the lab."""
        return self._with_each(
            self.text("Taking out of a gallery"),
            self._chosen(None),
            partial(self.lab.catalog.remove_from_gallery, gallery),
        )

    @action
    def publish(self, storage: str, ids: Sequence[int] | None = None) -> dict[str, str]:
        """Send what is selected to a storage, as a job."""
        chosen = self._chosen(ids)

        def work(progress: Any, cancelled: Any) -> dict[str, int]:
            failed = 0
            for done, number in enumerate(chosen):
                item = self.lab.get(number)
                progress(done, len(chosen), item.record.path)
                failed += self.lab.publish(item, storage).state == "failed"
            progress(len(chosen), len(chosen), "")
            return {"sent": len(chosen) - failed, "failed": failed}

        title = self.text("Sending to {storage}", storage=storage)
        return {"job": self.lab.run_job("publish", title, work).id, "count": str(len(chosen))}

    @action
    def analyse(self, analyzer: str) -> dict[str, Any]:
        """Analyse what is selected, as a job."""
        chosen = self._chosen(None)
        prepare(self, analyzer)
        items = self.lab.handles(self.lab.catalog.artifacts(chosen))
        return {"job": self.lab.analyze(items, analyzer).id, "count": len(chosen)}

    @action
    def everything(self) -> dict[str, Any]:
        """The ids that match, in their order, for other panels and tests."""
        return {"ids": self.lab.catalog.ids(replace(self._query, newest_first=False))}


def _tags(names: Sequence[str]) -> list[str]:
    found = [name.strip() for name in names if name.strip()]
    if not found:
        raise BadInput("a tag needs a name")
    return found
