"""The platforms that cards are brought to. A person may be on several; what one refuses is not repeated on another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from handlers.ports import DeliveryError, MessageGone, Messenger, NotLetIn, Unreachable
from handlers.views import Card
from policy.people import PersonId
from storage.messages import MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Whom a card is for, and how: on all of their platforms, or on the one they prefer."""

    person: PersonId
    emails: tuple[str, ...]
    everywhere: bool
    ring: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The messages in which the card stands; `failure` is why it has to be tried again, all but those `edited`."""

    messages: tuple[MessageRef, ...]
    failure: BaseException | None = None
    edited: frozenset[MessageRef] = frozenset()


class Platforms:
    """Posts, edits and takes away on every platform there is, each by its own messenger."""

    def __init__(
        self, messengers: Mapping[str, Messenger], platform_of: Callable[[PersonId], Awaitable[str | None]]
    ) -> None:
        self._messengers = messengers
        self._platform_of = platform_of

    async def post(self, to: Address, card: Card, standing: Sequence[MessageRef] = ()) -> Outcome:
        """Posts the card where it is not `standing` yet: everywhere, or else where the person prefers.

        Raises:
            Unreachable: no platform reaches the person, and the card stands nowhere.
        """
        there = {message.platform for message in standing}
        if to.everywhere:
            missing = [name for name in self._messengers if name not in there]
            answers = await asyncio.gather(*(self._post(name, to, card) for name in missing), return_exceptions=True)
        else:
            answers = [] if there else [await self._post_on_one(to, card)]
        posted = [answer for answer in answers if isinstance(answer, MessageRef)]
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        worth_another_try = [failure for failure in failures if not isinstance(failure, Unreachable)]
        messages = (*standing, *posted)
        if failures and not messages and not worth_another_try:
            raise failures[0]
        return Outcome(messages, worth_another_try[0] if worth_another_try else None)

    async def edit(self, messages: Sequence[MessageRef], card: Card) -> Outcome:
        """Puts the card into every message that is still there."""
        answers = await asyncio.gather(*(self._edit(message, card) for message in messages), return_exceptions=True)
        failures = [one for one in answers if isinstance(one, BaseException) and not isinstance(one, MessageGone)]
        kept = [
            message for message, answer in zip(messages, answers, strict=True) if not isinstance(answer, MessageGone)
        ]
        edited = frozenset(message for message, answer in zip(messages, answers, strict=True) if answer is None)
        return Outcome(tuple(kept), failures[0] if failures else None, edited)

    async def take_away(self, messages: Sequence[MessageRef]) -> tuple[MessageRef, ...]:
        """Deletes the messages; returns those that could not be."""
        kept = []
        for message in messages:
            messenger = self._messengers.get(message.platform)
            try:
                if messenger is not None:
                    await messenger.delete(message)
            except DeliveryError:
                kept.append(message)
        return tuple(kept)

    async def _post_on_one(self, to: Address, card: Card) -> MessageRef | BaseException:
        preferred = await self._platform_of(to.person) if len(self._messengers) > 1 else None
        unreachable: BaseException = Unreachable()
        refused: BaseException | None = None
        for name in sorted(self._messengers, key=lambda name: name != preferred):
            try:
                return await self._post(name, to, card)
            except Unreachable as error:
                unreachable = error
            except NotLetIn as error:  # nothing stands there, so that another platform may have it
                refused = error
            except Exception as error:  # noqa: BLE001 - it is told in the outcome, beside what stands
                return error
        return refused or unreachable

    async def _post(self, platform: str, to: Address, card: Card) -> MessageRef:
        # An account that the school has linked is theirs where the address they are known by leads nowhere.
        *first, last = to.emails
        for email in first:
            with suppress(Unreachable):
                return replace(await self._messengers[platform].post(email, card), ring=to.ring)
        return replace(await self._messengers[platform].post(last, card), ring=to.ring)

    async def _edit(self, message: MessageRef, card: Card) -> None:
        messenger = self._messengers.get(message.platform)
        if messenger is None:  # the school has given this platform up
            raise MessageGone("platform_not_used")
        await messenger.edit(message, card)
