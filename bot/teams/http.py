"""Connections out: through the proxy of the environment, except to this very machine."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot.failures import seconds_to_wait
from bot.settings import is_loopback
from bot.teams.failures import CallFailed, code_of
from bot.teams.render.text import packed

PATIENCE = 10.0
"""Seconds that one call may take."""
MOST_BYTES = 1024 * 1024
"""Bytes of an answer that are read."""


def is_safe(url: str) -> bool:
    """Whether nobody can read along on the way there: https, or this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and _here(url)))
    except ValueError:
        return False


def _here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


class Http:
    """Pooled connections. Nothing of what is sent or received is logged or put into an exception."""

    def __init__(self) -> None:
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def _session(self, url: str) -> aiohttp.ClientSession:
        here = _here(url)
        session = self._sessions.get(here)
        if session is None:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            session = aiohttp.ClientSession(timeout=timeout, trust_env=not here, cookie_jar=aiohttp.DummyCookieJar())
            self._sessions[here] = session
        return session

    async def call(self, method: str, url: str, *, token: str = "", body: object = None) -> Any:
        """The JSON that is answered; None where the answer has no body.

        Raises:
            CallFailed: the answer is an error.
            aiohttp.ClientError, TimeoutError, OSError: there is no answer.
        """
        if not is_safe(url):
            raise CallFailed(0, "unsafe_url")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = packed(body).encode()
        # A redirect would carry the token to wherever it points.
        async with self._session(url).request(
            method, URL(url, encoded=True), data=data, headers=headers, allow_redirects=False
        ) as answer:
            content = await _whole(answer)
            status, wait = answer.status, answer.headers.get("Retry-After")
        found = _json(content)
        if not 200 <= status < 300:
            asked = seconds_to_wait(wait) if status == 429 else None
            raise CallFailed(status, code_of(found, f"http_{status}"), asked)
        return found

    async def close(self) -> None:
        """Closes the connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """All of the answer: one `read` gives no more than has arrived, and Microsoft's keys come in several pieces."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise CallFailed(answer.status, "answer_too_long")
    return bytes(body)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content) if content.strip() else None
    except (ValueError, RecursionError):
        return None
