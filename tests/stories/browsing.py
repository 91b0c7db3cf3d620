"""A browser of somebody's telephone, and what they do in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.world import World
from tests.stories.acting import press, screen


@dataclass
class Browser:
    """A browser of somebody's telephone, with its own cookies."""

    school: World
    session: aiohttp.ClientSession

    def at(self, link: str) -> str:
        """Where the school's server really is: the public address is a proxy's."""
        return f"{self.school.running.server.url}{urlsplit(link).path}"

    async def get(self, link: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        async with self.session.get(self.at(link), headers=headers) as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def show(self, link: str) -> tuple[int, str]:
        """Presses *Show*, and goes where that leads."""
        async with self.session.post(self.at(link)) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def browser(school: World) -> AsyncIterator[Browser]:
    """A fresh browser."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(school, session)


async def opened(school: World, name: str, reference: str) -> str:
    """The person opens the report; the link that stands there."""
    await school.people[name].close()
    await press(school, name, reference, "case.open")
    [link] = screen(school, name).links
    return link
