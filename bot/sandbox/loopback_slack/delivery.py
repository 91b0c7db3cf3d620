"""Sending signed requests to the bot, as Slack sends them (docs.slack.dev, verifying requests from Slack)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Json
from bot.sandbox.loopback_slack.interaction import Interaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.loopback_slack.workspace import Workspace

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_USER_AGENT: Final = "Slackbot 1.0 (+https://api.slack.com/robots)"
_RETRIES: Final = 3


def as_form(payload: Json) -> bytes:
    """An interaction payload as the body of a form with the one field `payload`."""
    return urlencode({"payload": json.dumps(payload, separators=(",", ":"))}).encode()


class Delivery:
    """Posts to the bot. `ack_seconds` is how long (real seconds) it may take to answer."""

    def __init__(self, workspace: Workspace, ack_seconds: float = limits.ACK_SECONDS) -> None:
        self._ws = workspace
        self.ack_seconds = ack_seconds
        self.url = ""
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession(auto_decompress=True)

    async def stop(self) -> None:
        """Close the pool of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def sign(self, body: bytes, timestamp: int | str | None = None, secret: str | None = None) -> dict[str, str]:
        """The two headers with which Slack signs a body: now and with the real secret, unless told otherwise."""
        stamp = str(int(self._ws.clock()) if timestamp is None else timestamp)
        key = (self._ws.signing_secret if secret is None else secret).encode()
        digest = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def deliver(self, interaction: Interaction, headers: Mapping[str, str] | None = None) -> None:
        """Send an interaction, freshly signed, and note the answer in it."""
        if not self.url:
            raise AssertionError("call deliver_to() first: Slack does not know where the bot listens")
        sent_headers = {
            "Content-Type": interaction.content_type,
            "User-Agent": _USER_AGENT,
            "Accept": "application/json,*/*",
            **self.sign(interaction.sent),
            **(headers or {}),
        }
        interaction.attempts += 1
        interaction.timed_out = False
        started = time.perf_counter()
        try:
            status, text, answered = await self.post(interaction.sent, sent_headers)
        except TimeoutError:
            status, text, answered = 0, "", {}
            interaction.timed_out = True
        except aiohttp.ClientError as error:
            status, text, answered = 0, f"{type(error).__name__}: {error}", {}
        interaction.latency = time.perf_counter() - started
        interaction.status = status
        interaction.body = _parsed(text)
        interaction.headers = answered
        interaction.failed = status != 200

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
        """Send bytes as they are. Raises TimeoutError after `ack_seconds`, aiohttp.ClientError without an answer."""
        if self._session is None:
            raise AssertionError("start() the loopback Slack first")
        timeout = aiohttp.ClientTimeout(total=self.ack_seconds)
        async with self._session.post(self.url, data=BytesIO(body), headers=dict(headers), timeout=timeout) as answer:
            text = (await answer.read()).decode("utf-8", "replace")
            return answer.status, text, {key.lower(): value for key, value in answer.headers.items()}

    async def deliver_event(self, interaction: Interaction, *, retry_num: int | None, retry: bool) -> None:
        """Send an event; with `retry`, again up to three times while it fails, as the Events API does.

        Slack waits about 0, 1 and 5 minutes between them; here they follow at once. A bot that answers
        `x-slack-no-retry: 1` is left alone.
        """
        headers = {} if retry_num is None else _retry_headers(retry_num, "http_timeout")
        await self.deliver(interaction, headers)
        for number in range(1, _RETRIES + 1):
            if not retry or not interaction.failed or interaction.headers.get("x-slack-no-retry") == "1":
                return
            reason = "http_timeout" if interaction.timed_out else "http_error"
            if interaction.status == 0 and not interaction.timed_out:
                reason = "connection_failed"
            await self.deliver(interaction, _retry_headers(number, reason))


def _retry_headers(number: int, reason: str) -> dict[str, str]:
    return {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}


def retry_headers(number: int | None, reason: str = "http_timeout") -> dict[str, str]:
    """The headers of Slack's n-th retry; none for None."""
    return {} if number is None else _retry_headers(number, reason)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
