"""Running a model that somebody brought, in a process that can do no harm.

A model is a program: a file of 250 bytes can ask for all the memory there is, or never
come to an end. So each is loaded and run in a process of its own (`octolab.models.child`),
which stays for the next windows. It may have 2 GB, write no file, and take a minute for
an answer. Where the system knows no such limits (Windows), only the minute holds.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from octolab.errors import BadInput, NotFound, OctolabError, TooLarge, Unavailable
from octolab.models import wire
from octolab.models.gate import checked_size

MEMORY: Final = 2 << 30  # bytes of addresses; a model of 200 MB takes half of them to load
SECONDS: Final = 60
_KINDS: Final = {kind.code: kind for kind in (BadInput, NotFound, TooLarge, Unavailable)}
_CPU_TIME_OVER: Final = -24  # SIGXCPU, which Windows has no name for


class LimitedRunner:
    """A model in a process of its own; what goes wrong there is an error here.

    Parameters
    ----------
    path : Path
        An ``.onnx`` or ``.tflite`` file.
    extra : sequence of str
        Inner values that can be asked for, too, such as an embedding.

    Raises
    ------
    BadInput
        If it can't be run within the limits, or as `octolab.models.runners.load`.
    NotFound, TooLarge, Unavailable
        As `octolab.models.runners.load`.
    """

    def __init__(self, path: Path, extra: Sequence[str] = ()) -> None:
        self._path = checked_size(path).absolute()
        self._extra = tuple(extra)
        self._lock = threading.Lock()
        loaded = self._start()
        self.shape: tuple[int | None, ...] = tuple(loaded["input"])
        self.outputs: tuple[str, ...] = tuple(loaded["outputs"])

    def __call__(self, inputs: np.ndarray, output: str) -> np.ndarray:
        """Run it once; a process that has ended is started anew."""
        with self._lock:
            if self._process.poll() is not None:
                self._end()
                self._start()
            return self._ask({"output": output}, inputs)[1]

    def _start(self) -> dict[str, Any]:
        """Start the process and let it load the model."""
        command = [sys.executable, "-m", "octolab.models.child", str(MEMORY), str(SECONDS)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._end = weakref.finalize(self, _ended, self._process)
        try:
            return self._ask({"path": str(self._path), "extra": self._extra})[0]
        except BaseException:
            self._end()
            raise

    def _ask(
        self, request: Mapping[str, Any], inputs: np.ndarray | None = None
    ) -> tuple[dict[str, Any], np.ndarray]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        deadline = threading.Timer(SECONDS, give_up)
        deadline.daemon = True
        deadline.start()
        try:
            wire.send(process.stdin, request, inputs)
            answer, values = wire.receive(process.stdout)
        except BaseException as error:  # whatever came in between, it is out of step now
            code = self._end()
            if isinstance(error, OSError | EOFError | ValueError):
                raise self._broken(late.is_set() or code == _CPU_TIME_OVER) from None
            raise
        finally:
            deadline.cancel()
        if "message" in answer:
            raise _KINDS.get(answer["code"], BadInput)(answer["message"], **answer["values"])
        return answer, values

    def _broken(self, late: bool) -> OctolabError:
        if late:
            return BadInput(
                "the model {name} took longer than {limit} s and was ended",
                name=self._path.name,
                limit=SECONDS,
            )
        return BadInput(
            "the model {name} ended the process that it ran in; perhaps the {limit} MB of memory "
            "it may have did not suffice",
            name=self._path.name,
            limit=MEMORY >> 20,
        )


def _ended(process: subprocess.Popen[bytes]) -> int:
    """End a process and say how it ended."""
    process.kill()
    with suppress(OSError), process:  # what it did not read is lost
        pass
    return process.returncode
