"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from octolab.errors import Conflict, LabError, OctolabError, reason

PART = ".part"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class PartFile:
    """A file being written beside its place; every write is complete or raises."""

    def __init__(self, target: Path, *, sync: bool) -> None:
        name = os.fsencode(target.name)[:200].decode(errors="ignore")
        self._target = target
        self._part = f"{name}.{secrets.token_hex(4)}{PART}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        with disk_errors(target):
            self._folder = _open_folder(target.parent, sync=sync)
            self._opened = [self._folder]
            try:
                self._handle = os.open(self._part, flags, 0o666, dir_fd=self._folder)
            except BaseException:
                self._close()
                raise
            self._opened.append(self._handle)

    @property
    def path(self) -> Path:
        """Where it is while it is being written."""
        return self._target.with_name(self._part)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of the data; returns its length."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        with disk_errors(self._target):
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        return size

    def seek(self, offset: int) -> None:
        """Write on from an offset."""
        os.lseek(self._handle, offset, os.SEEK_SET)

    def finish(self, *, sync: bool, replace: bool) -> None:
        """Bring it to the disk and give it its name."""
        with disk_errors(self._target):
            folder, name = self._folder, self._target.name
            if sync:
                os.fsync(self._handle)
            if replace:
                os.replace(self._part, name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                os.link(self._part, name, src_dir_fd=folder, dst_dir_fd=folder)
                os.unlink(self._part, dir_fd=folder)
            if sync:
                os.fsync(folder)
            self._close()

    def discard(self) -> None:
        """Close and remove what was written so far."""
        if self._opened:
            with contextlib.suppress(OSError):
                os.unlink(self._part, dir_fd=self._folder)
            self._close()

    def _close(self) -> None:
        while self._opened:
            os.close(self._opened.pop())


@contextlib.contextmanager
def atomic_file(path: str | Path, *, sync: bool = True, replace: bool = True) -> Iterator[PartFile]:
    """Write ``<name>.<random>.part`` beside a path; at the end it gets its name.

    Leaving the block by an exception removes the part. Parameters and errors are those of
    `atomic_write`.
    """
    file = PartFile(path if isinstance(path, Path) else Path(path), sync=sync)
    try:
        yield file
        file.finish(sync=sync, replace=replace)
    except BaseException:
        file.discard()
        raise


def atomic_write(
    path: str | Path,
    data: bytes | bytearray | memoryview | Iterable[bytes],
    *,
    sync: bool = True,
    replace: bool = True,
) -> None:
    """Write a file so that, whatever happens, it is whole or absent.

    Parameters
    ----------
    path : str or Path
        Where; missing folders are made.
    data : bytes or iterable of bytes
        What.
    sync : bool
        Wait until it is on the disk, its name too.
    replace : bool
        Take the place of a file that is there; else that raises Conflict.

    Raises
    ------
    LabError
        If the disk is full or can't be written to; nothing is left behind.
    Conflict
        If the file exists and `replace` is false.
    """
    with atomic_file(path, sync=sync, replace=replace) as file:
        if isinstance(data, bytes | bytearray | memoryview):
            file.write(data)
        else:
            for piece in data:
                file.write(piece)


def make_folder(path: Path, *, sync: bool = True) -> None:
    """Make a folder and those above it, durably."""
    if path.is_dir():
        return
    make_folder(path.parent, sync=sync)
    path.mkdir(exist_ok=True)
    if sync:
        sync_folder(path.parent)


def _open_folder(path: Path, *, sync: bool) -> int:
    """Open a folder, made if need be: what is in it can then be named without its path."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        make_folder(path, sync=sync)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """Tell what the disk said about a file in our own words."""
    try:
        yield
    except OctolabError:  # told already; some of ours are an OSError, too
        raise
    except FileExistsError as error:
        raise Conflict("{path} is there already", path=str(target)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise LabError(
                "the disk is full: {path} was not written; free some space and try again",
                path=str(target),
            ) from error
        raise LabError(
            "{path} can't be written: {reason}",
            path=str(target),
            reason=reason(error),
        ) from error
