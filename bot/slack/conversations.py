"""Where is this person? From an e-mail address to the conversation that they have with the bot."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.payload import text
from bot.slack.identity import KEPT, account_refused
from handlers.ports import Unreachable

MOST_CONVERSATIONS = 20_000


class Conversations:
    """E-mail addresses to conversations, kept for a quarter of an hour; only with accounts that are served."""

    def __init__(
        self,
        client: AsyncWebClient,
        team_id: Callable[[], Awaitable[str]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._team_id = team_id
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, str, str]] = {}

    async def with_person(self, email: str) -> str:
        """The id of the conversation with whoever has this e-mail address.

        Raises:
            Unreachable: the account is a guest's, a bot's, another workspace's or closed.
            SlackApiError, aiohttp.ClientError, TimeoutError: Slack refused, or could not be asked.
        """
        kept = self._known.get(email)
        if kept is not None and kept[0] > self._monotonic():
            return kept[2]
        found = (await self._client.users_lookupByEmail(email=email)).get("user")
        user = found if isinstance(found, dict) else {}
        # Whoever may not press a button is not sent what the button is about either.
        if account_refused(user, await self._team_id()):
            raise Unreachable("account_not_served")
        opened = (await self._client.conversations_open(users=text(user, "id"))).get("channel")
        conversation = text(opened, "id") if isinstance(opened, dict) else ""
        if not conversation:
            raise Unreachable("no_conversation")
        while len(self._known) >= MOST_CONVERSATIONS:
            del self._known[next(iter(self._known))]
        self._known[email] = (self._monotonic() + KEPT, text(user, "id"), conversation)
        return conversation

    def knows(self, email: str) -> bool:
        """Whether the conversation is remembered, rather than looked up just now."""
        return email in self._known

    def forget(self, email: str) -> None:
        """The conversation did not work: it is looked up again."""
        self._known.pop(email, None)

    def forget_user(self, user: str) -> None:
        """Something about the account has changed: its conversation is looked up again."""
        for email in [email for email, kept in self._known.items() if kept[1] == user]:
            del self._known[email]
