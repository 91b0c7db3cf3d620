"""Notes on which platform people act: what is not urgent goes there."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from handlers.commands import Command
from handlers.handlers import Handlers
from handlers.ports import Reply
from handlers.views import Card, Option
from policy.people import PersonId

_log = logging.getLogger(__name__)


class Seen:
    """Who was last seen where, as written down; shared by the platforms, so that a change is written once."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._known: dict[PersonId, str] = {}

    async def note(self, person: PersonId, platform: str) -> None:
        """The person acts on this platform now."""
        if self._known.get(person) == platform:
            return
        try:
            await self._handlers.see(person, platform)
        except Exception as error:  # noqa: BLE001 - what the person asks for matters more; their next act tries again
            _log.error("not noted where somebody was seen: %s", type(error).__name__)
            return
        self._known[person] = platform


class ServicesOn:
    """The services of the school (see `bot.services.Services`) for one platform of several."""

    def __init__(self, platform: str, handlers: Handlers, seen: Seen) -> None:
        self._platform = platform
        self._handlers = handlers
        self._seen = seen

    async def handle(self, command: Command) -> Reply:
        """Carries the command out, and notes where its person is."""
        await self._seen.note(command.actor, self._platform)
        return await self._handlers.handle(command)

    async def card(self, person: PersonId, token: str) -> Card | None:
        """The card as it stands now."""
        return await self._handlers.card(person, token)

    async def find_person(self, email: str) -> PersonId | None:
        """Who at the school has this e-mail address."""
        return await self._handlers.find_person(email)

    async def find_people(self, actor: PersonId, typed: str) -> Sequence[Option]:
        """People whom the actor may pick."""
        return await self._handlers.find_people(actor, typed)
