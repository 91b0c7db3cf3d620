"""The Slack adapter: verifies what comes in, has Bolt find the listener for it, and owns the connection out."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.failures import place_of
from bot.payload import text
from bot.services import Services
from bot.slack.conversations import Conversations
from bot.slack.failures import WRONG_TOKEN, code_of
from bot.slack.files import SlackFiles
from bot.slack.identity import Identity
from bot.slack.listeners import LIMIT, Listeners
from bot.slack.messenger import PATIENCE, SlackMessenger
from bot.slack.payload import Malformed, check
from bot.slack.render import Json
from bot.slack.services import SlackSettings
from bot.slack.verify import Refused, verified_payload
from bot.standing import Standing
from policy.errors import SettingsError

ANYTHING = re.compile("")
HANDLED = frozenset(
    {
        "block_actions",
        "block_suggestion",
        "event_callback",
        "message_action",
        "shortcut",
        "url_verification",
        "view_closed",
        "view_submission",
    }
)
AGAIN_AFTER = 0.05
"""Seconds before a call on a connection that Slack had closed meanwhile is made once more."""

_log = logging.getLogger(__name__)


def _silent() -> logging.Logger:
    # Bolt and the SDK log bodies: on a bad signature, on an unhandled request, in debugging. Here they say nothing.
    logger = logging.Logger("bot.slack.silent", level=logging.CRITICAL + 1)  # noqa: LOG001 - not in the tree
    logger.addHandler(logging.NullHandler())
    logger.disabled = True
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return logger


class SlackAdapter:
    """Slack, for one workspace. `wall` is real time in seconds since 1970; `monotonic` seconds of a running clock."""

    def __init__(
        self,
        settings: SlackSettings,
        services: Services,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        limit: float = LIMIT,
    ) -> None:
        self.standing = Standing()
        """How it stands between Staffroom and Slack."""
        self._settings = settings
        self._services = services
        self._wall = wall
        self._monotonic = monotonic
        self._logger = _silent()
        self._session: aiohttp.ClientSession | None = None
        # A view may be asked for again on a fresh connection. A card may not: it could be posted twice, and the
        # outbox counts and spaces its attempts itself.
        again = AsyncConnectionErrorRetryHandler(
            max_retry_count=1, interval_calculator=FixedValueRetryIntervalCalculator(AGAIN_AFTER)
        )
        self._client = self._new_client([again])
        self._outbound = self._new_client([])
        self._workspace: AuthorizeResult | None = None
        self._people: Identity | None = None
        self._asking = asyncio.Lock()
        conversations = Conversations(self._outbound, self._team_id, monotonic=monotonic)
        self.messenger = SlackMessenger(self._outbound, conversations)
        """Posts, edits and deletes cards."""
        self.files = SlackFiles(self._outbound, lambda: self._session, settings.bot_token, settings.api_url)
        """Fetches files."""
        self._listeners = Listeners(services, self._client, self.identity, self._forget, conversations, limit=limit)
        self._app = self._bolt()

    async def start(self) -> None:
        """Opens the pooled connection and asks Slack which workspace the token belongs to.

        Where Slack cannot be reached it is asked again with the first request: the school starts without it.

        Raises:
            SettingsError: Slack does not accept the token. It listens all the same, and is to be closed.
        """
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        self._client.session = self._outbound.session = self._session
        with suppress(SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
            await self.identity()
        trouble = self.standing.trouble
        if trouble is not None and trouble.kind == "refused":
            raise SettingsError(trouble.said)

    async def look(self) -> None:
        """Asks Slack whether the token is still accepted."""
        with suppress(SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
            await self._ask_who_we_are()

    async def close(self) -> None:
        """Ends what is under way and closes the connection."""
        await self._listeners.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answers `POST /slack/events`: commands, clicks, forms, suggestions and events alike."""
        try:
            payload = await verified_payload(request, self._settings.signing_secret, self._wall)
        except Refused as refused:
            self.standing.turned_away(refused.why)
            return web.Response(status=refused.status, text=refused.message)
        answer = await self.answer(payload)
        return web.Response(status=answer.status, body=answer.body.encode(), content_type=_type_of(answer))

    async def answer(self, payload: Json) -> BoltResponse:
        """The answer to a payload that is known to come from Slack, over HTTP or Socket Mode."""
        try:
            check(payload)
        except Malformed:
            return BoltResponse(status=400, body="Not a Slack payload.")
        if text(payload, "type") not in HANDLED and "command" not in payload and "ssl_check" not in payload:
            return BoltResponse(status=200, body="")
        try:
            # In this mode Bolt takes the payload as it is: it has been parsed already.
            request = AsyncBoltRequest(body=payload, mode="socket_mode")
        except (TypeError, AttributeError, KeyError, IndexError):
            # Bolt looks for ids in many places and expects each of them in the shape that Slack documents.
            return BoltResponse(status=400, body="Not a Slack payload.")
        answer = await self._app.async_dispatch(request)
        return answer if answer.status != 404 else BoltResponse(status=200, body="")

    async def identity(self) -> Identity:
        """Who people are in our workspace.

        Raises:
            SlackApiError, aiohttp.ClientError, TimeoutError: the workspace is not known yet, and Slack could not be
                asked.
        """
        if self._people is None:
            async with self._asking:
                if self._people is None:
                    found = await self._ask_who_we_are()
                    self._workspace = AuthorizeResult(
                        enterprise_id=found.get("enterprise_id"),
                        team_id=found["team_id"],
                        bot_user_id=found.get("user_id"),
                        bot_id=found.get("bot_id"),
                        bot_token=self._settings.bot_token,
                    )
                    self._people = Identity(
                        self._client, found["team_id"], self._services.find_person, monotonic=self._monotonic
                    )
        return self._people

    async def _ask_who_we_are(self) -> AsyncSlackResponse:
        try:
            found = await self._client.auth_test()
        except SlackApiError as error:
            code = code_of(error)
            if code in WRONG_TOKEN:
                said = (
                    f"Slack does not accept SLACK_BOT_TOKEN ({code}). Copy the Bot User OAuth Token from the app's "
                    "page, OAuth & Permissions, and write it there."
                )
                self.standing.lost("token", "refused", said)
            else:
                self.standing.lost("token", "away", f"Slack answers with an error ({code}).")
            raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            host = urlsplit(self._settings.api_url).hostname
            self.standing.lost("token", "away", f"{host} cannot be reached: let the firewall allow it.")
            raise
        self.standing.well("token")
        return found

    def _forget(self, user: str) -> None:
        if self._people is not None:
            self._people.forget(user)

    async def _team_id(self) -> str:
        return (await self.identity()).team_id

    def _new_client(self, retry: list[AsyncRetryHandler]) -> AsyncWebClient:
        client = AsyncWebClient(
            token=self._settings.bot_token,
            base_url=self._settings.api_url,
            timeout=int(PATIENCE),
            logger=self._logger,
            retry_handlers=retry,
        )
        if urlsplit(self._settings.api_url).hostname in {"127.0.0.1", "localhost", "::1"}:
            # The SDK sends everything through the proxy of the environment, also what is for this machine.
            client.proxy = None
        return client

    def _bolt(self) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            # Whose payload it is, `Identity` asks. Bolt hands a method its own `self` twice, so this is none.
            return self._workspace or AuthorizeResult(
                enterprise_id=None, team_id=None, bot_token=self._settings.bot_token
            )

        app = AsyncApp(
            name="bot.slack.silent",
            logger=self._logger,
            client=self._client,
            authorize=authorize,
            process_before_response=True,
            # Verified before anything is parsed, in `dispatch`.
            request_verification_enabled=False,
            ssl_check_enabled=True,
            url_verification_enabled=True,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(ANYTHING)(self._listeners.command)
        app.shortcut(ANYTHING)(self._listeners.shortcut)
        app.action({"type": "block_actions", "action_id": ANYTHING})(self._listeners.click)
        app.view_submission(ANYTHING)(self._listeners.submission)
        app.view_closed(ANYTHING)(self._listeners.closed)
        app.block_suggestion(ANYTHING)(self._listeners.suggestion)
        app.event(ANYTHING)(self._listeners.event)
        app.error(_fault)
        return app


async def _fault(error: Exception) -> BoltResponse:
    _log.error("slack dispatch failed: %s", place_of(error))
    return BoltResponse(status=500, body="")


def _type_of(answer: BoltResponse) -> str:
    return "application/json" if answer.body.startswith("{") else "text/plain"
