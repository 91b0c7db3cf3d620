"""Sending activities to the bot, with a token as the Bot Connector makes it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from io import BytesIO
from typing import Final

import aiohttp

from bot.sandbox.loopback_teams import keys, limits
from bot.sandbox.loopback_teams.checking import Json
from bot.sandbox.loopback_teams.interaction import Interaction
from bot.sandbox.loopback_teams.tenant import Tenant

ISSUER: Final = "https://api.botframework.com"
_USER_AGENT: Final = "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)"


def bot_token(tenant: Tenant, *, alg: str = "RS256", signer: str = "", kid: str | None = None, **claims: object) -> str:
    """A token as the connector sends it, or one that is forged: see `LoopbackTeams.token`."""
    now = int(time.time())
    content: Json = {
        "serviceurl": tenant.service_url,
        "nbf": now - 60,
        "exp": now + limits.TOKEN_SECONDS,
        "iss": ISSUER,
        "aud": tenant.client_id,
        **claims,
    }
    told = {name: value for name, value in content.items() if value is not None}
    return keys.signed(told, signer or tenant.signing_key, alg=alg, kid=kid)


class Delivery:
    """Posts to the bot. It has `invoke_seconds` (real) to answer an invoke, `message_seconds` for the rest."""

    def __init__(self, tenant: Tenant, invoke_seconds: float, message_seconds: float) -> None:
        self._tenant = tenant
        self.invoke_seconds = invoke_seconds
        self.message_seconds = message_seconds
        self.url = ""
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Close the pool of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def deliver(self, interaction: Interaction, token: str | None = None) -> None:
        """Send an interaction with a fresh token (or this one), and note the answer in it."""
        if not self.url:
            raise AssertionError("call deliver_to() first: Teams does not know where the bot listens")
        interaction.sent = interaction.sent or json.dumps(interaction.activity, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": _USER_AGENT,
            "Authorization": f"Bearer {bot_token(self._tenant) if token is None else token}",
            "x-ms-conversation-id": str(interaction.activity.get("conversation", {}).get("id", "")),
            "x-ms-tenant-id": self._tenant.tenant_id,
        }
        interaction.attempts += 1
        interaction.timed_out = False
        seconds = self.invoke_seconds if interaction.activity.get("type") == "invoke" else self.message_seconds
        started = time.perf_counter()
        answered: dict[str, str] = {}
        try:
            status, text, answered = await self.post(interaction.sent, headers, seconds)
        except TimeoutError:
            status, text = 0, ""
            interaction.timed_out = True
        except aiohttp.ClientError as error:
            status, text = 0, f"{type(error).__name__}: {error}"
        interaction.latency = time.perf_counter() - started
        interaction.status = status
        interaction.body = _parsed(text)
        interaction.headers = answered
        interaction.failed = not 200 <= status < 300

    async def post(self, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, str, dict[str, str]]:
        """Send bytes as they are. Raises TimeoutError after `seconds`, aiohttp.ClientError without an answer."""
        if self._session is None:
            raise AssertionError("start() the loopback Teams first")
        timeout = aiohttp.ClientTimeout(total=seconds)
        async with self._session.post(self.url, data=BytesIO(body), headers=dict(headers), timeout=timeout) as answer:
            text = (await answer.read()).decode("utf-8", "replace")
            return answer.status, text, {key.lower(): value for key, value in answer.headers.items()}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
