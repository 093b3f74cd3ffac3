"""Uploads: multipart bodies that go straight to the disk, whatever their size.

The file part is written to ``.octolab/incoming`` as it arrives; memory holds a block of it.
A body over the limit is refused as soon as the limit is passed, and whatever ends an upload
early (limit, full disk, a client that went away) leaves no file behind.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import anyio
import python_multipart as multipart
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import PydanticCustomError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from octolab.content import disk_errors
from octolab.errors import BadInput, LabError, OctolabError, TooLarge
from octolab.server import bodies
from octolab.server.plain import Plain
from octolab.server.problems import of_validation

PREFIX = "upload-"
BLOCK = 1 << 20
MAX_METADATA_BYTES = 64_000
MAX_PARTS = 16
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)

Name = Annotated[str, Field(max_length=300)]
Tag = Annotated[str, Field(min_length=1, max_length=100)]


def _written(value: Any) -> Any:
    """Only a time that is written out; seconds since 1970 are more often a slip."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        raise PydanticCustomError("datetime_written", "no time")
    return value


class Metadata(BaseModel):
    """What may be said about an uploaded file; all of it is optional.

    ``captured_at`` needs a time zone; ``camera`` is a camera's name or slug; ``gallery`` is
    made when there is none of that name.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    name: Name | None = None
    gallery: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    tags: Annotated[list[Tag], Field(max_length=100)] = []
    captured_at: Annotated[AwareDatetime, BeforeValidator(_written)] | None = None
    camera: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    note: Annotated[str, Field(max_length=20_000)] = ""


class Question(Metadata):
    """What may be said about a sound that is to be analysed: with what, and how.

    ``preset`` is one of the analyzer's; ``params`` are its further parameters.
    """

    analyzer: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    preset: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    params: Plain = {}


@dataclass
class Upload:
    """A file that arrived, and what was said about it."""

    path: Path
    name: str = ""
    size: int = 0
    metadata: Metadata = field(default_factory=Metadata)

    def known(self) -> dict[str, Any]:
        """What `Lab.add_frame` and its like take."""
        told = self.metadata
        return {
            "name": told.name or self.name or "upload",
            "gallery": told.gallery,
            "tags": tuple(told.tags),
            "captured_at": told.captured_at,
            "source": told.camera,
            "note": told.note,
            "move": True,
        }

    def name_in(self, error: OctolabError) -> None:
        """Let an error call the file, and what was made of it, what its sender calls it."""
        ours = re.compile(rf"({re.escape(str(self.path.parent))}/)?{self.path.stem}\.\w+")
        for key, value in error.values.items():
            if self.path.stem in (told := str(value)):
                error.values[key] = ours.sub(lambda _: self.name or "upload", told)


@asynccontextmanager
async def receive(
    request: Request, folder: Path, limit: int, form: type[Metadata] = Metadata
) -> AsyncIterator[Upload]:
    """Take in a multipart upload; the file is gone after the block unless it was moved.

    Parameters
    ----------
    request : Request
        With a part ``file`` and perhaps a part ``metadata`` of JSON.
    folder : Path
        Where the file goes while it is looked at.
    limit : int
        The most bytes it may have.
    form : type
        What the metadata may say.

    Raises
    ------
    BadInput
        If the body is no such multipart, or its metadata no such JSON.
    TooLarge
        If the file has more than `limit` bytes.
    LabError
        If the disk is full.
    """
    _check_length(request, folder, limit)
    upload = Upload(folder / f"{PREFIX}{uuid.uuid4().hex}.part")
    try:
        with disk_errors(upload.path):
            folder.mkdir(parents=True, exist_ok=True)
            with upload.path.open("xb") as file:
                parts = _Parts(request.headers.get("content-type", ""), file, limit)
                try:
                    await _pump(request, parts)
                finally:
                    upload.name, upload.size = parts.filename, parts.size
        if not parts.files:
            raise BadInput("there is no part 'file' in the upload; send it as multipart/form-data")
        upload.metadata = parse_metadata(bytes(parts.metadata), form)
        yield upload
    except OctolabError as error:
        upload.name_in(error)
        raise
    finally:
        with anyio.CancelScope(shield=True):
            upload.path.unlink(missing_ok=True)


def parse_metadata(text: bytes, form: type[Metadata] = Metadata) -> Metadata:
    """Read the metadata part; strictly, so that a slip is told and not lost.

    Raises
    ------
    BadInput
    """
    if not text.strip():
        return form()
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadInput("the metadata is not valid JSON") from None
    if not isinstance(data, dict):
        raise BadInput(
            "the metadata must be a JSON object such as {example}", example='{"tags": []}'
        )
    try:
        metadata = form.model_validate(data)
    except ValidationError as error:
        problems = [{**p, "loc": ("body", "metadata", *p["loc"])} for p in error.errors()]
        raise of_validation(problems) from None
    at = metadata.captured_at
    if at is not None and not EARLIEST <= at <= datetime.now(UTC) + timedelta(days=1):
        raise BadInput(
            "captured_at {at} can't be right: it must lie after 1900 and not in the future",
            at=at.isoformat(),
        )
    return metadata


def clean_name(name: str) -> str:
    """The name of an uploaded file without folders and control characters.

    Browsers send ``"`` and line breaks percent-encoded.
    """
    for code, char in (("%22", '"'), ("%0D", ""), ("%0A", "")):
        name = name.replace(code, char)
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:300]


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _check_length(request: Request, folder: Path, limit: int) -> None:
    """Refuse by the announced length what can't be taken, before a byte of it is read."""
    try:
        announced = int(request.headers.get("content-length", "0"))
    except ValueError:
        raise BadInput("the Content-Length of the upload is no number") from None
    if announced > limit + MAX_METADATA_BYTES + 10_000:
        raise _too_large(limit)
    if folder.exists() and announced > shutil.disk_usage(folder).free:
        raise LabError("the disk is full: nothing was kept; free some space and try again")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "the file is larger than the {limit} MB that this server takes", limit=limit / 1e6
    )


async def _pump(request: Request, parts: _Parts) -> None:
    """Feed the body to the parser; the disk is written in a thread, a block at a time."""
    bodies.unbound(request.scope)
    try:
        async for chunk in request.stream():
            parts.write(chunk)
            if len(parts.pending) >= BLOCK:
                await anyio.to_thread.run_sync(parts.flush)
        parts.finish()
        await anyio.to_thread.run_sync(parts.flush)
    except ClientDisconnect:
        raise BadInput("the upload broke off") from None


class _Parts:
    """The callbacks of the multipart parser: one file to the disk, one JSON to memory."""

    def __init__(self, content_type: str, file: BinaryIO, limit: int) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise BadInput("send the file as multipart/form-data, in a part named 'file'")
        self.files = 0
        self.filename = ""
        self.size = 0
        self.metadata = bytearray()
        self.pending = bytearray()
        self._file, self._limit = file, limit
        self._field = ""
        self._count = 0
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition = b""
        self._ended = False
        try:
            self._parser = multipart.MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_part_data": self._data,
                    "on_header_field": lambda d, a, b: self._header[0].extend(d[a:b]),
                    "on_header_value": lambda d, a, b: self._header[1].extend(d[a:b]),
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._named,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise BadInput("the upload is not valid multipart/form-data") from None

    def write(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise BadInput("the upload is not valid multipart/form-data") from None

    def finish(self) -> None:
        """The body has ended; so must the multipart."""
        try:
            self._parser.finalize()
        except FormParserError:
            self._ended = False
        if not self._ended:
            raise BadInput("the upload is cut off: its last part does not end")

    def flush(self) -> None:
        self._file.write(self.pending)
        self.pending.clear()

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise BadInput("the upload has too many parts; send 'file' and 'metadata'")
        self._disposition = b""

    def _header_end(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _named(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field == "file":
            self.files += 1
            if self.files > 1:
                raise BadInput("send one file at a time")
            self.filename = clean_name(options.get(b"filename", b"").decode("utf-8", "replace"))
        elif self._field != "metadata":
            raise BadInput(
                "the part {part!r} is not known here; send 'file' and 'metadata'", part=self._field
            )

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field == "file":
            self.size += end - start
            if self.size > self._limit:
                raise _too_large(self._limit)
            self.pending += data[start:end]
        else:
            if len(self.metadata) + end - start > MAX_METADATA_BYTES:
                raise TooLarge(
                    "the metadata is longer than {limit} bytes", limit=MAX_METADATA_BYTES
                )
            self.metadata += data[start:end]

    def _end(self) -> None:
        self._ended = True


def sweep(folder: Path) -> None:
    """Remove what uploads to a server that was killed left."""
    for path in folder.glob(f"{PREFIX}*"):
        path.unlink(missing_ok=True)
