"""`octolab cid`, `publish`, `fetch` and `verify`: what proves and keeps files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from octolab.cli.console import bar, dump, file_to_write, lab_path, show
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

    given = names_a_file(arguments.what)
    with Lab(lab_path(arguments), create=given) as lab:
        if given:
            path = Path(arguments.what)
            add = {"frame": lab.add_frame, "clip": lab.add_clip, "sound": lab.add_sound}
            item = add[probe(path).kind](path)
        else:
            item = by_cid(lab, arguments.what)[0]
        pin = item.publish(arguments.to)
    show(arguments, pin, f"{pin.cid} {pin.storage}: {translate(pin.state)} {pin.detail}".rstrip())
    return 0 if pin.state == "pinned" else 1


def names_a_file(what: str) -> bool:
    """Whether a file was named; else it is a CID or a number.

    Raises
    ------
    BadInput
        If it can only be the name of a file, and there is none.
    """
    if Path(what).is_file():
        return True
    if {*"./\\"} & {*what}:
        raise BadInput("there is no file {path}", path=what)
    return False


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

    with Lab(lab_path(arguments), create=False) as lab:
        source = lab.fetch(arguments.cid)
        out = file_to_write(arguments.output)
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
    cid = verb("cid", _cid, translate("print the IPFS CID of files"), printing())
    cid.add_argument("files", nargs="+", metavar=translate("FILE"), help=translate("any file"))
    cid.add_argument(
        "--profile",
        default="unixfs-v1-2025",
        metavar=translate("NAME"),
        help=translate("how the file is cut into blocks; unixfs-v1-2025 by default"),
    )
    publish = verb("publish", _publish, translate("send a file or CID to a storage"), printing())
    publish.add_argument(
        "what", metavar=translate("CID|FILE"), help=translate("a file, or a CID of the lab")
    )
    publish.add_argument(
        "--to",
        default="local",
        metavar=translate("STORAGE"),
        help=translate("the storage; local by default"),
    )
    fetch = verb("fetch", _fetch, translate("get the file of a CID, verified"), printing())
    fetch.add_argument(
        "cid", metavar="CID", help=translate("of the lab, or of a storage that it knows")
    )
    fetch.add_argument(
        "-o",
        "--output",
        required=True,
        metavar=translate("FILE"),
        help=translate("where to write it"),
    )
    verify = verb(
        "verify", _verify, translate("hash every file again and report any change"), printing()
    )
    verify.add_argument(
        "--repair", action="store_true", help=translate("catalogue files without a row")
    )
