"""A chat platform as small as can be: it remembers which card stands where. It fails when it is told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.ports import DeliveryError, MessageGone, RateLimited, Unreachable
from handlers.views import Card, DutyNote
from storage.messages import MessageRef


class Luck(StrEnum):
    """What becomes of a call."""

    GOOD = "good"
    TOO_FAST = "too fast"
    FAILS = "fails"
    ANSWER_LOST = "answer lost"
    MESSAGE_GONE = "message gone"


def about(card: Card) -> str:
    """The reference of the report that the card is about; nothing where it is about none."""
    return "" if isinstance(card, DutyNote) else card.reference


@dataclass
class Standing:
    """A card in somebody's messages."""

    email: str
    card: Card


@dataclass
class Phones:
    """The messenger of the platform (see `handlers.ports.Messenger`). `watch` sees every card that arrives.

    `lost` are messages whose answer never came back: Staffroom does not know that they stand there.
    """

    watch: Callable[[str, Card, bool], Awaitable[None]]
    platform: str = "phones"
    standing: dict[MessageRef, Standing] = field(default_factory=dict)
    lost: set[MessageRef] = field(default_factory=set)
    without_account: set[str] = field(default_factory=set)
    luck: dict[str, Luck] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0

    async def post(self, email: str, card: Card, *, silent: bool = False) -> MessageRef:  # noqa: ARG002
        """The phone rings."""
        if email in self.without_account:
            raise Unreachable("no_account")
        luck = self._next(email, about(card))
        self.count += 1
        message = MessageRef(platform=self.platform, conversation=email, message=str(self.count))
        await self.watch(email, card, True)
        self.standing[message] = Standing(email, card)
        if luck is Luck.ANSWER_LOST:
            self.lost.add(message)
            raise DeliveryError("timeout")
        return message

    async def edit(self, message: MessageRef, card: Card) -> None:
        """The card changes in silence."""
        luck = self._next(message.conversation, about(card))
        if luck is Luck.MESSAGE_GONE or message not in self.standing:
            self.standing.pop(message, None)
            raise MessageGone("message_not_found")
        await self.watch(self.standing[message].email, card, False)
        self.standing[message].card = card
        self.lost.discard(message)
        if luck is Luck.ANSWER_LOST:
            raise DeliveryError("timeout")

    async def delete(self, message: MessageRef) -> None:
        """The card goes."""
        there = self.standing.get(message)
        luck = self._next(message.conversation, about(there.card) if there is not None else "")
        self.standing.pop(message, None)
        if luck is Luck.ANSWER_LOST:
            raise DeliveryError("timeout")

    def have(self, luck: Mapping[str, Luck]) -> None:
        """What becomes, for each of these e-mail addresses, of the next call about each report.

        Not of the next call of all: which comes first is up to chance, and a story must be told the same way again.
        """
        self.luck = dict(luck)
        self.used.clear()

    def standing_with(self, email: str, reference: str) -> list[MessageRef]:
        """Where cards about the report stand in the person's messages, oldest first."""
        return [message for message, one in self.standing.items() if (one.email, about(one.card)) == (email, reference)]

    def _next(self, email: str, reference: str) -> Luck:
        if (email, reference) in self.used:
            return Luck.GOOD
        self.used.add((email, reference))
        luck = self.luck.get(email, Luck.GOOD)
        if luck is Luck.TOO_FAST:
            raise RateLimited(1)
        if luck is Luck.FAILS:
            raise DeliveryError("internal_error")
        return luck
