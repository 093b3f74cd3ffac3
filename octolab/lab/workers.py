"""Running an analyzer on many files: in processes that may die, in threads, on a cluster.

What runs elsewhere is `run_chunk`, which takes and gives plain data only. A file that
can't be analysed is an answer like any other; so is one that takes its process down.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import Any

from octolab import plugins
from octolab.errors import BadInput, OctolabError, TooLarge, Unavailable
from octolab.model import Analysis, ArtifactKind

LOOK_S = 0.25
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
LONGEST_END_S = 5.0
CLUSTER_CHUNK = 20  # what a cluster does for a task costs as much as analysing a short file


@dataclass(frozen=True)
class Task:
    """A file to analyse; ``key`` is whatever the caller knows it by."""

    key: Any
    kind: ArtifactKind
    path: str


@dataclass(frozen=True)
class Fault:
    """Why there is no analysis: a template and its values, as in `OctolabError`."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    code: str = BadInput.code

    def error(self) -> OctolabError:
        """The same as an error to raise."""
        kind = TooLarge if self.code == TooLarge.code else BadInput
        return kind(self.message, **self.values)

    def __str__(self) -> str:
        return str(self.error())


Answer = Analysis | Fault


Shares = MutableSequence[float]
"""How much of its task each of those at work has done, 0 to 1; `STOP` asks it to end."""

STOP = -1.0
_shares: Shares | None = None  # in a process of ours: shared with the one that asked


class Stopped(Exception):
    """The one that asked does not want the answer any more."""


def run_chunk(
    name: str,
    tasks: Sequence[Task],
    params: Mapping[str, Any],
    slot: int = 0,
    shares: Shares | None = None,
) -> list[Answer]:
    """Analyse some files one after the other, wherever this runs."""
    told = shares if shares is not None else _shares
    if told is None:
        return [_answer(name, task, params) for task in tasks]

    def follow(done: int, total: int | None, message: str = "") -> None:
        if told[slot] == STOP:
            raise Stopped
        told[slot] = min(1.0, done / total) if total else 0.0

    with plugins.following(follow):
        return [_answer(name, task, params) for task in tasks]


def _answer(name: str, task: Task, params: Mapping[str, Any]) -> Answer:
    from octolab.media import read_image

    try:
        analyzer = plugins.analyzers.get(name)
        path = Path(task.path)
        if not path.is_file():
            return Fault("there is no file {path}", {"path": path.name})
        data = read_image(path) if task.kind == "frame" else path
        return plugins.run_analyzer(analyzer, data, **params)
    except OctolabError as error:
        return Fault(error.message, error.values, error.code)
    except Stopped:
        raise
    except MemoryError:
        return Fault("there is not enough memory to analyse it")
    except Exception as error:
        return Fault("{text}", {"text": f"{type(error).__name__}: {error}"})


def answers(
    pool: Pool,
    name: str,
    tasks: Sequence[Task],
    params: Mapping[str, Any],
    look: Callable[[float], None],
) -> Iterator[tuple[Task, Answer]]:
    """Analyse files and give each answer as it comes.

    Parameters
    ----------
    pool : Pool
        Where; see `opened`.
    name, params
        The analyzer and its parameters.
    tasks : sequence of Task
        The files.
    look : callable
        Called at least four times a second with how many tasks those at work have done
        together, in parts; what it raises ends the work at once.

    Yields
    ------
    Task, Analysis or Fault
        A file whose process was killed while it alone was worked on is a fault too.
    """
    todo = deque(_chunks(tasks, pool.chunk))
    suspects: deque[list[Task]] = deque()
    waiting: dict[Future[list[Answer]], tuple[list[Task], int]] = {}
    alone: Future[list[Answer]] | None = None
    free = list(range(pool.at_once))

    def begin(chunk: list[Task]) -> Future[list[Answer]]:
        slot = free.pop()
        pool.shares[slot] = 0.0
        future = pool.submit(name, chunk, params, slot)
        waiting[future] = chunk, slot
        return future

    while todo or suspects or waiting:
        look(sum(pool.shares[slot] for _, slot in waiting.values()))
        if suspects and not waiting:
            alone = begin(suspects.popleft())
        while todo and not suspects and alone is None and free:
            begin(todo.popleft())
        finished, _ = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        for future in finished:
            chunk, slot = waiting.pop(future)
            free.append(slot)
            try:
                yield from zip(chunk, future.result(), strict=True)
            except Exception as error:
                if pool.ended:
                    raise Unavailable(
                        "the process that did this ended before it was done; start it again"
                    ) from None
                if future is alone:
                    yield chunk[0], _fatal(error)
                else:  # whose fault it was shows when each of them is worked on alone
                    suspects += ([task] for task in chunk)
                pool.mend()
            alone = None if future is alone else alone


def _chunks(tasks: Sequence[Task], size: int) -> Iterator[list[Task]]:
    for start in range(0, len(tasks), size):
        yield list(tasks[start : start + size])


def _fatal(error: Exception) -> Fault:
    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        return Fault("it ended the process that analysed it; perhaps the memory did not suffice")
    return Fault("{text}", {"text": f"{type(error).__name__}: {error}"})


# --- where it runs ---------------------------------------------------------------


class Pool:
    """An executor, how much to give it, and how to make it anew when it breaks."""

    def __init__(self, executor: Executor, at_once: int, chunk: int = 1) -> None:
        self.executor, self.at_once, self.chunk = executor, at_once, chunk
        self.shares: Shares = [0.0] * at_once

    def submit(
        self, name: str, tasks: list[Task], params: Mapping[str, Any], slot: int
    ) -> Future[list[Answer]]:
        """Give it a chunk."""
        return self.executor.submit(run_chunk, name, tasks, params)

    def mend(self) -> None:
        """Called after a chunk was lost."""

    @property
    def ended(self) -> bool:
        """Whether a chunk was lost because all of this ends, and not by its own fault."""
        return not threading.main_thread().is_alive()

    def close(self, *, at_once: bool) -> None:
        """End it if it is ours; what runs is waited for unless it can be ended `at_once`."""


class Threads(Pool):
    """A few threads of this process: for what is short, or known in this process only."""

    def __init__(self, workers: int) -> None:
        super().__init__(ThreadPoolExecutor(workers, "octolab-analysis"), 2 * workers)

    def submit(
        self, name: str, tasks: list[Task], params: Mapping[str, Any], slot: int
    ) -> Future[list[Answer]]:
        """Give one of them a chunk."""
        return self.executor.submit(run_chunk, name, tasks, params, slot, self.shares)

    def close(self, *, at_once: bool) -> None:
        """Wait for what runs; what tells its progress can be asked to stop."""
        if at_once:
            self.shares[:] = [STOP] * self.at_once
        self.executor.shutdown(wait=True, cancel_futures=True)


class Processes(Pool):
    """Processes that start clean, work on one thread each and end with this one."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._context = _Context()
        shares = RawArray("d", 2 * workers)
        self._make = partial(ProcessPoolExecutor, workers, self._context, _begin, (shares,))
        super().__init__(self._make(), 2 * workers)
        self.shares = shares

    def submit(
        self, name: str, tasks: list[Task], params: Mapping[str, Any], slot: int
    ) -> Future[list[Answer]]:
        """Give one of them a chunk."""
        try:
            return self.executor.submit(run_chunk, name, tasks, params, slot)
        except BrokenExecutor:  # one was killed while it had nothing to do
            self.mend()
            return self.executor.submit(run_chunk, name, tasks, params, slot)

    @property
    def ended(self) -> bool:
        """Whether they were asked to end; the pool asks so those that outlive a crash."""
        if super().ended:
            return True
        patience = time.monotonic() + LONGEST_END_S
        for process in self._context.started:  # a process is seen to be gone before its code is
            while process.exitcode is None and time.monotonic() < patience:
                time.sleep(0.01)
        codes = {process.exitcode for process in self._context.started}
        return -signal.SIGTERM in codes and codes <= {0, -signal.SIGTERM}

    def mend(self) -> None:
        """Make them anew."""
        self.close(at_once=True)
        self.executor = self._make()

    def close(self, *, at_once: bool) -> None:
        """End them."""
        if at_once:
            for process in self._context.started:
                process.kill()
        self.executor.shutdown(wait=True, cancel_futures=True)
        self._context.started.clear()


class Given(Pool):
    """An executor of the user's, which only the user can make anew."""

    def mend(self) -> None:
        """See whether it still works."""
        try:
            self.executor.submit(int).result()
        except BrokenExecutor:
            raise Unavailable(
                "the executor broke; what was found is kept: run it again with another"
            ) from None


def check(executor: Executor | str | int) -> None:
    """See to it that `opened` takes it.

    Raises
    ------
    BadInput
        If it is something else.
    """
    named = executor in ("processes", "threads", "dask")
    if not named and not isinstance(executor, Executor) and not _number(executor):
        raise BadInput(
            'executor is "processes", "threads", "dask", a number of processes or an Executor, '
            "not {name!r}",
            name=executor,
        )


def _number(executor: Executor | str | int) -> bool:
    return isinstance(executor, int) and executor > 0


@contextmanager
def opened(executor: Executor | str | int) -> Iterator[Pool]:
    """Open the place to work.

    A number of processes, ``"processes"`` (one for each processor), ``"threads"`` (two),
    ``"dask"`` (the cluster of the current client), or an executor.

    Leaving the block by an exception ends what runs in processes of ours at once.
    """
    check(executor)
    pool: Pool
    if isinstance(executor, Executor):
        local = isinstance(executor, ProcessPoolExecutor | ThreadPoolExecutor)
        pool = Given(executor, max(8, 2 * processors()), 1 if local else CLUSTER_CHUNK)
    elif executor == "threads":
        pool = Threads(2)
    elif executor == "dask":
        pool = _cluster()
    else:
        pool = Processes(processors() if executor == "processes" else int(executor))
    try:
        yield pool
    except BaseException:
        pool.close(at_once=True)
        raise
    pool.close(at_once=False)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cluster() -> Pool:
    try:
        from distributed import get_client
    except ImportError:
        raise BadInput('for executor="dask" install dask: pip install distributed') from None
    try:
        client: Any = get_client()
    except ValueError:
        raise BadInput('executor="dask" needs a cluster: make a distributed.Client first') from None
    return Pool(client.get_executor(), max(2, 2 * sum(client.ncores().values())), CLUSTER_CHUNK)


class _Worker(SpawnProcess):
    """A process that does not run the user's script again, guarded or not: nothing is in it."""

    def start(self) -> None:
        with _starting:
            script = sys.modules["__main__"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                super().start()
            finally:
                sys.modules["__main__"] = script


class _Context(SpawnContext):
    """Makes such processes and knows them, so that they can be ended."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        """Make a process."""
        made = _Worker(*args, **kwargs)
        self.started.append(made)
        return made


_starting = threading.Lock()


def _begin(shares: Shares) -> None:
    """What a process does first, before numpy and its like are loaded."""
    global _shares
    _shares = shares
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    _keep_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _keep_memory() -> None:
    """Use memory again that arrays no longer need, where the C library is glibc.

    By default it goes back to the system, and the pages that are asked for instead cost a
    tenth of the work on short sounds, more when several processes ask at once.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if adjust is not None:
        adjust(M_MMAP_THRESHOLD, 32 << 20)
        adjust(M_TRIM_THRESHOLD, 256 << 20)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
