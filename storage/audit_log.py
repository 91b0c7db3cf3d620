"""The audit: rows of ids in a chain of hashes, which nobody can change, cut or reorder unseen.

Each row's SHA-256 covers the row and the hash before it. The head says which row is the last and carries a
digest keyed from the master key: whoever has the database alone cannot cut the tail and make a new head. Rows
are written at the end of the transaction, so that the head is locked as briefly as can be and always last.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from policy.case import RecordId
from policy.people import PersonId
from storage.tables import audit, audit_head
from storage.transaction import Transaction

FIRST = "0" * 64
"""The hash before the first row."""

_ACTION = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VALUE = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
_BROKEN = "broken"

_READ_HEAD = select(audit_head).where(audit_head.c.id == 1)
_LOCK_HEAD = _READ_HEAD.with_for_update()
_WRITE_HEAD = (
    audit_head.update()
    .where(audit_head.c.id == 1)
    .values(seq=bindparam("last"), hash=bindparam("digest"), mac=bindparam("proof"))
)
_WRITE_ROW = audit.insert()
_LATEST = select(audit).order_by(audit.c.seq.desc()).limit(bindparam("most"))
_BATCH = select(audit).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(bindparam("most"))
_LATEST_OF = _LATEST.where(audit.c.record == bindparam("of"))
_LATEST_KIND = _LATEST.where(audit.c.action == bindparam("kind"), audit.c.at >= bindparam("since"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One thing that was done: ids only. `actor` is empty where Staffroom acted by itself."""

    seq: int
    at: datetime
    action: str
    actor: PersonId | None
    record: RecordId | None
    ids: Mapping[str, str | int]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the audit ends. `whole`: one of the keys at hand has written it."""

    seq: int
    hash: str
    whole: bool


def row_hash(
    seq: int, at: datetime, action: str, actor: str | None, record: str | None, ids: str, previous: str
) -> str:
    """The hash of a row. `ids` is their canonical JSON."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    canonical = json.dumps([seq, when, action, actor, record, ids, previous], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def head_data(seq: int, last: str) -> bytes:
    """What the digest of the head covers."""
    return f"{seq}:{last}".encode()


class AuditLog(Transaction):
    """What was done by whom, for ever."""

    _to_audit: list[dict[str, Any]] | None = None

    async def audit(
        self, action: str, *, actor: PersonId | None = None, record: RecordId | None = None, **ids: str | int
    ) -> None:
        """Writes what was done. Ids and numbers only.

        Raises:
            ValueError: a value is not an id (too long, or text with spaces); it is not shown.
        """
        self.audit_later(action, actor=actor, record=record, **ids)

    def audit_later(
        self, action: str, *, actor: PersonId | None = None, record: RecordId | None = None, **ids: str | int
    ) -> None:
        """The same, for the modules of this floor: it waits for the end of the transaction in any case."""
        self._must_write()
        if not _ACTION.fullmatch(action):
            raise ValueError("the action of an audit row is a short word such as case-taken")
        for name, value in (("actor", actor), ("record", record), *ids.items()):
            if value is not None and not _is_id(value):
                raise ValueError(f"the audit holds ids only: {name} is not one")
        if self._to_audit is None:
            self._to_audit = []
        text = json.dumps(ids, sort_keys=True, separators=(",", ":"))
        self._to_audit.append({"at": self.now, "action": action, "actor": actor, "record": record, "ids": text})

    async def audit_rows(self, record: RecordId | None = None, limit: int = 1000) -> tuple[AuditRow, ...]:
        """The newest rows, of one record or of all, in the order in which they were written."""
        await self._flush_audit()
        if record is None:
            found = await self._read(_LATEST, {"most": limit})
        else:
            found = await self._read(_LATEST_OF, {"most": limit, "of": record})
        return tuple(_audit_row(row) for row in reversed(found.all()))

    async def audit_of(self, action: str, since: datetime) -> tuple[AuditRow, ...]:
        """The rows of one action since then, in the order in which they were written; a thousand at the most."""
        found = await self._read(_LATEST_KIND, {"most": 1000, "kind": action, "since": since})
        return tuple(_audit_row(row) for row in reversed(found.all()))

    async def audit_head(self) -> AuditHead | None:
        """Where the audit ends; None where somebody has taken the head away."""
        row = (await self._read(_READ_HEAD)).first()
        return None if row is None else AuditHead(row.seq, row.hash, self._is_whole(row))

    async def audit_batch(self, after: int, most: int) -> Sequence[Row[Any]]:
        """The stored rows that follow row `after`, for `storage.audit.verify`."""
        return (await self._read(_BATCH, {"after": after, "most": most})).all()

    def _is_whole(self, head: Row[Any]) -> bool:
        return self._keyring.check("audit", head_data(head.seq, head.hash), head.mac)

    async def _flush_audit(self) -> None:
        rows, self._to_audit = self._to_audit, None
        if not rows:
            return
        head = (await self._read(_LOCK_HEAD)).one()
        seq, last = head.seq, head.hash
        # A head that somebody forged must not become a good one by being written on: it stays broken, work goes on.
        whole = self._is_whole(head)
        for row in rows:
            seq += 1
            row |= {"seq": seq, "previous": last}
            last = row["hash"] = row_hash(**row)
        await self._write(_WRITE_ROW, rows)
        mac = self._keyring.mac("audit", head_data(seq, last)) if whole else _BROKEN
        await self._write(_WRITE_HEAD, {"last": seq, "digest": last, "proof": mac})


def _is_id(value: str | int) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and _VALUE.fullmatch(value) is not None)


def _audit_row(row: Row[Any]) -> AuditRow:
    return AuditRow(
        seq=row.seq,
        at=row.at,
        action=row.action,
        actor=row.actor,
        record=row.record,
        ids=json.loads(row.ids),
        hash=row.hash,
    )
