"""Files on Teams: what came with a message, and fetching it, from Microsoft's hosts alone.

In a person's own chat a bot gets an address that needs no token (`file.download.info`, in SharePoint), and pasted
images at the connector's own address, which do (learn.microsoft.com, "Send and receive files through your bot").
Everything else that a message carries is a link that only Microsoft Graph could follow: the person is asked for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from bot.downloads import AS_IT_IS, LIMITS, PIECE, check
from bot.payload import part, parts, text
from bot.settings import is_loopback
from bot.teams.failures import NoToken
from bot.teams.hosts import may_have_token
from bot.teams.payload import Activity
from bot.teams.read import PLATFORM
from bot.teams.render import Json
from bot.teams.tokens import BotTokens
from handlers.commands import OfferedFile
from handlers.ports import DeliveryError, FileRefused
from policy.evidence import EvidenceFile, Reason

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
STORAGE = (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn")
"""Domains of SharePoint, where Teams keeps what people send; the address itself is what opens it."""
REDIRECTS = 3
MOST_FILES = 20
"""Files of one message that are looked at."""


def files_of(activity: Activity) -> tuple[OfferedFile, ...]:
    """The files that came with a message in somebody's own chat. The text itself, sent along as HTML, is none."""
    found = [_offered(item) for item in parts(activity.raw, "attachments")[:MOST_FILES]]
    return tuple(file for file in found if file is not None)


def files_of_message(payload: Json) -> tuple[OfferedFile, ...]:
    """The files of a message that was reported: known by their links, which need Microsoft Graph to be followed."""
    link = text(payload, "linkToMessage")[:2000]
    return tuple(
        OfferedFile(
            platform=PLATFORM,
            file_id=f"reference {text(item, 'contentUrl') or text(item, 'id')}",
            name=text(item, "name"),
            place=link,
            refused=Reason.NO_ACCESS,
        )
        for item in parts(payload, "attachments")[:MOST_FILES]
        if text(item, "contentType") == "reference" or text(item, "contentType").startswith("image/")
    )


def _offered(item: Json) -> OfferedFile | None:
    kind, name, url = text(item, "contentType"), text(item, "name"), text(item, "contentUrl")
    if kind == DOWNLOAD:
        address = text(part(item, "content"), "downloadUrl")
        return OfferedFile(platform=PLATFORM, file_id=f"download {address}", name=name, place=url)
    if kind.startswith("image/"):
        return OfferedFile(
            platform=PLATFORM, file_id=f"image {url}", name=name or "picture", place="pasted in the chat"
        )
    if kind.startswith(("text/", "application/vnd.microsoft.card")):
        return None
    return OfferedFile(
        platform=PLATFORM, file_id=f"link {url}", name=name, place=url[:2000], refused=Reason.FOREIGN_LINK
    )


class TeamsFiles:
    """The files of one tenant (see `handlers.ports.FileSource`). `local`: Microsoft is played on this machine."""

    platform = PLATFORM

    def __init__(self, tokens: BotTokens, *, local: bool) -> None:
        self._tokens = tokens
        self._local = local
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self, file: EvidenceFile) -> AsyncIterator[AsyncIterator[bytes]]:
        """See `handlers.ports.FileSource.open`."""
        how, _, url = file.file_id.partition(" ")
        headers: dict[str, str] = {}
        if how == "image":
            if not may_have_token(url, local=self._local):
                raise FileRefused(Reason.FOREIGN_LINK)
            try:
                headers["Authorization"] = f"Bearer {await self._tokens.get()}"
            except NoToken as error:
                raise DeliveryError(error.code) from None
        elif how != "download" or not self._is_storage(url):
            raise FileRefused(Reason.FOREIGN_LINK)
        try:
            async with self._asked(url, headers) as answer:
                yield answer.content.iter_chunked(PIECE)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryError(type(error).__name__) from None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _asked(self, url: str, headers: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        session = self._open_session()
        for _ in range(REDIRECTS + 1):
            async with session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as answer:
                if not 300 <= answer.status < 400:
                    check(answer)
                    yield answer
                    return
                following = answer.headers.get("Location", "")
            # SharePoint hands downloads on within itself; a token goes nowhere else than it was meant for.
            if headers or not self._is_storage(following):
                raise FileRefused(Reason.FOREIGN_LINK)
            url = following
        raise FileRefused(Reason.FOREIGN_LINK)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=LIMITS,
                trust_env=not self._local,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=AS_IT_IS,
            )
        return self._session

    def _is_storage(self, url: str) -> bool:
        try:
            parsed = URL(url, encoded=True)
            host, user, port = (parsed.host or "").lower(), parsed.raw_authority, parsed.explicit_port
        except ValueError:
            return False
        if "@" in user:
            return False
        if self._local:
            # By its number: a name that leads to this machine stands for a foreign host there.
            return is_loopback(host) and host != "localhost"
        return parsed.scheme == "https" and port in {None, 443} and host.endswith(STORAGE)
