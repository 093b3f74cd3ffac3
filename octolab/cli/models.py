"""`octolab models`: list them, pull them ahead of time, add your own."""

from __future__ import annotations

import argparse
from pathlib import Path

from octolab.cli.console import bar, dump, show
from octolab.cli.options import Verb, printing
from octolab.errors import BadInput
from octolab.i18n import phrase, translate


def _models(arguments: argparse.Namespace) -> None:
    from octolab import models

    if arguments.action == "pull":
        pulled = {}
        for name in arguments.names or [spec.name for spec in models.list()]:
            pulled[name] = str(models.pull(name, progress=bar))
            if not arguments.json:
                print(f"{name}: {pulled[name]}")
        if arguments.json:
            dump(pulled)
        return
    if arguments.action == "add":
        return _add_model(arguments)
    if arguments.names:
        raise BadInput("'models list' takes no names")
    specs, heard = models.list(), models.sound_models()
    addons = [known for known in models.add_ons() if known.name not in [one.name for one in heard]]
    lines = [f"{spec.name}: {translate(spec.title)}" for spec in specs]
    for one in heard:
        count = translate("{count} labels", count=len(one.labels))
        lines.append(f"{one.name}: {count}, {one.rate} Hz, {one.window_s:g} s ({one.licence})")
    for known in addons:
        text = "{name}: {title}; 'models add {name} FILE' adds it"
        lines.append(translate(text, name=known.name, title=phrase(known.title)))
    show(arguments, [*specs, *heard, *addons], "\n".join(lines))


def _add_model(arguments: argparse.Namespace) -> None:
    """Take in a sound model that the user brings."""
    from octolab import models

    needed = arguments.labels, arguments.rate, arguments.window
    if len(arguments.names) == 2:
        name, file = arguments.names
        if any(part is not None for part in (*needed[1:], arguments.mel, arguments.name)):
            raise BadInput("what {name} takes is known: leave out what describes it", name=name)
        added = models.add_known_model(
            name,
            file,
            labels=arguments.labels,
            hop_s=arguments.hop,
            accept_licence=arguments.accept_licence,
        )
    elif len(arguments.names) != 1 or None in needed:
        raise BadInput("'models add' needs one FILE, --labels, --rate and --window")
    else:
        mel = None if arguments.mel is None else models.read_mel(arguments.mel)
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
    show(
        arguments,
        added,
        translate("{name}: {count} labels", name=added.name, count=len(added.labels)),
    )


def declare(verb: Verb) -> None:
    """Add the verb to the parser."""
    models = verb(
        "models",
        _models,
        translate("list models, pull them ahead of time, or add your own"),
        printing(),
    )
    models.add_argument(
        "action", choices=["list", "pull", "add"], help=translate("what to do with models")
    )
    models.add_argument(
        "names",
        nargs="*",
        metavar=translate("NAME|FILE"),
        help=translate("the models to pull, all by default; the file to add, or birdnet and it"),
    )
    adding = models.add_argument_group(
        "add", translate("a sound model in one .onnx or .tflite file")
    )
    adding.add_argument("--labels", metavar=translate("FILE"), help=translate("a label a line"))
    adding.add_argument(
        "--rate", type=int, metavar=translate("HZ"), help=translate("samples a second it takes")
    )
    adding.add_argument(
        "--window", type=float, metavar=translate("S"), help=translate("how long a piece it hears")
    )
    adding.add_argument(
        "--hop",
        type=float,
        metavar=translate("S"),
        help=translate("from one piece to the next"),
    )
    adding.add_argument(
        "--mel", metavar="JSON", help=translate("takes mel spectrograms made like this")
    )
    adding.add_argument(
        "--activation",
        default="none",
        choices=["none", "sigmoid", "softmax"],
        help=translate("what turns its output into scores"),
    )
    adding.add_argument(
        "--output", metavar=translate("NAME"), help=translate("the output with the scores")
    )
    adding.add_argument(
        "--embedding", metavar=translate("NAME"), help=translate("the output that tells likeness")
    )
    adding.add_argument("--name", metavar=translate("NAME"), help=translate("what to call it"))
    adding.add_argument(
        "--licence",
        default="",
        metavar=translate("TEXT"),
        help=translate("what its makers allow"),
    )
    adding.add_argument(
        "--accept-licence", action="store_true", help=translate("you know and keep to it")
    )
