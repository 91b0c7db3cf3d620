"""The Bot Connector's REST calls, over pooled connections and with msal's tokens.

Plain REST and not `microsoft-teams-apps`: five calls are all that Staffroom makes, and the SDK costs 80 to 100 MB and
answers five times as slowly (measured, `teams.md`), sets no time limits, and reads `.env` when it is imported. Its
models serve in the tests, as a second opinion on what is sent.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.payload import text
from bot.teams.failures import CallFailed
from bot.teams.hosts import may_have_token
from bot.teams.http import Http
from bot.teams.pace import Pace
from bot.teams.render.text import Json
from bot.teams.services import TeamsSettings
from bot.teams.tokens import BotTokens

AGAIN = frozenset({412, 429, 502, 504})
"""Answers after which Microsoft asks to try again."""
TRIES = 3
LONGEST_WAIT = 2.0
"""Seconds that an answer in chat waits before it is tried again; whoever asked is looking at the screen."""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, and the service through which it is reached."""

    service_url: str
    conversation: str

    def __str__(self) -> str:
        """As it stands in a `MessageRef`: neither of the two has a blank in it."""
        return f"{self.conversation} {self.service_url}"

    @classmethod
    def of(cls, service_url: str, conversation: str) -> Place:
        """The place, with the service URL written in one way only."""
        return cls(service_url.rstrip("/") + "/", conversation)

    @classmethod
    def read(cls, reference: str) -> Place:
        """The place that a `MessageRef` names."""
        conversation, _, service_url = reference.partition(" ")
        return cls.of(service_url, conversation)


class Connector:
    """Calls to Teams as our bot. Each raises CallFailed, NoToken, aiohttp.ClientError, TimeoutError or OSError."""

    def __init__(self, http: Http, tokens: BotTokens, settings: TeamsSettings, pace: Pace) -> None:
        self._http = http
        self._tokens = tokens
        self._bot = {"id": f"28:{settings.client_id}", "name": "Staffroom"}
        self._tenant_id = settings.tenant_id
        self._local = settings.local
        self._pace = pace

    async def member(self, place: Place, user: str) -> Json:
        """What Teams says about somebody in a conversation: address, role, tenant."""
        found = await self._call("GET", place, f"/members/{quote(user, safe='')}")
        return found if isinstance(found, dict) else {}

    async def open_chat(self, service_url: str, user: str) -> Place:
        """The person's own chat with the bot; it is there already, or opened now."""
        body = {
            "bot": self._bot,
            "members": [{"id": user}],
            "isGroup": False,
            "tenantId": self._tenant_id,
            "channelData": {"tenant": {"id": self._tenant_id}},
        }
        found = await self._call("POST", Place.of(service_url, ""), "", body)
        return Place.of(service_url, _id_of(found))

    async def send(self, place: Place, activity: Json, *, only_for: str = "") -> str:
        """Posts a message and returns its id. `only_for` is the one person who sees it in a group (targeted)."""
        body = {"type": "message", "from": self._bot, "conversation": {"id": place.conversation}, **activity}
        if only_for:
            body["recipient"] = {"id": only_for, "isTargeted": True}
        found = await self._call("POST", place, f"/activities{'?isTargetedActivity=true' if only_for else ''}", body)
        return _id_of(found)

    async def answer(
        self, place: Place, activity: Json, *, only_for: str = "", jitter: Callable[[], float] = random.random
    ) -> str:
        """As `send`, tried again where Microsoft asks for it: nobody comes back to an answer in chat."""
        for tried in range(1, TRIES + 1):
            self._pace.note(place.conversation)
            try:
                return await self.send(place, activity, only_for=only_for)
            except CallFailed as error:
                wait = error.retry_after if error.retry_after is not None else 0.2 * 2**tried
                if error.status not in AGAIN or tried == TRIES or wait > LONGEST_WAIT:
                    raise
            await asyncio.sleep(wait * (1 + jitter() / 4))
        raise AssertionError("unreachable")

    async def edit(self, place: Place, message: str, activity: Json) -> None:
        """Puts another message in the place of one of ours."""
        body = {"type": "message", "id": message, "from": self._bot, "conversation": {"id": place.conversation}}
        await self._call("PUT", place, f"/activities/{quote(message, safe='')}", {**body, **activity})

    async def delete(self, place: Place, message: str) -> None:
        """Takes one of our messages away."""
        await self._call("DELETE", place, f"/activities/{quote(message, safe='')}")

    async def _call(self, method: str, place: Place, rest: str, body: object = None) -> Any:
        if not may_have_token(place.service_url, local=self._local):
            raise CallFailed(0, "foreign_service")
        conversation = f"/{quote(place.conversation, safe='')}" if place.conversation else ""
        url = f"{place.service_url}v3/conversations{conversation}{rest}"
        token = await self._tokens.get()
        try:
            return await self._http.call(method, url, token=token, body=body)
        except CallFailed as error:
            if error.status != 401:
                raise
            self._tokens.forget(token)
        # The token was withdrawn before its time. Nothing was done yet, and nobody comes back to an answer in chat.
        return await self._http.call(method, url, token=await self._tokens.get(), body=body)


def _id_of(found: object) -> str:
    given = text(found, "id") if isinstance(found, dict) else ""
    if not given:
        raise CallFailed(0, "no_id")
    return given
