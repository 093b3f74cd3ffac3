"""Pins, jobs, the log, settings and revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Row

from octolab.catalog.store import Store, insert, maybe_micros, maybe_moment, micros, moment
from octolab.catalog.tables import artifact, job, log, pin, revision, setting
from octolab.catalog.words import asked
from octolab.errors import NotFound
from octolab.model import (
    ArtifactKind,
    JobRecord,
    Level,
    LogEntry,
    Pin,
    PinState,
    to_json,
    utc_now,
)

CidOrder = Literal["at", "cid", "kind", "size", "note", "pins"]

_LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class CidRow:
    """One CID of the lab: how often it was captured, last when, and where it is pinned."""

    cid: str
    count: int
    kind: ArtifactKind
    size: int
    captured_at: datetime
    note: str
    artifact_id: int
    pins: tuple[Pin, ...] = ()


class Records(Store):
    """What a lab remembers beside its artifacts."""

    @property
    def lab_id(self) -> str:
        """A number that is this lab's alone, made when it was created."""
        return str(self.get_setting("lab_id"))

    # --- pins ---------------------------------------------------------------

    def set_pin(self, state: Pin) -> None:
        """Keep the state of a CID at a storage."""
        row = {
            "cid": state.cid,
            "storage": state.storage,
            "state": state.state,
            "detail": state.detail,
            "attempts": state.attempts,
            "receipt": to_json(state.receipt),
            "requested_us": micros(state.requested_at),
            "updated_us": micros(state.updated_at),
            "verified_us": maybe_micros(state.verified_at),
        }
        self._put("pin", pin, ["cid", "storage"], row)

    def pins(
        self,
        cid: str | None = None,
        storage: str | None = None,
        state: PinState | None = None,
        *,
        limit: int | None = None,
        after: tuple[datetime, str, str] | None = None,
    ) -> list[Pin]:
        """All pins, or those of a CID, at a storage, in a state; last changed first.

        With ``limit`` at most so many; those ``after`` one are after the moment it was changed,
        its CID and its storage.
        """
        chosen = sa.select(pin).order_by(pin.c.updated_us.desc(), pin.c.cid, pin.c.storage)
        chosen = chosen.limit(limit)
        if after is not None:
            changed, *key = micros(after[0]), *after[1:]
            later = sa.tuple_(pin.c.cid, pin.c.storage) > tuple(key)
            chosen = chosen.where(
                sa.or_(pin.c.updated_us < changed, sa.and_(pin.c.updated_us == changed, later))
            )
        for column, value in ((pin.c.cid, cid), (pin.c.storage, storage), (pin.c.state, state)):
            if value is not None:
                chosen = chosen.where(column == value)
        with self.read() as connection:
            return [_pin(row) for row in connection.execute(chosen)]

    def cid_order(
        self,
        text: str = "",
        *,
        by: CidOrder = "at",
        descending: bool = True,
        state: PinState | Literal["none"] | None = None,
    ) -> Sequence[tuple[int, int]]:
        """The number and the size of the newest artifact of each CID, in order.

        ``text`` is looked for in CIDs, notes and names. ``by="pins"`` orders by the number of
        storages that have pinned it. With ``state`` there are only CIDs that are in it at some
        storage; ``"none"`` are those sent to none.
        """
        chosen = _newest(text)
        if state == "none":
            chosen = chosen.where(artifact.c.cid.not_in(sa.select(pin.c.cid)))
        elif state is not None:
            chosen = chosen.where(
                artifact.c.cid.in_(sa.select(pin.c.cid).where(pin.c.state == state))
            )
        order = [column.desc() if descending else column for column in (_ORDERS[by], artifact.c.id)]
        with self.read() as connection:
            return connection.execute(chosen.order_by(*order)).all()

    def cids(self, numbers: Sequence[int]) -> list[CidRow]:
        """The CIDs of these artifacts, in this order; artifacts that are gone are left out.

        Note, kind, size and time are those of the artifact.
        """
        with self.read() as connection:
            live = artifact.c.live + 0 == 1
            chosen = sa.select(artifact).where(artifact.c.id.in_(numbers), live)
            rows = {row.id: row for row in connection.execute(chosen)}
            found = [rows[number] for number in numbers if number in rows]
            wanted = [row.cid for row in found]
            counting = (
                sa.select(artifact.c.cid, sa.func.count())
                .where(artifact.c.cid.in_(wanted), live)
                .group_by(artifact.c.cid)
            )
            counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(counting)}
            sent = sa.select(pin).where(pin.c.cid.in_(wanted)).order_by(pin.c.storage)
            pins: dict[str, list[Pin]] = {}
            for row in connection.execute(sent):
                pins.setdefault(row.cid, []).append(_pin(row))
        return [
            CidRow(
                cid=row.cid,
                count=counts[row.cid],
                kind=row.kind,
                size=row.size,
                captured_at=moment(row.captured_us),
                note=row.note,
                artifact_id=row.id,
                pins=tuple(pins.get(row.cid, ())),
            )
            for row in found
        ]

    # --- jobs ---------------------------------------------------------------

    def put_job(self, record: JobRecord) -> None:
        """Keep how far a job is."""
        row = {
            "id": record.id,
            "kind": record.kind,
            "title": record.title,
            "state": record.state,
            "done": record.done,
            "total": record.total,
            "message": record.message,
            "error": record.error,
            "result": to_json(record.result),
            "created_us": micros(record.created_at),
            "finished_us": maybe_micros(record.finished_at),
            "owner": record.owner,
        }
        self._put("job", job, ["id"], row, cancel=0)

    def job(self, number: str) -> JobRecord:
        """The job of an id (NotFound)."""
        with self.read() as connection:
            row = connection.execute(sa.select(job).where(job.c.id == number)).first()
        if row is None:
            raise NotFound("there is no job {number}", number=number)
        return _job(row)

    def jobs(self, limit: int = 100) -> list[JobRecord]:
        """The last jobs, newest first."""
        chosen = sa.select(job).order_by(job.c.created_us.desc(), job.c.id).limit(limit)
        with self.read() as connection:
            return [_job(row) for row in connection.execute(chosen)]

    def request_cancel(self, number: str) -> None:
        """Ask a job to stop, whichever process runs it."""
        with self.write("job") as connection:
            asked = connection.execute(sa.update(job).where(job.c.id == number).values(cancel=1))
            if not asked.rowcount:
                raise NotFound("there is no job {number}", number=number)

    def cancel_requested(self, number: str) -> bool:
        """Whether a job was asked to stop."""
        with self.read() as connection:
            return bool(connection.scalar(sa.select(job.c.cancel).where(job.c.id == number)))

    # --- log ---------------------------------------------------------------

    def log(
        self,
        level: Level,
        message: str,
        values: Mapping[str, Any] | None = None,
        origin: str = "",
    ) -> LogEntry:
        """Note something that happened: a translatable template and its values."""
        at, filled = utc_now(), to_json(dict(values or {}))
        row = {
            "at_us": micros(at),
            "level": _LEVELS.index(level),
            "message": message,
            "values": filled,
            "origin": origin,
        }
        with self.write("log") as connection:
            number = connection.scalars(sa.insert(log).returning(log.c.id), row).one()
        return LogEntry(number, at, level, message, filled, origin)

    def logs(
        self, after_id: int = 0, level: Level | None = None, limit: int = 500
    ) -> list[LogEntry]:
        """Entries of a level or worse, oldest first.

        The last ``limit`` of all; with ``after_id``, the first ``limit`` after that one, so
        that whoever follows the log misses none.
        """
        chosen = sa.select(log).limit(limit)
        if level is not None:
            chosen = chosen.where(log.c.level >= _LEVELS.index(level))
        if after_id:
            chosen = chosen.where(log.c.id > after_id).order_by(log.c.id)
        else:
            chosen = chosen.order_by(log.c.id.desc())
        with self.read() as connection:
            entries = [_entry(row) for row in connection.execute(chosen)]
        return entries if after_id else entries[::-1]

    # --- settings and revisions ---------------------------------------------------------------

    def get_setting(self, key: str, default: Any = None) -> Any:
        """A setting of the lab (plain JSON data)."""
        with self.read() as connection:
            row = connection.execute(sa.select(setting.c.value).where(setting.c.key == key)).first()
        return default if row is None else row.value

    def set_setting(self, key: str, value: Any) -> None:
        """Change a setting of the lab."""
        with self.write() as connection:
            connection.execute(
                insert(connection.dialect.name, setting)
                .values(key=key, value=value)
                .on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )

    def revisions(self) -> dict[str, int]:
        """A number for each topic that grows with every change: cheap to ask often."""
        with self.read() as connection:
            return {row[0]: row[1] for row in connection.execute(_REVISIONS)}

    def _put(
        self, topic: str, table: sa.Table, keys: list[str], row: dict[str, Any], **first: Any
    ) -> None:
        """Insert a row (with what only a new one gets) or bring it up to date."""
        with self.write(topic) as connection:
            connection.execute(
                insert(connection.dialect.name, table)
                .values({**row, **first})
                .on_conflict_do_update(index_elements=keys, set_=row)
            )


_REVISIONS = sa.select(revision.c.topic, revision.c.n)


def _newest(text: str) -> sa.Select[int, int]:
    """Number and size of the newest artifact of each CID."""
    other = artifact.alias()
    newer = sa.exists().where(
        other.c.cid == artifact.c.cid,
        other.c.live + 0 == 1,
        sa.tuple_(other.c.captured_us, other.c.id)
        > sa.tuple_(artifact.c.captured_us, artifact.c.id),
    )
    chosen = sa.select(artifact.c.id, artifact.c.size).where(artifact.c.live == 1, ~newer)
    if wanted := asked(text):
        words = [artifact.c.words.contains(word, autoescape=True) for word in wanted]
        cid = artifact.c.cid.contains(text.strip(), autoescape=True)
        chosen = chosen.where(sa.or_(cid, sa.and_(*words)))
    return chosen


_ORDERS: dict[CidOrder, sa.ColumnElement[Any]] = {
    "at": artifact.c.captured_us,
    "cid": artifact.c.cid,
    "kind": artifact.c.kind,
    "size": artifact.c.size,
    "note": sa.case((artifact.c.note == "", ""), else_=artifact.c.words),  # begin with the note
    "pins": sa.select(sa.func.count(sa.case((pin.c.state == "pinned", 1))))
    .where(pin.c.cid == artifact.c.cid)
    .scalar_subquery(),
}


def _pin(row: Row[Any]) -> Pin:
    return Pin(
        cid=row.cid,
        storage=row.storage,
        state=row.state,
        detail=row.detail,
        attempts=row.attempts,
        receipt=row.receipt,
        requested_at=moment(row.requested_us),
        updated_at=moment(row.updated_us),
        verified_at=maybe_moment(row.verified_us),
    )


def _job(row: Row[Any]) -> JobRecord:
    return JobRecord(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        done=row.done,
        total=row.total,
        message=row.message,
        error=row.error,
        result=row.result,
        created_at=moment(row.created_us),
        finished_at=maybe_moment(row.finished_us),
        owner=row.owner,
    )


def _entry(row: Row[Any]) -> LogEntry:
    return LogEntry(
        id=row.id,
        at=moment(row.at_us),
        level=_LEVELS[row.level],
        message=row.message,
        values=row._mapping[log.c["values"]],
        origin=row.origin,
    )
