"""What people type to the bot. Nothing about anybody is ever said, or taken, where others read along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import aiohttp

from bot.failures import place_of
from bot.payload import text
from bot.services import Services
from bot.teams import words
from bot.teams.acquaintance import Acquaintance
from bot.teams.connector import Connector, Place
from bot.teams.failures import CallFailed, NoToken
from bot.teams.files import files_of
from bot.teams.identity import Known, Stranger
from bot.teams.invokes import key_of
from bot.teams.payload import Activity
from bot.teams.render import START_HOME, START_REPORT, Json, launcher
from bot.teams.show import chat_card, chat_text
from bot.teams.typed import HOME, REPORT, Typed, read_typed
from handlers.commands import GiveFiles, OfferedFile, StartReport
from handlers.views import Button, Form, Notice

LIMIT = 10.0
"""Seconds that an answer in chat may take: Teams waits for fifteen."""
REPORT_BUTTON = Button(action=START_REPORT, label=words.REPORT, token="home", style="primary")  # noqa: S106 - no secret
HOME_BUTTON = Button(action=START_HOME, label=words.OPEN_HOME, token="home")  # noqa: S106 - no secret
BOTH = (REPORT_BUTTON, HOME_BUTTON)

_log = logging.getLogger(__name__)


class Chat:
    """Answers messages, with cards whose buttons open dialogs: a message itself cannot open one."""

    def __init__(
        self, services: Services, connector: Connector, acquaintance: Acquaintance, *, limit: float = LIMIT
    ) -> None:
        self._services = services
        self._connector = connector
        self._acquaintance = acquaintance
        self._limit = limit

    async def take(self, activity: Activity) -> None:
        """Answers whatever is not an invoke; nothing is raised."""
        try:
            async with asyncio.timeout(self._limit):
                if activity.kind == "message":
                    await self._message(activity)
                elif activity.kind in {"installationUpdate", "conversationUpdate"} and activity.in_own_chat:
                    await self._met(activity)
        except (CallFailed, NoToken) as error:
            _log.warning("teams refused an answer: %s", error.code)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("teams could not be answered: %s", place_of(error))
        except Exception as error:  # noqa: BLE001 - Teams must get its 200; never the text of an error
            _log.error("teams message failed: %s", place_of(error))
            await self._say_sorry(activity)

    async def _met(self, activity: Activity) -> None:
        """The app was added to somebody's own chats: from now on they can be written to."""
        if text(activity.raw, "action").startswith("remove"):
            return
        person = await self._acquaintance.person(activity)
        if isinstance(person, Known) and text(activity.raw, "action") == "add":
            await self._answer(activity, chat_card(launcher(words.HELLO, BOTH, [words.HELP])))

    async def _message(self, activity: Activity) -> None:
        if not activity.only_for_us and not activity.mentions_bot:
            return
        person = await self._acquaintance.person(activity)
        if not activity.only_for_us:
            await self._answer_among_others(activity, person)
        elif isinstance(person, Stranger):
            await self._answer(activity, chat_text(person.message))
        else:
            await self._answer_privately(activity, person, chat_card(await self._card(person, activity)))

    async def _card(self, person: Known, activity: Activity) -> Json:
        typed = read_typed(activity.typed)
        files = files_of(activity)
        if files and activity.in_own_chat:
            return await self._given(person, activity, files, typed)
        more: list[str] = [words.NO_FILES] if files else []
        if typed.command == REPORT and typed.words:
            return await self._begun(person, activity, typed, more)
        if typed.command == REPORT:
            return launcher(words.BEGIN, [REPORT_BUTTON], more)
        if typed.command == HOME:
            return launcher(words.WAITS, [HOME_BUTTON], more)
        if typed.meant:
            button = REPORT_BUTTON if typed.meant == REPORT else HOME_BUTTON
            return launcher(words.DID_YOU_MEAN.format(command=typed.meant), [button], more)
        return launcher(words.HELP, BOTH, more)

    async def _given(self, person: Known, activity: Activity, files: Sequence[OfferedFile], typed: Typed) -> Json:
        """Files were sent: for the report that they were asked for, or the person says which."""
        command = GiveFiles(actor=person.person, key=key_of(activity), files=tuple(files))
        view = (await self._services.handle(command)).view
        if not isinstance(view, Notice):
            raise TypeError("files are answered by a notice")
        # What was typed beside them is not taken: it would be lost in a chat that nobody reads.
        more = [words.NOT_TAKEN] if typed.words or activity.typed else []
        buttons = view.buttons or ((REPORT_BUTTON,) if typed.command == REPORT else ())
        return launcher(view.text, buttons, more)

    async def _begun(self, person: Known, activity: Activity, typed: Typed, more: Sequence[str]) -> Json:
        """What was typed after the command is kept at once, and waits in the form."""
        command = StartReport(actor=person.person, key=key_of(activity), words=typed.words)
        view = (await self._services.handle(command)).view
        if isinstance(view, Form):
            go_on = Button(action="report.resume", label=words.GO_ON, token=view.token, style="primary")
            return launcher(words.KEPT, [go_on], more)
        return launcher(view.text if isinstance(view, Notice) else words.HELP, BOTH, more)

    async def _answer_among_others(self, activity: Activity, person: Known | Stranger) -> None:
        """A mention in a team or group chat: answered so that only its author sees it, or in their own chat."""
        place = Place.of(activity.service_url, activity.conversation)
        known = isinstance(person, Known)
        said = (
            chat_card(launcher(words.WAITS, BOTH, [words.ONLY_YOU, words.NOT_HERE]))
            if known
            else chat_text(person.message if isinstance(person, Stranger) else "")
        )
        try:
            await self._connector.answer(place, said, only_for=activity.user)
        except CallFailed as error:
            _log.warning("teams refused a private answer: %s", error.code)
            if isinstance(person, Known):
                await self._answer_in_own_chat(activity, person, place)

    async def _answer_privately(self, activity: Activity, person: Known, said: Json) -> None:
        """A slash command is answered where it was typed, else in the own chat; the others there learn nothing."""
        try:
            await self._answer(activity, said)
        except CallFailed as error:
            if activity.in_own_chat:
                raise
            _log.warning("teams refused a private answer: %s", error.code)
            own = await self._connector.open_chat(activity.service_url, activity.user)
            await self._connector.answer(own, said)
            await self._acquaintance.remember(person, own)

    async def _answer_in_own_chat(self, activity: Activity, person: Known, place: Place) -> None:
        public = words.WRITTEN
        try:
            own = await self._connector.open_chat(activity.service_url, activity.user)
            await self._connector.answer(own, chat_card(launcher(words.WAITS, BOTH, [words.NOT_HERE])))
            await self._acquaintance.remember(person, own)
        except CallFailed:
            public = words.OPEN_A_CHAT
        await self._connector.answer(place, chat_text(public))

    async def _answer(self, activity: Activity, said: Json) -> None:
        only_for = "" if activity.in_own_chat else activity.user
        await self._connector.answer(Place.of(activity.service_url, activity.conversation), said, only_for=only_for)

    async def _say_sorry(self, activity: Activity) -> None:
        if not activity.only_for_us or activity.kind != "message":
            return
        try:
            async with asyncio.timeout(self._limit / 2):
                await self._answer(activity, chat_text(words.FAULT_COMMAND))
        except Exception as error:  # noqa: BLE001 - a courtesy; nothing depends on it
            _log.warning("teams apology failed: %s", place_of(error))
