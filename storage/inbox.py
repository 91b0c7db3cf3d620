"""The inbox: which clicks were accepted, and what was answered, so that a repetition gets the same answer."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, select

from policy.people import PersonId
from storage.errors import AlreadyAccepted, KeyBelongsToAnother
from storage.tables import inbox
from storage.transaction import Transaction

_FIND = select(inbox.c.actor, inbox.c.reply).where(inbox.c.key == bindparam("digest"))


class Inbox(Transaction):
    """Clicks that were accepted."""

    async def replay(self, key: str, actor: PersonId) -> bytes | None:
        """The reply that was stored when this click was accepted, or None where it is new.

        Raises:
            KeyBelongsToAnother: it was accepted for somebody else.
        """
        digest = self._digest(key)
        row = (await self._read(_FIND, {"digest": digest})).first()
        if row is None:
            return None
        if row.actor != actor:
            raise KeyBelongsToAnother("This click was made by somebody else.")
        return self._keyring.open("inbox", row.reply, context=f"{digest}:{actor}")

    async def accept(self, key: str, actor: PersonId, reply: bytes) -> None:
        """Remembers that the click was accepted, with the reply, sealed.

        Raises:
            AlreadyAccepted: another transaction was faster. Let this one roll back, then replay.
        """
        digest = self._digest(key)
        sealed = self._keyring.seal("inbox", reply, context=f"{digest}:{actor}")
        insert = self._insert(inbox).on_conflict_do_nothing(index_elements=["key"])
        row = {"key": digest, "actor": actor, "at": self.now, "reply": sealed}
        if (await self._write(insert, row)).rowcount != 1:
            raise AlreadyAccepted("This was accepted before.")

    def _digest(self, key: str) -> str:
        """Keys come from outside, of any length, and may be made of answers: nobody without our key can guess them."""
        return self._keyring.index("inbox", hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
