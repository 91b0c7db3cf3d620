"""One story of a person with files on either platform, told in the players' words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack
from bot.sandbox.loopback_teams import LoopbackTeams
from bot.sandbox.players import Attachment, Player, SlackPlayer, TeamsPlayer
from bot.sandbox.world import BOTH, Platform, World
from tests.unit.loopback_teams.making import card, dialog, words

Json = dict[str, Any]
SHOT = Attachment("screen shot.png", b"\x89PNG\r\n\x1a\n one")
OTHER = Attachment("screen shot.png", b"\x89PNG\r\n\x1a\n another")
FORM: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Evidence"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "files",
            "label": {"type": "plain_text", "text": "Files"},
            "element": {"type": "file_input", "action_id": "files", "max_files": 2},
        }
    ],
}


@dataclass
class Stage:
    """Two people, and a bot that keeps what it hears and opens a form on every message action."""

    slack: LoopbackSlack
    teams: LoopbackTeams
    tess: Player
    carl: Player
    heard: list[Json] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            self.heard.append(await request.json())
            opens = self.heard[-1].get("name") == "composeExtension/fetchTask"
            return web.json_response(dialog(card(words("Report")))) if opens else web.Response()
        payload = json.loads(parse_qs(await request.text())["payload"][0])
        self.heard.append(payload)
        if payload["type"] == "message_action":
            client = AsyncWebClient(token=self.slack.bot_token, base_url=self.slack.api_url)
            await client.views_open(trigger_id=payload["trigger_id"], view=FORM)
        return web.Response()


@pytest.fixture(params=BOTH)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with LoopbackSlack() as slack, LoopbackTeams() as teams:
        names = (("Tess Turner", "tess@astor.example"), ("Carl Cole", "carl@astor.example"))
        players: list[Player]
        if request.param == "slack":
            on_slack = [slack.add_person(*name) for name in names]
            slack.add_channel("staff", on_slack)
            players = [SlackPlayer(person, slack) for person in on_slack]
        else:
            on_teams = [teams.add_person(*name) for name in names]
            teams.add_channel("staff", on_teams)
            players = [TeamsPlayer(person, teams) for person in on_teams]
        made = Stage(slack, teams, players[0], players[1])
        app = web.Application()
        app.router.add_post("/", made.receive)
        runner = web.AppRunner(app, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        for platform in (slack, teams):
            platform.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield made
        await runner.cleanup()
        assert slack.violations == []
        assert teams.violations == []


async def fetched(stage: Stage, url: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {stage.slack.bot_token}"} if url.startswith(stage.slack.files_url) else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_colleagues_message_is_reported_and_files_are_given(stage: Stage) -> None:
    said = await stage.carl.post("staff", "Look at this", [SHOT])
    assert stage.heard == [], "no bot is told of what people write to each other"
    done = await stage.tess.report_message(said)
    assert (done.status, done.failed) == (200, False)
    assert "screen shot.png" in json.dumps(stage.heard[-1])
    form = stage.tess.screen
    assert form is not None
    if stage.tess.picks_files:
        await stage.tess.attach(form, "files", [SHOT, OTHER])
        assert "screen shot.png, screen shot.png" in form.text
        await stage.tess.submit(form, {})
        given = stage.heard[-1]["view"]["state"]["values"]["files"]["files"]["files"]
        urls = [one["url_private_download"] for one in given]
    else:
        with pytest.raises(TypeError, match="send_files"):
            await stage.tess.attach(form, "files", [SHOT])
        await stage.tess.send_files([SHOT, OTHER], "Here they are")
        assert stage.heard[-1]["text"] == "Here they are"
        urls = [one["content"]["downloadUrl"] for one in stage.heard[-1]["attachments"] if "name" in one]
    assert [await fetched(stage, url) for url in urls] == [(200, SHOT.content), (200, OTHER.content)]
    stage.tess.delete_files()
    assert [(await fetched(stage, url))[0] for url in urls] == [404, 404]


async def test_pasted_images_have_no_name(stage: Stage) -> None:
    sent = await stage.tess.send_files([SHOT], pasted=True)
    assert not sent.failed
    if stage.tess.picks_files:
        assert [file.name for file in stage.slack.files.values()] == ["image.png"]
        assert stage.heard == [], "the bot has not asked for messages"
    else:
        assert stage.heard[0]["attachments"][0]["contentType"] == "image/*"
        assert "name" not in stage.heard[0]["attachments"][0]
    assert stage.tess.cards == [], "what they wrote themselves is no card"
    said = await stage.carl.post("staff", "Look", [SHOT], pasted=True)
    await stage.tess.report_message(said)
    assert ("image.png" if stage.tess.picks_files else "hostedContents") in json.dumps(stage.heard[-1])


async def test_a_link_to_another_host(stage: Stage) -> None:
    far = Attachment("Rota.pdf", b"elsewhere", external=True)
    if stage.tess.picks_files:
        await stage.tess.report_message(await stage.carl.post("staff", "Look"))
        form = stage.tess.screen
        assert form is not None
        await stage.tess.attach(form, "files", [far])
        await stage.tess.submit(form, {})
        (given,) = stage.heard[-1]["view"]["state"]["values"]["files"]["files"]["files"]
        url = given["url_private"]
    else:
        await stage.tess.send_files([far])
        url = stage.heard[-1]["attachments"][0]["content"]["downloadUrl"]
    assert await fetched(stage, url) == (200, b"elsewhere")
    assert len([*stage.slack.elsewhere.visits, *stage.teams.elsewhere.visits]) == 1


async def test_more_than_a_form_takes(stage: Stage) -> None:
    await stage.tess.report_message(await stage.carl.post("staff", "Look"))
    form = stage.tess.screen
    assert form is not None
    with pytest.raises(TypeError, match="no message"):
        await stage.tess.report_message(form)
    if stage.tess.picks_files:
        with pytest.raises(AssertionError, match="at most 2"):
            await stage.tess.attach(form, "files", [SHOT] * 3)
        await stage.tess.attach(form, "files", [SHOT] * 3, force=True)
        await stage.tess.submit(form, {}, force=True)
        given = stage.heard[-1]["view"]["state"]["values"]["files"]["files"]["files"]
    else:
        await stage.tess.send_files([SHOT] * 3)
        given = [one for one in stage.heard[-1]["attachments"] if "name" in one]
    assert len(given) == 3


@pytest.mark.parametrize("platform", BOTH)
async def test_a_world_has_channels_faults_and_an_elsewhere(tmp_path: Path, platform: Platform) -> None:
    world = await World.open(tmp_path, platform=platform)
    try:
        world.add_channel("Year 9", "tess", "carl")
        said = await world.people["carl"].post("Year 9", "Look", [SHOT])
        assert "Look" in said.text
        assert world.visits == []
        (faults,) = world.faults
        faults.down()
        faults.up()
        faults.never_end()
        faults.clear()
    finally:
        await world.close()
    assert world.violations == []
