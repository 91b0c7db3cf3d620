"""The least Microsoft Teams that Staffroom needs: connector, signing keys, login. It says yes to everything.

As with Slack's, it checks nothing and keeps only when each message came. Keys, tokens and ids are the sandbox's own.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bench.load import Posted
from bot.sandbox.loopback_teams import LoopbackTeams, certificate
from bot.sandbox.loopback_teams.login import Login
from bot.sandbox.world import TRUST

Json = dict[str, Any]


class TeamsSink:
    """Teams on two free ports of 127.0.0.1, one with TLS: msal logs in over https only. `tenant` knows its people."""

    def __init__(self, emails: Mapping[str, str]) -> None:
        self.tenant = LoopbackTeams()
        self.people = {email: self.tenant.add_person(name, email) for email, name in emails.items()}
        """Everybody there is, by e-mail address."""
        self._accounts = {person.id: person for person in self.people.values()}
        self._numbers = itertools.count(int(time.time() * 1000))
        self._runner: web.AppRunner | None = None
        self.posted: list[Posted] = []

    async def __aenter__(self) -> TeamsSink:
        login = Login(self.tenant)
        app = web.Application()
        one = "/uk/v3/conversations/{conversation}"
        app.router.add_post(f"{one}/activities", self._post)
        app.router.add_put(f"{one}/activities/{{activity}}", self._update)
        app.router.add_delete(f"{one}/activities/{{activity}}", self._update)
        app.router.add_get(f"{one}/members/{{member}}", self._member)
        app.router.add_get("/v1/.well-known/openidconfiguration", _open(login.connector_metadata))
        app.router.add_get("/v1/.well-known/keys", _open(login.connector_keys))
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", _open(login.metadata))
        app.router.add_post("/{tenant}/oauth2/v2.0/token", _open(login.token))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=certificate.server_context()).start()
        plain, secure = (address[1] for address in self._runner.addresses)
        self.tenant.base_url, self.tenant.secure_url = f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def env(self) -> Mapping[str, str]:
        """See `bench.load.Sink`."""
        return {
            **self.bare_env,
            "TEAMS_CLIENT_SECRET": self.tenant.client_secret,
            "TEAMS_LOGIN_URL": self.tenant.secure_login_url,
            TRUST: str(self.tenant.ca_bundle),
        }

    @property
    def bare_env(self) -> Mapping[str, str]:
        """See `bench.load.Sink`. The bare app answers invokes only, so it needs no token of its own."""
        return {
            "TEAMS_CLIENT_ID": self.tenant.client_id,
            "TEAMS_TENANT_ID": self.tenant.tenant_id,
            "TEAMS_OPENID_METADATA_URL": self.tenant.openid_metadata_url,
        }

    def number(self) -> str:
        """An id for a message or an activity that has not been used yet, as Teams makes them."""
        return str(next(self._numbers))

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posted.append(Posted(time.perf_counter(), unquote(request.match_info["conversation"]), body))
        return web.json_response({"id": self.number()}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"id": request.match_info["activity"]})

    async def _member(self, request: web.Request) -> web.Response:
        person = self._accounts[unquote(request.match_info["member"])]
        return web.json_response(
            {
                "id": person.id,
                "name": person.name,
                "aadObjectId": person.aad_object_id,
                "email": person.email,
                "userPrincipalName": person.user_principal_name,
                "tenantId": person.tenant_id,
                "userRole": "user",
            }
        )


def _open(
    act: Callable[[web.Request], Awaitable[tuple[int, Json]]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        status, answer = await act(request)
        return web.json_response(answer, status=status)

    return handle
