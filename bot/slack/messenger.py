"""Posts, edits and takes away cards. What Slack answers becomes one of the four things a delivery can end in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.payload import text
from bot.slack.conversations import Conversations
from bot.slack.failures import WRONG_TOKEN, code_of, retry_after
from bot.slack.read import PLATFORM
from bot.slack.render import CARDS, Message
from handlers.ports import DeliveryError, MessageGone, NotLetIn, RateLimited, Unreachable
from handlers.views import Card
from storage.messages import MessageRef

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that one call to Slack may take."""
NO_CONVERSATION = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
NOBODY = NO_CONVERSATION | {
    "users_not_found",
    "user_not_found",
    "user_disabled",
    "user_not_visible",
    "cannot_dm_bot",
    "cannot_dm_self",
    "is_bot",
}
GONE = NO_CONVERSATION | {
    "message_not_found",
    "edit_window_closed",
    "cant_update_message",
}
"""`account_inactive` is in none of them: it says that our own token's account is closed, not the reader's."""


class SlackMessenger:
    """The messenger of Slack (see `handlers.ports.Messenger`). It does not retry: the outbox does, and counts."""

    platform = PLATFORM

    def __init__(self, client: AsyncWebClient, conversations: Conversations) -> None:
        self._client = client
        self._conversations = conversations

    async def post(self, email: str, card: Card, *, silent: bool = False) -> MessageRef:  # noqa: ARG002
        """Posts the card to the person with this e-mail address. Slack cannot post silently: `silent` is ignored.

        Raises:
            RateLimited, Unreachable, DeliveryError: see `handlers.ports`.
        """
        message = CARDS[type(card)](card)
        remembered = self._conversations.knows(email)
        try:
            return await self._post(email, message)
        except Unreachable as error:
            self._conversations.forget(email)
            # A remembered conversation may have died; the person need not have. Asked once more, afresh.
            if not remembered or str(error) not in NO_CONVERSATION:
                raise
        return await self._post(email, message)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Puts the card in the place of the one that stands there.

        Raises:
            RateLimited, MessageGone, DeliveryError: see `handlers.ports`.
        """
        rendered = CARDS[type(card)](card)
        await _call(
            self._client.chat_update(
                channel=message.conversation,
                ts=message.message,
                text=rendered.text,
                blocks=rendered.blocks,
                unfurl_links=False,
                unfurl_media=False,
            ),
            gone=GONE,
        )

    async def delete(self, message: MessageRef) -> None:
        """Takes a message away; one that is gone already is no error.

        Raises:
            RateLimited, DeliveryError: see `handlers.ports`.
        """
        try:
            await _call(self._client.chat_delete(channel=message.conversation, ts=message.message), gone=GONE)
        except MessageGone:
            return

    async def _post(self, email: str, message: Message) -> MessageRef:
        conversation = await _call(self._conversations.with_person(email), nobody=NOBODY)
        answer = await _call(
            self._client.chat_postMessage(
                channel=conversation,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            ),
            nobody=NOBODY,
        )
        data = answer.data if isinstance(answer.data, dict) else {}
        if not text(data, "ts"):
            raise DeliveryError("no_ts")
        return MessageRef(
            platform=PLATFORM, conversation=text(data, "channel") or conversation, message=text(data, "ts")
        )


async def _call(call: Awaitable[T], *, nobody: frozenset[str] = frozenset(), gone: frozenset[str] = frozenset()) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await call
    except DeliveryError:
        raise
    except TimeoutError:
        raise DeliveryError("timeout") from None
    except SlackApiError as error:
        _refuse(error, nobody, gone)
    except Exception as error:  # noqa: BLE001 - whatever the SDK trips over, the card is tried again
        # The name only: the text of an error may hold what was sent.
        raise DeliveryError(type(error).__name__) from None


def _refuse(error: SlackApiError, nobody: frozenset[str], gone: frozenset[str]) -> NoReturn:
    seconds, code = retry_after(error), code_of(error)
    kind: Callable[[str], DeliveryError] = DeliveryError
    if seconds is not None:
        raise RateLimited(seconds) from None
    if code in WRONG_TOKEN:
        kind = NotLetIn
    elif code in nobody:
        kind = Unreachable
    elif code in gone:
        kind = MessageGone
    raise kind(code) from None
