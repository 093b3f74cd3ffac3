"""Frames, clips and sounds: a record of the catalog together with its lab."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import BadInput, LabError
from octolab.model import Analysis, Annotation, Artifact, ArtifactKind, Event, Pin

if TYPE_CHECKING:
    import numpy as np

    from octolab.audio.tiles import Tiles
    from octolab.lab.lab import Lab

LATE_S = 0.5  # a mark may begin so much past the end: lengths of lossy files are estimates


class Item:
    """What frames, clips and sounds have in common.

    Attributes
    ----------
    record : Artifact
        What the catalog knows of it; `refresh` reads it again.
    """

    kind: ArtifactKind

    def __init__(self, lab: Lab, record: Artifact) -> None:
        self._lab = lab
        self.record = record

    id = property(lambda self: self.record.id, doc="Its number in the catalog.")
    cid = property(lambda self: self.record.cid, doc="Its true IPFS CID.")
    note = property(lambda self: self.record.note, doc="What was written about it.")
    tags = property(lambda self: self.record.tags, doc="Its tags, sorted.")
    meta = property(lambda self: self.record.meta, doc="Further plain data.")
    source = property(lambda self: self.record.source, doc="The slug of its source, or None.")

    @property
    def captured_at(self) -> datetime:
        """When it was captured, in UTC."""
        return self.record.captured_at

    @property
    def path(self) -> Path:
        """Where its file is."""
        return self._lab.path / self.record.path

    def read_bytes(self) -> bytes:
        """Read its file whole.

        Raises
        ------
        LabError
            If the file is gone.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            raise LabError(
                "the file {path} is gone from the lab; `octolab verify` lists all that are",
                path=self.record.path,
            ) from None

    def refresh(self) -> None:
        """Read its record again, after something else changed it."""
        self.record = self._lab.catalog.artifact(self.id)

    def add_tags(self, *names: str) -> None:
        """Tag it."""
        self._lab.catalog.add_tags([self.id], names)
        self.refresh()

    def remove_tags(self, *names: str) -> None:
        """Take tags off it."""
        self._lab.catalog.remove_tags([self.id], names)
        self.refresh()

    def set_note(self, text: str) -> None:
        """Write a note about it."""
        self._lab.catalog.set_note(self.id, text)
        self.refresh()

    def analyses(self) -> list[Analysis]:
        """All that was found in it, newest first."""
        return self._lab.catalog.analyses(self.id)

    def analyze(self, analyzer: str, /, **params: Any) -> Analysis:
        """Run an analyzer on it and keep what it found.

        Parameters
        ----------
        analyzer : str
            The name it was registered under, such as ``"sobel"``.
        **params
            Its parameters.

        Returns
        -------
        Analysis

        Raises
        ------
        NotFound
            If there is no such analyzer.
        BadInput
            If it does not take this kind of artifact, or fails.
        """
        chosen = plugins.analyzers.get(analyzer)
        chosen.require(self.kind)
        analysis = plugins.run_analyzer(chosen, self._data(), **params)
        kept = self._lab.catalog.add_analysis(self.id, analysis)
        self._lab.log("Analysed {path} with {analyzer}", path=self.record.path, analyzer=analyzer)
        return kept

    def _data(self) -> Any:
        return self.path

    def thumbnail(self, size: tuple[int, int] = (320, 240)) -> bytes:
        """Make a small JPEG of it that fits into ``size`` (width, height); kept for next time."""
        from octolab.content import atomic_write
        from octolab.media import thumbnail

        name = f"{self.cid}-{size[0]}x{size[1]}.jpg"
        kept = self._lab.path / ".octolab" / "thumbs" / name[-24:-22] / name
        try:
            return kept.read_bytes()
        except FileNotFoundError:
            pass
        made = thumbnail(self.path, size=size)
        kept.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(kept, made, sync=False)
        return made

    def publish(self, storage: str = "local") -> Pin:
        """Send it to a storage, under its CID.

        Returns
        -------
        Pin
            Its state there; ``failed`` with the reason in ``detail`` when that did not work.
        """
        return self._lab.publish(self, storage)

    def delete(self) -> None:
        """Put it into the trash; ``lab.restore`` brings it back until ``lab.purge``."""
        self._lab.delete([self])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and (other.id, other._lab) == (self.id, self._lab)

    def __hash__(self) -> int:
        return hash((self.id, id(self._lab)))

    def __repr__(self) -> str:
        at = f"{self.captured_at:%Y-%m-%d %H:%M:%S}Z"
        return f"<{type(self).__name__} {self.id} {at} {self.source or 'imported'} {self.cid}>"


class Frame(Item):
    """A still picture."""

    kind: ArtifactKind = "frame"

    @cached_property
    def image(self) -> np.ndarray:
        """Its pixels, (H, W, 3) uint8 RGB; take a copy to draw on."""
        from octolab.media import read_image

        image = read_image(self.path)
        image.flags.writeable = False  # it is read once, for all who look
        return image

    def _data(self) -> Any:
        return self.image.copy()

    def overlay(self, analysis: Analysis) -> np.ndarray:
        """Draw an analysis over the picture.

        Returns
        -------
        numpy.ndarray
            RGB, of the frame's own size.

        Raises
        ------
        NotFound
            If the analyzer has no overlay or is not registered here.
        BadInput
            If the overlay fails, or returns no picture of that size.
        """
        chosen = plugins.analyzers.get(analysis.analyzer)
        return plugins.draw_overlay(chosen, self.image, analysis)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        import base64

        thumb = base64.b64encode(self.thumbnail((640, 480))).decode()
        title = html.escape(self.record.path)
        return {
            "text/plain": repr(self),
            "text/html": (
                f'<figure style="margin:0"><img src="data:image/jpeg;base64,{thumb}" '
                f'alt="{title}" style="max-width:100%;border-radius:6px">'
                f"<figcaption><code>{self.cid}</code><br>{title}</figcaption></figure>"
            ),
        }


class Recording(Item):
    """What clips and sounds have in common: they last, and people mark things in them."""

    @property
    def duration_s(self) -> float | None:
        """Its length in seconds."""
        return self.record.duration_s

    def annotations(self) -> list[Annotation]:
        """What people marked in it, by the time it begins at."""
        found = self._lab.catalog.annotations(self.id)
        return sorted(found, key=lambda one: (one.event.start, one.event.end, one.id))

    def annotate(self, events: Iterable[Event | Annotation], by: str = "") -> list[Annotation]:
        """Mark events in it; their labels become tags.

        Parameters
        ----------
        events : iterable of Event or Annotation
            What to mark; those of an analysis will do. An annotation brings its note.
        by : str
            Who marks them.

        Returns
        -------
        list of Annotation
            The new ones, in the order given.

        Raises
        ------
        BadInput
            If a time or frequency is not a number, an interval is reversed, or it begins past
            the end. One that ends there ends with the sound.
        """
        new = list(events)
        after = self.edit_annotations(new, by=by)
        return after[len(after) - len(new) :]

    def edit_annotations(
        self,
        add: Sequence[Event | Annotation] = (),
        change: Mapping[int, Event | Annotation] | None = None,
        remove: Iterable[int] = (),
        by: str = "",
    ) -> list[Annotation]:
        """Add, change and remove annotations at once; see `Catalog.edit_annotations`.

        Raises
        ------
        BadInput
            If one begins past the end, too.
        """
        new = [self._marked(one) for one in add]
        changed = {number: self._marked(one) for number, one in (change or {}).items()}
        after = self._lab.catalog.edit_annotations(self.id, new, changed, remove, by)
        self.refresh()
        return after

    def _marked(self, one: Event | Annotation) -> Event | Annotation:
        if isinstance(one, Annotation):
            return replace(one, event=self.within(one.event))
        return self.within(one)

    def within(self, event: Event) -> Event:
        """An event as it can be marked here: it ends with the sound if not before.

        Raises
        ------
        BadInput
            If it begins past the end.
        """
        doubted = "warning" in self.meta or event.end > (self.record.duration_s or 0.0)
        length = self._readable_s if doubted else None
        if length is None or not event.end > length:
            return event
        if event.start > length + LATE_S:
            raise BadInput(
                "it begins at {start:.3f} s, past the end of {sound} ({length:.3f} s)",
                start=event.start,
                sound=str(self.record.meta.get("name") or self.record.path),
                length=length,
            )
        return replace(event, start=min(event.start, length), end=length)

    @cached_property
    def _readable_s(self) -> float | None:
        """How much of it can be read, in seconds; of a damaged file that may take decoding it."""
        from octolab.lab.tables import sound_file

        return sound_file(self).duration_s

    def import_annotations(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        label: str | None = None,
        by: str = "",
    ) -> list[Annotation]:
        """Mark in it what a table of another program has; all of it, or nothing.

        Parameters
        ----------
        path : path-like
            A table of Raven, Audacity, CSV, Parquet, AOEF, Darwin Core or a report of ours.
            Of a table of several sounds only the rows of this one are taken.
        format : str, optional
            One of `octolab.audio.tables.FORMATS`; found out from the content by default.
        label : str, optional
            The column that holds the labels, if it is an unusual one.
        by : str
            Who marked, where the table does not say.

        Returns
        -------
        list of Annotation
            The new ones. Those it had already are not doubled: they become what the table
            says, known by their key or, where a table has none, by place and label.

        Raises
        ------
        NotFound
            If there is no such file or format.
        BadInput
            If it is no such table, or a row is not possible or past the end of the sound; the
            error names the line. Or if it is of several sounds that have only a file name in
            common with this one.
        """
        from octolab.audio.tables import read_table
        from octolab.lab.tables import take_in

        found = read_table(path, format, label=label)
        return take_in(self._lab, self, found, Path(path).name, by).new

    def export(
        self,
        format: str,
        out: str | os.PathLike[str],
        *,
        analysis: Analysis | str | None = None,
        threshold: float | None = None,
    ) -> Path:
        """Write a table of what was marked or found in it; see `Lab.export`."""
        return self._lab.export([self], format, out, analysis=analysis, threshold=threshold)


class Clip(Recording):
    """A recorded or made video."""

    kind: ArtifactKind = "clip"

    def sound(self) -> Sound:
        """Keep its sound track as a sound of its own (FLAC, 24 bits), with its time.

        Analyzers of sounds take the clip itself too; this is for what needs a sound file.

        Returns
        -------
        Sound
            Its ``meta["clip"]`` is the CID of the clip. Asked again, it is the same one.

        Raises
        ------
        BadInput
            If the clip holds no sound.
        """
        from octolab.lab.tracks import sound_of

        return sound_of(self._lab, self)


class Sound(Recording):
    """A recorded sound."""

    kind: ArtifactKind = "sound"

    def tiles(self, channel: int | None = None) -> Tiles:
        """Its spectrogram at every zoom, made once in one pass and kept in the lab.

        Parameters
        ----------
        channel : int, optional
            One channel, from 0; the mean of all by default.

        Returns
        -------
        octolab.audio.tiles.Tiles
            ``decibels(level)`` gives a level as an array; the highest level is the whole
            sound in at most 512 columns.

        Raises
        ------
        BadInput
            If the sound can't be read or has no such channel.
        """
        from octolab.lab.sounds import made_tiles

        return made_tiles(self._lab, self, channel)


HANDLES: dict[ArtifactKind, type[Item]] = {"frame": Frame, "clip": Clip, "sound": Sound}
