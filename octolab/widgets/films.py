"""The panel that makes timelapses and lists those there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput
from octolab.widgets.panel import Panel, action
from octolab.widgets.plain import artifact_row, camera_names, storage_choices
from octolab.widgets.selection import Selection

if TYPE_CHECKING:
    from octolab.catalog import Query
    from octolab.lab import Item, Lab

MOST_FILMS = 60
FEWEST_FRAMES = 2


class Films(Panel):
    """Makes timelapses of a gallery, of a camera's frames, or of what is selected."""

    name = "films"
    topics = frozenset({"artifact", "gallery", "source"})

    def __init__(self, lab: Lab, selection: Selection | None = None) -> None:
        super().__init__(lab)
        self._selection = selection if selection is not None else Selection()

    def refresh(self, topics: frozenset[str]) -> None:
        """Tell the views that frames, galleries or films have changed."""
        self.push("changed", {"topics": sorted(topics)})

    @action
    def choices(self) -> dict[str, Any]:
        """What a film can be made of, and the films there are."""
        names = camera_names(self.lab)
        films = self.lab.find(kind="clip", tags=["timelapse"], limit=MOST_FILMS)
        frames = self.lab.catalog.facets(self._query({})).by_source
        kept = {source.slug for source in self.lab.catalog.sources("camera")}
        return {
            "selected": len(self._selection),
            "galleries": [
                {"name": one.slug, "title": one.name, "count": one.count}
                for one in self.lab.catalog.galleries()
            ],
            "cameras": [
                {"name": slug, "title": name, "count": frames.get(slug, 0)}
                for slug, name in names.items()
                if slug in kept or frames.get(slug)
            ],
            "films": [artifact_row(film.record, names) for film in films],
            "storages": storage_choices(self),
        }

    @action
    def measure(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """How many frames a source has, their size, and the first and last moments."""
        ids = self._ids(source)
        if not ids:
            return {"count": 0}
        ends = [self.lab.catalog.artifact(number) for number in (ids[0], ids[-1])]
        return {
            "count": len(ids),
            "width": ends[0].width,
            "height": ends[0].height,
            "first": ends[0].captured_at,
            "last": ends[1].captured_at,
            "first_id": ids[0],
            "last_id": ids[-1],
        }

    @action
    def make(
        self,
        source: Mapping[str, Any],
        fps: float = 24,
        size: Sequence[int] | None = None,
        transition: str | None = None,
        every: int = 1,
        name: str | None = None,
    ) -> dict[str, Any]:
        """Make a film, as a job whose result is the clip's id."""
        ids = self._ids(source)[:: max(1, int(every))]
        if len(ids) < FEWEST_FRAMES:
            raise BadInput(
                "a timelapse needs two frames at least; there are {count}", count=len(ids)
            )
        title = (name or "").strip() or self._title(source)
        width_height = (int(size[0]), int(size[1])) if size else None

        def work(progress: Any, cancelled: Any) -> dict[str, Any]:
            frames: list[Item] = [self.lab.get(number) for number in ids]
            clip = self.lab.timelapse(
                frames,
                fps=float(fps),
                size=width_height,
                transition=transition or None,
                name=title,
                progress=progress,
                cancelled=cancelled,
            )
            return {"id": clip.id}

        job = self.lab.run_job("timelapse", self.text("Timelapse {name}", name=title), work)
        return {"job": job.id, "count": len(ids)}

    def _title(self, source: Mapping[str, Any]) -> str:
        if source.get("gallery"):
            return self.lab.catalog.gallery(str(source["gallery"])).name
        if source.get("camera"):
            return self.lab.catalog.source(str(source["camera"]), removed=True).name
        return self.text("timelapse")

    def _query(self, source: Mapping[str, Any]) -> Query:
        from octolab.catalog import Query

        camera = source.get("camera")
        return Query(
            kinds=("frame",),
            sources=(str(camera),) if camera else (),
            gallery=source.get("gallery") or None,
            newest_first=False,
        )

    def _ids(self, source: Mapping[str, Any]) -> list[int]:
        """The frames of a source, oldest first."""
        if not source.get("selection"):
            return list(self.lab.catalog.ids(self._query(source)))
        chosen = set(self._selection.ids())
        every = self.lab.catalog.ids(replace(self._query({}), newest_first=False))
        return [number for number in every if number in chosen]
