"""A host that is no part of any platform: what a foreign link or a redirect leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.downloads import in_address, mimetype_of


@dataclass(frozen=True)
class Visit:
    """One request that it got. `authorised`: it carried somebody's token."""

    path: str
    authorised: bool


class Elsewhere:
    """Answers on loopback, under a name of its own. `violated` is told when somebody's token comes here.

    `visits` holds every request; a bot that fetches from its own platform only leaves it empty.
    """

    def __init__(self, violated: Callable[[str], None]) -> None:
        self._violated = violated
        self._runner: web.AppRunner | None = None
        self._things: dict[str, bytes] = {}
        self.visits: list[Visit] = []
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._visit)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://localhost:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def put(self, name: str, content: bytes) -> str:
        """Something to be fetched here by anybody; returns its address."""
        path = f"/{len(self._things)}/{in_address(name)}"
        self._things[path] = content
        return f"{self.url}{path}"

    async def _visit(self, request: web.Request) -> web.Response:
        authorised = "Authorization" in request.headers
        self.visits.append(Visit(request.path, authorised))
        if authorised:
            self._violated("elsewhere: the bot's token was sent to a foreign host")
        if request.path not in self._things:
            return web.Response(status=404)
        return web.Response(body=self._things[request.path], content_type=mimetype_of(request.path))
