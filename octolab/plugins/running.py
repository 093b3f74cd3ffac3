"""Running analyzers: how far they are, and that what they return can be kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from octolab.errors import BadInput, NotFound, OctolabError
from octolab.model import Analysis, Misfit, from_json, to_json
from octolab.plugins.registry import Analyzer, Progress, parameters

if TYPE_CHECKING:
    import numpy as np


class _Follower:
    """Passes on how far an analyzer is, and remembers what was raised to stop it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.stopped_by: BaseException | None = None

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        try:
            self._progress(done, total, message)
        except BaseException as error:
            self.stopped_by = error
            raise


_follower: ContextVar[_Follower | None] = ContextVar("follower", default=None)


@contextmanager
def following(progress: Progress) -> Iterator[None]:
    """Learn how far the analyzers are that this thread runs in the block.

    Parameters
    ----------
    progress : callable
        ``progress(done, total, message)``, called by analyzers whose `run` takes a keyword
        ``progress``. What it raises stops the analyzer and comes out of `run_analyzer`.
    """
    before = _follower.set(_Follower(progress))
    try:
        yield
    finally:
        _follower.reset(before)


def run_analyzer(analyzer: Analyzer, data: Any, /, **params: Any) -> Analysis:
    """Run one analyzer and complete its analysis: name, version, parameters, duration.

    Raises
    ------
    BadInput
        If it has no such parameter.
    OctolabError
        What the analyzer itself raised of our errors; anything else it raised becomes
        one that names the analyzer and the fault.
    """
    analyzer.check(params)
    merged = {**analyzer.params, **params}
    follower = _follower.get()
    told = (
        {"progress": follower}
        if follower is not None and "progress" in parameters(analyzer.run)
        else {}
    )
    start = time.perf_counter()
    try:
        found = analyzer.run(data, **merged, **told)
    except OctolabError:
        raise
    except Exception as error:
        if follower is not None and error is follower.stopped_by:
            raise
        raise BadInput(
            "the analyzer {name!r} failed: {kind}: {error}",
            name=analyzer.name,
            kind=type(error).__name__,
            error=str(error),
        ) from error
    duration = time.perf_counter() - start
    if isinstance(found, Mapping):
        metrics: Any = dict(found)
        found = Analysis(metrics=metrics)
    if not isinstance(found, Analysis):
        raise BadInput(
            "the analyzer {name!r} returned {kind}; it must return an Analysis or a mapping of "
            "metric names to numbers",
            name=analyzer.name,
            kind=type(found).__name__,
        )
    named = replace(
        found,
        analyzer=analyzer.name,
        version=analyzer.version,
        params=merged,
        duration_s=duration,
    )
    return _as_kept(named)


def _as_kept(found: Analysis) -> Analysis:
    """The analysis as it is read from the catalog later; what can't be kept is refused now."""
    data = to_json(found)
    if isinstance(data["metrics"], dict):  # a bare number is a metric without a unit
        data["metrics"] = {
            name: {"value": one} if isinstance(one, int | float) else one
            for name, one in data["metrics"].items()
        }
    try:
        return from_json(Analysis, data)
    except Misfit as error:
        raise BadInput(
            "the analyzer {name!r} returned what can't be kept: {place} is {found}; an Analysis "
            "holds finite numbers, texts, and tuples of Label, Region and Event",
            name=found.analyzer,
            place=error.place,
            found=error.found,
        ) from None


def draw_overlay(analyzer: Analyzer, image: np.ndarray, analysis: Analysis) -> np.ndarray:
    """Draw an analysis over a copy of a picture.

    Raises
    ------
    NotFound
        If the analyzer has no overlay.
    BadInput
        If its overlay fails, or returns no RGB picture of the same size.
    """
    import numpy as np

    if analyzer.overlay is None:
        raise NotFound("the analyzer {name!r} has no overlay", name=analyzer.name)
    try:
        drawn = analyzer.overlay(image.copy(), analysis)
    except OctolabError:
        raise
    except Exception as error:
        raise BadInput(
            "the overlay of {name!r} failed: {kind}: {error}",
            name=analyzer.name,
            kind=type(error).__name__,
            error=str(error),
        ) from error
    array = isinstance(drawn, np.ndarray)
    if not array or drawn.shape != image.shape or drawn.dtype != np.uint8:
        raise BadInput(
            "the overlay of {name!r} returned {found}; it must return the picture it was given, "
            "drawn on: an array {shape} of uint8",
            name=analyzer.name,
            found=f"{type(drawn).__name__} {getattr(drawn, 'shape', '')}".strip(),
            shape=str(image.shape),
        )
    return drawn
