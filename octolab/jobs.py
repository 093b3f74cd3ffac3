"""Long work: in a thread of this process, with progress, cancel and a record in the catalog.

The record is written at most a few times a second, so any other process (a dashboard, the
HTTP API) can follow a job and ask it to stop.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octolab.errors import OctolabError, Unavailable
from octolab.i18n import translate
from octolab.model import JobRecord, JobState, to_json, utc_now

if TYPE_CHECKING:
    from octolab.catalog import Catalog

logger = logging.getLogger("octolab.jobs")

Work = Callable[[Callable[..., None], Callable[[], bool]], Any]
WRITE_EVERY_S = 0.25
RETRY_S = 2.0

_unwritten: dict[str, JobRecord] = {}
"""How jobs of this process ended, where the catalog does not know yet."""


class Cancelled(Exception):
    """Raised by `progress` inside work that was asked to stop."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(4, thread_name_prefix="octolab-job")


class Job:
    """Work that was started: look at it, wait for it, stop it.

    Attributes
    ----------
    id : str
        Finds it again, from any process, with ``lab.job(id)``.
    """

    def __init__(self, catalog: Catalog, job_id: str, future: Future[Any] | None = None) -> None:
        self._catalog = catalog
        self._future = future
        self.id = job_id

    @property
    def record(self) -> JobRecord:
        """What the catalog says of it now."""
        return settled(self._catalog, self._catalog.job(self.id))

    @property
    def state(self) -> JobState:
        """How it stands: queued, running, done, failed or cancelled."""
        return self.record.state

    @property
    def progress(self) -> float | None:
        """The share done, 0 to 1; None while the total is not known."""
        record = self.record
        if record.state == "done":
            return 1.0
        return record.done / record.total if record.total else None

    def cancel(self) -> None:
        """Ask it to stop; it does so at its next step and leaves nothing half-made."""
        self._catalog.request_cancel(self.id)

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until it ends and return its result.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        Unavailable
            If it is still running after `timeout` seconds.
        OctolabError
            If the work failed or was cancelled.
        """
        if self._future is not None:
            try:
                return self._future.result(timeout)
            except TimeoutError:
                raise Unavailable("the job is still running; wait longer or cancel it") from None
            except Cancelled:
                raise OctolabError("the job was cancelled") from None
        deadline = None if timeout is None else time.monotonic() + timeout
        while (record := self.record).state in ("queued", "running"):
            if deadline is not None and time.monotonic() > deadline:
                raise Unavailable("the job is still running; wait longer or cancel it")
            time.sleep(0.1)
        if record.state == "done":
            return record.result
        raise OctolabError("{text}", text=record.error or "the job was cancelled")

    @property
    def result(self) -> Any:
        """What the work returned; waits for it."""
        return self.wait()

    def __repr__(self) -> str:
        record = self.record
        return f"<Job {record.title!r} {record.state} {record.done}/{record.total or '?'}>"


def start(catalog: Catalog, kind: str, title: str, work: Work) -> Job:
    """Begin long work in the background.

    Parameters
    ----------
    catalog : Catalog
        Where its record is kept.
    kind, title : str
        What sort of work it is, and what people see.
    work : callable
        ``work(progress, cancelled)``. ``progress(done, total, message="")`` reports and
        raises when the job was cancelled; ``cancelled()`` says so without raising. What it
        returns is the result; its JSON form is kept with the record.

    Returns
    -------
    Job
    """
    owner = process_name(os.getpid())
    record = JobRecord(id=uuid.uuid4().hex[:12], kind=kind, title=title, owner=owner)
    catalog.put_job(record)
    future = _pool().submit(_run, catalog, record, work)
    return Job(catalog, record.id, future)


def settled(catalog: Catalog, record: JobRecord) -> JobRecord:
    """See to it that a job whose process died is not called running for ever."""
    record = _unwritten.get(record.id, record)
    ended = record.state not in ("queued", "running")
    machine, _, process = record.owner.partition(":")
    if ended or machine != _machine() or record.owner == process_name(process.partition(":")[0]):
        return record
    error = translate("the process that did this ended before it was done; start it again")
    record = replace(record, state="failed", error=error, finished_at=utc_now())
    catalog.put_job(record)
    return record


def process_name(pid: int | str) -> str:
    """A name no other process has: machine, number, and when it began, for numbers come again.

    The last is empty for a process that is gone; ``-`` where the system does not tell.
    """
    try:
        began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        began = "-" if not Path("/proc").is_dir() and process_lives(int(pid)) else ""
    return f"{_machine()}:{pid}:{began}"


@cache
def _machine() -> str:
    """What this machine is called, also when its host gets another name."""
    try:
        found = Path("/etc/machine-id").read_text().strip()
    except OSError:
        found = ""
    return found or socket.gethostname()


def process_lives(pid: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run(catalog: Catalog, record: JobRecord, work: Work) -> Any:
    lock = threading.Lock()
    written = checked = 0.0
    stop = False

    def cancelled() -> bool:
        nonlocal checked, stop
        now = time.monotonic()
        if not stop and now - checked > WRITE_EVERY_S:
            checked = now
            stop = catalog.cancel_requested(record.id)
        return stop

    def progress(done: int, total: int | None = None, message: str = "") -> None:
        nonlocal record, written
        with lock:
            record = replace(record, done=done, total=total, message=message)
            if time.monotonic() - written > WRITE_EVERY_S:
                written = time.monotonic()
                catalog.put_job(record)
        if cancelled():
            raise Cancelled

    try:
        record = replace(record, state="running")
        catalog.put_job(record)
        result = work(progress, cancelled)
        record = replace(record, state="done", result=_plain(result))
        return result
    except Cancelled:
        record = replace(record, state="cancelled")
        raise
    except OctolabError as error:
        record = replace(record, state="failed", error=str(error))
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({where.name})"
        record = replace(record, state="failed", error=text)
        raise
    finally:
        _keep(catalog, replace(record, finished_at=utc_now()))


def _keep(catalog: Catalog, record: JobRecord) -> None:
    """Write how a job ended; on a full disk, say, again and again until that is possible."""
    try:
        catalog.put_job(record)
        _unwritten.pop(record.id, None)
    except Exception as error:
        logger.warning("the end of job %s can't be written: %s", record.id, error)
        _unwritten[record.id] = record
        again = threading.Timer(RETRY_S, _keep, (catalog, record))
        again.daemon = True
        again.start()


def _plain(result: Any) -> Any:
    if not isinstance(result, str | int | float | bool | None | dict | list | tuple):
        result = getattr(result, "record", None)
    plain = to_json(result)
    json.dumps(plain)  # what can't be written must fail here, where the job can still say so
    return plain
