"""The inbox: which clicks were accepted, and what was answered, so that a repetition gets the same answer."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, select

from policy.people import PersonId
from storage.errors import AlreadyAccepted, CannotOpen, KeyBelongsToAnother
from storage.sealing import Keyring
from storage.tables import inbox
from storage.transaction import Transaction

_WITH_HASH = b"\x02"
"""What a stored reply begins with; replies are JSON, and those of earlier versions stand alone."""
_HASH_ENDS = 1 + hashlib.sha256().digest_size

_FIND = select(inbox.c.actor, inbox.c.reply).where(inbox.c.key == bindparam("digest"))


class Inbox(Transaction):
    """Clicks that were accepted."""

    async def replay(self, key: str, actor: PersonId) -> bytes | None:
        """The reply that was stored when this click was accepted, or None where it is new.

        Raises:
            KeyBelongsToAnother: it was accepted for somebody else.
        """
        for digest in self._keyring.indexes("inbox", _hashed(key)):
            row = (await self._read(_FIND, {"digest": digest})).first()
            if row is None:
                continue
            if row.actor != actor:
                raise KeyBelongsToAnother("This click was made by somebody else.")
            return _opened(self._keyring, digest, actor, row.reply)[1]
        return None

    async def accept(self, key: str, actor: PersonId, reply: bytes) -> None:
        """Remembers that the click was accepted, with the reply, sealed.

        Raises:
            AlreadyAccepted: another transaction was faster. Let this one roll back, then replay.
        """
        row = {"at": self.now, "actor": actor, **_sealed(self._keyring, _hashed(key), actor, reply)}
        insert = self._insert(inbox).on_conflict_do_nothing(index_elements=["key"])
        if (await self._write(insert, row)).rowcount != 1:
            raise AlreadyAccepted("This was accepted before.")


def renewed(keyring: Keyring, key: str, actor: str, reply: bytes) -> dict[str, object]:
    """The row of a click as the newest key indexes and seals it (rotation).

    Raises:
        CannotOpen: it was changed, or an earlier Staffroom accepted it and did not keep what its index is made of.
    """
    hashed, plain = _opened(keyring, key, actor, reply)
    if not hashed:
        raise CannotOpen("This click was accepted by an earlier Staffroom; it is forgotten after a day.")
    return _sealed(keyring, hashed, actor, plain)


def _hashed(key: str) -> str:
    """Keys come from outside, of any length, and may be made of answers: nobody without our key can guess them."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _sealed(keyring: Keyring, hashed: str, actor: str, reply: bytes) -> dict[str, object]:
    digest = keyring.index("inbox", hashed)
    # What the index is made of is sealed with the reply: a newer key must be able to make another of it.
    plain = _WITH_HASH + bytes.fromhex(hashed) + reply
    return {"key": digest, "reply": keyring.seal("inbox", plain, context=f"{digest}:{actor}")}


def _opened(keyring: Keyring, digest: str, actor: str, sealed: bytes) -> tuple[str, bytes]:
    plain = keyring.open("inbox", sealed, context=f"{digest}:{actor}")
    if not plain.startswith(_WITH_HASH):
        return "", plain
    return plain[1:_HASH_ENDS].hex(), plain[_HASH_ENDS:]
