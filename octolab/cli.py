"""The `octolab` command.

Each verb is a thin layer over the library: it prints one result to standard output (JSON
with ``--json``), and one clear line to standard error, with a non-zero exit code, when
something is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from octolab import __version__
from octolab.errors import BadInput, NotFound, OctolabError
from octolab.i18n import translate
from octolab.model import to_json

DEMO = "octolab-demo"
DETECTOR = "sound-events"
LONGEST_RECORDING_S = 24 * 3600


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except OctolabError as error:
        print(f"octolab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


# --- opening ---------------------------------------------------------------


def _workbench(arguments: argparse.Namespace) -> None:
    from octolab.jupyter import open_workbench

    open_workbench(_prepared_lab(arguments), port=arguments.port, browser=not arguments.no_browser)


def _lab(arguments: argparse.Namespace) -> None:
    from octolab.jupyter import open_lab

    open_lab(_prepared_lab(arguments), port=arguments.port, browser=not arguments.no_browser)


def _serve(arguments: argparse.Namespace) -> int:
    from octolab.server.__main__ import main as serve

    command = ["--lab", str(_lab_path(arguments)), "--port", str(arguments.port)]
    command += ["--host", arguments.host]
    command += [f"--allow-host={name}" for name in arguments.allow_host]
    if arguments.token_file:
        command += ["--token-file", arguments.token_file]
    return serve(command)


def _prepared_lab(arguments: argparse.Namespace) -> Path:
    """The lab to open; a new one that nobody named becomes the demo."""
    from octolab.lab import Lab
    from octolab.lab.demo import fill

    path = _lab_path(arguments)
    new = not (path / "lab.db").exists()
    with Lab(path) as lab:
        if new and (arguments.demo or path.name == DEMO):
            fill(lab)
    return path


# --- capturing ---------------------------------------------------------------


def _snapshot(arguments: argparse.Namespace) -> None:
    from octolab.capture import snapshot
    from octolab.content import atomic_write

    taken = snapshot(arguments.url, user=arguments.user, password=_password(arguments))
    out = Path(arguments.output)
    atomic_write(out, taken.jpeg or _jpeg(taken.image))
    height, width = taken.image.shape[:2]
    _print(
        arguments,
        {"path": str(out), "width": width, "height": height, "at": taken.at},
        translate("{path}: {width} x {height} pixels", path=out, width=width, height=height),
    )


def _jpeg(image: Any) -> bytes:
    from octolab.capture import encode_jpeg

    return encode_jpeg(image)


def _record(arguments: argparse.Namespace) -> None:
    from octolab.capture import CameraReader

    if not 0 < arguments.seconds <= LONGEST_RECORDING_S:
        raise BadInput(
            "--seconds is from 0 to {limit}, not {seconds}",
            limit=LONGEST_RECORDING_S,
            seconds=arguments.seconds,
        )
    out = Path(arguments.output)
    part = out.with_name(f"{out.name}.part")
    password = _password(arguments)
    try:
        with CameraReader(arguments.url, user=arguments.user, password=password) as camera:
            camera.latest()
            camera.start_recording(part)
            end = time.monotonic() + arguments.seconds
            while (left := end - time.monotonic()) > 0:
                time.sleep(min(left, 0.2))
                _bar(int(arguments.seconds - left), int(arguments.seconds))
            clip = camera.stop_recording()
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    _print(
        arguments,
        {"path": str(out), "duration_s": clip.duration_s, "started_at": clip.started_at},
        translate("{path}: {seconds:.1f} s", path=out, seconds=clip.duration_s),
    )


def _password(arguments: argparse.Namespace) -> str | None:
    """The camera's password: from the environment or asked for, never from the command line."""
    if arguments.user is None:
        return None
    if (given := os.environ.get("OCTOLAB_CAMERA_PASSWORD")) is not None:
        return given
    from getpass import getpass

    return getpass(translate("Password of {user}: ", user=arguments.user))


# --- analysing ---------------------------------------------------------------


def _analyze(arguments: argparse.Namespace) -> int:
    from octolab import plugins

    analyzer = plugins.analyzers.get(arguments.analyzer)
    params = dict(_parameter(text) for text in arguments.param)
    if analyzer.prepare is not None:
        analyzer.prepare(_bar)
    if arguments.output or any(Path(name).is_dir() for name in arguments.files):
        return _analyze_many(arguments, analyzer, params)
    found, failed = {}, 0
    for name in arguments.files:
        try:
            found[name] = to_json(_analyze_one(arguments, analyzer, Path(name), params))
        except OctolabError as error:
            failed += 1
            found[name] = {"error": str(error)}
            print(f"octolab: {name}: {error}", file=sys.stderr)
            continue
        if not arguments.json:
            print(f"{name}: {_in_short(found[name])}")
    if arguments.json:
        _dump(found)
    return 1 if failed else 0


def _analyze_many(arguments: argparse.Namespace, analyzer: Any, params: dict[str, Any]) -> int:
    """Folders, or whatever becomes a table: in processes, and again from where it stopped."""
    from octolab.lab.adding import sound_files

    analyzer.require("sound")
    paths = sound_files(arguments.files)
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
            progress=_bar,
        )
        errors = found.errors
        counts = {"analysed": len(found.analyses) - found.known, "known": found.known}
    for name, error in errors.items():
        print(f"octolab: {name}: {error}", file=sys.stderr)
    if arguments.json and not arguments.output and not arguments.lab:
        _dump({**to_json(found.analyses), **{name: {"error": errors[name]} for name in errors}})
    elif arguments.output or arguments.lab:
        where = arguments.output or arguments.lab
        told = translate(
            "{path}: {analysed} files analysed, {known} known before, {failed} failed",
            path=where,
            analysed=counts["analysed"],
            known=counts["known"],
            failed=len(errors),
        )
        _print(arguments, {"path": where, **counts, "failed": len(errors), "errors": errors}, told)
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
                    _bar(record.done, record.total, record.message)
        except KeyboardInterrupt:
            job.cancel()
            with contextlib.suppress(OctolabError):
                job.wait()
            raise
    return result.pop("errors"), {key: result[key] for key in ("analysed", "known")}


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


def _parameter(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise BadInput("-p takes name=value, not {text!r}", text=text)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _in_short(analysis: dict[str, Any]) -> str:
    parts = [f"{label['name']} {label['score']:.2f}" for label in analysis["labels"]]
    parts += [
        f"{name} {metric['value']:.4g}{' ' if metric['unit'] else ''}{metric['unit']}"
        for name, metric in analysis["metrics"].items()
    ]
    parts += [f"{event['start']:.2f}-{event['end']:.2f} s" for event in analysis["events"]]
    return ", ".join(parts) or translate("nothing found")


def _timelapse(arguments: argparse.Namespace) -> None:
    from octolab.media import timelapse

    info = timelapse(
        [Path(name) for name in arguments.files],
        Path(arguments.output),
        fps=arguments.fps,
        size=arguments.size,
        transition=arguments.transition,
        progress=_bar,
    )
    _print(
        arguments,
        {"path": arguments.output, **to_json(info)},
        translate("{path}: {seconds:.1f} s", path=arguments.output, seconds=info.duration_s),
    )


def _export(arguments: argparse.Namespace) -> None:
    from octolab.audio.tables import write_table
    from octolab.lab.tables import named

    taxa = dict(_taxon(text) for text in arguments.taxon)
    sheets = [sheet for what in arguments.what for sheet in _sheets(arguments, what)]
    sheets = named(sheets, taxa)
    out = write_table(sheets, arguments.output, arguments.format)
    rows, sounds = sum(len(sheet.marks) for sheet in sheets), {sheet.sound for sheet in sheets}
    print(translate("{path}: rows {rows}, sounds {n}", path=out, rows=rows, n=len(sounds)))


def _sheets(arguments: argparse.Namespace, what: str) -> list[Any]:
    """What is told of a file, or of what a lab has under a number, a CID or the file's CID."""
    from octolab import plugins
    from octolab.content import file_cid
    from octolab.lab import Lab
    from octolab.lab.tables import file_sheet, sheets

    path = Path(what)
    if not path.is_file() and {*"./\\"} & {*what}:  # neither a number nor a CID
        raise BadInput("there is no file {path}", path=what)
    params = dict(_parameter(text) for text in arguments.param)
    if not path.is_file() or arguments.lab or os.environ.get("OCTOLAB_LAB"):
        with Lab(_lab_path(arguments), create=False) as lab:
            if path.is_file():
                found = lab.by_cid(file_cid(path))
            else:
                found = [lab.get(int(what))] if what.isdecimal() else _by_cid(lab, what)
            if found:
                analysis = arguments.analyzer
                if params:
                    analysis = found[0].analyze(analysis or DETECTOR, **params)
                return sheets(lab, found[:1], arguments.format, analysis, arguments.threshold)
    analyzer = plugins.analyzers.get(arguments.analyzer or DETECTOR)
    if analyzer.prepare is not None:
        analyzer.prepare(_bar)
    return [file_sheet(path, analyzer, params, arguments.threshold)]


def _taxon(text: str) -> tuple[str, str]:
    label, sign, name = text.rpartition("=")
    if not sign or not name:
        raise BadInput("--taxon takes LABEL=SCIENTIFIC NAME, not {text!r}", text=text)
    return label, name


# --- archiving ---------------------------------------------------------------


def _cid(arguments: argparse.Namespace) -> None:
    from octolab.content import file_cid

    found = {}
    for name in arguments.files:
        if not Path(name).is_file():
            raise BadInput("there is no file {path}", path=name)
        found[name] = file_cid(Path(name), profile=arguments.profile)
        if not arguments.json:
            print(f"{found[name]}  {name}")
    if arguments.json:
        _dump(found)


def _publish(arguments: argparse.Namespace) -> int:
    from octolab.lab import Lab
    from octolab.media import probe

    with Lab(_lab_path(arguments)) as lab:
        path = Path(arguments.what)
        if path.is_file():
            add = {"frame": lab.add_frame, "clip": lab.add_clip, "sound": lab.add_sound}
            item = add[probe(path).kind](path)
        else:
            item = _by_cid(lab, arguments.what)[0]
        pin = item.publish(arguments.to)
    _print(arguments, pin, f"{pin.cid} {pin.storage}: {pin.state} {pin.detail}".rstrip())
    return 0 if pin.state == "pinned" else 1


def _by_cid(lab: Any, what: str) -> list[Any]:
    found: list[Any] = lab.by_cid(what)
    if not found:
        raise NotFound(
            "{what} is neither a file nor a CID of the lab {path}", what=what, path=str(lab.path)
        )
    return found


def _fetch(arguments: argparse.Namespace) -> None:
    from octolab.content import atomic_write
    from octolab.lab import Lab

    with Lab(_lab_path(arguments)) as lab:
        source = lab.fetch(arguments.cid)
        out = Path(arguments.output)
        with source.open("rb") as reader:
            atomic_write(out, iter(lambda: reader.read(1 << 20), b""))
    _print(arguments, {"cid": arguments.cid, "path": str(out)}, str(out))


def _verify(arguments: argparse.Namespace) -> int:
    from octolab.lab import Lab

    path = _lab_path(arguments)
    # a lab whose catalog was lost is made anew from its files
    remade = arguments.repair and (path / ".octolab").is_dir()
    with Lab(path, create=remade) as lab:
        report = lab.verify(repair=arguments.repair, progress=_bar)
    lines = [translate("{count} files checked", count=report.checked)]
    for word in ("changed", "missing", "orphans", "leftovers", "adopted"):
        lines += [f"{translate(word)}: {name}" for name in getattr(report, word)]
    lines.append(translate("everything is as it was captured") if report.ok else "")
    _print(arguments, {**to_json(report), "ok": report.ok}, "\n".join(lines).rstrip())
    return 0 if report.ok else 1


def _models(arguments: argparse.Namespace) -> None:
    from octolab import models

    if arguments.action == "pull":
        pulled = {}
        for name in arguments.names or [spec.name for spec in models.list()]:
            pulled[name] = str(models.pull(name, progress=_bar))
            if not arguments.json:
                print(f"{name}: {pulled[name]}")
        if arguments.json:
            _dump(pulled)
        return
    if arguments.action == "add":
        return _add_model(arguments)
    specs, heard = models.list(), models.sound_models()
    lines = [f"{spec.name}: {spec.title}" for spec in specs]
    for one in heard:
        count = translate("{count} labels", count=len(one.labels))
        lines.append(f"{one.name}: {count}, {one.rate} Hz, {one.window_s:g} s ({one.licence})")
    _print(arguments, [*specs, *heard], "\n".join(lines))


def _add_model(arguments: argparse.Namespace) -> None:
    """Take in a sound model that the user brings."""
    from octolab import models

    if len(arguments.names) != 1 or not (arguments.labels and arguments.rate and arguments.window):
        raise BadInput("'models add' needs one FILE, --labels, --rate and --window")
    mel = None
    if arguments.mel is not None:
        try:
            mel = models.MelInput(**json.loads(arguments.mel))
        except (ValueError, TypeError) as error:
            raise BadInput(
                "--mel takes the parameters of a mel spectrogram as JSON: {reason}",
                reason=str(error),
            ) from None
    added = models.add_sound_model(
        arguments.names[0],
        name=arguments.name,
        labels=Path(arguments.labels),
        rate=arguments.rate,
        window_s=arguments.window,
        hop_s=arguments.hop,
        input="waveform" if mel is None else "mel",
        mel=mel,
        activation=arguments.activation,
        output=arguments.output,
        embedding=arguments.embedding,
        licence=arguments.licence,
        accept_licence=arguments.accept_licence,
    )
    _print(
        arguments,
        added,
        translate("{name}: {count} labels", name=added.name, count=len(added.labels)),
    )


# --- the rest ---------------------------------------------------------------


def _lab_path(arguments: argparse.Namespace) -> Path:
    return Path(arguments.lab or os.environ.get("OCTOLAB_LAB") or DEMO).expanduser().resolve()


def _print(arguments: argparse.Namespace, data: Any, text: str) -> None:
    if arguments.json:
        _dump(to_json(data))
    else:
        print(text)


def _dump(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2)
    print()


_last_bar = 0.0


def _bar(done: int, total: int | None = None, message: str = "") -> None:
    """Progress on a terminal, on one line; nothing when nobody watches."""
    global _last_bar
    if not sys.stderr.isatty():
        return
    now = time.monotonic()
    if done == total or now - _last_bar > 0.1:
        _last_bar = now
        share = f"{100 * done // total:3d} %" if total else str(done)
        end = "\n" if done == total else ""
        print(f"\r{share} {message[:60]:60}", end=end, file=sys.stderr, flush=True)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        return int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 1280x720") from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


def _common() -> argparse.ArgumentParser:
    """What may stand before a verb as well as after it: only what is given is set."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--lab", metavar="DIR", help="the lab's folder ($OCTOLAB_LAB)")
    return common


def _opening() -> argparse.ArgumentParser:
    opening = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    opening.add_argument("--port", type=int, help="0, the default, chooses a free one")
    opening.add_argument("--no-browser", action="store_true", help="only print the address")
    opening.add_argument("--demo", action="store_true", help="fill a new lab with demo cameras")
    return opening


def _parser() -> argparse.ArgumentParser:
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--json", action="store_true", help="print JSON")
    login = argparse.ArgumentParser(add_help=False)
    login.add_argument("url", help="rtsp://…, http://…, usb://0, synthetic://plant, file:///…")
    login.add_argument("-o", "--output", required=True, metavar="FILE")
    login.add_argument("--user", help="asks for the password ($OCTOLAB_CAMERA_PASSWORD)")

    parser = argparse.ArgumentParser(
        prog="octolab",
        description="A research workbench: capture, analyse, keep, look. "
        "Without a verb it opens the workbench in the browser.",
        parents=[_common(), _opening()],
    )
    parser.add_argument("--version", action="version", version=f"octolab {__version__}")
    parser.set_defaults(run=_workbench, lab=None, port=0, no_browser=False, demo=False)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")

    def verb(name: str, run: Any, text: str, *parents: Any) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text, parents=[_common(), *parents])
        added.set_defaults(run=run)
        return added

    verb("lab", _lab, "open JupyterLab on the lab's notebooks", _opening())
    serve = verb("serve", _serve, "run the lab's server: HTTP API and live cameras")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--host", default="127.0.0.1", help="loopback by default")
    serve.add_argument("--allow-host", action="append", default=[], metavar="NAME")
    serve.add_argument("--token-file", metavar="FILE", help="holds the token ($OCTOLAB_TOKEN)")
    verb("snapshot", _snapshot, "take one still from a camera", data, login)
    record = verb("record", _record, "record a camera for some seconds", data, login)
    record.add_argument("--seconds", type=float, required=True)
    analyze = verb("analyze", _analyze, "run an analyzer on files", data)
    analyze.add_argument("analyzer")
    analyze.add_argument("files", nargs="+", metavar="FILE|FOLDER")
    analyze.add_argument("-o", "--output", metavar="TABLE", help="events: .parquet, .csv, …")
    analyze.add_argument("--jobs", type=_count, metavar="N", help="processes for a folder")
    analyze.add_argument("-p", "--param", action="append", default=[], metavar="NAME=VALUE")
    timelapse = verb("timelapse", _timelapse, "make a film of pictures", data)
    timelapse.add_argument("files", nargs="+", metavar="FILE")
    timelapse.add_argument("-o", "--output", required=True, metavar="OUT")
    timelapse.add_argument("--fps", type=float, default=24)
    timelapse.add_argument("--size", type=_size, metavar="WxH")
    timelapse.add_argument("--transition", choices=["fade"])
    export = verb("export", _export, "write a table of what was marked or found in sounds")
    export.add_argument("what", nargs="+", metavar="FILE|CID|ID")
    export.add_argument("-o", "--output", required=True, metavar="OUT")
    formats = export.add_mutually_exclusive_group(required=True)
    for name in ("raven", "audacity", "csv", "parquet", "aoef", "darwin-core", "json"):
        formats.add_argument(f"--{name}", dest="format", action="store_const", const=name)
    export.add_argument(
        "--analyzer",
        metavar="NAME",
        help="what it found, not what people marked; "
        f"of a file that is in no lab, {DETECTOR} by default",
    )
    export.add_argument("--threshold", type=float, metavar="X", help="leave out lower scores")
    export.add_argument("-p", "--param", action="append", default=[], metavar="NAME=VALUE")
    export.add_argument("--taxon", action="append", default=[], metavar="LABEL=NAME")
    cid = verb("cid", _cid, "print the IPFS CID of files", data)
    cid.add_argument("files", nargs="+", metavar="FILE")
    cid.add_argument("--profile", default="unixfs-v1-2025")
    publish = verb("publish", _publish, "send a file or CID to a storage", data)
    publish.add_argument("what", metavar="CID|FILE")
    publish.add_argument("--to", default="local", metavar="STORAGE")
    fetch = verb("fetch", _fetch, "get the file of a CID, verified", data)
    fetch.add_argument("cid")
    fetch.add_argument("-o", "--output", required=True, metavar="FILE")
    verify = verb("verify", _verify, "hash every file again and report any change", data)
    verify.add_argument("--repair", action="store_true", help="catalogue files without a row")
    models = verb("models", _models, "list models, pull them ahead of time, or add your own", data)
    models.add_argument("action", choices=["list", "pull", "add"])
    models.add_argument("names", nargs="*", metavar="NAME|FILE")
    adding = models.add_argument_group("add", "a sound model in one .onnx or .tflite file")
    adding.add_argument("--labels", metavar="FILE", help="a label a line")
    adding.add_argument("--rate", type=int, metavar="HZ", help="samples a second it takes")
    adding.add_argument("--window", type=float, metavar="S", help="how long a piece it hears")
    adding.add_argument("--hop", type=float, metavar="S", help="from one piece to the next")
    adding.add_argument("--mel", metavar="JSON", help="takes mel spectrograms made like this")
    adding.add_argument("--activation", default="none", choices=["none", "sigmoid", "softmax"])
    adding.add_argument("--output", metavar="NAME", help="the output with the scores")
    adding.add_argument("--embedding", metavar="NAME", help="the output that tells likeness")
    adding.add_argument("--name", help="what to call it")
    adding.add_argument("--licence", default="", metavar="TEXT", help="what its makers allow")
    adding.add_argument("--accept-licence", action="store_true", help="you know and keep to it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
