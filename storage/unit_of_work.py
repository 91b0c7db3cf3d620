"""The unit of work: everything that one transaction can remember or find."""

from __future__ import annotations

from storage.cards import CardJob, Cards
from storage.collecting import CollectsFiles
from storage.conversations import Conversations
from storage.drafts import Draft, Drafts
from storage.due_work import DueWork
from storage.erasure import Erasure, Tombstone
from storage.evidence import FileJob
from storage.inbox import Inbox
from storage.passes import Passes
from storage.people import People, PeopleChanges
from storage.resealing import Resealing
from storage.rows import Rows

__all__ = ["CardJob", "Draft", "FileJob", "PeopleChanges", "Tombstone", "UnitOfWork"]


class UnitOfWork(People, Inbox, Drafts, Erasure, DueWork, Cards, Conversations, CollectsFiles, Passes, Resealing, Rows):
    """One transaction; `Database.transaction` and `Database.reading` make them. `now` is school time, in UTC."""

    async def flush(self) -> None:
        """Writes what waits for the end of the transaction: the audit. `Database` calls it before the commit."""
        await self._flush_audit()
