"""The bare app to compare with: Microsoft's Teams SDK on aiohttp verifies the token, finds the handler, answers.

It has an adapter of the few lines that any app on aiohttp needs, the least answers that Teams takes, and Staffroom's
own settings of the garbage collector, which serve the SDK well. Run as
`python -m bench.bare_teams`, with TEAMS_CLIENT_ID, TEAMS_TENANT_ID and TEAMS_OPENID_METADATA_URL.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import warnings
from typing import Any

from aiohttp import web

from bench.parent import end_with_parent

# The SDK warns of its own previews when it is imported.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from microsoft_teams.api import InvokeResponse
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps import App
    from microsoft_teams.apps.http.adapter import HttpMethod, HttpRequest, HttpRouteHandler

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "A form"}]}
DIALOG = {
    "task": {
        "type": "continue",
        "value": {
            "title": "A form",
            "card": {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD},
        },
    }
}
DONE = {"task": {"type": "message", "value": "Received"}}


class AiohttpAdapter:
    """Serves the SDK's routes on aiohttp."""

    def __init__(self) -> None:
        self.web = web.Application()

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        """Called by the SDK."""

        async def handle(request: web.Request) -> web.Response:
            headers = {key.lower(): value for key, value in request.headers.items()}
            answer = await handler(HttpRequest(body=await request.json(), headers=headers))
            if answer["body"] is None:
                return web.Response(status=answer["status"])
            return web.json_response(answer["body"], status=answer["status"])

        self.web.router.add_route(method, path, handle)

    def serve_static(self, path: str, directory: str) -> None:
        """Called by the SDK for tabs; there are none."""
        raise NotImplementedError

    async def start(self, port: int) -> None:
        """Called by `App.start`, which is not used: the web server is our own."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Called by `App.stop`."""


async def _no_token(_scope: object, _tenant: object) -> str:
    raise NotImplementedError("the bare app calls nobody")


async def _opened(_: Any) -> Any:
    return InvokeResponse(status=200, body=DIALOG)


async def _submitted(_: Any) -> Any:
    return InvokeResponse(status=200, body=DONE)


async def main() -> None:
    """Listens until it is stopped."""
    adapter = AiohttpAdapter()
    app = App(
        client_id=os.environ["TEAMS_CLIENT_ID"],
        tenant_id=os.environ["TEAMS_TENANT_ID"],
        token=_no_token,
        http_server_adapter=adapter,
        cloud=with_overrides(PUBLIC, openid_metadata_url=os.environ["TEAMS_OPENID_METADATA_URL"]),
    )
    app.on_dialog_open(_opened)
    app.on_dialog_submit(_submitted)
    await app.initialize()
    runner = web.AppRunner(adapter.web, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    host, port = runner.addresses[0][:2]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(f"listening url='http://{host}:{port}'", flush=True)
    await stopped.wait()
    await runner.cleanup()


if __name__ == "__main__":
    end_with_parent()
    warnings.simplefilter("ignore")
    asyncio.run(main())
