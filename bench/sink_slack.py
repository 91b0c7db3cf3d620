"""The least Slack that Staffroom needs: it says yes to everything and remembers when each message came.

The sandbox's loopback Slack checks what it is sent as Slack does, and keeps it; under load that costs more than
Staffroom itself. This one checks nothing, so what is sent here was checked by the tests, not by the benchmark.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bench.load import Posted
from bot.sandbox.world import BOT_TOKEN, SIGNING_SECRET

TEAM = "T0ASTOR"


def conversation_of(user: str) -> str:
    """The id of somebody's conversation with the bot."""
    return f"D{user[1:]}"


class SlackSink:
    """Slack's Web API on a free port of 127.0.0.1. `people` are user ids to e-mail addresses."""

    def __init__(self, people: Mapping[str, str]) -> None:
        self._people = people
        self._ids = {email: user for user, email in people.items()}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.posted: list[Posted] = []
        self.opened: dict[str, Any] = {}
        """Views by the trigger that opened them, while `keeps_views`."""
        self.keeps_views = False
        self.url = ""

    async def __aenter__(self) -> SlackSink:
        app = web.Application()
        for name, method in (
            ("auth.test", self._auth_test),
            ("users.info", self._users_info),
            ("users.lookupByEmail", self._users_lookup),
            ("conversations.open", self._conversations_open),
            ("chat.postMessage", self._post),
            ("chat.update", self._update),
            ("chat.delete", self._update),
            ("views.open", self._open),
        ):
            app.router.add_route("*", f"/api/{name}", method)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def env(self) -> Mapping[str, str]:
        """See `bench.load.Sink`."""
        return {**self.bare_env, "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_API_URL": self.url}

    @property
    def bare_env(self) -> Mapping[str, str]:
        """See `bench.load.Sink`."""
        return {"SLACK_SIGNING_SECRET": SIGNING_SECRET}

    async def _auth_test(self, _request: web.Request) -> web.Response:
        return _yes(team_id=TEAM, user_id="U0BOT", bot_id="B0BOT")

    async def _users_info(self, request: web.Request) -> web.Response:
        return self._user((await _arguments(request))["user"])

    async def _users_lookup(self, request: web.Request) -> web.Response:
        return self._user(self._ids[(await _arguments(request))["email"]])

    def _user(self, user: str) -> web.Response:
        profile = {"email": self._people[user]}
        return _yes(user={"id": user, "team_id": TEAM, "is_email_confirmed": True, "profile": profile})

    async def _conversations_open(self, request: web.Request) -> web.Response:
        return _yes(channel={"id": conversation_of((await _arguments(request))["users"])})

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        at = time.perf_counter()
        sent = await request.json()
        self.posted.append(Posted(at, sent["channel"], body))
        message = {"type": "message", "text": sent["text"], "blocks": sent["blocks"]}
        return _yes(channel=sent["channel"], ts=f"{int(time.time())}.{next(self._numbers):06d}", message=message)

    async def _update(self, request: web.Request) -> web.Response:
        sent = await request.json()
        return _yes(channel=sent["channel"], ts=sent["ts"])

    async def _open(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if self.keeps_views:
            self.opened[sent["trigger_id"]] = sent["view"]
        # Slack gives the whole view back, which the SDK reads.
        return _yes(view={**sent["view"], "id": f"V{next(self._numbers):08d}", "hash": "1.1", "state": {"values": {}}})


async def _arguments(request: web.Request) -> dict[str, str]:
    form = await request.post() if request.can_read_body else {}
    return {key: value for key, value in (*request.query.items(), *form.items()) if isinstance(value, str)}


def _yes(**more: object) -> web.Response:
    return web.json_response({"ok": True, **more})
