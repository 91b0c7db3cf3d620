"""Files that people attach, images that they paste, and files that the bot offers."""

from __future__ import annotations

import ssl

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, TinyBot


async def test_a_file_comes_with_a_link_that_needs_no_token(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    file = teams.add_file("screen shot.png", b"PNG", mimetype="image/png")
    await tess.say("here", attachments=[file])
    attachment = bot.seen[0]["attachments"][0]
    assert attachment["contentType"] == "application/vnd.microsoft.teams.file.download.info"
    assert (attachment["name"], attachment["content"]["fileType"]) == ("screen shot.png", "png")
    link = attachment["content"]["downloadUrl"]
    async with client.session.get(link) as answer:
        assert (answer.status, await answer.read()) == (200, b"PNG")
    async with client.session.get(link.split("?")[0]) as answer:
        assert answer.status == 401
    assert teams.violations == []
    async with client.session.get(link, headers={"Authorization": f"Bearer {client.bearer}"}) as answer:
        assert answer.status == 200
    assert teams.violations == ["get_file: the bot's token was sent to the file storage"]
    teams.expire_file(file)
    async with client.session.get(link) as answer:
        assert answer.status == 401


async def test_a_link_can_be_https(teams: LoopbackTeams, client: Client) -> None:
    file = teams.add_file("a.pdf", b"PDF", secure=True)
    context = ssl.create_default_context(cafile=str(teams.ca_bundle))
    async with client.session.get(file.url, ssl=context) as answer:
        assert (file.url[:8], await answer.read()) == ("https://", b"PDF")


async def test_a_pasted_image_needs_the_bots_token(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    image = teams.add_file("paste.png", b"PNG", mimetype="image/png", pasted=True)
    await tess.say("look", attachments=[image])
    attachment = bot.seen[0]["attachments"][0]
    assert attachment["contentType"] == "image/*"
    path = attachment["contentUrl"].removeprefix(f"{teams.service_url}v3/")
    assert await client.call("GET", path) == (200, b"PNG")
    client.bearer = ""
    assert (await client.call("GET", path))[0] == 401


async def test_a_file_in_a_channel_does_not_reach_the_bot(
    teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson
) -> None:
    staff = teams.add_channel("staff", [tess])
    await tess.say("here", channel=staff, attachments=[teams.add_file("a.pdf", b"PDF")])
    assert [a["contentType"] for a in bot.seen[0]["attachments"]] == ["text/html"]


async def test_the_bot_offers_a_file(teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    offer = {
        "contentType": "application/vnd.microsoft.teams.card.file.consent",
        "name": "log.csv",
        "content": {"description": "The log", "sizeInBytes": 3, "acceptContext": {"log": 1}, "declineContext": {}},
    }
    await client.send(tess.conversation_id, {"type": "message", "attachments": [offer]})
    await tess.take_file(tess.last_message)
    value = bot.seen[0]["value"]
    assert (bot.seen[0]["name"], value["action"], value["context"]) == ("fileConsent/invoke", "accept", {"log": 1})
    async with client.session.put(value["uploadInfo"]["uploadUrl"], data=b"a,b") as answer:
        assert answer.status == 201
    assert teams.uploads == {"log.csv": b"a,b"}
    await tess.take_file(tess.last_message, accept=False)
    assert bot.seen[1]["value"] == {"type": "fileUpload", "action": "decline", "context": {}}
