"""A loopback Slack, a clock that the test moves, and a bot of a few lines which the test scripts."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson

Handler = Callable[[dict[str, Any]], Awaitable[object]]
SECRET = "secret-of-the-test"


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand."""

    now: float = 1_770_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class TinyBot:
    """Verifies the signature, records what came, and answers what the test's handler returns.

    A handler returns None (empty 200), a dict (JSON), a string, or an int (an HTTP status).
    """

    clock: Clock
    handler: Handler | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        mine = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(f"v0={mine}", request.headers.get("X-Slack-Signature", ""))
        if not good or abs(self.clock() - float(stamp)) > 300:
            return web.Response(status=401)
        if request.content_type == "application/json":
            payload = json.loads(body)
        else:
            form = {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
            payload = json.loads(form["payload"]) if "payload" in form else form
        self.seen.append(payload)
        self.headers.append(dict(request.headers))
        answer = await self.handler(payload) if self.handler else None
        if isinstance(answer, int):
            return web.Response(status=answer)
        if isinstance(answer, dict):
            return web.json_response(answer)
        return web.Response(text=str(answer or ""))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[LoopbackSlack]:
    async with LoopbackSlack(signing_secret=SECRET, clock=clock) as running:
        yield running


@pytest.fixture
async def bot(slack: LoopbackSlack, clock: Clock) -> AsyncIterator[TinyBot]:
    tiny = TinyBot(clock)
    app = web.Application()
    app.router.add_post("/slack/events", tiny.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tiny.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.deliver_to(tiny.url)
    yield tiny
    await runner.cleanup()


@pytest.fixture
def client(slack: LoopbackSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def tess(slack: LoopbackSlack) -> SlackPerson:
    return slack.add_person("Tess Teacher", "tess@astor.example")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened
