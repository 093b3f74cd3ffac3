"""Making one ONNX file of a PyTorch model that is in memory.

Files of PyTorch (pickles, TorchScript, ``.pt2``) can run whatever they like when they are
loaded, so OctoLab loads none. What someone has built or loaded themselves is theirs, and
goes on as ONNX.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from octolab.content import atomic_write
from octolab.errors import BadInput, Unavailable
from octolab.models.gate import read_onnx

if TYPE_CHECKING:
    import torch


def from_torch(
    module: torch.nn.Module,
    example: torch.Tensor,
    out: str | Path,
    *,
    outputs: Sequence[str] = ("scores",),
) -> Path:
    """Write a PyTorch model as an ONNX file, which `octolab.models.add_sound_model` takes.

    Parameters
    ----------
    module : torch.nn.Module
        The model, with its weights. It is written as it works after ``module.eval()``.
    example : torch.Tensor (n, ...) float32
        What it takes, such as two windows of silence. Made from two or more, the file takes
        any number at a time; from one, just one. A recurrent layer is written out step by
        step, which can take minutes.
    out : path
        The ``.onnx`` file to write.
    outputs : sequence of str
        What to call what it gives, in order, such as ``("scores", "embedding")``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BadInput
        If PyTorch can't write it as ONNX, or it is not allowed (see `octolab.models.gate`).
    Unavailable
        If torch or onnxscript is not installed.

    Examples
    --------
    >>> path = from_torch(module, torch.zeros(2, 48_000), "frogs.onnx")  # doctest: +SKIP
    >>> add_sound_model(path, labels=["tree frog", "toad"], rate=16_000, window_s=3.0,
    ...                 licence="mine", accept_licence=True)  # doctest: +SKIP
    """
    try:
        import onnxscript  # noqa: F401
        import torch
    except ImportError:
        raise Unavailable("a torch model needs torch: pip install torch onnxscript") from None
    out = Path(out)
    any_number = {0: torch.export.Dim.AUTO} if len(example) > 1 else {}
    was_training = module.training
    try:
        with warnings.catch_warnings():  # PyTorch warns itself of what it does inside
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                module.eval(),
                (example,),
                input_names=["x"],
                output_names=list(outputs),
                dynamic_shapes=(any_number,),
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # its causes are many, and are PyTorch's to tell
        raise BadInput("PyTorch can't write this model as ONNX; see the error before") from error
    finally:
        module.train(was_training)
    with tempfile.TemporaryDirectory(prefix="octolab-model-") as folder:
        written = Path(folder) / out.name
        made.save(written, external_data=False)
        read_onnx(written)
        atomic_write(out, written.read_bytes())
    return out
