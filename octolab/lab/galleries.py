"""Galleries: named, ordered sets of artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from octolab.errors import BadInput
from octolab.lab.artifacts import Clip, Item
from octolab.model import GalleryInfo

if TYPE_CHECKING:
    from octolab.lab.lab import Lab
    from octolab.media import Transition

PAGE = 500


class Gallery:
    """A named, ordered set of artifacts, oldest first.

    Behaves as a read-only sequence: ``len(g)``, ``g[0]``, ``g[-1]``, ``g[10:20]``, iteration.
    """

    def __init__(self, lab: Lab, info: GalleryInfo) -> None:
        self._lab = lab
        self.slug = info.slug

    @property
    def info(self) -> GalleryInfo:
        """What the catalog says of it now."""
        return self._lab.catalog.gallery(self.slug)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.info.name

    def __len__(self) -> int:
        return self.info.count

    def __bool__(self) -> bool:
        return True

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        count = len(self)
        if isinstance(index, slice):
            start, stop, step = index.indices(count)
            if step < 0:
                return list(self)[index]
            return self._page(start, max(0, stop - start))[::step]
        if index < 0:
            index += count
        if not 0 <= index < count:
            raise IndexError(f"{self.name} has {count} artifacts")
        return self._page(index, 1)[0]

    def __iter__(self) -> Iterator[Item]:
        query = self._lab.query(gallery=self.slug, newest_first=False, limit=PAGE)
        while page := self._lab.catalog.find(query):
            yield from self._lab.handles(page)
            query = replace(query, after=(page[-1].captured_at, page[-1].id))

    def _page(self, offset: int, limit: int) -> list[Item]:
        query = self._lab.query(gallery=self.slug, newest_first=False)
        return self._lab.handles(self._lab.catalog.page(query, offset, limit))

    def add(self, *items: Item) -> None:
        """Put artifacts into it; those in it already stay where they are.

        Raises
        ------
        Conflict
            If it is a saved search, which fills itself.
        """
        self._lab.catalog.add_to_gallery(self.slug, [item.id for item in items])

    def remove(self, *items: Item) -> None:
        """Take artifacts out of it; they stay in the lab."""
        self._lab.catalog.remove_from_gallery(self.slug, [item.id for item in items])

    def select(self, **filters: Any) -> list[Item]:
        """Find artifacts in it; takes what `Lab.find` takes, but no other gallery."""
        if "gallery" in filters:
            raise BadInput("select looks in this gallery only; leave out the gallery")
        return self._lab.find(
            **{"limit": None, "newest_first": False, **filters}, gallery=self.slug
        )

    def timelapse(
        self,
        fps: float = 24,
        size: tuple[int, int] | None = None,
        transition: Transition | None = None,
    ) -> Clip:
        """Make a film of its frames; see `Lab.timelapse`."""
        frames = self.select(kind="frame")
        return self._lab.timelapse(
            frames, fps=fps, size=size, transition=transition, name=self.name
        )

    def rename(self, name: str) -> None:
        """Call it something else."""
        self._lab.catalog.rename_gallery(self.slug, name)

    def delete(self) -> None:
        """Forget the gallery; its artifacts stay in the lab."""
        self._lab.catalog.delete_gallery(self.slug)

    def __repr__(self) -> str:
        return f"<Gallery {self.name!r} of {len(self)}>"
