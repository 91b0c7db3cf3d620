"""Who is this? A Teams account is a person by its e-mail address, in our own tenant, and no guest's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.payload import part, text
from bot.teams import words
from bot.teams.connector import Connector, Place
from bot.teams.failures import CallFailed
from bot.teams.payload import Activity
from bot.teams.render.text import Json
from policy.people import PersonId

KEPT = 15 * 60.0
"""Seconds that what Teams said about an account is kept."""
MOST_ACCOUNTS = 20_000
NOT_THERE = frozenset({403, 404})
"""Answers for a conversation that the bot is no member of."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody whom Staffroom does not serve; `message` tells them kindly why, and what to do."""

    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the school; `email` is the address by which the school's list has them."""

    person: PersonId
    email: str


@dataclass(frozen=True, slots=True)
class _Account:
    """What is kept of an account: addresses that may be relied on, or why there are none."""

    emails: tuple[str, ...]
    refused: str


def account_refused(member: Json, account: str, tenant_id: str) -> str:
    """Why this account is not served, in words for its owner; empty where it is.

    `member` is what the connector says of a member of a conversation (`TeamsChannelAccount`), `account` the
    Entra object id of whoever acted.
    """
    if text(member, "tenantId").lower() != tenant_id.lower():
        return words.OTHER_TENANT
    if text(member, "userRole") not in {"", "user"} or "#ext#" in text(member, "userPrincipalName").lower():
        return words.GUEST
    named = text(member, "aadObjectId") or text(member, "objectId")
    if named.lower() != account.lower():
        return words.NOT_A_PERSON
    return "" if _emails(member) else words.NO_EMAIL


def _emails(member: Json) -> tuple[str, ...]:
    given = (text(member, key).strip().lower() for key in ("email", "userPrincipalName"))
    return tuple(dict.fromkeys(one for one in given if "@" in one))


class Identity:
    """Entra object ids to people, with what Teams said kept for a quarter of an hour of real time.

    Whom an e-mail address belongs to is asked of `find` every time: who has left the staff list is out at once.
    """

    def __init__(
        self,
        connector: Connector,
        tenant_id: str,
        find: Callable[[str], Awaitable[PersonId | None]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connector = connector
        self._tenant_id = tenant_id
        self._find = find
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, _Account]] = {}
        self._asking: dict[str, asyncio.Task[_Account]] = {}

    async def person(self, activity: Activity) -> Known | Stranger:
        """The person who did this.

        Raises:
            CallFailed, NoToken, aiohttp.ClientError, TimeoutError, OSError: Teams could not be asked.
        """
        tenant = text(part(part(activity.raw, "channelData"), "tenant"), "id")
        if tenant and tenant.lower() != self._tenant_id.lower():
            return Stranger(words.OTHER_TENANT)
        if not activity.account:
            return Stranger(words.NOT_A_PERSON)
        account = await self._account(activity)
        for email in account.emails:
            person = await self._find(email)
            if person is not None:
                return Known(person, email)
        return Stranger(account.refused or words.UNKNOWN)

    async def _account(self, activity: Activity) -> _Account:
        # Both ids come from Teams; one that is claimed with another's would be looked up on its own.
        key = f"{activity.user} {activity.account}".lower()
        kept = self._known.get(key)
        if kept is not None and kept[0] > self._monotonic():
            return kept[1]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(activity))
            task.add_done_callback(lambda done: self._asked(key, done))
        # Shielded: whoever asked first may run out of time, and others wait for the same answer.
        return await asyncio.shield(task)

    async def _ask(self, activity: Activity) -> _Account:
        place = Place.of(activity.service_url, activity.conversation)
        try:
            member = await self._connector.member(place, activity.user)
        except CallFailed as error:
            if error.status not in NOT_THERE or activity.in_own_chat:
                raise
            # A message extension is also called where the bot is no member: then it asks in the person's own chat.
            try:
                own = await self._connector.open_chat(activity.service_url, activity.user)
                member = await self._connector.member(own, activity.user)
            except CallFailed as again:
                if again.status not in NOT_THERE:
                    raise
                return _Account((), words.NOT_ADDED)
        refused = account_refused(member, activity.account, self._tenant_id)
        return _Account(() if refused else _emails(member), refused)

    def _asked(self, key: str, task: asyncio.Task[_Account]) -> None:
        del self._asking[key]
        if task.cancelled() or task.exception() is not None or task.result().refused == words.NOT_ADDED:
            return
        while len(self._known) >= MOST_ACCOUNTS:
            del self._known[next(iter(self._known))]
        self._known[key] = (self._monotonic() + KEPT, task.result())
