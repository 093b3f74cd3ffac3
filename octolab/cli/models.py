"""`octolab models`: list them, pull them ahead of time, add your own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from octolab.cli.console import bar, dump, show
from octolab.cli.options import Verb, printing
from octolab.errors import BadInput
from octolab.i18n import translate


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
    specs, heard = models.list(), models.sound_models()
    lines = [f"{spec.name}: {spec.title}" for spec in specs]
    for one in heard:
        count = translate("{count} labels", count=len(one.labels))
        lines.append(f"{one.name}: {count}, {one.rate} Hz, {one.window_s:g} s ({one.licence})")
    show(arguments, [*specs, *heard], "\n".join(lines))


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
    show(
        arguments,
        added,
        translate("{name}: {count} labels", name=added.name, count=len(added.labels)),
    )


def declare(verb: Verb) -> None:
    """Add the verb to the parser."""
    models = verb(
        "models", _models, "list models, pull them ahead of time, or add your own", printing()
    )
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
