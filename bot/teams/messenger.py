"""Posts, edits and takes away cards. What Teams answers becomes one of the four things a delivery can end in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.teams.acts import executing
from bot.teams.connector import Connector, Place
from bot.teams.failures import CallFailed, NoToken
from bot.teams.http import PATIENCE
from bot.teams.pace import Pace
from bot.teams.read import PLATFORM
from bot.teams.render import CARDS, Json
from bot.teams.services import Conversations
from bot.teams.show import chat_card
from handlers.ports import DeliveryError, MessageGone, NotLetIn, RateLimited, Unreachable
from handlers.views import Card
from storage.messages import MessageRef

T = TypeVar("T")

NOBODY = frozenset({403, 404})
"""The app is not there, or blocked; the account or the conversation is gone."""
GONE = frozenset({"ActivityNotFoundInConversation", "ActivityNotFound", "MessageNotFound"})
"""Codes that come with a 400 for a message that is gone."""


class TeamsMessenger:
    """The messenger of Teams (see `handlers.ports.Messenger`). It does not retry: the outbox does, and counts."""

    platform = PLATFORM

    def __init__(self, connector: Connector, conversations: Conversations, pace: Pace) -> None:
        self._connector = connector
        self._conversations = conversations
        self._pace = pace

    async def post(self, email: str, card: Card, *, silent: bool = False) -> MessageRef:
        """Posts the card to the person with this e-mail address, in their own chat and nowhere else.

        Raises:
            RateLimited, Unreachable, DeliveryError: see `handlers.ports`.
        """
        found = await _call(self._conversations.conversation(PLATFORM, email.strip().lower()))
        if found is None:
            raise Unreachable("never_met")
        place = Place.of(found[1], found[0])
        self._pace.take(place.conversation)
        activity = _activity(card) | {"channelData": {"notification": {"alert": not silent}}}
        message = await _call(self._connector.send(place, activity), posts=True)
        return MessageRef(platform=PLATFORM, conversation=str(place), message=message)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Puts the card in the place of the one that stands there.

        Raises:
            RateLimited, MessageGone, DeliveryError: see `handlers.ports`.
        """
        place = Place.read(message.conversation)
        self._pace.take(place.conversation)
        await _call(self._connector.edit(place, message.message, _activity(card)))

    async def delete(self, message: MessageRef) -> None:
        """Takes a message away; one that is gone already is no error.

        Raises:
            RateLimited, DeliveryError: see `handlers.ports`.
        """
        # It is counted, and yet does not wait: an old card that stays would be edited for ever.
        place = Place.read(message.conversation)
        self._pace.note(place.conversation)
        try:
            await _call(self._connector.delete(place, message.message))
        except MessageGone:
            return


def _activity(card: Card) -> Json:
    message = CARDS[type(card)](card)
    return chat_card(executing(message.card), message.summary)


async def _call(call: Awaitable[T], *, posts: bool = False) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await call
    except TimeoutError:
        raise DeliveryError("timeout") from None
    except CallFailed as error:
        if error.retry_after is not None:
            raise RateLimited(error.retry_after) from None
        if error.status in NOBODY:
            raise (Unreachable if posts else MessageGone)(error.code) from None
        if error.code in GONE and not posts:
            raise MessageGone(error.code) from None
        raise DeliveryError(error.code) from None
    except NoToken as error:
        raise (NotLetIn if error.refused else DeliveryError)(error.code) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the card is tried again
        # The name only: the text of an error may hold what was sent.
        raise DeliveryError(type(error).__name__) from None
