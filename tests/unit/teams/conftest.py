"""A Teams on this machine, our adapter served to it, and a school that answers as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from aiohttp import web

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from bot.teams.adapter import TeamsAdapter
from bot.teams.services import TeamsSettings
from handlers.commands import Command
from handlers.ports import Reply
from handlers.views import Card, Dialog, Option
from policy.people import PersonId

C = TypeVar("C", bound=Command)

STAFF = {"ada@school.example": PersonId("p-ada"), "ben@school.example": PersonId("p-ben")}


@dataclass
class School:
    """Stands in for the handlers: notes what was asked, and gives the replies that the test has set."""

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
        return self.people.get(email.lower())

    async def find_people(self, actor: PersonId, typed: str) -> Sequence[Option]:
        assert actor in self.people.values()
        self.searches.append(typed)
        return self.offered

    def will_show(self, view: Dialog | None, *, accepted: bool = True) -> None:
        self.replies.append(Reply(view=view, accepted=accepted))

    def asked(self, kind: type[C]) -> C:
        """The one command that came, which is of this kind."""
        [command] = self.commands
        assert type(command) is kind
        assert isinstance(command, kind)
        self.commands.clear()
        return command


@dataclass
class Remembered:
    """Where people have their own chat, as the database would keep it."""

    known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    writes: int = 0

    async def remember(self, platform: str, email: str, conversation: str, extra: str) -> None:
        self.writes += 1
        self.known[platform, email] = (conversation, extra)

    async def conversation(self, platform: str, email: str) -> tuple[str, str] | None:
        return self.known.get((platform, email))


@dataclass
class Ours:
    """Everything that a test needs."""

    teams: LoopbackTeams
    adapter: TeamsAdapter
    school: School
    remembered: Remembered
    clock: list[float]

    def person(self, email: str) -> TeamsPerson:
        found = self.teams.person_of(email)
        assert isinstance(found, TeamsPerson)
        return found

    @property
    def ada(self) -> TeamsPerson:
        return self.person("ada@school.example")

    @property
    def ben(self) -> TeamsPerson:
        return self.person("ben@school.example")

    def operations(self) -> list[str]:
        return [call.operation for call in self.teams.calls]


@pytest.fixture
def school() -> School:
    return School()


@pytest.fixture
async def teams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopbackTeams]:
    async with LoopbackTeams() as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_bundle))
        running.add_person("Ada Lovelace", "ada@school.example")
        running.add_person("Ben Okri", "Ben@School.example")
        yield running


async def served(adapter: TeamsAdapter) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/api/messages", adapter.dispatch)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return runner, f"http://{host}:{port}/api/messages"


def settings_of(teams: LoopbackTeams) -> TeamsSettings:
    return TeamsSettings(
        client_id=teams.client_id,
        client_secret=teams.client_secret,
        tenant_id=teams.tenant_id,
        openid_metadata_url=teams.openid_metadata_url,
        login_url=teams.secure_login_url,
    )


@pytest.fixture
async def ours(teams: LoopbackTeams, school: School) -> AsyncIterator[Ours]:
    clock = [1000.0]
    running: Callable[[], float] = lambda: clock[0]  # noqa: E731
    remembered = Remembered()
    adapter = TeamsAdapter(settings_of(teams), school, remembered, monotonic=running, limit=1.0, chat_limit=3.0)
    runner, url = await served(adapter)
    teams.deliver_to(url)
    await adapter.start()
    teams.calls.clear()
    yield Ours(teams, adapter, school, remembered, clock)
    await adapter.close()
    await runner.cleanup()
    assert teams.violations == []
