"""The process in which a model that somebody brought is loaded and run.

`octolab.models.limited` starts it, ``python -m octolab.models.child MEMORY SECONDS``, and
asks it by its standard input. It takes limits upon itself before it looks at the model,
and ends with the one that started it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from queue import Queue
from typing import IO, Any

import numpy as np

from octolab.errors import BadInput, OctolabError
from octolab.models import wire
from octolab.models.runners import Runner, load

try:
    import resource
except ImportError:  # Windows has no such limits: there the deadline of the one that asks is all
    resource = None  # type: ignore[assignment]


def main(memory: int, seconds: int) -> None:
    """Answer until the one that asks is gone.

    Parameters
    ----------
    memory : int
        How many bytes of addresses this process may have.
    seconds : int
        How long the processor may work for one answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a runtime prints is no answer
    _limit("RLIMIT_AS", memory)
    _limit("RLIMIT_FSIZE", 0)
    _limit("RLIMIT_CORE", 0)
    requests: Queue[tuple[dict[str, Any], np.ndarray]] = Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    request, inputs = requests.get()
    path = Path(request["path"])
    model: Runner | None = None
    while True:
        _limit_work(seconds)
        try:
            if model is None:
                model = load(path, request["extra"])
                wire.send(answers, {"input": model.shape, "outputs": model.outputs})
            else:
                wire.send(answers, {}, _few(model(inputs, request["output"]), path.name))
        except Exception as error:
            known = _told(error, path.name, memory)
            wire.send(answers, {"code": known.code, **known.told})
        request, inputs = requests.get()


def _listen(pipe: IO[bytes], requests: Queue[tuple[dict[str, Any], np.ndarray]]) -> None:
    """Hand on what is asked; once nobody can ask any more, end whatever runs."""
    try:
        while True:
            requests.put(wire.receive(pipe))
    finally:
        os._exit(0)


def _limit(name: str, most: int) -> None:
    if resource is None:
        return
    try:
        resource.setrlimit(getattr(resource, name), (most, most))
    except (ValueError, OSError):  # macOS knows RLIMIT_AS, but does not take it
        pass


def _limit_work(seconds: int) -> None:
    """Let the processor work so much longer; it is a limit for each answer, not for all."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if hard == resource.RLIM_INFINITY or spent + seconds < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))


def _few(found: np.ndarray, name: str) -> np.ndarray:
    """What it found as float32, unless it is more than anybody reads."""
    if found.size > wire.MAX_VALUES:
        raise BadInput("the model {name} gives too many values", name=name)
    return found.astype(np.float32)


def _told(error: Exception, name: str, memory: int) -> OctolabError:
    """What to say of it; the runtimes have families of errors of their own."""
    if isinstance(error, OctolabError):
        return error
    if isinstance(error, MemoryError) or "alloc" in str(error):
        return BadInput(
            "the model {name} needs more memory than the {limit} MB it may have",
            name=name,
            limit=memory >> 20,
        )
    return BadInput(
        "{name} is not a model that can be run: {kind}", name=name, kind=type(error).__name__
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
