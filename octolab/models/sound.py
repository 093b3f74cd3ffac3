"""Models that listen: what each wants to hear and what its answers mean.

That is kept in a small file beside the model, ``NAME.sound.json``, so that a model of any
origin can be used without code. `octolab.models.add_sound_model` writes it.
"""

from __future__ import annotations

import dataclasses
import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from octolab.errors import BadInput, NotFound, OctolabError
from octolab.i18n import phrase
from octolab.model import from_json
from octolab.models.pulling import folder

ENDING: Final = ".sound.json"
NAME: Final = re.compile(r"[\w-][\w.-]*")
_MAX_WINDOW_S: Final = 600.0
_MAX_RATE: Final = 1_000_000
_WHY: Final = {
    "file": phrase(
        "it must be one .onnx or .tflite file; octolab.models.from_torch makes one of a PyTorch "
        "model"
    ),
    "labels": phrase("there are no labels, or two are the same"),
    "mel": phrase("mel goes with input='mel', and only with that"),
}


@dataclass(frozen=True)
class MelInput:
    """The mel spectrogram a model takes, computed outside its graph.

    The first part is as for `octolab.audio.melspectrogram`. ``scale`` is ``power``, ``db``
    (10 log10 of the power, at least ``floor``) or ``log`` (the natural logarithm of the
    power plus ``floor``). ``order`` says which axis comes first.
    """

    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    power: float = 2.0
    htk: bool = False
    norm: str | None = "slaney"
    center: bool = True
    scale: Literal["power", "db", "log"] = "db"
    floor: float = 1e-10
    order: Literal["mel-time", "time-mel"] = "mel-time"


@dataclass(frozen=True)
class SoundModel:
    """What a model wants to hear and what its answers mean.

    Attributes
    ----------
    file : str
        The model's file, beside the description: ``.onnx`` or ``.tflite``.
    rate : int
        Samples a second, in Hz.
    window_s, hop_s : float
        How long a piece it hears at once, and from one to the next, in seconds.
    labels : tuple of str
        What its scores stand for, in order.
    input : {"waveform", "mel"}
        Samples (1.0 at full scale), or the spectrogram that `mel` describes.
    mel : MelInput, optional
        For ``input="mel"``.
    activation : {"none", "sigmoid", "softmax"}
        What makes scores of 0 to 1 of its answers.
    output, embedding : str, optional
        The names of its scores (its first output by default), and of the values before
        them that say what a sound is like.
    licence : str
        What its makers allow.
    sha256 : str
        Of the file, in hex.
    name : str
        What it is called: that of the description's file.
    """

    file: str
    rate: int
    window_s: float
    hop_s: float
    labels: tuple[str, ...]
    input: Literal["waveform", "mel"] = "waveform"
    mel: MelInput | None = None
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    output: str | None = None
    embedding: str | None = None
    licence: str = ""
    sha256: str = ""
    name: str = ""

    @property
    def window(self) -> int:
        """How many samples it hears at once."""
        return round(self.window_s * self.rate)

    @property
    def hop(self) -> int:
        """How many samples from one window to the next."""
        return max(1, round(self.hop_s * self.rate))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what it hears of one window: (samples,) or the axes of `mel`."""
        if self.mel is None:
            return (self.window,)
        mel = self.mel
        columns = (self.window - (0 if mel.center else mel.n_fft)) // mel.hop_length + 1
        axes = (mel.n_mels, columns)
        return axes if mel.order == "mel-time" else axes[::-1]


def _of_mel(holds: Callable[[MelInput, SoundModel], bool]) -> Callable[[SoundModel], bool]:
    return lambda model: model.mel is None or holds(model.mel, model)


# the later ones rely on the earlier
_RULES: Final[Mapping[str, Callable[[SoundModel], bool]]] = {
    "file": lambda model: (
        Path(model.file).name == model.file and Path(model.file).suffix in (".onnx", ".tflite")
    ),
    "rate": lambda model: 1 <= model.rate <= _MAX_RATE,
    "window_s": lambda model: 0 < model.window_s <= _MAX_WINDOW_S and model.window >= 1,
    "hop_s": lambda model: 0 < model.hop_s <= model.window_s,
    "labels": lambda model: 0 < len(model.labels) == len(set(model.labels)),
    "input": lambda model: model.input in ("waveform", "mel"),
    "mel": lambda model: (model.mel is None) == (model.input == "waveform"),
    "activation": lambda model: model.activation in ("none", "sigmoid", "softmax"),
    "mel.scale": _of_mel(lambda mel, _: mel.scale in ("power", "db", "log")),
    "mel.order": _of_mel(lambda mel, _: mel.order in ("mel-time", "time-mel")),
    "mel.floor": _of_mel(lambda mel, _: mel.floor > 0),
    "mel.n_mels": _of_mel(lambda mel, _: 1 <= mel.n_mels <= 1024),
    "mel.hop_length": _of_mel(lambda mel, model: 1 <= mel.hop_length <= model.window),
    "mel.n_fft": _of_mel(lambda mel, model: 2 <= mel.n_fft <= max(model.window, 1 << 14)),
}


def sound_models() -> tuple[SoundModel, ...]:
    """The models that were added, by name; a damaged description is left out."""
    found = []
    for path in sorted(folder().glob(f"*{ENDING}")):
        try:
            found.append(read_sound_model(path))
        except OctolabError:
            continue
    return tuple(found)


def description_of(model: str | Path) -> Path:
    """Where a model is described: that of a name among those added, or a path as it is.

    Raises
    ------
    NotFound
        If there is none.
    """
    if isinstance(model, Path):
        path = model if model.name.endswith(ENDING) else model.with_suffix(ENDING)
    elif NAME.fullmatch(model):
        path = folder() / f"{model}{ENDING}"
    else:
        path = Path()
    if path.is_file():
        return path
    raise NotFound(
        "there is no sound model {name!r}; there are: {names}. "
        "'octolab models add' takes in another",
        name=str(model),
        names=", ".join(one.name for one in sound_models()) or "-",
    )


def read_sound_model(path: Path) -> SoundModel:
    """Read the description of a model.

    Raises
    ------
    BadInput
        If it is damaged or something in it makes no sense; the message says what.
    NotFound
        If it is not there.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        labels = data["labels"]
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise TypeError("labels")
        model = from_json(SoundModel, {"hop_s": data["window_s"], **data})
    except FileNotFoundError:
        raise NotFound("there is no file {name}", name=str(path)) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(
            "{name} does not describe a sound model: {reason}", name=path.name, reason=str(error)
        ) from None
    return checked(dataclasses.replace(model, name=path.name.removesuffix(ENDING)), path.name)


def checked(model: SoundModel, name: str) -> SoundModel:
    """The model itself, if its description makes sense, else `BadInput`."""
    for part, holds in _RULES.items():
        try:
            good = holds(model)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            good = False
        if not good:
            found = repr(operator.attrgetter(part)(model))
            reason: Any = _WHY.get(part) or f"{part} is {found[:80]}"
            raise BadInput(
                "{name} does not describe a sound model: {reason}", name=name, reason=reason
            )
    return model


def read_mel(text: str) -> MelInput:
    """The parameters of a mel spectrogram, from a JSON object.

    Raises
    ------
    BadInput
        If it is none, or has others than `MelInput`.
    """
    known = [one.name for one in dataclasses.fields(MelInput)]
    try:
        data = json.loads(text)
        mel = from_json(MelInput, data)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            "--mel takes the parameters of a mel spectrogram as JSON: {reason}", reason=str(error)
        ) from None
    for name in data:
        if name not in known:
            raise BadInput(
                "a mel spectrogram has no parameter {name!r}; it has: {names}",
                name=name,
                names=", ".join(known),
            )
    return mel
