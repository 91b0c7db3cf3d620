"""Who this is, and where they can be written to from now on: a bot of Teams cannot write to whom it never met."""

from __future__ import annotations

import logging
from collections import OrderedDict

from bot.failures import place_of
from bot.teams.connector import Place
from bot.teams.identity import Identity, Known, Stranger
from bot.teams.payload import Activity
from bot.teams.read import PLATFORM
from bot.teams.services import Conversations

MOST = 20_000

_log = logging.getLogger(__name__)


class Acquaintance:
    """Tells who acted, and remembers the own chat of everybody who is served."""

    def __init__(self, identity: Identity, conversations: Conversations) -> None:
        self._identity = identity
        self._conversations = conversations
        self._remembered: OrderedDict[str, Place] = OrderedDict()

    async def person(self, activity: Activity) -> Known | Stranger:
        """The person who did this.

        Raises:
            CallFailed, NoToken, aiohttp.ClientError, TimeoutError, OSError: Teams could not be asked.
        """
        person = await self._identity.person(activity)
        if isinstance(person, Known) and activity.in_own_chat and activity.name != "application/search":
            await self.remember(person, Place.of(activity.service_url, activity.conversation))
        return person

    async def remember(self, person: Known, place: Place) -> None:
        """Keeps where this person has their own chat with the bot; what is known already is not written again."""
        if self._remembered.get(person.email) == place:
            return
        try:
            await self._conversations.remember(PLATFORM, person.email, place.conversation, place.service_url)
        except Exception as error:  # noqa: BLE001 - what the person asks for matters more; the next click tries again
            _log.error("teams conversation not remembered: %s", place_of(error))
            return
        self._remembered[person.email] = place
        while len(self._remembered) > MOST:
            self._remembered.popitem(last=False)
