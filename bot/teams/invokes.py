"""From dialogs and buttons to commands, and from replies to dialogs. Each is bounded, and none lets a fault out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from bot.failures import place_of
from bot.payload import number, part, text
from bot.services import Services
from bot.teams import words
from bot.teams.acquaintance import Acquaintance
from bot.teams.acts import EXECUTED, answered_card, answered_text, executing, may_execute
from bot.teams.failures import CallFailed, NoToken
from bot.teams.files import files_of_message
from bot.teams.forms import OpenForms
from bot.teams.identity import Known, Stranger
from bot.teams.payload import Activity
from bot.teams.read import EXECUTE, Click, read_click
from bot.teams.render import CARDS, PEOPLE, START_HOME, START_REPORT, Json
from bot.teams.reported import words_of
from bot.teams.show import dialog, notice
from handlers.commands import ACTIONS, FORMS, Command, SendForm, ShowHome, StartReport
from handlers.ports import Reply
from handlers.views import Form, Notice

LIMIT = 4.0
"""Seconds that an answer may take: Teams waits for five."""
SEARCH = 200
"""Characters of a search for people that are looked at."""
MOST_FOUND = 100
NEW_REPORT, REPORT_MESSAGE = "new_report", "report_message"

_log = logging.getLogger(__name__)


class Invokes:
    """What is done about each kind of invoke: the body to answer with, or None for one that is not known."""

    def __init__(self, services: Services, acquaintance: Acquaintance, *, limit: float = LIMIT) -> None:
        self._services = services
        self._acquaintance = acquaintance
        self._limit = limit
        self._forms = OpenForms()
        self._kinds: Mapping[str, Callable[[Activity], Awaitable[Json]]] = {
            "task/fetch": self._click,
            "task/submit": self._click,
            "composeExtension/submitAction": self._click,
            "composeExtension/fetchTask": self._extension,
            "application/search": self._search,
            EXECUTE: self._card_action,
        }

    async def answer(self, activity: Activity) -> Json | None:
        """The body of the answer; an empty one closes the dialog."""
        kind = self._kinds.get(activity.name)
        return await kind(activity) if kind is not None else None

    async def _click(self, activity: Activity) -> Json:
        """A pressed button or a sent form. Whatever goes wrong, what was typed is there again."""
        click = read_click(activity)

        async def work() -> Json:
            person = await self._acquaintance.person(activity)
            if isinstance(person, Stranger):
                return self._again(activity, click, person.message)
            command = _command(person, activity, click)
            if command is None:
                gone = words.UNKNOWN_FORM if click.form else words.UNKNOWN_BUTTON
                return self._again(activity, click, gone)
            return self._shown(activity, click, await self._services.handle(command))

        late, fault = (words.FAULT_FORM,) * 2 if click.answers else (words.TOO_LATE, words.FAULT_PRESS)
        return await self._bounded(work(), lambda is_late: self._again(activity, click, late if is_late else fault))

    async def _extension(self, activity: Activity) -> Json:
        """A command of the message extension: the first form, with the message that was chosen."""
        chosen = text(activity.value, "commandId")

        async def work() -> Json:
            person = await self._acquaintance.person(activity)
            if isinstance(person, Stranger):
                return notice(words.SORRY, person.message)
            if chosen not in {NEW_REPORT, REPORT_MESSAGE}:
                return notice(words.SORRY, words.UNKNOWN_BUTTON)
            message = part(activity.value, "messagePayload") if chosen == REPORT_MESSAGE else {}
            about = words_of(message) if message else ""
            files = files_of_message(message)
            command = StartReport(actor=person.person, key=key_of(activity), words=about, files=files)
            return self._shown(activity, None, await self._services.handle(command))

        return await self._bounded(
            work(), lambda is_late: notice(words.SORRY, words.TOO_LATE if is_late else words.FAULT_PRESS)
        )

    async def _search(self, activity: Activity) -> Json:
        """The people whom a picker offers for what is typed so far; nobody where anything is wrong."""
        value = activity.value
        options = part(value, "queryOptions")
        skip = max(number(options, "skip"), 0)
        top = min(number(options, "top") or MOST_FOUND, MOST_FOUND)

        async def work() -> Json:
            person = await self._acquaintance.person(activity)
            if isinstance(person, Stranger) or text(value, "dataset") != PEOPLE:
                return _found([])
            found = list(await self._services.find_people(person.person, text(value, "queryText")[:SEARCH]))
            self._forms.offered(found)
            # What stands last ("not in this list") has to be reachable without typing every name.
            shown = found[skip : skip + top]
            if len(found) > skip + top > 1:
                shown[-1] = found[-1]
            return _found([{"value": item.value, "title": item.label} for item in shown])

        return await self._bounded(work(), lambda _is_late: _found([]))

    async def _card_action(self, activity: Activity) -> Json:
        """Action.Execute: what was done, or why not, and the card as it stands now."""
        click = read_click(activity)

        async def work() -> Json:
            if click.action not in EXECUTED or not may_execute(activity):
                return answered_text(words.UNKNOWN_BUTTON)
            person = await self._acquaintance.person(activity)
            if isinstance(person, Stranger):
                return answered_text(person.message)
            command = ACTIONS[click.action](
                actor=person.person, key=key_of(activity), token=click.token, seen_on=click.seen_on, opens=False
            )
            reply = await self._services.handle(command)
            card = await self._services.card(person.person, click.token) if reply.accepted else None
            if card is not None:
                return answered_card(executing(CARDS[type(card)](card).card))
            said = reply.view
            return answered_text(f"{said.title}. {said.text}" if isinstance(said, Notice) else words.UNKNOWN_BUTTON)

        return await self._bounded(
            work(), lambda is_late: answered_text(words.LATE_CARD if is_late else words.FAULT_CARD)
        )

    def _shown(self, activity: Activity, click: Click | None, reply: Reply) -> Json:
        if click is not None and click.form and reply.accepted:
            self._forms.done(activity.account, click.token)
        if reply.view is None:
            return {} if activity.name != "task/fetch" else notice("Done", "There is nothing more to do here.")
        if isinstance(reply.view, Form):
            self._forms.shown(activity.account, reply.view)
        if click is None:
            return dialog(reply.view)
        return dialog(reply.view, page=click.page, token=click.token)

    def _again(self, activity: Activity, click: Click, message: str) -> Json:
        """Nothing was done: the form as it is filled in, with the message on top, or a notice."""
        form = self._forms.refilled(activity.account, click.token, click.answers, message) if click.answers else None
        if form is not None:
            return dialog(form)
        kept = message if message != words.FAULT_FORM else words.FAULT_KEPT
        return notice(words.SORRY, kept, click.answers)

    async def _bounded(self, work: Awaitable[Json], sorry: Callable[[bool], Json]) -> Json:
        try:
            async with asyncio.timeout(self._limit):
                return await work
        except TimeoutError as error:
            _log.warning("teams invoke out of time: %s", place_of(error))
            return sorry(True)
        except (CallFailed, NoToken) as error:
            _log.warning("teams refused a call: %s", error.code)
        except (aiohttp.ClientError, OSError) as error:
            _log.warning("teams could not be asked: %s", place_of(error))
        except Exception as error:  # noqa: BLE001 - the person must be told, and Teams must get its 200
            # Never its text: it may hold what somebody typed.
            _log.error("teams invoke failed: %s", place_of(error))
        return sorry(False)


def key_of(activity: Activity, more: str = "") -> str:
    """What tells this activity from all others; Teams repeats one with the same id."""
    return f"teams:{activity.conversation}:{activity.id}{f':{more}' if more else ''}"


def _command(person: Known, activity: Activity, click: Click) -> Command | None:
    actor = person.person
    if click.form:
        kind: type[SendForm] | None = FORMS.get(click.form)
        if kind is None:
            return None
        return kind(actor=actor, key=key_of(activity, click.token), token=click.token, answers=click.answers)
    key = key_of(activity)
    if click.action == START_REPORT:
        return StartReport(actor=actor, key=key)
    if click.action == START_HOME:
        return ShowHome(actor=actor, key=key)
    button = ACTIONS.get(click.action)
    if button is None:
        return None
    return button(actor=actor, key=key, token=click.token, answers=click.answers, seen_on=click.seen_on)


def _found(results: list[Json]) -> Json:
    kind = "application/vnd.microsoft.search.searchResponse"
    return {"statusCode": 200, "type": kind, "value": {"results": results}}
