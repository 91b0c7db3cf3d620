"""Makes the requests: signed bytes as Slack sends them, with whole views in them, from what the server showed.

The two screens of a report are fetched once from the server under test, as a person would get them, and filled
in by the sandbox's own client; what that client would send is the template of all that follow.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from bench.client import connect
from bench.load import DETAILS, REFERENCE, TOLD, Crowd, Platform, Report
from bench.sink_slack import TEAM, SlackSink, conversation_of
from bot.sandbox.loopback_slack import Interaction, LoopbackSlack, SlackPerson, payloads, view_methods
from bot.sandbox.world import BOT_TOKEN, SIGNING_SECRET

_PLACES = ("USERPLACE", "TRIGGERPLACE", "f" * 32)
_HEAD = (
    "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip,deflate\r\n"
    "Accept: application/json,*/*\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
    "X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature}\r\n"
    "Content-Length: {length}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
)


class SlackForge:
    """Makes requests. `writers` file reports; `readers` only open blank forms, so that theirs stay blank."""

    def __init__(self, sink: SlackSink, writers: list[str], readers: list[str]) -> None:
        self._sink = sink
        self._writers = itertools.cycle(writers)
        self._readers = itertools.cycle(readers)
        self._numbers = itertools.count(1)
        self._slack = LoopbackSlack(signing_secret=SIGNING_SECRET, bot_token=BOT_TOKEN, team_id=TEAM)
        self._command = ""
        self._first: list[str] = []
        self._second: list[str] = []

    async def learn(self, url: str) -> None:
        """See `bench.load.Forge`."""
        sink = self._sink
        self._first.clear()
        self._second.clear()
        person = self._slack.add_person("Tess Template", "tess.template@astor.example", user_id="USERPLACE")
        place = self._slack.dm(person)
        self._command = _template(payloads.slash_command(self._slack, person, "/report-incident", "", place).payload)
        connection = await connect(url)
        sink.keeps_views = True
        for kind, told in enumerate(TOLD):
            report = self.report(kind)
            trigger = self._trigger()
            blank = self._filled(self._command, report.user, trigger, report.draft)
            await connection.ask(self._signed(blank))
            self._first.append(self._sent(person, sink.opened[trigger], told))
            _, answer = await connection.ask(self.first_screen(report))
            self._second.append(self._sent(person, json.loads(answer)["view"], DETAILS))
            await connection.ask(self.second_screen(report))
        sink.keeps_views = False
        sink.opened.clear()
        connection.close()

    def report(self, kind: int | None = None) -> Report:
        """See `bench.load.Forge`."""
        return Report(next(self._writers), secrets.token_hex(16), next(self._numbers) % 2 if kind is None else kind)

    def blank_form(self) -> bytes:
        """The command `/report-incident`, by the next reader."""
        return self._signed(self._filled(self._command, next(self._readers), self._trigger(), ""))

    def first_screen(self, report: Report) -> bytes:
        """See `bench.load.Forge`."""
        return self._signed(self._filled(self._first[report.kind], report.user, self._trigger(), report.draft))

    def second_screen(self, report: Report) -> bytes:
        """See `bench.load.Forge`."""
        return self._signed(self._filled(self._second[report.kind], report.user, self._trigger(), report.draft))

    def is_blank_form(self, body: bytes) -> bool:
        """See `bench.load.Forge`; where Staffroom could not open it, the answer says so."""
        return body == b""

    def is_next_screen(self, body: bytes) -> bool:
        """See `bench.load.Forge`."""
        return b'"update"' in body and b"report.details" in body

    def is_received(self, body: bytes) -> bool:
        """See `bench.load.Forge`."""
        return b'"Received"' in body and REFERENCE.search(body) is not None

    def conversation_of(self, user: str) -> str:
        """See `bench.load.Forge`."""
        return conversation_of(user)

    def _trigger(self) -> str:
        return f"{next(self._numbers)}.0LOOPBACK.{secrets.token_hex(16)}"

    def _sent(self, person: SlackPerson, raw: dict[str, Any], values: Mapping[str, object]) -> str:
        view = view_methods.new_view(self._slack, person, raw)
        person.views = [view]
        person.fill_in(view, values)
        sent: Interaction = payloads.view_submission(self._slack, person, view)
        draft = sent.payload["view"]["private_metadata"]
        return _template(sent.payload).replace(draft, _PLACES[2])

    def _filled(self, template: str, *values: str) -> bytes:
        for place, value in zip(_PLACES, values, strict=True):
            template = template.replace(place, value)
        return template.encode()

    def _signed(self, body: bytes) -> bytes:
        signed = self._slack.sign(body)
        head = _HEAD.format(
            stamp=signed["X-Slack-Request-Timestamp"],
            signature=signed["X-Slack-Signature"],
            length=len(body),
        )
        return head.encode() + body


def _template(payload: dict[str, Any]) -> str:
    """The body of a request with this payload; places stand for the person, the trigger and the draft."""
    with_places = {**payload, "trigger_id": _PLACES[1]}
    if "command" in payload:
        return "&".join(f"{key}={quote_plus(str(value))}" for key, value in with_places.items())
    return "payload=" + quote_plus(json.dumps(with_places, separators=(",", ":")))


def slack(crowd: Crowd) -> Platform:
    """Slack, with these people."""
    ids = {email: f"U{number:08d}" for number, email in enumerate((*crowd.writers, *crowd.readers, *crowd.duties), 1)}
    sink = SlackSink({user: email for email, user in ids.items()})
    forge = SlackForge(sink, [ids[email] for email in crowd.writers], [ids[email] for email in crowd.readers])
    return Platform("Slack", "bare Bolt app", "bench.bare_slack", "calls views.open", forge, sink)
