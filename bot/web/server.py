"""One aiohttp server for everything: `/slack/events`, `/api/messages`, `/healthz`, `/readyz`, pages to read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from policy.errors import SettingsError

log = structlog.get_logger()

Route = Callable[[web.Request], Awaitable[web.Response]]
LARGEST_BODY = 1024 * 1024
"""Bytes. What platforms send is far smaller; files do not come this way."""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Server": "staffroom",
}


@web.middleware
async def _plain_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A fault tells nothing to whoever asked, and the log gets the route and the kind of fault, no more."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=error.reason, headers=_allow(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the next one must go on
        log.error("web fault", route=_route(request), error=type(error).__name__)
        response = web.Response(status=500, text="Something went wrong on our side.")
    response.headers.update(HEADERS)
    return response


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


class WebServer:
    """Listens until it is stopped; `url` says where, also where the port was chosen by the system.

    `ready` says in words what keeps Staffroom from working, to anybody who asks; nothing where all is well.
    """

    def __init__(self, host: str, port: int, *, ready: Callable[[], Awaitable[str]]) -> None:
        self._host = host
        self._port = port
        self._ready = ready
        self._app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_plain_errors])
        self._app.router.add_get("/healthz", self._healthz)
        self._app.router.add_get("/readyz", self._readyz)
        self._runner: web.AppRunner | None = None

    def add_post(self, path: str, route: Route) -> None:
        """Adds a route that a platform sends to."""
        self._app.router.add_post(path, route)

    def add_site(self, add_to: Callable[[web.UrlDispatcher], None]) -> None:
        """Adds pages that people see."""
        add_to(self._app.router)

    async def start(self) -> None:
        """Begins to listen.

        Raises:
            SettingsError: the port is in use, or may not be opened.
        """
        # No access log: paths of links that people hold do not belong in it.
        self._runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"HOST {self._host}, PORT {self._port}: cannot be listened on ({error.strerror}). Stop what uses the "
                "port, or set another one."
            ) from None

    async def stop(self) -> None:
        """Stops listening; requests under way are answered first."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where it listens."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the server is not listening")
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def _readyz(self, _request: web.Request) -> web.Response:
        wrong = await self._ready()
        return web.Response(status=503, text=f"not ready: {wrong}") if wrong else web.Response(text="ready")
