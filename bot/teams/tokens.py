"""The bot's own tokens, from msal. Kept until shortly before they end; msal itself is asked off the event loop."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msal  # type: ignore[import-untyped]
import requests

from bot.standing import Standing
from bot.teams.failures import NoToken
from bot.teams.http import PATIENCE
from bot.teams.login_words import words
from bot.teams.services import TeamsSettings

MICROSOFT = "https://login.microsoftonline.com"
EARLY = 300.0
"""Seconds before its end at which a token is renewed."""

NOT_NOW = frozenset({"temporarily_unavailable", "server_error"})
"""Errors (RFC 6749 §4.1.2.1) that say nothing about our settings."""
_CODE = re.compile(r"AADSTS[0-9]{4,9}", re.ASCII)

logging.getLogger("msal").setLevel(logging.CRITICAL + 1)


class BotTokens:
    """Tokens for the Bot Connector, of one app registration in our tenant."""

    def __init__(
        self,
        settings: TeamsSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        standing: Standing | None = None,
    ) -> None:
        self._settings = settings
        self._standing = standing or Standing()
        self._monotonic = monotonic
        self._app: Any = None
        self._token = ""
        self._until = float("-inf")
        self._asking = asyncio.Lock()

    async def get(self) -> str:
        """A token that holds for some minutes at the least.

        Raises:
            NoToken: Microsoft refuses one, or cannot be reached.
        """
        if self._monotonic() >= self._until:
            async with self._asking:
                if self._monotonic() >= self._until:
                    try:
                        found = await asyncio.to_thread(self._ask)
                    except NoToken as error:
                        said = words(error, urlsplit(self._settings.login_url).hostname or "")
                        self._standing.lost("login", "refused" if error.refused else "away", said)
                        raise
                    self._standing.well("login")
                    self._token, self._until = found[0], self._monotonic() + found[1]
        return self._token

    def forget(self, token: str) -> None:
        """This token was not accepted: the next one is asked for afresh."""
        if token == self._token:
            self._until, self._app = float("-inf"), None

    def _ask(self) -> tuple[str, float]:
        try:
            if self._app is None:
                self._app = self._new_app()
            answer = self._app.acquire_token_for_client(scopes=[self._settings.scope])
        except Exception as error:  # noqa: BLE001 - msal raises whatever the way to Microsoft does
            raise _no_token(error) from None
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            codes = answer.get("error_codes") or ()
            code = f"AADSTS{codes[0]}" if codes and isinstance(codes[0], int) else str(answer.get("error"))[:40]
            raise NoToken(code, refused=answer.get("error") not in NOT_NOW, answered=True)
        lasts = float(seconds) if isinstance(seconds, int | float | str) and str(seconds).isdigit() else EARLY
        return token, max(lasts - EARLY, 1.0)

    def _new_app(self) -> Any:
        # msal takes an https address only; whose certificate to trust, REQUESTS_CA_BUNDLE says.
        url = self._settings.login_url.rstrip("/")
        return msal.ConfidentialClientApplication(
            self._settings.client_id,
            client_credential=self._settings.client_secret,
            authority=f"{url}/{self._settings.tenant_id}",
            instance_discovery=None if url == MICROSOFT else False,
            timeout=PATIENCE,
        )


def _no_token(error: Exception) -> NoToken:
    """What msal ran into. Of an unknown tenant it says nothing but in the text of what it had met before."""
    said = _CODE.search(f"{error} {error.__context__}")
    if said is not None and isinstance(error, ValueError):
        return NoToken(said[0], refused=True, answered=True)
    unanswered = isinstance(error, requests.ConnectionError | requests.Timeout)
    certificate = isinstance(error, requests.exceptions.SSLError)
    return NoToken(type(error).__name__, answered=not unanswered, certificate=certificate)
