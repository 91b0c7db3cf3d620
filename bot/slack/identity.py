"""Who is this? A Slack account is a person by its confirmed e-mail address, in our own workspace, and no guest's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.payload import part, text
from bot.slack import words
from bot.slack.render.text import Json
from policy.people import PersonId

KEPT = 15 * 60.0
"""Seconds that what Slack said about an account is kept; `user_change` ends it earlier."""
MOST_ACCOUNTS = 20_000


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody whom Staffroom does not serve; `message` tells them kindly why, and what to do."""

    message: str


@dataclass(frozen=True, slots=True)
class _Account:
    """What is kept of an account: an e-mail address that may be relied on, or why there is none."""

    email: str
    refused: str


def account_refused(user: Json, team_id: str) -> str:
    """Why this Slack account is not served, in words for its owner; empty where it is.

    `user` is the object that `users.info` and `users.lookupByEmail` give (docs.slack.dev, user object).
    """
    if user.get("is_bot") is True or user.get("is_workflow_bot") is True or user.get("id") == "USLACKBOT":
        return words.NOT_A_PERSON
    if user.get("deleted") is True:
        return words.UNKNOWN
    if user.get("is_stranger") is True or text(user, "team_id") != team_id:
        return words.OTHER_WORKSPACE
    if user.get("is_restricted") is True or user.get("is_ultra_restricted") is True:
        return words.GUEST
    # Slack leaves the flag out where it does not apply, such as for accounts that a directory provides.
    if user.get("is_email_confirmed") is False or "@" not in text(part(user, "profile"), "email"):
        return words.NO_EMAIL
    return ""


class Identity:
    """Slack user ids to people, with what Slack said kept for a quarter of an hour of real time.

    Whom an e-mail address belongs to is asked of `find` every time: who has left the staff list is out at once.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        team_id: str,
        find: Callable[[str], Awaitable[PersonId | None]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.team_id = team_id
        self._client = client
        self._find = find
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, _Account]] = {}
        self._asking: dict[str, asyncio.Task[_Account]] = {}

    async def person(self, user: str, teams: frozenset[str]) -> PersonId | Stranger:
        """The person behind a Slack user id; `teams` are the workspaces that the payload names.

        Raises:
            SlackApiError, aiohttp.ClientError, TimeoutError: Slack could not be asked.
        """
        if teams != {self.team_id}:
            return Stranger(words.OTHER_WORKSPACE)
        account = await self._account(user)
        if account.refused:
            return Stranger(account.refused)
        return await self._find(account.email) or Stranger(words.UNKNOWN)

    def forget(self, user: str) -> None:
        """Something about the account has changed: Slack is asked again."""
        self._known.pop(user, None)
        # An answer that is under way may be the old one: nobody else gets it, and it is not kept.
        self._asking.pop(user, None)

    async def _account(self, user: str) -> _Account:
        kept = self._known.get(user)
        if kept is not None and kept[0] > self._monotonic():
            return kept[1]
        task = self._asking.get(user)
        if task is None:
            task = self._asking[user] = asyncio.create_task(self._ask(user))
            task.add_done_callback(lambda done: self._asked(user, done))
        # Shielded: whoever asked first may run out of time, and others wait for the same answer.
        return await asyncio.shield(task)

    async def _ask(self, user: str) -> _Account:
        answer = await self._client.users_info(user=user)
        found = answer.get("user")
        record: Json = found if isinstance(found, dict) else {}
        refused = account_refused(record, self.team_id)
        return _Account("" if refused else text(part(record, "profile"), "email").strip().lower(), refused)

    def _asked(self, user: str, task: asyncio.Task[_Account]) -> None:
        current = self._asking.get(user) is task
        if current:
            del self._asking[user]
        if task.cancelled() or task.exception() is not None or not current:
            return
        while len(self._known) >= MOST_ACCOUNTS:
            del self._known[next(iter(self._known))]
        self._known[user] = (self._monotonic() + KEPT, task.result())
