"""Who is sending files in chat just now, and for which report; or files of which nobody has said what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from policy.case import RecordId
from policy.people import PersonId
from storage.tables import collecting
from storage.transaction import Transaction

_PURPOSE = "draft"
_FIND = select(collecting).where(collecting.c.person == bindparam("whose"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """What somebody sends in chat from `at` on (school time, UTC) belongs to `record`; `body` is the caller's own."""

    person: PersonId
    record: RecordId | None
    at: datetime
    body: bytes = b""


class CollectsFiles(Transaction):
    """One for each person, at the most."""

    async def collecting(self, person: PersonId) -> Collecting | None:
        """What this person is sending files for; None where they are not."""
        row = (await self._read(_FIND, {"whose": person})).first()
        if row is None:
            return None
        body = self._keyring.open(_PURPOSE, row.body, context=f"collecting:{person}")
        return Collecting(person=person, record=row.record, at=row.at, body=body)

    async def collect(self, what: Collecting) -> None:
        """From now on the person sends files for this; what was known before is replaced."""
        insert = self._insert(collecting)
        new = insert.excluded
        row = {
            "person": what.person,
            "record": what.record,
            "at": what.at,
            "body": self._keyring.seal(_PURPOSE, what.body, context=f"collecting:{what.person}"),
        }
        latest = insert.on_conflict_do_update(
            index_elements=["person"], set_={name: new[name] for name in ("record", "at", "body")}
        )
        await self._write(latest, row)

    async def end_collecting(self, person: PersonId) -> None:
        """The person is done."""
        await self._write(delete(collecting).where(collecting.c.person == person))

    async def purge_collecting(self, before: datetime) -> None:
        """Forgets who was sending files before that (school time), and what nobody has said the purpose of."""
        await self._write(delete(collecting).where(collecting.c.at < before))
