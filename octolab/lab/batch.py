"""One analyzer over many artifacts: a bad file is listed, the rest goes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab import plugins
from octolab.errors import BadInput, NotFound
from octolab.lab import workers
from octolab.lab.adding import Harvest, add_sounds
from octolab.lab.artifacts import Item, Recording
from octolab.lab.classifiers import model_in_use
from octolab.model import Analysis

if TYPE_CHECKING:
    from octolab.audio.tables import Format
    from octolab.lab.lab import Lab

FEW_S = 60.0  # starting processes takes longer than hearing so much
SOME = 200  # artifacts asked for at a time


def keep_sounds(
    lab: Lab,
    paths: Sequence[Path],
    known: Mapping[str, Any],
    progress: Callable[..., None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Add sound files to the lab; counts, and the errors by path."""
    before = lab.count(kind="sound")
    harvest = add_sounds(lab, paths, known, lambda done, name: progress(done, len(paths), name))
    progress(len(paths), len(paths))
    new = lab.count(kind="sound") - before
    return {
        "added": new,
        "known": len(harvest.items) - new,
        "failed": len(harvest.errors),
        "errors": harvest.errors,
    }


def analyze(
    lab: Lab,
    items: Sequence[Item | Path],
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    executor: Executor | str | int | None,
    progress: Callable[..., None],
    cancelled: Callable[[], bool],
    *,
    again: bool | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """Analyse each item that the analyzer takes; counts, and the errors by path.

    Paths are added to the lab first. See `Lab.analyze`.
    """
    if executor is not None:
        workers.check(executor)
    if analyzer.prepare is not None:
        analyzer.prepare(progress)
    paths = [one for one in items if isinstance(one, Path)]
    harvest = Harvest()
    if paths:
        total = 2 * len(paths)
        harvest = add_sounds(lab, paths, {}, lambda done, name: progress(done, total, name))
    given = [one for one in items if isinstance(one, Item)]
    everything = {item.id: item for item in [*given, *harvest.items]}
    todo = {number: item for number, item in everything.items() if analyzer.takes(item.kind)}
    if left_out := len(everything) - len(todo):
        lab.log(
            "{analyzer} does not take {count} of those given, and leaves them out",
            level="warning",
            analyzer=analyzer.name,
            count=left_out,
        )
    if again is None:
        again = not plugins.analyzers.installed(analyzer.name)
    known = set() if again else _known(lab, analyzer, params, list(todo))
    errors = dict(harvest.errors)
    tasks = [
        workers.Task(number, item.kind, str(item.path))
        for number, item in todo.items()
        if number not in known
    ]
    total = len(paths) + len(todo)
    done, message = len(paths) + len(known), ""
    progress(done, total)

    def look(part: float = 0.0) -> None:
        if total == 1 and not done:  # one long file: tell how much of it
            progress(int(100 * part), 100, message)
        else:
            progress(done, total, message)

    if tasks:
        place = executor or _place(analyzer, [todo[task.key] for task in tasks])
        with workers.opened(place) as pool:
            for task, found in workers.answers(pool, analyzer.name, tasks, params, look):
                item = todo[task.key]
                done += 1
                message = item.record.path
                if (fault := _keep(lab, item, found)) is not None:
                    errors[item.record.path] = fault
                look()
    if out is not None:
        _write_table(lab, list(todo.values()), analyzer, params, out)
    return {
        "analysed": len(tasks) - (len(errors) - len(harvest.errors)),
        "known": len(known),
        "failed": len(errors),
        "left_out": left_out,
        "errors": errors,
    }


def analyze_one(
    lab: Lab,
    item: Item,
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    progress: Callable[..., None],
    cancelled: Callable[[], bool],
) -> Analysis:
    """Analyse one artifact within a job, a long one in a process of its own, and keep it.

    Raises
    ------
    OctolabError
        What is wrong, if something is.
    """
    analyzer.require(item.kind)
    if isinstance(place := _place(analyzer, [item]), str):
        with plugins.following(progress):
            return item.analyze(analyzer.name, **params)
    task = workers.Task(item.id, item.kind, str(item.path))
    with workers.opened(place) as pool:
        ((_, found),) = workers.answers(
            pool,
            analyzer.name,
            [task],
            params,
            lambda part: progress(int(100 * part), 100, item.record.path),
        )
    if isinstance(found, workers.Fault):
        raise found.error()
    lab.log("Analysed {path} with {analyzer}", path=item.record.path, analyzer=analyzer.name)
    return lab.catalog.add_analysis(item.id, found)


def _keep(lab: Lab, item: Item, found: workers.Answer) -> str | None:
    """Write an answer into the catalog; what is wrong, if something is."""
    if isinstance(found, workers.Fault):
        return str(found)
    try:
        lab.catalog.add_analysis(item.id, found)
    except NotFound as error:  # purged meanwhile
        return str(error)
    return None


def _known(
    lab: Lab, analyzer: plugins.Analyzer, params: Mapping[str, Any], ids: Sequence[int]
) -> set[int]:
    return {number for some in _kept(lab, analyzer, params, ids) for number in some}


def _kept(
    lab: Lab, analyzer: plugins.Analyzer, params: Mapping[str, Any], ids: Sequence[int]
) -> Iterator[dict[int, Analysis]]:
    """What the catalog has of this version, parameters and model, some artifacts at a time."""
    merged = {**analyzer.params, **params}
    model = model_in_use(lab.path, analyzer.name, merged)
    for start in range(0, len(ids), SOME):
        some = ids[start : start + SOME]
        found = lab.catalog.analysed(analyzer.name, analyzer.version, merged, some)
        yield {number: one for number, one in found.items() if model in (None, one.model)}


def _place(analyzer: plugins.Analyzer, items: Sequence[Item]) -> str | int:
    """Where to work when the user does not say."""
    lasting = [item for item in items if item.kind != "frame"]
    seconds = sum(item.record.duration_s or FEW_S for item in lasting)
    if seconds > FEW_S and plugins.analyzers.installed(analyzer.name):
        return min(workers.processors(), len(items))
    return "threads"


# --- the table ---------------------------------------------------------------


def table_path(out: str | os.PathLike[str], analyzer: plugins.Analyzer) -> Path:
    """Where a table goes, made definite before the work begins.

    Raises
    ------
    BadInput
        If no format is called like the end of its name, its folder is missing, or the
        analyzer takes pictures only.
    """
    path = Path(out).expanduser().absolute()
    table_format(path)
    if analyzer.kinds == {"frame"}:
        raise BadInput(
            "a table holds events of sounds and clips; {name!r} takes frames", name=analyzer.name
        )
    if not path.parent.is_dir():
        raise NotFound("there is no folder {path}", path=str(path.parent))
    return path


def table_format(path: Path) -> Format:
    """The format that the end of a file's name stands for; the longest that fits."""
    from octolab.audio.tables import FORMATS

    fitting = [one for one in FORMATS.values() if path.name.lower().endswith(one.suffix)]
    if not fitting:
        raise BadInput(
            "no table is called like {name}; its name must end with one of: {known}",
            name=path.name,
            known=", ".join(one.suffix for one in FORMATS.values()),
        )
    return max(fitting, key=lambda one: len(one.suffix))


def _write_table(
    lab: Lab,
    items: Sequence[Item],
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    out: Path,
) -> None:
    """All events that the catalog has of these artifacts, in the order of their capture."""
    from octolab.audio.tables import write_table
    from octolab.lab.tables import found_sheet, sound_file

    lasting = [item for item in items if isinstance(item, Recording)]
    lasting.sort(key=lambda item: (item.captured_at, item.record.path))
    found: dict[int, Analysis] = {}
    for some in _kept(lab, analyzer, params, [item.id for item in lasting]):
        found |= some
    if not found:  # every file failed, and the job says so
        return
    write_table(
        (found_sheet(sound_file(item), found[item.id]) for item in lasting if item.id in found),
        out,
        table_format(out).name,
    )
