"""What is known of the files of a record. Their bytes lie in `storage.evidence_store`.

A file is to be fetched while its state is `waiting`. As with cards, one column says when: `try_at`, in real time. It
is empty where nothing is to be fetched, and the end of the lease while a worker has the file. Names, places, the
platform's ids and digests are sealed; the state stands beside them, and within them too, so that a state that was
changed in the database alone opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, and_, bindparam, func, select, update

from policy.case import RecordId
from policy.evidence import MOST_FILES, BlobId, EvidenceFile, EvidenceId, FileState, NewFile
from storage.cases import Cases
from storage.codec import evidence_bytes, read_evidence
from storage.errors import CannotOpen, NoSuchRecord, TooManyFiles, Unreadable
from storage.sealing import RecordSealer, random_id
from storage.tables import cases
from storage.tables import evidence as table

log = structlog.get_logger()

_TABLE = "evidence"
_WAITING = FileState.WAITING.value
_THIS = table.c.id == bindparam("file")
_ALL = select(table).where(table.c.record == bindparam("of")).order_by(table.c.number)
_WITH_KEY = select(table, cases.c.data_key).join(cases, cases.c.id == table.c.record)
_ONE = _WITH_KEY.where(_THIS)
_LOCK = select(table).where(_THIS).with_for_update()
_KEY = select(cases.c.data_key).where(cases.c.id == bindparam("of"))
_CLAIMABLE = (
    _WITH_KEY.where(table.c.try_at <= bindparam("wall"), table.c.state == _WAITING)
    # The most urgent level is the first in the alphabet as well.
    .order_by(cases.c.level, table.c.try_at, table.c.record, table.c.number)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=table)
)
_LEASE = (
    update(table)
    .where(_THIS, table.c.try_at <= bindparam("wall"))
    .values({"lease": bindparam("token"), "try_at": bindparam("until")})
)
_GIVE_BACK = (
    update(table)
    .where(_THIS)
    .values({"lease": None, "try_at": bindparam("until"), "attempts": table.c.attempts + bindparam("more")})
)
_CHANGE = (
    update(table)
    .where(_THIS)
    .values(
        {
            "state": bindparam("new_state"),
            "lease": None,
            "try_at": bindparam("until", type_=table.c.try_at.type),
            "blob": bindparam("new_blob"),
            "body": bindparam("new_body"),
        }
    )
)
_NEXT = select(func.min(table.c.try_at))
_BLOBS = select(table.c.blob).where(and_(table.c.blob.is_not(None), table.c.state != FileState.ERASED.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJob:
    """A file that a worker has leased: fetch it."""

    file: EvidenceFile
    lease: str


class Evidence(Cases):
    """The files of records. A transaction that reads the case as well reads it first, as everybody locks it first."""

    def new_evidence_id(self) -> EvidenceId:
        """128 random bits: what links carry."""
        return EvidenceId(random_id())

    async def record_sealer(self, record: RecordId) -> RecordSealer:
        """What the store seals and opens the bytes of this record's files with. It locks nothing.

        Raises:
            NoSuchRecord: the record was never added.
        """
        seen = self._seen.get(record)
        wrapped = seen[1] if seen is not None else (await self._read(_KEY, {"of": record})).scalar()
        if wrapped is None:
            raise NoSuchRecord("There is no record of this id.")
        return self._keyring.record_sealer(wrapped, record)

    async def add_files(self, record: RecordId, files: Sequence[NewFile], *, held: bool) -> tuple[EvidenceFile, ...]:
        """Adds files to a record, in this order; those that it has already stay as they are.

        `held`: the imagery answer is not "no", so none of them is fetched. Returns the files that are new.

        Raises:
            NoSuchRecord: the record was never added.
            TooManyFiles: it would have more than fifty; none was added.
        """
        await self._version_and_key(record)  # locked: two clicks at once must not count the same number
        sealer = await self.record_sealer(record)
        rows = (await self._read(_ALL, {"of": record})).all()
        marks = {row.mark for row in rows}
        last = max((row.number for row in rows), default=0)
        added: list[EvidenceFile] = []
        new: list[dict[str, object]] = []
        for file in files:
            mark = sealer.index(_TABLE, f"{file.platform}\0{file.file_id}")
            if mark in marks:
                continue
            marks.add(mark)
            one = self._new(record, last + len(added) + 1, file, held=held)
            added.append(one)
            new.append(
                {
                    "id": one.id,
                    "record": record,
                    "number": one.number,
                    "mark": mark,
                    "state": one.state.value,
                    "at": one.added_at,
                    "try_at": self._wall() if one.state is FileState.WAITING else None,
                    "lease": None,
                    "attempts": 0,
                    "blob": None,
                    "body": sealer.seal(_TABLE, one.number, evidence_bytes(one)),
                }
            )
        if len(rows) + len(added) > MOST_FILES:
            raise TooManyFiles(f"A report takes {MOST_FILES} files. None of the new ones was added.")
        if new:
            await self._write(table.insert(), new)
        return tuple(added)

    async def evidence(self, record: RecordId) -> tuple[EvidenceFile, ...]:
        """The files of a record, in the order in which they came; empty for an unknown one.

        Raises:
            CannotOpen, Unreadable: what is known of a file was changed, or taken out.
        """
        rows = (await self._read(_ALL, {"of": record})).all()
        if not rows:
            return ()
        if [row.number for row in rows] != list(range(1, len(rows) + 1)):
            raise CannotOpen("What is known of a file was taken out.")
        sealer = await self.record_sealer(record)
        return tuple(_open(row, sealer) for row in rows)

    async def evidence_file(self, file: EvidenceId) -> EvidenceFile | None:
        """The file of this id, whoever asks.

        Raises:
            CannotOpen, Unreadable: what is known of it was changed.
        """
        row = (await self._read(_ONE, {"file": file})).first()
        return _open(row, self._keyring.record_sealer(row.data_key, row.record)) if row is not None else None

    async def claim_files(self, limit: int, lease: timedelta) -> tuple[FileJob, ...]:
        """Takes files that are to be fetched: those of urgent records first, then those that have waited longest.

        Nobody else gets them before `lease` has passed in real time, or they were given back.
        """
        self._must_write()
        wall = self._wall()
        rows = (await self._read(_CLAIMABLE, {"wall": wall, "most": limit})).all()
        if not rows:
            return ()
        token = random_id()
        taken = {"token": token, "wall": wall, "until": wall + lease}
        await self._write(_LEASE, [{"file": row.id, **taken} for row in rows])
        # One that cannot be read blocks nobody: it is leased as well, and told again when that has passed.
        opened = [self._open_or_tell(row, row.data_key) for row in rows]
        return tuple(FileJob(file=file, lease=token) for file in opened if file is not None)

    async def file_later(self, job: FileJob, not_before: datetime, *, count_attempt: bool = True) -> None:
        """Gives the file back, to be tried again at `not_before` (real time). A lease that was lost stays lost."""
        if await self._leased(job):
            values = {"file": job.file.id, "until": not_before, "more": int(count_attempt)}
            await self._write(_GIVE_BACK, values)

    async def file_changed(self, job: FileJob, file: EvidenceFile) -> bool:
        """The file was kept, refused or lost: `file` is what `kept` or `not_kept` of the job's file gave.

        False where it is no longer this worker's: somebody else has it, or imagery was marked meanwhile. Then nothing
        was changed, and the worker deletes the bytes that it has put, which nothing refers to.
        """
        if file.id != job.file.id or file.state not in {FileState.KEPT, FileState.REFUSED, FileState.LOST}:
            raise ValueError("a file ends as kept, refused or lost")
        if not await self._leased(job):
            return False
        await self._change([file], await self.record_sealer(file.record))
        return True

    async def file_is_wanted(self, job: FileJob) -> bool:
        """Whether this worker still has the file, and it is still to be fetched. It locks nothing."""
        row = (await self._read(select(table.c.lease, table.c.state).where(_THIS), {"file": job.file.id})).first()
        return row is not None and row.lease == job.lease and row.state == _WAITING

    async def release_held(self, record: RecordId) -> tuple[EvidenceFile, ...]:
        """The imagery answer is "no" now: what was held waits to be fetched. Returns those files."""
        return await self._turn_states(record, {FileState.HELD: FileState.WAITING})

    async def hold_waiting(self, record: RecordId) -> tuple[EvidenceFile, ...]:
        """The imagery answer is not "no" any more: what waits, or is just being fetched, is held. Returns those."""
        return await self._turn_states(record, {FileState.WAITING: FileState.HELD})

    async def quarantine(self, record: RecordId) -> tuple[EvidenceFile, ...]:
        """Imagery was marked late: nobody opens what was kept, and nothing more is fetched. There is no way back.

        Returns the files whose state it has changed.
        """
        return await self._turn_states(
            record, {FileState.KEPT: FileState.QUARANTINED, FileState.WAITING: FileState.HELD}
        )

    async def next_file_at(self) -> datetime | None:
        """The earliest moment, in real time, at which a file may be fetched; None where none waits."""
        return (await self._read(_NEXT)).scalar()

    async def known_blobs(self) -> frozenset[BlobId]:
        """Where bytes lie that are kept or in quarantine: everything else in the store is left over."""
        return frozenset((await self._read(_BLOBS)).scalars())

    def _new(self, record: RecordId, number: int, file: NewFile, *, held: bool) -> EvidenceFile:
        state = FileState.HELD if held else FileState.WAITING
        return EvidenceFile(
            id=self.new_evidence_id(),
            record=record,
            number=number,
            state=state if file.refused is None else FileState.REFUSED,
            platform=file.platform,
            file_id=file.file_id,
            place=file.place,
            name=file.name,
            said_size=file.said_size,
            added_by=file.added_by,
            added_at=self.now,
            reason=file.refused,
        )

    async def _turn_states(self, record: RecordId, turns: dict[FileState, FileState]) -> tuple[EvidenceFile, ...]:
        _, wrapped = await self._version_and_key(record)
        rows = (await self._read(_ALL.with_for_update(), {"of": record})).all()
        affected = [row for row in rows if row.state in turns]
        # What cannot be read is not turned: nobody can open or fetch it anyway, and the others must not wait for it.
        opened = [self._open_or_tell(row, wrapped) for row in affected]
        changed = [replace(file, state=turns[file.state]) for file in opened if file is not None]
        await self._change(changed, self._keyring.record_sealer(wrapped, record))
        return tuple(changed)

    def _open_or_tell(self, row: Row[Any], wrapped: bytes) -> EvidenceFile | None:
        try:
            return _open(row, self._keyring.record_sealer(wrapped, row.record))
        except (CannotOpen, Unreadable):
            log.critical("what is known of a file cannot be read", file=row.id, record=row.record)
            return None

    async def _leased(self, job: FileJob) -> bool:
        self._must_write()
        row = (await self._read(_LOCK, {"file": job.file.id})).first()
        return row is not None and row.lease == job.lease and row.state == _WAITING

    async def _change(self, files: Iterable[EvidenceFile], sealer: RecordSealer) -> None:
        values = [
            {
                "file": file.id,
                "new_state": file.state.value,
                "until": self._wall() if file.state is FileState.WAITING else None,
                "new_blob": file.blob,
                "new_body": sealer.seal(_TABLE, file.number, evidence_bytes(file)),
            }
            for file in files
        ]
        if values:
            await self._write(_CHANGE, values)


def _open(row: Row[Any], sealer: RecordSealer) -> EvidenceFile:
    file = read_evidence(sealer.open(_TABLE, row.number, row.body), row.attempts)
    inside = (file.id, file.record, file.number, file.state.value, file.added_at, file.blob)
    if inside != (row.id, row.record, row.number, row.state, row.at, row.blob):
        raise CannotOpen("What is known of a file was changed.")
    return file
