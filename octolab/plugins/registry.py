"""What a plugin is, and the registries that know them by name."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, get_args

from octolab.errors import BadInput, Conflict, NotFound, OctolabError
from octolab.i18n import phrase, translate
from octolab.model import Analysis, ArtifactKind, Metric, Misfit, check_plain, to_json

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import numpy as np

Progress = Callable[[int, int | None, str], None]


# an RGB array (H, W, 3) uint8 for frames, a path for clips and sounds; parameters by keyword
Run = Callable[..., Analysis | Mapping[str, Metric | float]]
# RGB array in, RGB array of the same size out
Overlay = Callable[["np.ndarray", Analysis], "np.ndarray"]


class Offer(Protocol):
    """A choice of parameters under a name, which an analyzer takes as ``preset``."""

    @property
    def name(self) -> str:
        """What to pass."""

    @property
    def title(self) -> str:
        """What people see, in English."""

    @property
    def description(self) -> str:
        """What it is good for, in English."""


@dataclass(frozen=True)
class Analyzer:
    """An analyzer and how to show it.

    ``kinds`` says which artifacts it takes, sounds meaning also the sound tracks of clips;
    ``params`` the defaults a form can offer and
    ``presets`` the names for its parameter ``preset``; ``title`` and ``description`` are
    texts in English that `octolab.i18n` can translate; ``prepare`` (optional) fetches what
    it needs, such as a model, ahead of the first run.
    """

    name: str
    run: Run
    overlay: Overlay | None = None
    kinds: frozenset[ArtifactKind] = frozenset({"frame"})
    version: str = "1"
    title: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Progress], None] | None = None
    description: str = ""
    presets: tuple[Offer, ...] = ()

    def __post_init__(self) -> None:
        if not callable(self.run):
            raise BadInput("the analyzer {name!r} has no function to run", name=self.name)
        for kind in sorted(self.kinds - set(get_args(ArtifactKind))):
            raise BadInput("no such kind: {kind}; there are frame, clip and sound", kind=kind)

    def takes(self, kind: ArtifactKind) -> bool:
        """Whether artifacts of a kind can be given to it; of a clip a sound analyzer hears."""
        return kind in self.kinds or (kind == "clip" and "sound" in self.kinds)

    def require(self, kind: ArtifactKind) -> None:
        """See to it that artifacts of a kind can be given to it.

        Raises
        ------
        BadInput
            If it takes other kinds only.
        """
        if not self.takes(kind):
            raise BadInput(
                "the analyzer {name!r} takes {kinds}, not {kind}",
                name=self.name,
                kinds=[phrase(f"{taken}s") for taken in sorted(self.kinds)],
                kind=phrase(f"a {kind}"),
            )

    def check(self, params: Mapping[str, Any]) -> None:
        """See to it that it takes parameters of these names, and that its presets have this one.

        Raises
        ------
        BadInput
            If one is unknown (it lists what there is), or can't be kept with the analysis.
        """
        try:
            check_plain(to_json(params))
        except Misfit as error:
            raise BadInput(
                "the parameter {param} of {name!r} is {found}, which can't be kept with the "
                "analysis; use finite numbers, texts and lists of them",
                name=self.name,
                param=error.place,
                found=error.found,
            ) from None
        taken = _keywords(self.run)
        known = {*self.params, *(taken or ())}
        unknown = sorted(params.keys() - known)
        if unknown and taken is not None:
            raise BadInput(
                "the analyzer {name!r} has no parameter {param!r}; there are: {known}",
                name=self.name,
                param=unknown[0],
                known=", ".join(sorted(known)) or "-",
            )
        preset = params.get("preset")
        names = [one.name for one in self.presets]
        if names and preset is not None and preset not in names:
            raise BadInput(
                "the analyzer {name!r} has no preset {preset!r}; there are: {known}",
                name=self.name,
                preset=preset,
                known=", ".join(names),
            )


def _keywords(run: Run) -> set[str] | None:
    """The parameters that can be passed to it besides the data; None if that is any."""
    found = list(parameters(run).values())
    if not found or any(one.kind is one.VAR_KEYWORD for one in found):
        return None
    return {one.name for one in found[1:] if one.kind is not one.POSITIONAL_ONLY} - {"progress"}


def parameters(run: Run) -> Mapping[str, inspect.Parameter]:
    """What a function of an analyzer takes, as far as it says so."""
    try:
        return inspect.signature(run).parameters
    except (TypeError, ValueError):  # built-in code without a signature
        return {}


@dataclass(frozen=True)
class Storage:
    """A place that keeps bytes under their CID.

    ``save(path, cid)`` returns a receipt of plain data; ``fetch(cid)`` the bytes, which the
    caller verifies against the CID.
    """

    name: str
    save: Callable[[Path, str], Mapping[str, Any]]
    fetch: Callable[[str], bytes]
    title: str = ""


P = TypeVar("P", Analyzer, Storage)


class Registry(Generic[P]):
    """Named plugins of one sort; entry points are loaded when first asked for."""

    def __init__(self, sort: str, group: str, kind: type[P]) -> None:
        self._sort = sort
        self._group = group
        self._kind: type[P] = kind
        self._found: dict[str, P] = {}
        self._installed: set[str] = set()
        self._looked = False
        self._looking = threading.RLock()

    def _load(self) -> None:
        with self._looking:  # another thread waits until all are there
            if self._looked:
                return
            self._looked = True  # a plugin may register more while it is loaded
            points = entry_points(group=self._group)
            for point in sorted(points, key=lambda point: not point.value.startswith("octolab.")):
                try:
                    self._take(point)
                except Exception as error:
                    reason = str(error)
                    if not isinstance(error, OctolabError):
                        reason = f"{type(error).__name__}: {reason}"
                    warnings.warn(
                        translate(
                            "the plugin {name!r} ({place}) is left out: {reason}",
                            name=point.name,
                            place=point.value,
                            reason=reason,
                        ),
                        stacklevel=3,
                    )

    def _take(self, point: EntryPoint) -> None:
        """Take in one that a package brings; ours come first, and keep their names."""
        if point.name in self._installed:
            raise Conflict("the name {name!r} is taken", name=point.name)
        plugin = point.load()
        if not isinstance(plugin, self._kind):
            raise BadInput(
                "it is {found}, not {wanted}",
                found=type(plugin).__name__,
                wanted=self._kind.__name__,
            )
        if plugin.name != point.name:
            raise BadInput("it calls itself {name!r}", name=plugin.name)
        _check_name(plugin.name)
        self._found.setdefault(plugin.name, plugin)
        self._installed.add(plugin.name)

    def add(self, plugin: P, *, replace: bool = False) -> None:
        """Add one; a name that is taken is an error unless ``replace``."""
        self._load()
        _check_name(plugin.name)
        taken = self._found.get(plugin.name)
        if taken and not (replace or (_of_notebook(taken) and _of_notebook(plugin))):
            raise Conflict(
                "the name {name!r} is taken; choose another, or pass replace=True",
                name=plugin.name,
            )
        self._found[plugin.name] = plugin
        self._installed.discard(plugin.name)

    def get(self, name: str) -> P:
        """The plugin of that name, or `NotFound` listing what there is."""
        self._load()
        try:
            return self._found[name]
        except KeyError:
            raise NotFound(
                "there is no {sort} {name!r}; there are: {names}",
                sort=phrase(self._sort),
                name=name,
                names=", ".join(sorted(self._found)),
            ) from None

    def all(self) -> list[P]:
        """Every plugin, by name."""
        self._load()
        return [self._found[name] for name in sorted(self._found)]

    def installed(self, name: str) -> bool:
        """Whether that plugin comes with a package, so that every process has it."""
        self._load()
        return name in self._installed


def _check_name(name: str) -> None:
    if not name or not name.replace("-", "").replace("_", "").isalnum():
        raise BadInput("{name!r} can't name a plugin: use letters, digits, - and _", name=name)


def _of_notebook(plugin: Analyzer | Storage) -> bool:
    """Whether a notebook cell made it: running that cell again is no conflict."""
    code = plugin.run if isinstance(plugin, Analyzer) else plugin.save
    return getattr(code, "__module__", None) == "__main__"


analyzers: Registry[Analyzer] = Registry("analyzer", "octolab.analyzers", Analyzer)
storages: Registry[Storage] = Registry("storage", "octolab.storages", Storage)


def register_analyzer(
    name: str,
    *,
    run: Run,
    overlay: Overlay | None = None,
    kinds: tuple[ArtifactKind, ...] = ("frame",),
    version: str = "1",
    title: str = "",
    params: Mapping[str, Any] | None = None,
    replace: bool = False,
) -> None:
    """Make an analyzer available by name, everywhere in this process.

    Parameters
    ----------
    name : str
        Letters, digits, ``-`` and ``_``.
    run : callable
        ``run(data, **params)``; `data` is an RGB array (H, W, 3) uint8 for a frame and a
        path for a clip or a sound. The array is its own, to draw on if it likes. Returns an
        `Analysis`, or a mapping of metric names to numbers or `Metric`; numbers are finite:
        what can't be measured is left out. If it takes a keyword ``progress``, it may call
        ``progress(done, total)`` now and then, so that people see how far it is and can stop it.
    overlay : callable, optional
        ``overlay(image, analysis)``; draws on the image, a copy of its own, and returns it.
    kinds : tuple of {"frame", "clip", "sound"}
        What it can be run on.
    version : str
        Kept with each analysis; change it when results change.
    title : str
        What people see; the name by default.
    params : mapping, optional
        Parameters with their defaults, for forms.
    replace : bool
        Take over a name that is in use. Not needed to run a notebook cell again.

    Raises
    ------
    BadInput
        If the name has other characters.
    Conflict
        If the name is taken and `replace` is false.
    """
    taken = frozenset((kinds,) if isinstance(kinds, str) else kinds)
    analyzers.add(
        Analyzer(name, run, overlay, taken, version, title or name, dict(params or {})),
        replace=replace,
    )


def register_storage(
    name: str,
    *,
    save: Callable[[Path, str], Mapping[str, Any]],
    fetch: Callable[[str], bytes],
    title: str = "",
    replace: bool = False,
) -> None:
    """Make a storage available by name, everywhere in this process.

    Parameters
    ----------
    name : str
        Letters, digits, ``-`` and ``_``.
    save : callable
        ``save(path, cid)`` keeps the file and returns a receipt (plain data).
    fetch : callable
        ``fetch(cid)`` returns the bytes; they are checked against the CID.
    title : str
        What people see; the name by default.
    replace : bool
        Take over a name that is in use.

    Raises
    ------
    BadInput
        If the name has other characters.
    Conflict
        If the name is taken and `replace` is false.
    """
    storages.add(Storage(name, save, fetch, title or name), replace=replace)
