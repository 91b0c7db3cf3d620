"""From payloads to commands, and from replies to answers. Every listener is bounded, and none lets a fault out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.failures import place_of
from bot.payload import part, text
from bot.services import Services
from bot.slack import words
from bot.slack.conversations import Conversations
from bot.slack.failures import code_of
from bot.slack.identity import Identity, Stranger
from bot.slack.payload import team_of, user_of
from bot.slack.read import read_answers, read_click, read_files
from bot.slack.render import START_REPORT, Json, option
from bot.slack.reported import files_of, words_of
from bot.slack.show import NotShown, Screen, answer_to_form, refusal_of_form
from handlers.commands import ACTIONS, FORMS, Command, ShowHome, StartReport
from handlers.ports import Reply
from handlers.views import Notice

REPORT_MESSAGE = "report_message"
LIMIT = 2.5
"""Seconds that a listener may take: Slack waits for three."""
SEARCH = 200
"""Characters of a search for people that are looked at."""
OPTIONS = 100

_log = logging.getLogger(__name__)


class Failure(Enum):
    """Why somebody is told that something did not work."""

    LATE = "late"
    DEEP = "deep"
    FAULT = "fault"


COMMAND = {
    Failure.LATE: words.TOO_LATE,
    Failure.DEEP: words.TOO_LATE,
    Failure.FAULT: words.FAULT_COMMAND,
}
SHORTCUT = {
    Failure.LATE: words.TOO_LATE_SHORTCUT,
    Failure.DEEP: words.TOO_DEEP,
    Failure.FAULT: words.FAULT_PRESS,
}
PRESS = {
    Failure.LATE: words.TOO_LATE_PRESS,
    Failure.DEEP: words.TOO_DEEP,
    Failure.FAULT: words.FAULT_PRESS,
}


def ephemeral(message: str) -> BoltResponse:
    """The answer to a slash command that only whoever typed it sees. It never holds what they typed."""
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": message})


def done() -> BoltResponse:
    """The empty answer: taken."""
    return BoltResponse(status=200, body="")


class Listeners:
    """What is done about each kind of payload; all of them have been checked by `payload.check`."""

    def __init__(
        self,
        services: Services,
        client: AsyncWebClient,
        identity: Callable[[], Awaitable[Identity]],
        forget: Callable[[str], None],
        conversations: Conversations,
        *,
        limit: float = LIMIT,
    ) -> None:
        self._services = services
        self._client = client
        self._identity = identity
        self._forget = forget
        self._conversations = conversations
        self._limit = limit
        self._screen = Screen(client)
        self._apologies: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Waits for the last apologies, for as long as a listener may take."""
        if self._apologies:
            await asyncio.wait(self._apologies, timeout=self._limit)
        for task in self._apologies:
            task.cancel()

    async def command(self, body: Json) -> BoltResponse:
        """A slash command: opens a form, or says in a line that only its author sees why not."""
        typed, name = text(body, "text"), text(body, "command")

        async def work() -> BoltResponse:
            person = await self._person(body)
            if isinstance(person, Stranger):
                return ephemeral(person.message)
            key = text(body, "trigger_id")
            known: dict[str, Command] = {
                "/report-incident": StartReport(actor=person, key=key, words=typed.strip()),
                "/staffroom": ShowHome(actor=person, key=key),
            }
            if name not in known:
                return ephemeral(words.UNKNOWN_COMMAND)
            reply = await self._services.handle(known[name])
            if reply.view is not None:
                await self._screen.open(key, reply.view)
            return done()

        return await self._bounded(work(), lambda why: ephemeral(COMMAND[why]))

    async def shortcut(self, body: Json) -> BoltResponse:
        """A shortcut: opens the same forms as the commands do."""
        trigger, name = text(body, "trigger_id"), text(body, "callback_id")

        async def work() -> BoltResponse:
            person = await self._person(body)
            known: dict[str, Callable[[], Command]] = {}
            if not isinstance(person, Stranger):
                known = {
                    "report_incident": lambda: StartReport(actor=person, key=trigger),
                    "staffroom": lambda: ShowHome(actor=person, key=trigger),
                    REPORT_MESSAGE: lambda: StartReport(
                        actor=person, key=trigger, words=words_of(body), files=files_of(body)
                    ),
                }
            if isinstance(person, Stranger):
                await self._refuse(body, person.message)
            elif name not in known:
                await self._refuse(body, words.UNKNOWN_COMMAND)
            else:
                await self._screen.answer_to_click(body, await self._services.handle(known[name]()))
            return done()

        return await self._bounded(work(), lambda why: self._apologise(body, why, SHORTCUT[why]))

    async def click(self, body: Json) -> BoltResponse:
        """A pressed button, or an input that asks for its form again."""
        click = read_click(body)

        async def work() -> BoltResponse:
            person = await self._person(body)
            key = text(body, "trigger_id")
            if isinstance(person, Stranger):
                await self._refuse(body, person.message)
            elif click.action == START_REPORT:
                await self._screen.answer_to_click(
                    body, await self._services.handle(StartReport(actor=person, key=key))
                )
            elif click.action not in ACTIONS:
                # An input without an action of ours asks for nothing; a button without one is out of date.
                if text(body["actions"][0], "type") == "button":
                    await self._refuse(body, words.UNKNOWN_BUTTON)
            else:
                command = ACTIONS[click.action](
                    actor=person,
                    key=key,
                    token=click.token,
                    answers=click.answers,
                    files=click.files,
                    seen_on=click.seen_on,
                )
                await self._screen.answer_to_click(body, await self._services.handle(command))
            return done()

        return await self._bounded(work(), lambda why: self._apologise(body, why, PRESS[why]))

    async def submission(self, body: Json) -> BoltResponse:
        """A sent form. Whatever goes wrong, the form stays open with everything that was typed."""
        view = part(body, "view")

        async def work() -> BoltResponse:
            person = await self._person(body)
            if isinstance(person, Stranger):
                return BoltResponse(status=200, body=refusal_of_form(view, person.message))
            kind = FORMS.get(text(view, "callback_id"))
            if kind is None:
                return BoltResponse(status=200, body=refusal_of_form(view, words.UNKNOWN_FORM))
            token, key = text(view, "private_metadata"), text(body, "trigger_id")
            command = kind(actor=person, key=key, token=token, answers=read_answers(view), files=read_files(view))
            reply = await self._services.handle(command)
            return BoltResponse(status=200, body=answer_to_form(view, reply))

        return await self._bounded(
            work(), lambda _why: BoltResponse(status=200, body=refusal_of_form(view, words.FAULT))
        )

    async def suggestion(self, body: Json) -> BoltResponse:
        """The people whom a picker offers for what is typed so far; nobody where anything is wrong."""
        nobody = BoltResponse(status=200, body={"options": []})

        async def work() -> BoltResponse:
            person = await self._person(body)
            if isinstance(person, Stranger):
                return nobody
            found = await self._services.find_people(person, text(body, "value")[:SEARCH])
            return BoltResponse(
                status=200, body={"options": [option(item.value, item.label) for item in found[:OPTIONS]]}
            )

        return await self._bounded(work(), lambda _why: nobody)

    async def closed(self, body: Json) -> BoltResponse:  # noqa: ARG002 - Bolt passes arguments by name
        """A view was closed: nothing to do."""
        return done()

    async def event(self, body: Json) -> BoltResponse:
        """An event. What Slack says about accounts is forgotten when it changes; everything else is of no concern."""
        event = part(body, "event")
        if text(event, "type") == "user_change":
            user = text(part(event, "user"), "id") or text(event, "user")
            self._conversations.forget_user(user)
            self._forget(user)
        return done()

    async def _person(self, body: Json) -> Any:
        identity = await self._identity()
        return await identity.person(user_of(body), team_of(body))

    async def _refuse(self, body: Json, message: str) -> None:
        identity = await self._identity()
        if team_of(body) == {identity.team_id}:
            # Nothing is opened on the screens of another workspace: not a single call is made for them.
            await self._screen.answer_to_click(body, Reply(view=Notice(title=words.SORRY, text=message)))

    async def _bounded(
        self, work: Coroutine[Any, Any, BoltResponse], sorry: Callable[[Failure], BoltResponse]
    ) -> BoltResponse:
        try:
            async with asyncio.timeout(self._limit):
                return await work
        except TimeoutError as error:
            _log.warning("slack listener out of time: %s", place_of(error))
            return sorry(Failure.LATE)
        except NotShown as error:
            _log.warning("slack did not open a view: %s", error.code)
            return sorry(Failure.DEEP if error.code == "push_limit_reached" else Failure.LATE)
        except SlackApiError as error:
            _log.warning("slack refused a call: %s", code_of(error))
            return sorry(Failure.FAULT)
        except Exception as error:  # noqa: BLE001 - the person must be told, and Slack must get its 200
            # Never its text: it may hold what somebody typed.
            _log.error("slack listener failed: %s", place_of(error))
            return sorry(Failure.FAULT)

    def _apologise(self, body: Json, why: Failure, message: str) -> BoltResponse:
        """Takes the click, and says in the background that it did not work: Slack's three seconds are nearly over."""
        task = asyncio.create_task(self._say_sorry(body, why, message))
        self._apologies.add(task)
        task.add_done_callback(self._apologies.discard)
        return done()

    async def _say_sorry(self, body: Json, why: Failure, message: str) -> None:
        try:
            async with asyncio.timeout(self._limit):
                if why is Failure.FAULT and await self._refused(body, message):
                    return
                # The trigger is used up, or there is no room on the screen: it is said in the chat.
                await self._whisper(body, message)
        except SlackApiError as error:
            _log.warning("slack refused an apology: %s", code_of(error))
        except Exception as error:  # noqa: BLE001 - a courtesy; nothing depends on it
            _log.warning("slack apology failed: %s", place_of(error))

    async def _refused(self, body: Json, message: str) -> bool:
        try:
            await self._refuse(body, message)
        except NotShown:
            return False
        return True

    async def _whisper(self, body: Json, message: str) -> None:
        user = user_of(body)
        channel = text(part(body, "container"), "channel_id") or text(part(body, "channel"), "id")
        if channel:
            await self._client.chat_postEphemeral(channel=channel, user=user, text=message)
        else:
            await self._client.chat_postMessage(channel=user, text=message, unfurl_links=False, unfurl_media=False)
