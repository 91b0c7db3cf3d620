"""Due work: what time brings. A row fires once, however many processes look for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from policy.case import Due, RecordId
from storage.tables import due as table
from storage.transaction import Transaction

_PENDING = "pending"
_DONE = "done"
_CANCELLED = "cancelled"

_NOW = (
    select(table)
    .where(table.c.state == _PENDING, table.c.at <= bindparam("now"))
    .order_by(table.c.at, table.c.record, table.c.kind, table.c.round, table.c.step)
    .limit(bindparam("most"))
)
_FIRST = select(func.min(table.c.at)).where(table.c.state == _PENDING)
_FINISH = (
    update(table)
    .where(
        table.c.record == bindparam("of"),
        table.c.kind == bindparam("what"),
        table.c.round == bindparam("in_round"),
        table.c.step == bindparam("in_step"),
        table.c.state == _PENDING,
    )
    .values(state=_DONE)
)
_END = (
    update(table)
    .where(
        table.c.record == bindparam("of"),
        table.c.kind == bindparam("what"),
        table.c.round <= bindparam("in_round"),
        table.c.state == _PENDING,
    )
    .values(state=_CANCELLED)
)


class DueWork(Transaction):
    """Steps that fire when their time has come. All times are school time, in UTC."""

    async def schedule(self, due: Sequence[Due]) -> None:
        """Remembers what is due. A row that was scheduled before, even cancelled or done since, stays as it is."""
        if not due:
            return
        rows = [
            {"record": d.record, "kind": d.kind, "round": d.round, "step": d.step, "at": d.at, "state": _PENDING}
            for d in due
        ]
        key = ["record", "kind", "round", "step"]
        await self._write(self._insert(table).on_conflict_do_nothing(index_elements=key), rows)

    async def end_round(self, record: RecordId, kind: str, round: int) -> None:  # noqa: A002
        """Cancels what is not done of this round and those before it."""
        await self._write(_END, {"of": record, "what": kind, "in_round": round})

    async def due_now(self, limit: int = 100) -> tuple[Due, ...]:
        """What is due and neither done nor cancelled, oldest first."""
        rows = await self._read(_NOW, {"now": self.now, "most": limit})
        return tuple(Due(record=row.record, kind=row.kind, round=row.round, step=row.step, at=row.at) for row in rows)

    async def finish_due(self, due: Due) -> bool:
        """Marks a row as done: False where it was done or cancelled already, so this transaction must leave it."""
        values = {"of": due.record, "what": due.kind, "in_round": due.round, "in_step": due.step}
        return (await self._write(_FINISH, values)).rowcount == 1

    async def oldest_due(self) -> datetime | None:
        """Since when the oldest row that is due has been waiting; None where nothing is late."""
        first = await self.next_due()
        return first if first is not None and first <= self.now else None

    async def next_due(self) -> datetime | None:
        """When the next row is due, which may be past; None where nothing waits."""
        return (await self._read(_FIRST)).scalar()
