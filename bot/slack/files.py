"""Fetches files from Slack: by id, from Slack's own hosts alone, without following anything elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NoReturn
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.downloads import AS_IT_IS, LIMITS, PIECE, check
from bot.payload import text
from bot.settings import is_loopback
from bot.slack.failures import code_of, retry_after
from bot.slack.read import PLATFORM
from bot.slack.render import Json
from handlers.ports import DeliveryError, FileRefused, RateLimited
from policy.evidence import EvidenceFile, Reason

HOSTS = frozenset({"files.slack.com", "slack-files.com"})
"""Where Slack keeps files; the bot's token goes to no other host (docs.slack.dev, "Working with files")."""
GONE = frozenset({"file_deleted", "tombstone"})
NO_ACCESS = frozenset({"file_not_found", "access_denied", "not_visible", "channel_not_found", "not_in_channel"})


class SlackFiles:
    """The files of one workspace (see `handlers.ports.FileSource`)."""

    platform = PLATFORM

    def __init__(
        self, client: AsyncWebClient, session: Callable[[], aiohttp.ClientSession | None], token: str, api_url: str
    ) -> None:
        self._client = client
        self._session = session
        self._token = token
        host = urlsplit(api_url).hostname or ""
        # A Slack that is played on this machine keeps its files there as well.
        self._own = host if is_loopback(host) else None

    @asynccontextmanager
    async def open(self, file: EvidenceFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """See `handlers.ports.FileSource.open`."""
        url = await self._address(file.file_id)
        session = self._session()
        if session is None:
            raise DeliveryError("not_started")
        try:
            async with session.get(
                url,
                headers={"Authorization": f"Bearer {self._token}", **AS_IT_IS},
                allow_redirects=False,
                timeout=LIMITS,
            ) as answer:
                check(answer)
                yield answer.content.iter_chunked(PIECE)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryError(type(error).__name__) from None

    async def _address(self, file_id: str) -> str:
        try:
            found = (await self._client.files_info(file=file_id)).get("file")
        except SlackApiError as error:
            _refuse(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryError(type(error).__name__) from None
        told: Json = found if isinstance(found, dict) else {}
        if text(told, "mode") == "tombstone":
            raise FileRefused(Reason.GONE)
        if told.get("is_external") is True or text(told, "mode") == "external":
            raise FileRefused(Reason.FOREIGN_LINK)
        url = text(told, "url_private_download") or text(told, "url_private")
        if not self._is_ours(url):
            raise FileRefused(Reason.FOREIGN_LINK if url else Reason.NO_ACCESS)
        return url

    def _is_ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        return (parts.scheme == "https" and parts.netloc in HOSTS) or host == self._own


def _refuse(error: SlackApiError) -> NoReturn:
    seconds, code = retry_after(error), code_of(error)
    if seconds is not None:
        raise RateLimited(seconds) from None
    if code in GONE:
        raise FileRefused(Reason.GONE) from None
    if code in NO_ACCESS:
        raise FileRefused(Reason.NO_ACCESS) from None
    raise DeliveryError(code) from None
