"""A loopback Teams, a clock that the test moves, a bot of a few lines, and its client of the connector."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson

Json = dict[str, Any]
Handler = Callable[[Json], Awaitable[object]]


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class TinyBot:
    """Records what came, and answers what the test's handler returns: None (empty 200), JSON, or a status."""

    handler: Handler | None = None
    seen: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answers(self, answer: object) -> None:
        async def handle(_: Json) -> object:
            return answer

        self.handler = handle

    async def receive(self, request: web.Request) -> web.Response:
        activity = json.loads(await request.read())
        self.seen.append(activity)
        self.headers.append(dict(request.headers))
        answer = await self.handler(activity) if self.handler else None
        if answer is None or isinstance(answer, int):
            return web.Response(status=answer or 200)
        return web.json_response(answer)


@dataclass
class Client:
    """The bot's hand towards the connector: asks for a token, then calls."""

    teams: LoopbackTeams
    session: aiohttp.ClientSession
    bearer: str = ""

    async def login(self, **changed: str) -> tuple[int, Json]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.teams.client_id,
            "client_secret": self.teams.client_secret,
            "scope": "https://api.botframework.com/.default",
        } | changed
        tenant = form.pop("tenant", self.teams.tenant_id)
        async with self.session.post(f"{self.teams.login_url}/{tenant}/oauth2/v2.0/token", data=form) as answer:
            body: Json = await answer.json()
            self.bearer = body.get("access_token", self.bearer)
            return answer.status, body

    async def call(self, verb: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        address = f"{self.teams.service_url}v3/{path}"
        async with self.session.request(verb, address, json=body, headers=headers) as answer:
            if answer.content_type == "application/json":
                return answer.status, await answer.json()
            return answer.status, await answer.read()

    async def send(self, conversation: str, activity: Json, query: str = "") -> tuple[int, Any]:
        return await self.call("POST", f"conversations/{quote(conversation, safe='')}/activities{query}", activity)

    async def update(self, conversation: str, name: str, activity: Json) -> tuple[int, Any]:
        return await self.call("PUT", f"conversations/{quote(conversation, safe='')}/activities/{name}", activity)

    async def create(self, member: str, tenant: str = "", **more: object) -> tuple[int, Any]:
        params = {"members": [{"id": member}], "tenantId": tenant or self.teams.tenant_id, **more}
        return await self.call("POST", "conversations", params)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def teams(clock: Clock) -> AsyncIterator[LoopbackTeams]:
    async with LoopbackTeams(clock=clock) as started:
        yield started


@pytest.fixture
async def bot(teams: LoopbackTeams) -> AsyncIterator[TinyBot]:
    tiny = TinyBot()
    app = web.Application()
    app.router.add_post("/api/messages", tiny.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tiny.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
    teams.deliver_to(tiny.url)
    yield tiny
    await runner.cleanup()


@pytest.fixture
async def client(teams: LoopbackTeams) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        made = Client(teams, session)
        await made.login()
        teams.calls.clear()
        yield made


@pytest.fixture
def tess(teams: LoopbackTeams) -> TeamsPerson:
    return teams.add_person("Tess Teacher", "tess@astor.example")
