"""Slack's own framework understands what the loopback sends: every kind of request reaches its listener."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack
from tests.unit.sandbox.making import Json, actions, ask, button, modal, option, typed


@pytest.fixture
async def bolted() -> AsyncIterator[tuple[LoopbackSlack, AsyncApp]]:
    """A loopback Slack on the real clock (Bolt checks timestamps against its own), and a Bolt app it delivers to."""
    async with LoopbackSlack() as slack:
        app = AsyncApp(
            signing_secret=slack.signing_secret,
            client=AsyncWebClient(token=slack.bot_token, base_url=slack.api_url),
            process_before_response=True,
        )
        runner = web.AppRunner(app.web_app("/slack/events"), shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        yield slack, app
        await runner.cleanup()


async def test_a_whole_story_over_bolt(bolted: tuple[LoopbackSlack, AsyncApp]) -> None:
    slack, app = bolted
    tess = slack.add_person("Tess Teacher", "tess@astor.example")
    heard: list[str] = []

    @app.command("/report")
    async def command(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack("One moment")
        menu = {"type": "external_select", "min_query_length": 0}
        form = modal(typed("what"), ask("account", menu), actions(button("more", "More", "1")))
        await client.views_open(trigger_id=body["trigger_id"], view=form | {"notify_on_close": True})

    @app.shortcut("report")
    async def shortcut(ack: AsyncAck) -> None:
        heard.append("shortcut")
        await ack()

    @app.options("account_in")
    async def options(ack: AsyncAck, payload: Json) -> None:
        await ack(options=[option("a1", f"Found {payload['value']}")])

    @app.action("more")
    async def action(ack: AsyncAck, action: Json, respond: AsyncRespond, body: Json) -> None:
        heard.append(f"pressed {action['value']}")
        await ack()
        if "response_url" in body:
            await respond("Done", replace_original=True)

    @app.view("form")
    async def submitted(ack: AsyncAck, view: Json, client: AsyncWebClient, body: Json) -> Any:
        words = view["state"]["values"]["what"]["what_in"]["value"]
        if len(words) < 3:
            return await ack(response_action="errors", errors={"what": "More, please"})
        await ack()
        await client.chat_postMessage(
            channel=body["user"]["id"], text="Kept", blocks=[actions(button("more", "More", "2"))]
        )
        return None

    @app.view_closed("form")
    async def closed(ack: AsyncAck) -> None:
        heard.append("closed")
        await ack()

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": []})

    typed_in = await tess.command("/report", "now")
    assert [m.text for m in tess.ephemerals] == ["One moment"]
    view = typed_in.opened
    assert view is not None
    assert [o.label for o in await tess.suggest(view, "account_in", "new")] == ["Found new"]
    await tess.press(view, "more")
    assert (await tess.submit(view, {"what": "x", "account": "a1"})).errors == {"what": "More, please"}
    assert (await tess.submit(view, {"what": "xyz"})).status == 200
    assert tess.view is None
    assert tess.last_message.text == "Kept"
    await tess.press(tess.last_message, "more")
    assert tess.last_message.text == "Done"
    await tess.shortcut("report")
    await tess.command("/report")
    await tess.close()
    await tess.open_home()
    assert tess.home is not None
    assert heard == ["pressed 1", "pressed 2", "shortcut", "closed"]
    forged = slack.sign(b"x", secret="guessed")
    assert (await slack.send_raw(b"x", forged | {"Content-Type": "application/x-www-form-urlencoded"}))[0] == 401
    assert slack.violations == []


async def test_files_over_bolt(bolted: tuple[LoopbackSlack, AsyncApp]) -> None:
    slack, app = bolted
    tess = slack.add_person("Tess Teacher", "tess@astor.example")
    carl = slack.add_person("Carl Cole", "carl@astor.example")
    seen: list[str] = []
    kept: list[bytes] = []

    @app.shortcut({"type": "message_action", "callback_id": "report_message"})
    async def reported(ack: AsyncAck, shortcut: Json, client: AsyncWebClient) -> None:
        seen.extend(file["file_access"] for file in shortcut["message"]["files"])
        await ack()
        form = modal(ask("proof", {"type": "file_input"}))
        await client.views_open(trigger_id=shortcut["trigger_id"], view=form)

    @app.view("form")
    async def submitted(ack: AsyncAck, view: Json, client: AsyncWebClient) -> None:
        await ack()
        for given in view["state"]["values"]["proof"]["proof_in"]["files"]:
            file = (await client.files_info(file=given["id"]))["file"]
            headers = {"Authorization": f"Bearer {client.token}"}
            async with (
                aiohttp.ClientSession() as session,
                session.get(file["url_private_download"], headers=headers) as answer,
            ):
                kept.append(await answer.read())

    said = await carl.say("Look", channel=slack.add_dm(carl, tess), files=[carl.upload("a.png", b"PNG 1")])
    await tess.message_shortcut("report_message", said)
    assert tess.view is not None
    await tess.submit(tess.view, {"proof": [tess.upload("a.png", b"PNG 1"), tess.upload("b.png", b"PNG 2")]})
    assert seen == ["access_denied"]
    assert kept == [b"PNG 1", b"PNG 2"]
    assert slack.violations == []
