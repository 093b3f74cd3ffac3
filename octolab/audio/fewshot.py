"""Learning from a few labelled events to name all others: label ten calls, find a thousand.

A classifier is plain numbers and is kept in one ``.npz`` file without pickles. From five
examples a label on it is a logistic regression (balanced, so that a frequent label does
not swallow a rare one); from fewer, the nearest examples vote.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from octolab.audio.embedding import LOWEST_HZ, SCALARS, embed, size, unit
from octolab.audio.reading import open_sound
from octolab.content import atomic_write
from octolab.errors import BadInput, NotFound
from octolab.model import Event, from_json, to_json

LEAST: Final = 3
ENOUGH: Final = 5
_FOLDS: Final = 5
_NEIGHBOURS: Final = 3
_SHARPNESS: Final = 8.0
_MARGIN: Final = 1.25
_STRENGTH: Final = 0.1
_EMPHASIS: Final = 6.0
_BOUT_S: Final = 10.0
_FORMAT: Final = 1

_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError)

Kind = Literal["regression", "neighbours"]


@dataclass(frozen=True)
class Skill:
    """How well a label was found in examples that were kept back from the training.

    ``precision`` is which part of those given the label had it, None if none was given it;
    ``recall`` which part of those that had it was given it.
    """

    examples: int
    precision: float | None
    recall: float


@dataclass(frozen=True)
class Report:
    """What cross-validation says.

    ``apart`` tells whether files, or at least bouts (10 s or more from each other), were kept
    apart: if not, an example was judged by its neighbours, and the figures flatter. With
    under some thirty examples a label they are rough in any case.
    """

    accuracy: float
    folds: int
    apart: bool
    labels: Mapping[str, Skill] = field(default_factory=dict)


@dataclass(frozen=True)
class Classifier:
    """A trained classifier; made by `train` or `load_classifier`.

    Attributes
    ----------
    labels : tuple of str
        What it can tell apart.
    kind : {"regression", "neighbours"}
        How.
    band : (float, float)
        The frequencies it listens to, in Hz.
    model : str, optional
        The sound model whose embedding it uses.
    report : Report
        How well it did.
    numbers : mapping of str to ndarray
        ``mean`` and ``scale`` (d,), and ``weights`` (labels, d) with ``bias`` (labels,), or
        ``examples`` (n, d) with ``which`` (n,).
    """

    labels: tuple[str, ...]
    kind: Kind
    band: tuple[float, float]
    model: str | None
    report: Report
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """How likely each label is: of vectors (n, d), (n, labels) float32 with sums of 1.

        Raises
        ------
        BadInput
            If the vectors are of another length.
        """
        given = self.numbers
        if vectors.shape[1:] != given["mean"].shape:
            raise BadInput("vectors to compare must be of one length")
        x = (vectors - given["mean"]) / given["scale"]
        if self.kind == "regression":
            raw = x @ given["weights"].T + given["bias"]
        else:
            raw = _SHARPNESS * _votes(x, given["examples"], given["which"], len(self.labels))
        raised = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

    def predict(
        self, sound: str | Path | np.ndarray, events: Sequence[Event], *, sr: int | None = None
    ) -> list[Event]:
        """Name events.

        Parameters
        ----------
        sound : path or ndarray (n,) float
            The file they are in, or samples.
        events : sequence of Event
            What a detector found there.
        sr : int, optional
            Sample rate of an array, in Hz.

        Returns
        -------
        list of Event
            The same, in the same order, each with its likeliest label and that label's
            score, 0 to 1.
        """
        if not events:
            return []
        scores = self.scores(embed(sound, events, sr=sr, band=self.band, model=self.model))
        best = scores.argmax(axis=1)
        return [
            replace(event, label=self.labels[i], score=float(row[i]))
            for event, row, i in zip(events, scores, best, strict=True)
        ]

    def save(self, path: str | Path) -> None:
        """Write it to a file (``.npz``), whole or not at all."""
        about = {
            "format": _FORMAT,
            "labels": self.labels,
            "kind": self.kind,
            "band": self.band,
            "model": self.model,
            "report": to_json(self.report),
        }
        data = io.BytesIO()
        arrays: dict[str, Any] = {"about": np.array(json.dumps(about)), **self.numbers}
        np.savez(data, **arrays)
        atomic_write(Path(path), data.getvalue())


def train(
    examples: Sequence[tuple[str | Path, Event]],
    *,
    band: Sequence[float] | None = None,
    model: str | None = None,
) -> Classifier:
    """Learn to tell labels apart.

    Parameters
    ----------
    examples : sequence of (path, Event)
        Files and labelled events in them: two labels, and three examples of each, at
        least. Give what else is to be heard a label too ("other"): a classifier gives
        everything one of its labels.
    band : (low, high), optional
        Frequencies to listen to, in Hz; by default a little more than the boxes of the
        examples take up.
    model : str, optional
        A sound model that declares an embedding, by name.

    Returns
    -------
    Classifier

    Raises
    ------
    BadInput
        If there are too few examples or labels; the message says of what.
    """
    count = Counter(event.label for _, event in examples)
    if "" in count:
        raise BadInput("an example has no label")
    if len(count) < 2:
        raise BadInput(
            "a classifier needs two labels at least; mark something else, too, as 'other'"
        )
    for label, number in sorted(count.items()):
        if number < LEAST:
            raise BadInput(
                "too few examples of {label!r}: {count}; mark {least} at least, better 10",
                label=label,
                count=number,
                least=LEAST,
            )
    chosen = _band(examples) if band is None else (float(band[0]), float(band[1]))
    vectors = _vectors(examples, chosen, model)
    labels = tuple(sorted(count))
    which = np.array([labels.index(event.label) for _, event in examples])
    kind: Kind = "regression" if min(count.values()) >= ENOUGH else "neighbours"
    ways: list[list[Any]] = [[str(path) for path, _ in examples], _bouts(examples)]
    report = _validate(vectors, which, ways, labels, kind)
    return Classifier(labels, kind, chosen, model, report, _fit(vectors, which, kind))


def load_classifier(path: str | Path) -> Classifier:
    """Read what `Classifier.save` wrote.

    Raises
    ------
    NotFound
        If there is no such file.
    BadInput
        If it is damaged or something else.
    """
    path = Path(path)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            numbers = {name: stored[name] for name in stored.files if name != "about"}
        if about["format"] != _FORMAT:
            raise ValueError
        read = Classifier(
            tuple(map(str, about["labels"])),
            about["kind"],
            (float(about["band"][0]), float(about["band"][1])),
            about["model"],
            from_json(Report, about["report"]),
            numbers,
        )
        _check(read)
    except FileNotFoundError:
        raise NotFound("there is no file {name}", name=str(path)) from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, *_DAMAGED):
        raise BadInput("{name} is not a classifier of OctoLab", name=path.name) from None
    return read


def _check(read: Classifier) -> None:
    """Raise ValueError or KeyError unless its numbers fit together."""
    numbers, labels = read.numbers, len(read.labels)
    (length,) = numbers["mean"].shape
    shapes: dict[str, tuple[int, ...]] = {"scale": (length,)}
    if read.kind == "regression":
        shapes |= {"weights": (labels, length), "bias": (labels,)}
    else:
        count = len(numbers["which"])
        shapes |= {"examples": (count, length), "which": (count,)}
        if read.kind != "neighbours" or not count or numbers["which"].dtype.kind not in "iu":
            raise ValueError
        if not 0 <= numbers["which"].min() <= numbers["which"].max() < labels:
            raise ValueError
    if any(numbers[name].shape != shape for name, shape in shapes.items()) or labels < 2:
        raise ValueError
    if not all(np.isfinite(part).all() for part in numbers.values()):
        raise ValueError


def _band(examples: Sequence[tuple[str | Path, Event]]) -> tuple[float, float]:
    """A little more than the boxes take up; all that every file holds if one has no box."""
    lows = [event.low_hz for _, event in examples]
    highs = [event.high_hz for _, event in examples]
    rates = []
    for path in {str(path) for path, _ in examples}:
        with open_sound(path) as sound:
            rates.append(sound.sr)
    top = min(rates) / 2
    low = min((x for x in lows if x is not None), default=0.0) / _MARGIN
    high = max((x for x in highs if x is not None), default=top) * _MARGIN
    if None in lows or None in highs:
        low, high = 0.0, top
    least = min(LOWEST_HZ, top / 10, high / 10)  # calls of large whales are lower
    return float(max(low, least)), float(min(high, max(rates) / 2))


def _vectors(
    examples: Sequence[tuple[str | Path, Event]], band: tuple[float, float], model: str | None
) -> np.ndarray:
    by_file: dict[str, list[int]] = {}
    for i, (path, _) in enumerate(examples):
        by_file.setdefault(str(path), []).append(i)
    rows: dict[int, np.ndarray] = {}
    for name, indices in by_file.items():
        made = embed(name, [examples[i][1] for i in indices], band=band, model=model)
        rows |= dict(zip(indices, made, strict=True))
    return np.stack([rows[i] for i in range(len(examples))])


def _fit(vectors: np.ndarray, which: np.ndarray, kind: Kind) -> dict[str, np.ndarray]:
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0)
    # What hardly varies among the examples must not decide about others.
    scale = np.maximum(spread, 0.1 * max(float(spread.mean()), 1e-6))
    if vectors.shape[1] == size():  # length and pitch must be heard among so many cells
        scale[-SCALARS:] /= _EMPHASIS
    x = (vectors - mean) / scale
    fitted: dict[str, np.ndarray] = {"mean": mean, "scale": scale}
    if kind == "neighbours":
        return fitted | {"examples": x, "which": which}
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2000)
    regression.fit(x.astype(np.float64), which)
    weights, bias = regression.coef_, regression.intercept_
    if len(weights) == 1:  # of two labels scikit-learn keeps the difference
        weights = np.concatenate([-weights, weights]) / 2
        bias = np.concatenate([-bias, bias]) / 2
    return fitted | {"weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}


def _votes(x: np.ndarray, examples: np.ndarray, which: np.ndarray, labels: int) -> np.ndarray:
    """For each label, the mean likeness (-1 to 1) of the examples most like each vector."""
    cosine = unit(x) @ unit(examples).T
    votes = np.empty((len(x), labels), np.float32)
    for label in range(labels):
        nearest = np.sort(cosine[:, which == label], axis=1)[:, -_NEIGHBOURS:]
        votes[:, label] = nearest.mean(axis=1)
    return votes


def _bouts(examples: Sequence[tuple[str | Path, Event]]) -> list[int]:
    """To which bout each example belongs: those of a file that follow each other closely."""
    bouts, bout, before = [0] * len(examples), 0, ("", 0.0)
    for i in sorted(range(len(examples)), key=lambda i: _when(examples[i])):
        file, start = _when(examples[i])
        if file != before[0] or start - before[1] >= _BOUT_S:
            bout += 1
        bouts[i], before = bout, (file, max(start, examples[i][1].end))
    return bouts


def _when(example: tuple[str | Path, Event]) -> tuple[str, float]:
    return str(example[0]), example[1].start


def _validate(
    vectors: np.ndarray,
    which: np.ndarray,
    ways: Sequence[Sequence[Any]],
    labels: tuple[str, ...],
    kind: Kind,
) -> Report:
    """Train on some of the examples and ask about the rest, in turn.

    `ways` are groups to keep apart, the best first; the first will do in which every label
    is in three groups or more.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    folds = min(_FOLDS, int(np.bincount(which).min()))
    for groups in ways:
        pairs = set(zip(groups, which.tolist(), strict=True))
        spread = min(Counter(label for _, label in pairs).values())
        if spread >= LEAST:
            folds = min(folds, spread)
            parts = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
            splits = [*parts.split(vectors, which, groups)]
            if all(len(set(which[known])) == len(labels) for known, _ in splits):
                return _judge(vectors, which, splits, labels, kind, apart=True)
    splits = [*StratifiedKFold(folds, shuffle=True, random_state=0).split(vectors, which)]
    return _judge(vectors, which, splits, labels, kind, apart=False)


def _judge(
    vectors: np.ndarray,
    which: np.ndarray,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    labels: tuple[str, ...],
    kind: Kind,
    *,
    apart: bool,
) -> Report:
    told = np.full(len(which), -1)
    for known, asked in splits:
        fitted = _fit(vectors[known], which[known], kind)
        some = Classifier(labels, kind, (0, 0), None, Report(0, 0, False), fitted)
        told[asked] = some.scores(vectors[asked]).argmax(axis=1)
    skills = {}
    for i, label in enumerate(labels):
        given, own = told == i, which == i
        right = int((given & own).sum())
        precision = right / int(given.sum()) if given.any() else None
        skills[label] = Skill(int(own.sum()), precision, right / int(own.sum()))
    return Report(float((told == which).mean()), len(splits), apart, skills)
