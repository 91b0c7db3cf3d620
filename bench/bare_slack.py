"""The bare app to compare with: Bolt verifies with its own middleware, finds the listener, acks. Nothing else.

Bolt's settings are its fastest: `process_before_response` (no polling for the ack) and an `authorize` that asks
nobody. Run as `python -m bench.bare_slack`, with SLACK_SIGNING_SECRET.
"""

from __future__ import annotations

import asyncio
import os
import signal

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.parent import end_with_parent


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0ASTOR", bot_token="xoxb-loopback", bot_user_id="U0BOT")


async def _ack(ack: AsyncAck) -> None:
    await ack()


async def main() -> None:
    """Listens until it is stopped."""
    app = AsyncApp(
        signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=_authorize, process_before_response=True
    )
    app.command("/report-incident")(_ack)
    app.view("report.triage")(_ack)
    app.view("report.details")(_ack)
    runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(f"listening url='http://{host}:{port}'", flush=True)
    await stopped.wait()
    await runner.cleanup()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(main())
