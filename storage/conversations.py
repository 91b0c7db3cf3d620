"""Where people can be written to: their own chat with the bot, sealed, and the platform they were last seen on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from policy.people import PersonId
from storage.codec import conversation_bytes, read_conversation
from storage.messages import Conversation
from storage.tables import conversations, last_seen
from storage.transaction import Transaction

_PURPOSE = "conversations"
_CONVERSATION = select(conversations.c.body).where(
    conversations.c.platform == bindparam("on"), conversations.c.person == bindparam("whose")
)
_LAST_SEEN = select(last_seen.c.platform, last_seen.c.prefers).where(last_seen.c.person == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The platform on which somebody acted last, and the one that they have chosen; None where they have not."""

    last: str | None = None
    prefers: str | None = None

    @property
    def first(self) -> str | None:
        """Where to write to them first."""
        return self.prefers or self.last


class Conversations(Transaction):
    """Where people can be written to."""

    async def remember_conversation(self, platform: str, person: PersonId, conversation: Conversation) -> None:
        """This person has their own chat with the bot here now; what was known before is replaced."""
        body = self._keyring.seal(_PURPOSE, conversation_bytes(conversation), context=f"{platform}:{person}")
        insert = self._insert(conversations)
        latest = insert.on_conflict_do_update(
            index_elements=["platform", "person"], set_={"body": insert.excluded.body}
        )
        await self._write(latest, {"platform": platform, "person": person, "body": body})

    async def conversation(self, platform: str, person: PersonId) -> Conversation | None:
        """Their own chat with the bot on this platform; None where they have never been heard of there."""
        body = (await self._read(_CONVERSATION, {"on": platform, "whose": person})).scalar()
        if body is None:
            return None
        return read_conversation(self._keyring.open(_PURPOSE, body, context=f"{platform}:{person}"))

    async def see(self, person: PersonId, platform: str) -> None:
        """This person has just acted on this platform."""
        insert = self._insert(last_seen)
        latest = insert.on_conflict_do_update(index_elements=["person"], set_={"platform": insert.excluded.platform})
        await self._write(latest, {"person": person, "platform": platform})

    async def prefer(self, person: PersonId, platform: str | None, *, seen_on: str) -> None:
        """This person wants to be written to on this platform; None: where they acted last, which is `seen_on` now."""
        insert = self._insert(last_seen)
        chosen = insert.on_conflict_do_update(index_elements=["person"], set_={"prefers": insert.excluded.prefers})
        await self._write(chosen, {"person": person, "platform": seen_on, "prefers": platform})

    async def whereabouts(self, person: PersonId) -> Whereabouts:
        """Where this person acts, and where they want to be written to."""
        row = (await self._read(_LAST_SEEN, {"whose": person})).first()
        return Whereabouts(row.platform, row.prefers) if row is not None else Whereabouts()
