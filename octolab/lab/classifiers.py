"""Classifiers that people train by marking sounds in their lab.

They are kept in ``.octolab/classifiers`` of the lab, and the analyzer ``sound-labels`` finds
them from where a sound is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from octolab.errors import BadInput, NotFound, OctolabError
from octolab.model import Analysis, Event, Label, Metric
from octolab.plugins import Analyzer, Progress

if TYPE_CHECKING:
    from octolab.audio import Classifier
    from octolab.lab.lab import Lab

_NAME: Final = re.compile(r"[\w-]{1,80}")
_ENDING: Final = ".npz"


def train_sounds(
    lab: Lab, name: str, labels: Iterable[str] | None = None, **parameters: Any
) -> Classifier:
    """Train a classifier on what people marked in a lab; see `Lab.train_sounds`."""
    from octolab.audio import train

    place = _place(lab.path, name)
    wanted = None if labels is None else set(labels)
    marked = [
        one
        for one in lab.annotations()
        if one.event.label and (wanted is None or one.event.label in wanted)
    ]
    items = {number: lab.get(number) for number in sorted({one.artifact for one in marked})}
    examples = [(items[one.artifact].path, one.event) for one in marked]
    for label in sorted(wanted or ()):
        if all(event.label != label for _, event in examples):
            raise NotFound("nothing in the lab is marked {label!r}", label=label)
    trained = train(examples, **parameters)
    place.parent.mkdir(parents=True, exist_ok=True)
    trained.save(place)
    lab.log(
        "Trained {name} on {count} examples: {labels}",
        name=name,
        count=len(examples),
        labels=", ".join(trained.labels),
    )
    return trained


def classifiers(root: Path) -> list[str]:
    """The names of the classifiers of a lab."""
    return sorted(path.stem for path in _folder(root).glob(f"*{_ENDING}"))


def kept_classifier(root: Path, name: str) -> Classifier:
    """The classifier of that name.

    Raises
    ------
    NotFound
        If there is none; the message lists those there are.
    """
    from octolab.audio import load_classifier

    path = _place(root, name)
    if not path.is_file():
        raise _missing(name, classifiers(root))
    return load_classifier(path)


def model_in_use(root: Path | None, analyzer: str, params: Mapping[str, Any]) -> str | None:
    """The sha256 of the model or classifier that an analyzer would take now, if it takes one.

    `root` is the folder of the lab, None outside of any.

    An analysis by another one of the same name is out of date.
    """
    from octolab.models import fingerprint, read_sound_model
    from octolab.models.sound import description_of

    try:
        if analyzer == "sound-labels" and root is not None:
            return fingerprint(_place(root, str(params.get("classifier"))))
        if analyzer == "sound-model":
            described = description_of(str(params.get("model")))
            kept = read_sound_model(described)
            return kept.sha256 or fingerprint(described.parent / kept.file)
    except (OctolabError, OSError):  # the analyzer itself says what is wrong
        return None
    return None


def label_sounds(
    path: str | Path,
    *,
    classifier: str = "",
    preset: str | None = None,
    threshold: float | None = None,
    least: float = 0.5,
    band: Sequence[float] | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Find events in a sound of a lab and name them by a classifier of that lab.

    Parameters
    ----------
    path : path
        The sound.
    classifier : str
        A name given to `Lab.train_sounds`.
    preset, threshold, band, progress
        What to look for, as for `octolab.audio.detect_events`.
    least : float
        Events whose label scores less are left out, 0 to 1.

    Returns
    -------
    Analysis
        The named events, each label with its highest score, and how many events were
        ``found``.
    """
    from octolab.audio import detect_events
    from octolab.models import fingerprint

    if not classifier:
        raise BadInput("the analyzer needs the name of a classifier: pass classifier=")
    if not 0 <= least <= 1:
        raise BadInput("least must be from 0 to 1, not {value}", value=least)
    path = Path(path)
    root = lab_of(path)
    if root is None:
        raise _missing(classifier, [])
    place = _place(root, classifier)
    model = fingerprint(place) if place.is_file() else ""  # it may be trained anew meanwhile
    chosen = kept_classifier(root, classifier)
    found = detect_events(path, preset=preset, threshold=threshold, band=band, progress=progress)
    named = [event for event in chosen.predict(path, found) if event.score >= least]
    return Analysis(
        events=tuple(named),
        labels=_labels(named),
        metrics={"found": Metric(float(len(found))), "events": Metric(float(len(named)))},
        model=model,
    )


def _labels(events: Iterable[Event]) -> tuple[Label, ...]:
    best: dict[str, float] = {}
    for event in events:
        best[event.label] = max(best.get(event.label, 0.0), event.score)
    return tuple(Label(*one) for one in sorted(best.items(), key=lambda one: -one[1]))


def lab_of(path: Path) -> Path | None:
    """The folder of the lab that a file is in, if it is in one."""
    for folder in path.resolve().parents:
        if (folder / ".octolab").is_dir():
            return folder
    return None


def _folder(root: Path) -> Path:
    return root / ".octolab" / "classifiers"


def _place(root: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise BadInput("{name!r} can't name a classifier: use letters, digits, - and _", name=name)
    return _folder(root) / f"{name}{_ENDING}"


def _missing(name: str, names: Sequence[str]) -> NotFound:
    return NotFound(
        "there is no classifier {name!r}; there are: {names}. `lab.train_sounds` makes one of "
        "what is marked in sounds",
        name=name,
        names=", ".join(names) or "-",
    )


analyzer = Analyzer(
    "sound-labels",
    run=label_sounds,
    kinds=frozenset({"sound", "clip"}),
    title="Events named by your examples",
    description="Finds events and names them by a classifier trained on what you marked.",
    params={"classifier": "", "preset": None, "threshold": None, "band": None, "least": 0.5},
)
