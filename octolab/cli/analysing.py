"""`octolab analyze`: run an analyzer on files and folders, with or without a lab."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from octolab.cli.console import bar, dump, file_to_write, show
from octolab.cli.options import Verb, count, parameter, parameters, printing
from octolab.errors import BadInput, OctolabError
from octolab.i18n import translate
from octolab.model import to_json

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp")


def _analyze(arguments: argparse.Namespace) -> int:
    from octolab import plugins

    analyzer = plugins.analyzers.get(arguments.analyzer)
    params = dict(parameter(text) for text in arguments.param)
    if analyzer.prepare is not None:
        analyzer.prepare(bar)
    pictures = analyzer.kinds == {"frame"}
    if not pictures and (arguments.output or any(map(_is_folder, arguments.files))):
        return _analyze_many(arguments, analyzer, params)
    if arguments.output:
        raise BadInput(
            "a table holds events of sounds and clips; {name!r} takes frames", name=analyzer.name
        )
    found, failed = {}, 0
    for name in _files(arguments.files):
        try:
            found[name] = to_json(_analyze_one(arguments, analyzer, Path(name), params))
        except (OctolabError, OSError) as error:
            failed += 1
            text = (
                str(error) if isinstance(error, OctolabError) else translate(error.strerror or "")
            )
            found[name] = {"error": text}
            print(f"octolab: {name}: {text}", file=sys.stderr)
            continue
        if not arguments.json:
            print(f"{name}: {_in_short(found[name])}")
    if arguments.json:
        dump(found)
    return 1 if failed else 0


def _analyze_many(arguments: argparse.Namespace, analyzer: Any, params: dict[str, Any]) -> int:
    """Folders, or whatever becomes a table: in processes, and again from where it stopped."""
    from octolab.audio.tables import FORMATS
    from octolab.lab.adding import sound_files

    analyzer.require("sound")
    paths = sound_files(arguments.files)
    if arguments.output:
        file_to_write(arguments.output, *(one.suffix for one in FORMATS.values()))
    if arguments.lab:
        errors, counts = _analyze_in_lab(arguments, analyzer.name, paths, params)
    else:
        from octolab.lab.ledger import analyze_files

        found = analyze_files(
            paths,
            analyzer,
            params,
            out=arguments.output,
            jobs=arguments.jobs,
            progress=bar,
        )
        errors = found.errors
        counts = {"analysed": len(found.analyses) - found.known, "known": found.known}
    for name, error in errors.items():
        print(f"octolab: {name}: {error}", file=sys.stderr)
    if arguments.output or arguments.lab:
        where = arguments.output or arguments.lab
        told = translate(
            "{path}: {analysed} files analysed, {known} known before, {failed} failed",
            path=where,
            analysed=counts["analysed"],
            known=counts["known"],
            failed=len(errors),
        )
        if arguments.json or sum(counts.values()):  # else the errors have said it all
            show(
                arguments, {"path": where, **counts, "failed": len(errors), "errors": errors}, told
            )
    elif arguments.json:
        dump({**to_json(found.analyses), **{name: {"error": errors[name]} for name in errors}})
    else:
        for name, analysis in found.analyses.items():
            print(f"{name}: {_in_short(to_json(analysis))}")
    return 1 if errors else 0


def _analyze_in_lab(
    arguments: argparse.Namespace, analyzer: str, paths: list[Path], params: dict[str, Any]
) -> tuple[dict[str, str], dict[str, int]]:
    from octolab.errors import Unavailable
    from octolab.lab import Lab

    with Lab(arguments.lab) as lab:
        job = lab.analyze(
            paths, analyzer, executor=arguments.jobs, out=arguments.output or None, **params
        )
        try:
            while True:
                try:
                    result = job.wait(0.2)
                    break
                except Unavailable:
                    record = job.record
                    if record.state not in ("queued", "running"):
                        raise
                    bar(record.done, record.total, record.message)
        except KeyboardInterrupt:
            job.cancel()
            with contextlib.suppress(OctolabError):
                job.wait()
            raise
    return result.pop("errors"), {key: result[key] for key in ("analysed", "known")}


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # a name too long, say: it is told with the file
        return False


def _files(names: list[str]) -> Iterator[str]:
    """What was named; of a folder the pictures in it, by name."""
    for name in names:
        if not _is_folder(name):
            yield name
            continue
        inside = sorted(path for path in Path(name).iterdir() if path.suffix.lower() in PICTURES)
        if not inside:
            raise BadInput("there are no pictures in the folder {name}", name=name)
        yield from map(str, inside)


def _analyze_one(arguments: argparse.Namespace, analyzer: Any, path: Path, params: Any) -> Any:
    from octolab import plugins
    from octolab.media import probe, read_image

    if not path.is_file():
        raise BadInput("there is no file {path}", path=str(path))
    kind = probe(path).kind
    analyzer.require(kind)
    if arguments.lab:
        from octolab.lab import Lab

        with Lab(arguments.lab) as lab:
            add = {"frame": lab.add_frame, "clip": lab.add_clip, "sound": lab.add_sound}[kind]
            return add(path).analyze(analyzer.name, **params)
    data = read_image(path) if kind == "frame" else path
    return plugins.run_analyzer(analyzer, data, **params)


def _in_short(analysis: dict[str, Any]) -> str:
    parts = [f"{label['name']} {label['score']:.2f}" for label in analysis["labels"]]
    parts += [
        f"{name} {metric['value']:.4g}{' ' if metric['unit'] else ''}{metric['unit']}"
        for name, metric in analysis["metrics"].items()
    ]
    parts += [f"{event['start']:.2f}-{event['end']:.2f} s" for event in analysis["events"]]
    return ", ".join(parts) or translate("nothing found")


def declare(verb: Verb) -> None:
    """Add the verb to the parser."""
    analyze = verb("analyze", _analyze, translate("run an analyzer on files"), printing())
    analyze.add_argument(
        "analyzer",
        metavar=translate("ANALYZER"),
        help=translate("its name, such as sobel or sound-events"),
    )
    analyze.add_argument(
        "files",
        nargs="+",
        metavar=translate("FILE|FOLDER"),
        help=translate("pictures, videos or sounds; of a folder, all in it"),
    )
    analyze.add_argument(
        "-o",
        "--output",
        metavar=translate("TABLE"),
        help=translate("a table of the events in sounds: .parquet, .csv, …"),
    )
    analyze.add_argument(
        "--jobs",
        type=count,
        metavar=translate("N"),
        help=translate("processes for a folder of sounds"),
    )
    parameters(analyze)
