"""Checking the audit: was any row changed, taken out, put elsewhere, or cut off at the end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from storage.audit_log import FIRST, AuditHead, AuditRow, row_hash
from storage.database import Database

__all__ = ["AuditReport", "AuditRow", "verify"]

_BATCH = 1000
_MOST_PROBLEMS = 100
_NEAR = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What `verify` found. `head` is the hash of the last row: compare it with what was sent to the DPO."""

    rows: int
    head: str
    problems: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


async def verify(database: Database, known: tuple[int, str] | None = None) -> AuditReport:
    """Reads the whole audit, in batches, as it is at one moment.

    `known` is a head that was kept elsewhere, its number and hash: without one nobody finds a database that was put
    back as a whole to an earlier moment, or an audit that was made anew by whoever holds the keys.
    """
    chain = _Chain(known)
    async with database.reading() as uow:
        head = await uow.audit_head()
        while rows := await uow.audit_batch(chain.seq, _BATCH):
            for row in rows:
                chain.follow(row)
    chain.end(head)
    problems = chain.problems[:_MOST_PROBLEMS]
    if len(chain.problems) > len(problems):
        problems.append(f"and {len(chain.problems) - len(problems)} more")
    return AuditReport(rows=chain.rows, head=chain.hash, problems=tuple(problems))


class _Chain:
    """What is known while the rows go by: the number and the hash of the last, and what was wrong."""

    def __init__(self, known: tuple[int, str] | None) -> None:
        self._known = known
        self._found = known is None
        self.rows = 0
        self.seq = 0
        self.hash = FIRST
        self.problems: list[str] = []

    def follow(self, row: Row[Any]) -> None:
        """The next row, as it is stored."""
        gap = row.seq != self.seq + 1
        if gap:
            self.problems.append(f"gap after {self.seq}: {_rows(self.seq + 1, row.seq - 1)} missing")
        if _hash_as(row, row.seq) != row.hash:
            near = range(max(1, row.seq - _NEAR), row.seq + _NEAR + 1)
            place = next((seq for seq in near if _hash_as(row, seq) == row.hash), None)
            if place is None:
                self.problems.append(f"changed row {row.seq}")
            else:
                self.problems.append(f"out of order: row {row.seq} was written as row {place}")
        elif not gap and row.previous != self.hash:
            self.problems.append(f"out of order: row {row.seq} was not written after row {self.seq} as it is now")
        self.rows += 1
        self.seq, self.hash = row.seq, row.hash
        self._found = self._found or (row.seq, row.hash) == self._known

    def end(self, head: AuditHead | None) -> None:
        """No more rows: is that where the head says it ends?"""
        if self._known is not None and not self._found:
            number, last = self._known
            what = "it ends before that" if number > self.seq else "that row is another one now"
            self.problems.append(f"the head {number}:{last} is not in it: {what}. It was put back, or made anew")
        if head is None:
            self.problems.append("head forged: there is none")
            return
        if not head.whole:
            self.problems.append("head forged: it was not written with one of the secret keys")
        if head.seq > self.seq:
            self.problems.append(f"cut off at the end: {_rows(self.seq + 1, head.seq)} missing")
        elif head.seq < self.seq:
            self.problems.append(f"head forged: {_rows(head.seq + 1, self.seq)} not known to it")
        elif head.hash != self.hash:
            self.problems.append(f"head forged: it does not belong to row {self.seq}")


def _hash_as(row: Row[Any], seq: int) -> str:
    return row_hash(seq, row.at, row.action, row.actor, row.record, row.ids, row.previous)


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
