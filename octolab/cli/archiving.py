"""`octolab cid`, `publish`, `fetch` and `verify`: what proves and keeps files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from octolab.cli.console import bar, dump, lab_path, show
from octolab.cli.options import Verb, printing
from octolab.errors import BadInput, NotFound
from octolab.i18n import translate
from octolab.model import to_json


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
        dump(found)


def _publish(arguments: argparse.Namespace) -> int:
    from octolab.lab import Lab
    from octolab.media import probe

    with Lab(lab_path(arguments)) as lab:
        path = Path(arguments.what)
        if path.is_file():
            add = {"frame": lab.add_frame, "clip": lab.add_clip, "sound": lab.add_sound}
            item = add[probe(path).kind](path)
        else:
            item = by_cid(lab, arguments.what)[0]
        pin = item.publish(arguments.to)
    show(arguments, pin, f"{pin.cid} {pin.storage}: {pin.state} {pin.detail}".rstrip())
    return 0 if pin.state == "pinned" else 1


def by_cid(lab: Any, what: str) -> list[Any]:
    """What the lab has under a CID, at least one artifact."""
    found: list[Any] = lab.by_cid(what)
    if not found:
        raise NotFound(
            "{what} is neither a file nor a CID of the lab {path}", what=what, path=str(lab.path)
        )
    return found


def _fetch(arguments: argparse.Namespace) -> None:
    from octolab.content import atomic_write
    from octolab.lab import Lab

    with Lab(lab_path(arguments)) as lab:
        source = lab.fetch(arguments.cid)
        out = Path(arguments.output)
        with source.open("rb") as reader:
            atomic_write(out, iter(lambda: reader.read(1 << 20), b""))
    show(arguments, {"cid": arguments.cid, "path": str(out)}, str(out))


def _verify(arguments: argparse.Namespace) -> int:
    from octolab.lab import Lab

    path = lab_path(arguments)
    # a lab whose catalog was lost is made anew from its files
    remade = arguments.repair and (path / ".octolab").is_dir()
    with Lab(path, create=remade) as lab:
        report = lab.verify(repair=arguments.repair, progress=bar)
    lines = [translate("{count} files checked", count=report.checked)]
    for word in ("changed", "missing", "orphans", "leftovers", "adopted"):
        lines += [f"{translate(word)}: {name}" for name in getattr(report, word)]
    lines.append(translate("everything is as it was captured") if report.ok else "")
    show(arguments, {**to_json(report), "ok": report.ok}, "\n".join(lines).rstrip())
    return 0 if report.ok else 1


def declare(verb: Verb) -> None:
    """Add the verbs to the parser."""
    cid = verb("cid", _cid, "print the IPFS CID of files", printing())
    cid.add_argument("files", nargs="+", metavar="FILE")
    cid.add_argument("--profile", default="unixfs-v1-2025")
    publish = verb("publish", _publish, "send a file or CID to a storage", printing())
    publish.add_argument("what", metavar="CID|FILE")
    publish.add_argument("--to", default="local", metavar="STORAGE")
    fetch = verb("fetch", _fetch, "get the file of a CID, verified", printing())
    fetch.add_argument("cid")
    fetch.add_argument("-o", "--output", required=True, metavar="FILE")
    verify = verb("verify", _verify, "hash every file again and report any change", printing())
    verify.add_argument("--repair", action="store_true", help="catalogue files without a row")
