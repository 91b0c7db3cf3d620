"""Makes the requests as Teams sends them: activities with a token that the Bot Connector's key has signed.

A report is filed once at the server under test with the sandbox's own client, from the greeting that the bot posts
to its two screens; what that client sends is the template of all that follow. As the connector does, one token is
used again until it is a minute old; neither server remembers one that it has verified.
"""

from __future__ import annotations

import itertools
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from bench.client import Connection, connect
from bench.load import DETAILS, REFERENCE, TOLD, Crowd, Platform, Report
from bench.sink_teams import TeamsSink
from bot.sandbox.loopback_teams import Dialog, Interaction, Message, TeamsPerson, activities, forms
from bot.sandbox.loopback_teams.delivery import bot_token
from bot.teams.render import START_REPORT

TOKEN_AGE = 60
"""Seconds for which a token is used."""
_USER, _ACCOUNT, _CHAT, _ACTIVITY, _DRAFT = "USERPLACE", "ACCOUNTPLACE", "CHATPLACE", "ACTIVITYPLACE", "DRAFTPLACE"
_HEAD = (
    "POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "User-Agent: Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)\r\nAuthorization: Bearer {token}\r\n"
    "x-ms-conversation-id: {conversation}\r\nx-ms-tenant-id: {tenant}\r\n"
    "Content-Length: {length}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
)


class TeamsForge:
    """Makes requests. `writers` file reports; `readers` only open blank forms, so that theirs stay blank."""

    def __init__(self, sink: TeamsSink, crowd: Crowd) -> None:
        self._sink = sink
        self._teams = sink.tenant
        self._duties = [sink.people[email] for email in crowd.duties]
        self._writers = itertools.cycle([sink.people[email].id for email in crowd.writers])
        self._readers = itertools.cycle([sink.people[email] for email in crowd.readers])
        self._people = {person.id: person for person in sink.people.values()}
        self._numbers = itertools.count(1)
        self._token, self._until = "", 0.0
        self._blank = ""
        self._first: list[str] = []
        self._second: list[str] = []

    async def learn(self, url: str) -> None:
        """See `bench.load.Forge`. Everybody with a duty adds the app first: a bot cannot write to whom it never met."""
        self._first.clear()
        self._second.clear()
        connection = await connect(url)
        for person in self._duties:
            await self._greeting(connection, person)
        for told in TOLD:
            person = self._people[next(self._writers)]
            greeting = await self._greeting(connection, person)
            pressed = next(
                place.thing["data"]
                for place in greeting.places()
                if place.is_action and place.thing["data"].get("action") == START_REPORT
            )
            opened = activities.task_fetch(self._teams, person, greeting, pressed)
            self._blank = self._template(opened, person)
            dialog = await self._shown(connection, person, opened)
            first = self._filled_in(person, dialog, told)
            self._first.append(self._template(first, person))
            second = self._filled_in(person, await self._shown(connection, person, first), DETAILS)
            self._second.append(self._template(second, person))
            await self._sent(connection, person, second)
        connection.close()

    def report(self) -> Report:
        """See `bench.load.Forge`."""
        return Report(next(self._writers), secrets.token_hex(16), next(self._numbers) % 2)

    def blank_form(self) -> bytes:
        """See `bench.load.Forge`."""
        return self._request(self._blank, next(self._readers))

    def first_screen(self, report: Report) -> bytes:
        """See `bench.load.Forge`."""
        return self._request(self._first[report.kind], self._people[report.user], report.draft)

    def second_screen(self, report: Report) -> bytes:
        """See `bench.load.Forge`."""
        return self._request(self._second[report.kind], self._people[report.user], report.draft)

    def is_blank_form(self, body: bytes) -> bool:
        """See `bench.load.Forge`."""
        return b'"continue"' in body and b'"report.triage"' in body

    def is_next_screen(self, body: bytes) -> bool:
        """See `bench.load.Forge`."""
        return b'"continue"' in body and b'"report.details"' in body

    def is_received(self, body: bytes) -> bool:
        """See `bench.load.Forge`."""
        return b'"Received"' in body and REFERENCE.search(body) is not None

    def conversation_of(self, user: str) -> str:
        """See `bench.load.Forge`."""
        return self._people[user].conversation_id

    async def _greeting(self, connection: Connection, person: TeamsPerson) -> Message:
        """What the bot posts to somebody who adds the app."""
        self._sink.posted.clear()
        added = activities.installation(self._teams, person, self._teams.dm(person), "add")
        await self._sent(connection, person, added)
        message = Message(id=self._sink.number(), conversation=person.conversation_id)
        message.take(json.loads(self._sink.posted[-1].body))
        return message

    async def _shown(self, connection: Connection, person: TeamsPerson, act: Interaction) -> Dialog:
        answer = json.loads(await self._sent(connection, person, act))
        dialog = Dialog(conversation=person.conversation_id, reply_to=act.activity["replyToId"])
        dialog.show(answer["task"]["value"]["card"]["content"])
        return dialog

    async def _sent(self, connection: Connection, person: TeamsPerson, act: Interaction) -> bytes:
        _, body = await connection.ask(self._signed(json.dumps(act.activity).encode(), person))
        return body

    def _filled_in(self, person: TeamsPerson, dialog: Dialog, values: Mapping[str, object]) -> Interaction:
        forms.type_in(dialog, values)
        send = forms.submit_action(dialog, _sends(dialog))
        data = forms.data_of(send, forms.gather(dialog, send, keep_empty=False))
        return activities.dialog_submit(self._teams, person, dialog, data)

    def _template(self, act: Interaction, person: TeamsPerson) -> str:
        """The body, with places for what differs from person to person and from act to act."""
        activity = act.activity
        text = json.dumps({**activity, "id": _ACTIVITY}, separators=(",", ":"))
        values = {person.id: _USER, person.aad_object_id: _ACCOUNT, person.conversation_id: _CHAT}
        draft = activity["value"]["data"].get("token")
        if "form" in activity["value"]["data"]:
            values[draft] = _DRAFT
        for value, place in values.items():
            text = text.replace(json.dumps(value), json.dumps(place))
        return text

    def _request(self, template: str, person: TeamsPerson, draft: str = "") -> bytes:
        for place, value in (
            (_USER, person.id),
            (_ACCOUNT, person.aad_object_id),
            (_CHAT, person.conversation_id),
            (_ACTIVITY, self._sink.number()),
            (_DRAFT, draft),
        ):
            template = template.replace(place, value)
        return self._signed(template.encode(), person)

    def _signed(self, body: bytes, person: TeamsPerson) -> bytes:
        if time.monotonic() > self._until:
            self._token, self._until = bot_token(self._teams), time.monotonic() + TOKEN_AGE
        head = _HEAD.format(
            token=self._token,
            conversation=person.conversation_id,
            tenant=self._teams.tenant_id,
            length=len(body),
        )
        return head.encode() + body


def _sends(dialog: Dialog) -> str | None:
    """The title of the button that sends the form; others on it go back, or draw it again."""
    named: list[dict[str, Any]] = [place.thing for place in dialog.places() if place.is_action]
    return next((str(one["title"]) for one in named if "form" in one["data"]), None)


def teams(crowd: Crowd) -> Platform:
    """Microsoft Teams, with these people."""
    everybody = (*crowd.writers, *crowd.readers, *crowd.duties)
    sink = TeamsSink({email: f"Person {number}" for number, email in enumerate(everybody)})
    forge = TeamsForge(sink, crowd)
    return Platform("Teams", "bare SDK app", "bench.bare_teams", "", forge, sink)
