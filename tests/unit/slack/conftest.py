"""A real Slack on 127.0.0.1, the adapter behind a real HTTP server, and a school that records what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from aiohttp import web

from bot.sandbox.loopback_slack import LoopbackSlack
from bot.slack.adapter import SlackAdapter
from bot.slack.services import SlackSettings
from handlers.commands import Command
from handlers.ports import Reply
from handlers.views import Card, Dialog, Option
from policy.people import PersonId

C = TypeVar("C", bound=Command)
STAFF = {"ada@school.example": PersonId("p-ada"), "ben@school.example": PersonId("p-ben")}


@dataclass
class School:
    """Stands where the wiring stands: it keeps every command and gives the reply that a test has laid out."""

    commands: list[Command] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    people: dict[str, PersonId] = field(default_factory=lambda: dict(STAFF))
    cards: dict[str, Card] = field(default_factory=dict)
    offered: list[Option] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    fault: Exception | None = None
    slow: float = 0.0

    async def handle(self, command: Command) -> Reply:
        self.commands.append(command)
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.fault is not None:
            raise self.fault
        return self.replies.pop(0) if self.replies else Reply()

    async def card(self, person: PersonId, token: str) -> Card | None:
        assert person in self.people.values()
        return self.cards.get(token)

    async def find_person(self, email: str) -> PersonId | None:
        return self.people.get(email)

    async def find_people(self, actor: PersonId, typed: str) -> Sequence[Option]:
        assert actor in self.people.values()
        self.searches.append(typed)
        return self.offered

    def will_show(self, view: Dialog | None, *, replaces: bool = False) -> None:
        self.replies.append(Reply(view=view, replaces=replaces))

    def asked(self, kind: type[C]) -> C:
        """The one command that came, which is of this kind."""
        [command] = self.commands
        assert type(command) is kind
        assert isinstance(command, kind)
        self.commands.clear()
        return command


@dataclass
class Ours:
    """Everything that a test needs."""

    slack: LoopbackSlack
    adapter: SlackAdapter
    school: School
    clock: list[float]


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
async def slack() -> AsyncIterator[LoopbackSlack]:
    async with LoopbackSlack() as running:
        running.add_person("Ada Lovelace", "ada@school.example")
        running.add_person("Ben Okri", "Ben@School.example")
        yield running


async def served(adapter: SlackAdapter) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/slack/events", adapter.dispatch)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return runner, f"http://{host}:{port}/slack/events"


def settings_of(slack: LoopbackSlack) -> SlackSettings:
    return SlackSettings(bot_token=slack.bot_token, signing_secret=slack.signing_secret, api_url=slack.api_url)


@pytest.fixture
async def ours(slack: LoopbackSlack, school: School) -> AsyncIterator[Ours]:
    clock = [1000.0]
    running: Callable[[], float] = lambda: clock[0]  # noqa: E731
    adapter = SlackAdapter(settings_of(slack), school, monotonic=running, limit=1.0)
    runner, url = await served(adapter)
    slack.deliver_to(url)
    await adapter.start()
    slack.calls.clear()
    yield Ours(slack, adapter, school, clock)
    await adapter.close()
    await runner.cleanup()
