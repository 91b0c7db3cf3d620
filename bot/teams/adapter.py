"""The Teams adapter: verifies what comes in, has it answered, and owns the connections out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from bot.services import Services
from bot.standing import Standing
from bot.teams import chat, invokes
from bot.teams.acquaintance import Acquaintance
from bot.teams.chat import Chat
from bot.teams.connector import Connector
from bot.teams.failures import NoToken
from bot.teams.files import TeamsFiles
from bot.teams.http import Http
from bot.teams.identity import Identity
from bot.teams.invokes import Invokes
from bot.teams.keys import SigningKeys
from bot.teams.messenger import TeamsMessenger
from bot.teams.pace import Pace
from bot.teams.render.text import packed
from bot.teams.services import Conversations, TeamsSettings
from bot.teams.tokens import BotTokens
from bot.teams.verify import Refused, verified_activity
from policy.errors import SettingsError


class TeamsAdapter:
    """Teams, for one tenant. `monotonic` gives seconds of a running clock; tokens are checked by the real one."""

    def __init__(
        self,
        settings: TeamsSettings,
        services: Services,
        conversations: Conversations,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        paced: bool = True,
        limit: float = invokes.LIMIT,
        chat_limit: float = chat.LIMIT,
    ) -> None:
        self._settings = settings
        self.standing = Standing()
        """How it stands between Staffroom and Teams."""
        self._http = Http()
        self._keys = SigningKeys(self._http, settings.openid_metadata_url, monotonic=monotonic, standing=self.standing)
        self._tokens = BotTokens(settings, monotonic=monotonic, standing=self.standing)
        pace = Pace(monotonic=monotonic, waits=paced)
        connector = Connector(self._http, self._tokens, settings, pace)
        identity = Identity(connector, settings.tenant_id, services.find_person, monotonic=monotonic)
        acquaintance = Acquaintance(identity, conversations)
        self._invokes = Invokes(services, acquaintance, limit=limit)
        self._chat = Chat(services, connector, acquaintance, limit=chat_limit)
        self.messenger = TeamsMessenger(connector, conversations, pace)
        """Posts, edits and deletes cards."""
        self.files = TeamsFiles(self._tokens, local=settings.local)
        """Fetches files."""

    async def start(self) -> None:
        """Fetches Microsoft's keys and a first token of our own, so that nobody's click waits for them.

        Where Microsoft cannot be reached it is asked again with the first request: the school starts without it.

        Raises:
            SettingsError: Microsoft does not accept the client's id or secret. It listens all the same, and is to be
                closed.
        """
        await self._keys.refresh()
        with suppress(NoToken):
            await self._tokens.get()
        trouble = self.standing.trouble
        if trouble is not None and trouble.kind == "refused":
            raise SettingsError(trouble.said)

    async def look(self) -> None:
        """Asks Microsoft once more for what is missing."""
        if not self._keys.known:
            await self._keys.refresh()
        with suppress(NoToken):
            await self._tokens.get()

    async def close(self) -> None:
        """Ends what is under way and closes the connections."""
        await self.files.close()
        await self._keys.close()
        await self._http.close()

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answers `POST /api/messages`: messages, clicks, dialogs, searches and installations alike."""
        try:
            activity = await verified_activity(request, self._keys, self._settings)
        except Refused as refused:
            self.standing.turned_away(refused.why)
            return web.Response(status=refused.status)
        if activity.kind != "invoke":
            await self._chat.take(activity)
            return web.Response(status=200)
        body = await self._invokes.answer(activity)
        if body is None:
            return web.Response(status=501)
        return web.json_response(body, dumps=packed) if body else web.Response(status=200)
