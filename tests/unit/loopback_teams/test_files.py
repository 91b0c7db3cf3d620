"""Files that people attach, images that they paste, and files that the bot offers."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import aiohttp
import pytest

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, Clock, TinyBot
from tests.unit.loopback_teams.making import card, dialog, words

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


async def fetched(client: Client, link: str) -> tuple[int, str, bytes]:
    """Downloads a file as a bot should: without its token."""
    async with client.session.get(link) as answer:
        return answer.status, answer.content_type, await answer.read()


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
    teams.secure_files = True
    assert teams.add_file("b.pdf", b"PDF").url.startswith("https://")
    # Down to a plain host: what the SDK refuses to follow, and so should a bot.
    teams.faults.redirect(teams.elsewhere.put("a.pdf", b"theirs"))
    async with client.session.get(file.url, ssl=context, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("http://")


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


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty.png", b"", "image/png"),
        ("holiday.png", b"MZ\x90\x00 a program", "image/png"),
        ("torn.jpg", b"\xff\xd8\xff\xe0 torn", "image/jpeg"),
        ("../../etc/passwd.png", PNG, "image/png"),
        ("..\\up.png", PNG, "image/png"),
        ("photo\u202egnp.exe", PNG, ""),
        ("no-dot", PNG, "application/octet-stream"),
        ("large.png", bytes(11 * 1024 * 1024), "image/png"),
    ],
)
async def test_names_and_contents_are_as_the_person_has_them(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson, name: str, content: bytes, kind: str
) -> None:
    file, twin = teams.add_file(name, content), teams.add_file(name, b"other bytes")
    await tess.say("here", attachments=[file, twin])
    told = bot.seen[0]["attachments"][:2]
    assert [one["name"] for one in told] == [name, name]
    first, second = [await fetched(client, one["content"]["downloadUrl"]) for one in told]
    assert (first[0], first[2], second[2]) == (200, content, b"other bytes")
    if kind:
        assert first[1] == kind
    assert teams.violations == []


async def test_a_file_deleted_before_it_was_fetched(teams: LoopbackTeams, client: Client) -> None:
    file, image = teams.add_file("a.png", PNG), teams.add_file("", PNG, pasted=True)
    teams.delete_file(file)
    teams.delete_file(image)
    assert (await fetched(client, file.url))[0] == 404
    assert (await client.call("GET", f"attachments/{image.id}/views/original"))[0] == 404


async def test_links_that_lead_elsewhere(teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    file = teams.add_file("a.png", b"theirs", external=True)
    image = teams.add_file("", b"theirs", pasted=True, external=True)
    await tess.say("here", attachments=[file, image])
    link = bot.seen[0]["attachments"][0]["content"]["downloadUrl"]
    place = bot.seen[0]["attachments"][1]["contentUrl"]
    assert link.startswith(teams.elsewhere.url)
    assert place.startswith(teams.elsewhere.url)
    assert (await fetched(client, link))[2] == b"theirs", "a careless bot fetches"
    assert teams.violations == []
    async with client.session.get(place, headers={"Authorization": f"Bearer {client.bearer}"}) as answer:
        assert answer.status == 200
    assert [visit.authorised for visit in teams.elsewhere.visits] == [False, True]
    assert teams.violations == ["elsewhere: the bot's token was sent to a foreign host"]


Plan = Callable[[LoopbackTeams], None]


@pytest.mark.parametrize(
    ("plan", "status", "header"),
    [
        (lambda teams: teams.faults.rate_limit("get_file", retry_after=30), 429, ("Retry-After", "30")),
        (lambda teams: teams.faults.fail("get_file", status=502), 502, None),
        (lambda teams: teams.faults.sign_in_page(), 200, ("Content-Type", "text/html; charset=utf-8")),
        (lambda teams: teams.faults.slow("get_file", 0.0), 200, ("Content-Type", "image/png")),
    ],
)
async def test_a_download_that_is_refused_once(
    teams: LoopbackTeams, client: Client, plan: Plan, status: int, header: tuple[str, str] | None
) -> None:
    file = teams.add_file("a.png", PNG)
    plan(teams)
    async with client.session.get(file.url) as answer:
        assert answer.status == status
        if header is not None:
            assert answer.headers[header[0]] == header[1]
    assert await fetched(client, file.url) == (200, "image/png", PNG)


async def test_downloads_that_break_off_fall_silent_and_never_end(teams: LoopbackTeams, client: Client) -> None:
    file = teams.add_file("a.png", PNG)
    # More than once: the client asks again by itself when a connection closes without an answer.
    teams.faults.reset("get_file", times=2)
    with pytest.raises(aiohttp.ClientError):
        await fetched(client, file.url)
    teams.faults.cut_short(after=9)
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetched(client, file.url)
    teams.faults.stall(after=9)
    with pytest.raises(TimeoutError):
        async with client.session.get(file.url, timeout=aiohttp.ClientTimeout(sock_read=0.05)) as answer:
            await answer.read()
    teams.faults.never_end()
    async with client.session.get(file.url) as answer:
        assert answer.content_length is None
        assert (await answer.content.readexactly(3_000_000))[: len(PNG)] == PNG
    teams.faults.chunked()
    async with client.session.get(file.url) as answer:
        assert (answer.content_length, await answer.read()) == (None, PNG)
    async with client.session.get(file.url, headers={"Range": "bytes=1-3"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"PNG")


async def test_a_pasted_image_can_break_too(teams: LoopbackTeams, client: Client) -> None:
    image = teams.add_file("", PNG, mimetype="image/png", pasted=True)
    path = f"attachments/{image.id}/views/original"
    teams.faults.sign_in_page("get_attachment")
    assert b"Sign in" in (await client.call("GET", path))[1]
    teams.faults.redirect(teams.elsewhere.put("a.png", b"theirs"), "get_attachment")
    assert await client.call("GET", path) == (200, b"theirs")
    assert await client.call("GET", path) == (200, PNG)
    assert [visit.authorised for visit in teams.elsewhere.visits] == [False]


async def test_teams_down_for_a_day(teams: LoopbackTeams, client: Client, clock: Clock) -> None:
    file = teams.add_file("a.png", PNG)
    teams.faults.down()
    for _ in range(3):
        clock.forward(8 * 3600)
        assert (await fetched(client, file.url))[0] == 503
    teams.faults.up()
    assert (await fetched(client, file.url))[2] == PNG
    teams.faults.never_end()
    teams.faults.clear()
    assert (await fetched(client, file.url))[2] == PNG


async def test_a_message_with_files_is_reported_by_its_action(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    carl = teams.add_person("Carl Cole", "carl@astor.example")
    chat = teams.add_channel("Year 9", [carl, tess], group_chat=True, bot_is_member=False)
    file, image = teams.add_file("log/1.txt", b"x"), teams.add_file("", PNG, pasted=True)
    bot.answers(dialog(card(words("Report this message"))))
    said = await carl.say("Look at this", chat, [file, image], mention=False)
    assert bot.seen == []
    assert said.message is not None
    await tess.message_action("report_message", said.message)
    payload = bot.seen[0]["value"]["messagePayload"]
    (told,) = payload["attachments"]
    assert (told["contentType"], told["name"]) == ("reference", "log/1.txt")
    assert told["contentUrl"].endswith("/log%2F1.txt")
    assert f'<img src="{teams.graph_url}' in payload["body"]["content"]
    assert image.id in payload["body"]["content"]
    link = payload["body"]["content"].partition('src="')[2].partition('"')[0]
    async with client.session.get(link) as answer:
        assert answer.status == 404, "Graph has nothing for an app without permission"
    assert teams.violations == []
