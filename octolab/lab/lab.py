"""`Lab` opens a folder and ties the parts together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from octolab import jobs, plugins
from octolab.content import atomic_file
from octolab.errors import BadInput, LabError, NotFound, OctolabError, reason
from octolab.lab import secrets, trash
from octolab.lab.adding import add, added, fillable, sound_files
from octolab.lab.archive import fetch, publish
from octolab.lab.artifacts import HANDLES, Clip, Frame, Item, Sound
from octolab.lab.batch import analyze, keep_sounds, table_path
from octolab.lab.cameras import Camera, at_work, check
from octolab.lab.films import make_timelapse
from octolab.lab.galleries import Gallery
from octolab.lab.ingest import Capture, store_bytes
from octolab.lab.inputs import Moment, moment, name_of
from octolab.lab.live import Client, Live, start_server
from octolab.lab.sounds import drop_tiles
from octolab.lab.verify import VerifyReport, verify
from octolab.model import (
    Analysis,
    Annotation,
    Artifact,
    ArtifactKind,
    Facets,
    Level,
    LogEntry,
    Pin,
    utc_now,
)

if TYPE_CHECKING:
    from octolab.audio import Classifier
    from octolab.catalog import Catalog, Query
    from octolab.lab.adding import Data, Places
    from octolab.media import Transition

ALL = 1 << 40


class Lab:
    """A folder with everything a class or a field study captured, and its catalog.

    Parameters
    ----------
    path : str or path-like
        The folder; made when it is not there.
    create : bool
        If false, a folder without a lab is an error.
    catalog : str, optional
        A database URL to keep the catalog in, instead of ``lab.db`` in the folder; the lab
        remembers it, so that its server and later openings find it.
    live : Live, optional
        What owns the cameras; a server process of this lab by default, started when
        something live is first asked for.

    Raises
    ------
    NotFound
        If there is no lab and `create` is false.
    LabError
        If the catalog is newer than this OctoLab, damaged, or the folder can't be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        catalog: str | None = None,
        live: Live | None = None,
    ) -> None:
        from octolab.catalog import Catalog

        try:
            self.path = Path(path).expanduser().resolve()
        except ValueError:
            raise BadInput("{path!r} can't be the path of a folder", path=str(path)) from None
        elsewhere = self.path / ".octolab" / "catalog-url"
        if catalog is None and elsewhere.is_file():
            catalog = elsewhere.read_text("utf-8")
        database = self.path / "lab.db"
        if not create and not catalog and not database.is_file():
            raise NotFound("there is no lab in {path}", path=str(self.path))
        try:
            for folder in ("thumbs", "recording", "incoming"):
                (self.path / ".octolab" / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabError(
                "the folder {path} can't be used for a lab: {reason}",
                path=str(self.path),
                reason=reason(error),
            ) from None
        self.catalog: Catalog = Catalog.open(catalog or database)
        if catalog is not None and not elsewhere.is_file():
            with atomic_file(elsewhere) as file:
                file.path.chmod(0o600)  # it may hold a password
                file.write(catalog.encode())
        trash.settle(self.path, self.catalog)
        self._given_live = live

    @cached_property
    def id(self) -> str:
        """A number that is this lab's alone."""
        return self.catalog.lab_id

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @cached_property
    def live(self) -> Live:
        """What owns the live sources (see `octolab.lab.live`)."""
        return self._given_live or Client(self.path)

    def wake(self) -> None:
        """See to it, in the background, that the cameras do what they should be doing.

        After a reboot, or a kill of its server, nothing captures until somebody looks after
        the lab: widgets, dashboards and the `octolab` command do so when they open it, a
        script that only reads it need not. Nothing is started for cameras that have nothing
        to do.
        """
        idle = not any(at_work(source.desired) for source in self.catalog.sources("camera"))
        if not (idle or self.live.running):
            threading.Thread(None, start_server, "octolab-wake", (self.path,), daemon=True).start()

    def close(self) -> None:
        """Let go of the catalog; a server that captures goes on."""
        if isinstance(live := self.__dict__.get("live"), Client):
            live.close()
        self.catalog.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab {str(self.path)!r}>"

    # --- cameras ---------------------------------------------------------------

    def add_camera(
        self,
        url: str,
        *,
        name: str | None = None,
        user: str | None = None,
        password: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Camera:
        """Add a camera; it is opened when somebody first looks, captures or records.

        Parameters
        ----------
        url : str
            ``synthetic://plant``, ``synthetic://hive``, ``synthetic://testcard``,
            ``usb://0``, ``rtsp://…``, ``http://…`` (MJPEG or a still), ``file:///…``.
        name : str, optional
            What people call it; made from the address by default.
        user, password : str, optional
            Kept in the user's own configuration, never in the lab.
        settings : mapping, optional
            Further settings: see `octolab.capture.open_camera`.

        Returns
        -------
        Camera

        Raises
        ------
        BadInput
            If the address can't be one of a camera, or a setting can't be used.
        Refused
            If the address may not be opened.
        Unavailable
            If there is no such file, or the name of the host is not found.
        """
        url, login = secrets.split(url, user, password)
        settings = dict(settings or {})
        check(self, login.url or url, settings)
        if url.startswith("synthetic://"):
            settings.setdefault("since", utc_now().isoformat())  # grows on when the server restarts
        source = self.catalog.add_source("camera", name or name_of(url), url, settings)
        secrets.save(self.id, source.slug, login)
        self.log("Camera {camera} added", camera=source.name)
        return Camera(self, source)

    def cameras(self) -> list[Camera]:
        """All cameras, in the order they were added."""
        return [Camera(self, source) for source in self.catalog.sources("camera")]

    def camera(self, name: str) -> Camera:
        """The camera of that name or slug."""
        return Camera(self, self.catalog.source(name))

    def restart_cameras(self) -> None:
        """Close and open every camera."""
        self.live.ensure()
        self.live.restart()
        self.log("All cameras restarted")

    # --- artifacts in ---------------------------------------------------------------

    def add_frame(self, data: Data, **known: Any) -> Frame:
        """Keep a picture: a file (the original stays), bytes, or an RGB array.

        Parameters
        ----------
        data : path-like, bytes or numpy.ndarray
            An array (H, W, 3) uint8 is kept as PNG, without loss.
        name : str, optional
            Its original name; taken from the path by default.
        gallery : str, optional
            A gallery to put it into; made when there is none of that name.
        tags : sequence of str
            Tags to give it.
        captured_at : datetime or str, optional
            When; by default what its EXIF says, else the file's time, else now.
        source : str, optional
            The camera it comes from, by name or slug.
        meta : mapping, optional
            Further plain data to keep with it.
        note : str
            A note.

        Returns
        -------
        Frame

        Raises
        ------
        BadInput, TooLarge
            If it is no picture, damaged, or too large.
        """
        item = add(self, "frame", data, **known)
        assert isinstance(item, Frame)
        return item

    def add_clip(self, data: Data, **known: Any) -> Clip:
        """Keep a video file; parameters as for `add_frame`."""
        item = add(self, "clip", data, **known)
        assert isinstance(item, Clip)
        return item

    def add_sound(self, data: Data, *, timezone: str | None = None, **known: Any) -> Sound:
        """Keep a sound file; further parameters as for `add_frame`.

        Unless `captured_at` is given, the time is the one that the recorder wrote into the
        file or its name (`octolab.audio.read_recorded`), with its uncertainty; device,
        position and the like go to ``meta["recorder"]``.

        Parameters
        ----------
        timezone : str, optional
            The zone of the recorder's clock, such as ``Europe/Berlin`` or ``+02:00``, for
            times that are written without one.
        """
        item = add(self, "sound", data, timezone=timezone, **known)
        assert isinstance(item, Sound)
        return item

    def record_sound(
        self,
        seconds: float,
        *,
        device: str | int | None = None,
        sr: int | None = None,
        channels: int = 1,
        **known: Any,
    ) -> Sound:
        """Record from a microphone of this machine and keep it, with the time it began.

        What was heard until it ended early, by Ctrl-C or a microphone that was unplugged, is
        kept too; what a kill leaves is, at the next recording.

        Parameters
        ----------
        seconds : float
            For how long.
        device, sr, channels
            As for `octolab.audio.record`.
        **known
            As for `add_sound`: ``name``, ``gallery``, ``tags``, ``note``, ``meta``.

        Returns
        -------
        Sound
            ``meta["recorder"]["device"]`` is the microphone.

        Raises
        ------
        Unavailable
            If there is no microphone that can be used; it says what to do.
        BadInput
            If a parameter is out of range.
        """
        from octolab.lab.microphone import record_sound

        return record_sound(self, seconds, device=device, sr=sr, channels=channels, **known)

    def add_sounds(self, places: Places, *, gallery: str | None = None, **known: Any) -> jobs.Job:
        """Keep a folder of sound files, or any number of them, in the background.

        The originals stay. A file that is in the lab already (the same bytes, recorded at the
        same time) is not added again, so a job that was stopped goes on when run again.

        Parameters
        ----------
        places : path or iterable of paths
            Folders, which are searched with all folders in them, and files.
        gallery : str, optional
            A gallery to put them into.
        **known
            As for `add_sound`, for all of them: ``timezone``, ``tags``, ``source``, ``note``.

        Returns
        -------
        Job
            Its result counts ``added`` and ``known`` sounds and lists ``errors`` by path.

        Raises
        ------
        NotFound
            If a folder holds no sounds.
        """
        paths = [path.absolute() for path in sound_files(places)]
        work = partial(keep_sounds, self, paths, {"gallery": gallery, **known})
        return self.run_job("import", f"{len(paths)} × {paths[0].parent.name}", work)

    def add_capture(self, data: bytes, capture: Capture, *, gallery: str | None = None) -> Frame:
        """Keep a still that a camera of this lab just gave, without probing it again."""
        into = fillable(self, gallery)
        item = added(self, store_bytes(self.path, self.catalog, data, capture), into, capture)
        assert isinstance(item, Frame)
        return item

    # --- artifacts out ---------------------------------------------------------------

    def handles(self, records: Iterable[Artifact]) -> list[Item]:
        """Make `Frame`, `Clip` and `Sound` of records of the catalog."""
        return [HANDLES[record.kind](self, record) for record in records]

    def get(self, number: int) -> Item:
        """The artifact of that number."""
        return self.handles([self.catalog.artifact(number)])[0]

    def by_cid(self, cid: str) -> list[Item]:
        """Find every artifact with that CID."""
        from octolab.content import parse_cid

        return self.handles(self.catalog.by_cid(str(parse_cid(cid))))

    def query(
        self,
        *,
        kind: ArtifactKind | Sequence[ArtifactKind] | None = None,
        tags: Sequence[str] = (),
        camera: str | None = None,
        gallery: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        text: str | None = None,
        limit: int | None = 100,
        newest_first: bool = True,
    ) -> Query:
        """Say what to find; the parameters are those of `find`."""
        from octolab.catalog import Query

        return Query(
            kinds=() if kind is None else (kind,) if isinstance(kind, str) else tuple(kind),
            tags=(tags,) if isinstance(tags, str) else tuple(tags),
            sources=(self.catalog.source(camera, removed=True).slug,) if camera else (),
            gallery=self.catalog.gallery(gallery).slug if gallery else None,
            since=moment(since) if since is not None else None,
            until=moment(until) if until is not None else None,
            text=text or "",
            limit=ALL if limit is None else limit,
            newest_first=newest_first,
        )

    def find(self, **filters: Any) -> list[Item]:
        """Find artifacts.

        Parameters
        ----------
        kind : {"frame", "clip", "sound"} or a sequence of them, optional
            Which sort.
        tags : sequence of str
            All of these tags; labels that an analysis found are tags too.
        camera, gallery : str, optional
            By name or slug.
        since, until : datetime, date or ISO text, optional
            Captured at or after, and before; without a time zone it means UTC.
        text : str, optional
            Words in notes, names and tags.
        limit : int or None
            At most so many (100); None for all.
        newest_first : bool
            The order.

        Returns
        -------
        list of Frame, Clip and Sound

        Raises
        ------
        NotFound
            If there is no such camera or gallery.
        """
        return self.handles(self.catalog.find(self.query(**filters)))

    def count(self, **filters: Any) -> int:
        """How many artifacts `find` would find, without a limit."""
        return self.catalog.count(self.query(**filters))

    def facets(self, **filters: Any) -> Facets:
        """How many there are by kind, camera, tag and day."""
        return self.catalog.facets(self.query(**filters))

    def annotations(self, label: str | None = None) -> list[Annotation]:
        """All that people marked in the lab, or what they gave a label; by artifact."""
        return self.catalog.annotations(label=label)

    def train_sounds(
        self,
        name: str,
        labels: Iterable[str] | None = None,
        *,
        band: Sequence[float] | None = None,
        model: str | None = None,
    ) -> Classifier:
        """Learn from what people marked: label ten calls, find a thousand.

        The analyzer ``sound-labels`` with ``classifier=name`` then names all events it finds.
        Mark more, train again and analyse again: what the old one named is named anew.

        Parameters
        ----------
        name : str
            What to call the classifier: letters, digits, - and _. One of that name is
            replaced.
        labels : iterable of str, optional
            Which labels to learn; by default all that are in the lab.
        band : (low, high), optional
            Frequencies to listen to, in Hz; by default those of the boxes that were drawn.
        model : str, optional
            A sound model whose embedding to use (`octolab.models.add_sound_model`).

        Returns
        -------
        Classifier
            Its ``report`` says how well it does, label by label.

        Raises
        ------
        BadInput
            If there are fewer than two labels, or three examples of one.
        NotFound
            If nothing is marked with a label.
        """
        from octolab.lab.classifiers import train_sounds

        return train_sounds(self, name, labels, band=band, model=model)

    def import_annotations(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        label: str | None = None,
        by: str = "",
    ) -> list[Annotation]:
        """Mark what a table has in the sounds it names, by CID, path or name.

        Parameters and errors are those of `Sound.import_annotations`; a sound that is not in
        the lab is an error too, and then nothing is marked.
        """
        from octolab.audio.tables import read_table
        from octolab.lab.tables import take_in_all

        return take_in_all(self, read_table(path, format, label=label), Path(path).name, by)

    def export(
        self,
        items: Iterable[Item],
        format: str,
        out: str | os.PathLike[str],
        *,
        analysis: Analysis | str | None = None,
        threshold: float | None = None,
        taxa: Mapping[str, str] | None = None,
    ) -> Path:
        """Write a table of what was marked or found in sounds and clips.

        Parameters
        ----------
        items : iterable of Sound and Clip; or a Gallery
            The sounds.
        format : {"raven", "audacity", "csv", "parquet", "aoef", "darwin-core", "json"}
            For which program; see `octolab.audio.tables`.
        out : path-like
            The file.
        analysis : Analysis or str, optional
            What was found, instead of what people marked: an analysis, or the name of an
            analyzer, of which the newest analysis counts; where there is none, it is run. A
            JSON report holds all analyses and the annotations unless one is chosen.
        threshold : float, optional
            Leave out events of an analysis with a lower score.
        taxa : mapping of str to str, optional
            Scientific names of labels, for Darwin Core, AOEF, CSV and Parquet.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        NotFound
            If there is no such format or analyzer.
        BadInput
            If there is a picture among them, or the format can't hold so many sounds.
        """
        from octolab.audio.tables import format_named, write_table
        from octolab.lab.tables import sheets

        format_named(format)
        made = sheets(self, items, format, analysis, threshold, taxa)
        return write_table(made, out, format)

    def delete(self, items: Iterable[Item]) -> None:
        """Put artifacts into the trash."""
        ids = [item.id for item in items]
        self.catalog.delete(ids)
        self.log("Moved to the trash: {count}", count=len(ids))

    def restore(self, items: Iterable[Item]) -> None:
        """Take artifacts out of the trash."""
        ids = [item.id for item in items]
        self.catalog.restore(ids)
        self.log("Restored from the trash: {count}", count=len(ids))

    def trash(self) -> list[Item]:
        """What is in the trash, newest first."""
        from octolab.catalog import Query

        return self.handles(self.catalog.find(Query(only_deleted=True, limit=ALL)))

    def purge(self) -> int:
        """Empty the trash for good; how many artifacts that were."""
        gone = trash.purge(self.path, self.catalog, [item.record for item in self.trash()])
        drop_tiles(self, {artifact.cid for artifact in gone if artifact.kind != "frame"})
        self.log("Deleted for good: {count}", level="warning", count=len(gone))
        return len(gone)

    def gallery(self, name: str) -> Gallery:
        """The gallery of that name, made when there is none."""
        return Gallery(self, self.catalog.gallery(name, create=True))

    def save_search(self, name: str, **filters: Any) -> Gallery:
        """Keep a search under a name: a gallery that holds whatever matches, from now on.

        Parameters
        ----------
        name : str
            What to call it.
        **filters
            What `find` takes, but no gallery.

        Returns
        -------
        Gallery
            Nothing can be put into it or taken out by hand.

        Raises
        ------
        Conflict
            If there is a gallery of that name.
        """
        return Gallery(self, self.catalog.save_search(name, self.query(**filters)))

    def galleries(self) -> list[Gallery]:
        """All galleries, in the order they were made."""
        return [Gallery(self, info) for info in self.catalog.galleries()]

    # --- work ---------------------------------------------------------------

    def analyze(
        self,
        items: Iterable[Item] | Places,
        analyzer: str,
        *,
        executor: Executor | str | int | None = None,
        again: bool | None = None,
        out: str | os.PathLike[str] | None = None,
        **params: Any,
    ) -> jobs.Job:
        """Run an analyzer on many artifacts in the background.

        A file that can't be analysed is listed and the rest goes on, also when it takes its
        process down or vanishes meanwhile. A job that was stopped or killed goes on when run
        again: what the catalog has is not done twice.

        Parameters
        ----------
        items : iterable of Frame, Clip, Sound; a Gallery; or a folder
            What to analyse; those the analyzer does not take are left out. The sounds of a
            folder (or of a list of paths) are added to the lab first.
        analyzer : str
            Its name.
        executor : {"processes", "threads", "dask"}, int or concurrent.futures.Executor, optional
            Where to run it; a number is one of processes. By default sounds and clips of more
            than a minute in all go to processes, one for each processor; the rest, and
            analyzers that were registered in this process (in a notebook cell, say) and can't
            be found by others, to two threads. ``"dask"`` is the cluster of the current
            ``distributed.Client``, 20 files a task; it must see the lab's folder under the
            same path.
        again : bool, optional
            Analyse also what the same version of the analyzer has analysed with the same
            parameters. False by default, but true for an analyzer registered in this process,
            as its code may have changed.
        out : path, optional
            A table of all events found, those of analyses kept before too: ``.parquet``,
            ``.csv`` or another format of `octolab.audio.tables`; written whole at the end.
        **params
            Parameters of the analyzer.

        Returns
        -------
        Job
            Its result counts ``analysed``, ``known`` (kept before), ``failed`` and
            ``left_out``, and lists ``errors`` by path.

        Raises
        ------
        NotFound
            If there is no such analyzer, or a folder holds no sounds.
        BadInput
            If there is no such table format, or the analyzer has no such parameter.
        """
        chosen = plugins.analyzers.get(analyzer)
        chosen.check(params)
        table = None if out is None else table_path(out, chosen)
        given = [items] if isinstance(items, str | os.PathLike) else list(items)
        some: list[Item | Path] = [one for one in given if isinstance(one, Item)]
        places = [one for one in given if not isinstance(one, Item)]
        some += dict.fromkeys(path.absolute() for path in sound_files(places))
        work = partial(analyze, self, some, chosen, params, executor, again=again, out=table)
        return self.run_job("analysis", f"{chosen.title or chosen.name}", work)

    def run_job(self, kind: str, title: str, work: jobs.Work) -> jobs.Job:
        """Begin any long work in the background; see `octolab.jobs.start`."""
        return jobs.start(self.catalog, kind, title, work)

    def job(self, number: str) -> jobs.Job:
        """The job of that id, started by whatever process."""
        self.catalog.job(number)
        return jobs.Job(self.catalog, number)

    def jobs(self, limit: int = 100) -> list[jobs.Job]:
        """The newest jobs."""
        return [jobs.Job(self.catalog, record.id) for record in self.catalog.jobs(limit)]

    def timelapse(
        self,
        frames: Sequence[Item],
        *,
        fps: float = 24,
        size: tuple[int, int] | None = None,
        transition: Transition | None = None,
        name: str = "timelapse",
        gallery: str | None = None,
        progress: Callable[..., None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Clip:
        """Make a film of frames, in the order given.

        Parameters
        ----------
        frames : sequence of Frame
            One at least.
        fps : float
            Frames a second, 0.1 to 120.
        size : (width, height), optional
            In pixels; that of the first frame by default.
        transition : {None, "fade", "zoom"}
            What happens between two frames; see `octolab.media.timelapse`.
        name : str
            What it is called.
        gallery : str, optional
            A gallery to put it into.
        progress, cancelled : callable, optional
            ``progress(done, total, message)``, and whether to stop.

        Returns
        -------
        Clip
            Keeps the CIDs of its frames in ``meta["frames"]``.
        """
        return make_timelapse(
            self,
            frames,
            fps=fps,
            size=size,
            transition=transition,
            name=name,
            gallery=gallery,
            progress=progress,
            cancelled=cancelled,
        )

    # --- archive ---------------------------------------------------------------

    def publish(self, item: Item, storage: str = "local") -> Pin:
        """Send an artifact to a storage and keep its state there."""
        pin = publish(self.catalog, item.path, item.cid, storage)
        if pin.state == "pinned":
            self.log("{cid} is kept at {storage}", cid=item.cid, storage=storage)
        else:
            self.log(
                "{cid} could not be sent to {storage}: {reason}",
                level="error",
                cid=item.cid,
                storage=storage,
                reason=pin.detail,
            )
        return pin

    def pins(self) -> list[Pin]:
        """What was sent where, and how it stands."""
        return self.catalog.pins()

    def fetch(self, cid: str) -> Path:
        """Get the file of a CID: from the lab, else from a storage; verified in both cases."""
        return fetch(self.path, self.catalog, cid)

    def verify(
        self, *, repair: bool = False, progress: Callable[..., None] | None = None
    ) -> VerifyReport:
        """Hash every file again and find any change, loss or stranger.

        Parameters
        ----------
        repair : bool
            Catalogue whole files that have no row (a kill can leave such).
        progress : callable, optional
            ``progress(done, total, message)``.
        """
        return verify(self.path, self.catalog, repair=repair, progress=progress)

    # --- history ---------------------------------------------------------------

    def log(self, message: str, level: Level = "info", **values: Any) -> None:
        """Write into the lab's log; `message` is a template for `values`."""
        self.catalog.log(level, message, values, "lab")

    def log_error(self, error: OctolabError, origin: str = "lab") -> None:
        """Write an error into the lab's log."""
        self.catalog.log("error", error.message, error.values, origin)

    def logs(
        self, after_id: int = 0, level: Level | None = None, limit: int = 500
    ) -> list[LogEntry]:
        """The entries of the log after one, oldest first."""
        return self.catalog.logs(after_id, level, limit)
