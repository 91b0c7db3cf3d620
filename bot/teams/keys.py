"""The keys that Microsoft signs its requests to bots with: fetched at start, and again twice a day, off the way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import jwt

from bot.payload import parts, text
from bot.standing import Standing
from bot.teams.failures import CallFailed
from bot.teams.http import Http, is_safe
from bot.teams.login_words import unreached

STALE = 12 * 3600.0
"""Seconds after which the keys are fetched again, in the background."""
AGAIN = 30.0
"""Seconds that pass at the least between two fetches: unknown keys can be made up at will."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the channels that it may sign for; none are named where it may sign for all."""

    public: jwt.PyJWK
    endorsements: frozenset[str]


class SigningKeys:
    """The key set that an OpenID metadata document names, by the ids of its keys."""

    def __init__(
        self,
        http: Http,
        metadata_url: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        standing: Standing | None = None,
    ) -> None:
        self._http = http
        self._standing = standing or Standing()
        self._metadata_url = metadata_url
        self._monotonic = monotonic
        self._keys: dict[str, Key] = {}
        self._tried: float | None = None
        self._fetched = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> Key | None:
        """The key of this id; None where Microsoft has no such key, or cannot be asked."""
        found = self._keys.get(key_id)
        due = self._tried is None or self._monotonic() - self._tried >= AGAIN
        if found is None and (due or self._asking is not None):
            await self.refresh()
            found = self._keys.get(key_id)
        elif due and self._monotonic() - self._fetched > STALE:
            self._begin()
        return found

    async def refresh(self) -> None:
        """Fetches the keys; where that fails those that are known stay."""
        # Shielded: whoever asked first may go away, and others wait for the same answer.
        await asyncio.shield(self._begin())

    @property
    def known(self) -> bool:
        """Whether there are any keys: without them nothing from Teams can be accepted."""
        return bool(self._keys)

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _begin(self) -> asyncio.Task[None]:
        if self._asking is None or self._asking.done():
            self._tried = self._monotonic()
            self._asking = asyncio.create_task(self._fetch())
            self._asking.add_done_callback(self._done)
        return self._asking

    def _done(self, task: asyncio.Task[None]) -> None:
        if self._asking is task:
            self._asking = None

    async def _fetch(self) -> None:
        try:
            document = await self._http.call("GET", self._metadata_url)
            where = text(document, "jwks_uri") if isinstance(document, dict) else ""
            if not is_safe(where):
                raise CallFailed(0, "no_jwks_uri")
            answer = await self._http.call("GET", where)
        except CallFailed:
            self._failed(answered=True)
            return
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(answered=False, certificate=isinstance(error, aiohttp.ClientSSLError))
            return
        found: dict[str, Key] = {}
        for item in parts(answer, "keys") if isinstance(answer, dict) else []:
            if text(item, "kty") != "RSA" or not text(item, "kid"):
                continue
            try:
                public = jwt.PyJWK(item, algorithm="RS256")
            except (jwt.PyJWTError, ValueError, TypeError):
                continue
            endorsed = item.get("endorsements")
            names = endorsed if isinstance(endorsed, list) else []
            found[text(item, "kid")] = Key(public, frozenset(name for name in names if isinstance(name, str)))
        if found:
            self._keys, self._fetched = found, self._monotonic()
            self._standing.well("keys")
        else:
            self._failed(answered=True)

    def _failed(self, *, answered: bool, certificate: bool = False) -> None:
        said = unreached(urlsplit(self._metadata_url).hostname or "", answered=answered, certificate=certificate)
        if self._keys:
            # Those that are known go on serving; Microsoft changes them a few times a year.
            _log.warning("Microsoft Teams: %s Its known keys go on being used.", said)
        else:
            self._standing.lost("keys", "deaf", f"{said} Nothing from Teams can be accepted until it is reached.")
