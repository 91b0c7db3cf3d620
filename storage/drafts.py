"""Drafts: what somebody typed into a form that they have not sent, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from policy.case import RecordId
from policy.people import PersonId
from storage.sealing import random_id
from storage.tables import drafts, inbox
from storage.transaction import Transaction

_FIND = select(drafts).where(drafts.c.id == bindparam("draft"))
_LATEST = (
    select(drafts)
    .where(drafts.c.person == bindparam("of"), drafts.c.sent.is_(False))
    .order_by(drafts.c.at.desc(), drafts.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person has typed so far. `record` is the record that it has become, or belongs to; `at` is UTC."""

    id: str
    person: PersonId
    at: datetime
    body: bytes
    record: RecordId | None = None
    sent: bool = False


class Drafts(Transaction):
    """Forms that were begun."""

    def new_draft_id(self) -> str:
        """A random id."""
        return random_id()

    async def draft(self, id: str) -> Draft | None:  # noqa: A002
        """The draft of this id, whoever it belongs to."""
        return self._open_draft((await self._read(_FIND, {"draft": id})).first())

    async def latest_draft(self, person: PersonId) -> Draft | None:
        """The newest draft of a person that was not sent."""
        return self._open_draft((await self._read(_LATEST, {"of": person})).first())

    async def save_draft(self, draft: Draft) -> None:
        """Stores the draft in the place of what was stored under its id."""
        insert = self._insert(drafts)
        new = insert.excluded
        row = {
            "id": draft.id,
            "person": draft.person,
            "at": draft.at,
            "record": draft.record,
            "sent": draft.sent,
            "body": self._keyring.seal("draft", draft.body, context=f"{draft.id}:{draft.person}"),
        }
        changed = {name: new[name] for name in ("person", "at", "record", "sent", "body")}
        await self._write(insert.on_conflict_do_update(index_elements=["id"], set_=changed), row)

    async def delete_draft(self, id: str) -> None:  # noqa: A002
        """Forgets a draft; one that is gone already is no error."""
        await self._write(delete(drafts).where(drafts.c.id == id))

    async def purge(self, *, drafts_before: datetime, inbox_before: datetime) -> None:
        """Forgets drafts that were last touched, and clicks that were accepted, before these moments (UTC)."""
        await self._write(delete(drafts).where(drafts.c.at < drafts_before))
        await self._write(delete(inbox).where(inbox.c.at < inbox_before))

    def _open_draft(self, row: Row[Any] | None) -> Draft | None:
        if row is None:
            return None
        body = self._keyring.open("draft", row.body, context=f"{row.id}:{row.person}")
        return Draft(id=row.id, person=row.person, at=row.at, body=body, record=row.record, sent=row.sent)
