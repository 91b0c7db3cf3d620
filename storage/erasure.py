"""Erasing a record: its key is destroyed, its rows are deleted, and a tombstone without content stays.

The bytes of its files cannot be read without the key; they lie in the store until it is swept (`known_blobs` does
not name them any more). A crash in between leaves either the whole record or the tombstone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, delete, false, insert, or_, select, text, true, update

from policy.case import RETENTION, Case, CaseState, RecordId
from policy.people import PersonId
from storage.errors import CannotOpen, StaleRecord, Unreadable
from storage.evidence import Evidence
from storage.tables import (
    cards,
    cases,
    chronology,
    collecting,
    drafts,
    due,
    evidence,
    passes,
    search_words,
    tombstones,
    unindexed,
)

ERASED = "erased"
"""The state of a tombstone."""

_PARTS = (passes, drafts, collecting, due, evidence, chronology, search_words, unindexed)
"""Tables whose rows belong to one record, but for the record itself, its cards and the audit."""
_AT_AN_END = (
    select(cases.c.id)
    .where(
        cases.c.state == CaseState.FINISHED.value,
        select(due.c.record).where(due.c.record == cases.c.id, due.c.kind == RETENTION, due.c.state == "done").exists(),
        # Kept until another day.
        ~select(due.c.record)
        .where(due.c.record == cases.c.id, due.c.kind == RETENTION, due.c.state == "pending")
        .exists(),
    )
    .order_by(cases.c.finished_at, cases.c.id)
)
_DELETE_CASE = delete(cases).where(cases.c.id == bindparam("of"), cases.c.version == bindparam("at"))
_WITHDRAW = (
    update(cards)
    .where(cards.c.record == bindparam("of"), cards.c.ended == false())
    .values(
        wanted=cards.c.wanted + 1,
        rings_wanted=cards.c.rings_sent,
        try_at=case(
            (or_(cards.c.try_at.is_not(None), cards.c.given_up == true()), cards.c.try_at),
            else_=bindparam("wall", type_=cards.c.try_at.type),
        ),
    )
)
_FIND = select(tombstones).where(tombstones.c.record == bindparam("of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What stays of a record: ids and times. `ground` is a key, never words. Times are UTC."""

    record: RecordId
    reference: str
    process: str
    received_at: datetime
    finished_at: datetime
    erased_at: datetime
    erased_by: PersonId
    ground: str


class Erasure(Evidence):
    """What was erased, and what is to be decided about."""

    async def cases_at_an_end(self) -> tuple[Case, ...]:
        """Finished cases of which an end has come at some time, oldest first: whoever asks looks how they stand."""
        found = []
        for record in (await self._read(_AT_AN_END)).scalars().all():
            try:
                one = await self.case(record)
            except (CannotOpen, Unreadable):
                continue  # `open_cases` tells of such; it must not hide the others
            if one is not None:
                found.append(one)
        return tuple(found)

    async def erase(self, case: Case, *, by: PersonId, ground: str) -> Tombstone:
        """Destroys the case's key, deletes all that belongs to it, and withdraws its cards. There is no way back.

        The case was read in this transaction. The audit stays as it is.

        Raises:
            StaleRecord: the case is not as it was read.
            ValueError: it is not finished, or a drill.
        """
        if case.finished_at is None or case.open or case.drill:
            raise ValueError("only what is finished is erased, and no drill")
        if not self._postgres:
            # Else the sealed rows and the key lie in pages that SQLite calls free, until it needs them.
            await self._write(text("pragma secure_delete = on"))
        for table in _PARTS:
            await self._write(delete(table).where(table.c.record == case.id))
        if (await self._write(_DELETE_CASE, {"of": case.id, "at": case.version})).rowcount != 1:
            raise StaleRecord("The record has changed since it was read.")
        self._seen.pop(case.id, None)
        stone = Tombstone(
            record=case.id,
            reference=case.reference,
            process=case.process.value,
            received_at=case.received_at,
            finished_at=case.finished_at,
            erased_at=self.now,
            erased_by=by,
            ground=ground,
        )
        row = {name: getattr(stone, name) for name in Tombstone.__slots__}
        await self._write(insert(tombstones), {**row, "state": ERASED})
        await self._write(_WITHDRAW, {"of": case.id, "wall": self._wall()})
        if not self._postgres:
            await self._write(text("pragma secure_delete = off"))
        return stone

    async def tombstone(self, record: RecordId) -> Tombstone | None:
        """What stays of an erased record; None for one that is there, or never was."""
        row = (await self._read(_FIND, {"of": record})).first()
        return None if row is None else Tombstone(**{name: getattr(row, name) for name in Tombstone.__slots__})
