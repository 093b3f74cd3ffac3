"""Analysing files without a lab: what was found so far is kept beside the table to be.

The ledger is a file of JSON lines, ``<table>.ledger``: the first says what was asked, each
further one what was found in a file, known by path, size and time. A run that was killed
goes on from it; a torn last line is as if it were not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from octolab import plugins
from octolab.content import disk_errors
from octolab.lab import workers
from octolab.lab.batch import table_format, table_path
from octolab.lab.classifiers import lab_of, model_in_use
from octolab.model import Analysis, from_json, to_json

SUFFIX = ".ledger"


@dataclass
class Found:
    """What came of many files: analyses and errors by path, and how many were known before."""

    analyses: dict[str, Analysis] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    known: int = 0


def analyze_files(
    paths: Sequence[Path],
    analyzer: plugins.Analyzer,
    params: Mapping[str, Any],
    *,
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int, str], Any] = lambda done, total, name: None,
) -> Found:
    """Analyse files in processes; a bad one is listed, the rest goes on.

    Parameters
    ----------
    paths : sequence of Path
        Sounds, or clips.
    analyzer : Analyzer
        An installed one.
    params : mapping
        Its parameters.
    out : path, optional
        A table of all events (``.parquet``, ``.csv``, …), written whole at the end; until
        every file is in it, a ledger beside it keeps what was found for the next run.
    jobs : int, optional
        How many processes; one for each processor by default.
    progress : callable
        ``progress(done, total, name)``; what it raises ends the work.

    Returns
    -------
    Found

    Raises
    ------
    BadInput, NotFound
        If the table can't be called so or its folder is missing.
    LabError
        If the disk is full.
    """
    table = None if out is None else table_path(out, analyzer)
    found = Found()
    ledger = None if table is None else Ledger(table, analyzer, params)
    try:
        states = {str(path): _state(path) for path in paths}
        models: dict[Path | None, str | None] = {}
        for path, state in states.items():
            if ledger is None or (kept := ledger.known(path, state)) is None:
                continue
            root = lab_of(Path(path))
            if root not in models:
                models[root] = model_in_use(root, analyzer.name, {**analyzer.params, **params})
            if models[root] in (None, kept.model):
                found.analyses[path] = kept
        found.known = len(found.analyses)
        tasks = [workers.Task(path, "sound", path) for path in states if path not in found.analyses]
        done, total, name = found.known, len(states), ""

        def look(part: float = 0.0) -> None:
            if total == 1 and not done:  # one long file: tell how much of it
                progress(int(100 * part), 100, name)
            else:
                progress(done, total, name)

        look()
        if tasks:
            with workers.opened(min(jobs or workers.processors(), len(tasks))) as pool:
                for task, answer in workers.answers(pool, analyzer.name, tasks, params, look):
                    if isinstance(answer, workers.Fault):
                        found.errors[task.key] = str(answer)
                    else:
                        found.analyses[task.key] = answer
                        if ledger is not None:
                            ledger.add(task.key, states[task.key], answer)
                    done, name = done + 1, Path(task.path).name
                    look()
    finally:
        if ledger is not None:
            ledger.close()
    found.analyses = {path: found.analyses[path] for path in states if path in found.analyses}
    if table is not None and ledger is not None:
        if found.analyses:
            _write(table, found.analyses)
        if not (found.analyses and found.errors):  # nothing to go on from
            ledger.remove()
    return found


def _state(path: Path) -> list[int]:
    """What tells whether a file is still the same."""
    try:
        stat = path.stat()
    except OSError:
        return [0, 0]
    return [stat.st_size, stat.st_mtime_ns]


class Ledger:
    """What was found so far, and a file that knows it too."""

    def __init__(self, table: Path, analyzer: plugins.Analyzer, params: Mapping[str, Any]) -> None:
        self._path = table.with_name(f"{table.name}{SUFFIX}")
        asked = {
            "analyzer": analyzer.name,
            "version": analyzer.version,
            "params": to_json({**analyzer.params, **params}),
        }
        whole, kept = _read(self._path, asked)
        self._kept = kept
        with disk_errors(self._path):
            self._file: BinaryIO = self._path.open("r+b" if kept else "wb", buffering=0)
            self._file.truncate(whole)
            self._file.seek(whole)
        if not kept:
            self._file.seek(0)
            self._file.truncate()
            self._write(asked)

    def known(self, path: str, state: Sequence[int]) -> Analysis | None:
        """What was found in a file that has not changed since."""
        entry = self._kept.get(path)
        if entry is None or entry["state"] != list(state):
            return None
        return from_json(Analysis, entry["analysis"])

    def add(self, path: str, state: Sequence[int], found: Analysis) -> None:
        """Keep what was found in a file."""
        self._write({"path": path, "state": list(state), "analysis": to_json(found)})

    def _write(self, entry: Mapping[str, Any]) -> None:
        with disk_errors(self._path):
            self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def remove(self) -> None:
        """The table has it all."""
        self._path.unlink(missing_ok=True)


def _read(path: Path, asked: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """How many bytes of a ledger are whole, and what they say if the same was asked."""
    whole, kept = 0, {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines):
                entry = json.loads(line)
                if number == 0 and entry != asked:
                    return 0, {}
                if number:
                    kept[entry["path"]] = entry
                whole += len(line)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    return whole, kept


def _write(table: Path, found: Mapping[str, Analysis]) -> None:
    from octolab.audio.tables import write_table
    from octolab.lab.tables import found_sheet, loose_sound

    sheets = (found_sheet(loose_sound(Path(path)), one) for path, one in found.items())
    write_table(sheets, table, table_format(table).name)
