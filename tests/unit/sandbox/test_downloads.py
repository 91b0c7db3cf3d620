"""The host from which the bot downloads files, on good days and bad."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from tests.unit.sandbox.conftest import Clock, TinyBot
from tests.unit.sandbox.fetching import PNG, bearer, code_of, fetched, open_picker


async def test_without_the_right_token_there_is_a_page_to_sign_in_on(
    slack: LoopbackSlack, session: aiohttp.ClientSession
) -> None:
    file = slack.add_file("a.png", PNG)
    for headers in ({}, {"Authorization": "Bearer xoxb-other"}):
        async with session.get(file.url_private_download, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert "Sign in" in await answer.text()
    assert await fetched(session, slack, file) == (200, "image/png", PNG)
    slack.scopes.discard("files:read")
    assert (await fetched(session, slack, file))[:2] == (200, "text/html")
    assert [call.answer for call in slack.calls if call.method == "get_file"] == [
        {"error": "sign_in_page"},
        {"error": "sign_in_page"},
        {},
        {"error": "sign_in_page"},
    ]
    assert not file.url_private_download.startswith(slack.base_url), "a host of its own"


async def test_a_file_deleted_before_it_was_fetched(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, session: aiohttp.ClientSession, tess: SlackPerson
) -> None:
    file = tess.upload("a.png", PNG)
    said = await tess.say("here", files=[file])
    slack.delete_file(file)
    assert await code_of(client, file) == "file_deleted"
    assert (await fetched(session, slack, file))[0] == 404
    await tess.message_shortcut("report_message", said)
    assert bot.seen[-1]["message"]["files"] == [{"id": file.id, "mode": "tombstone"}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file="F404")
    assert slack.violations == []


async def test_ranges(slack: LoopbackSlack, session: aiohttp.ClientSession) -> None:
    file = slack.add_file("a.txt", b"0123456789")
    for asked, status, told, content in (
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=7-", 206, "bytes 7-9/10", b"789"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=10-", 416, "bytes */10", b""),
        ("lines=1", 416, "bytes */10", b""),
    ):
        headers = bearer(slack) | {"Range": asked}
        async with session.get(file.url_private_download, headers=headers) as answer:
            assert (answer.status, answer.headers["Content-Range"]) == (status, told)
            assert await answer.read() == content
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        assert answer.headers["Content-Length"] == "10"
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty.png", b"", "image/png"),
        ("holiday.png", b"MZ\x90\x00 a program", "image/png"),
        ("torn.jpg", b"\xff\xd8\xff\xe0 torn", "image/jpeg"),
        ("../../etc/passwd.png", PNG, "image/png"),
        ("..\\up.png", PNG, "image/png"),
        ("photo\u202egnp.exe", PNG, "application/octet-stream"),
        ("no-dot", PNG, "application/octet-stream"),
    ],
)
async def test_names_and_contents_are_as_the_person_has_them(
    slack: LoopbackSlack,
    bot: TinyBot,
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    tess: SlackPerson,
    name: str,
    content: bytes,
    kind: str,
) -> None:
    view = await open_picker(client, tess)
    file, twin = tess.upload(name, content), tess.upload(name, b"other bytes")
    await tess.submit(view, {"proof": [file, twin]})
    told = bot.seen[-1]["view"]["state"]["values"]["proof"]["proof_in"]["files"]
    assert [one["name"] for one in told] == [name, name]
    if kind != "application/octet-stream":
        assert told[0]["mimetype"] == kind
    assert (await fetched(session, slack, file))[2] == content
    assert (await fetched(session, slack, twin))[2] == b"other bytes"


async def test_a_file_larger_than_slack_says(
    slack: LoopbackSlack, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    file = slack.add_file("a.png", PNG, said_size=10)
    assert (await client.files_info(file=file.id))["file"]["size"] == 10
    slack.faults.chunked()
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        assert answer.content_length is None
        assert await answer.read() == PNG


Plan = Callable[[LoopbackSlack], None]


@pytest.mark.parametrize(
    ("plan", "status", "header"),
    [
        (lambda slack: slack.faults.rate_limit("get_file", retry_after=30), 429, ("Retry-After", "30")),
        (lambda slack: slack.faults.fail("get_file", status=502), 502, None),
        (lambda slack: slack.faults.fail("*"), 503, None),
        (lambda slack: slack.faults.sign_in_page(), 200, ("Content-Type", "text/html; charset=utf-8")),
        (lambda slack: slack.faults.slow("get_file", 0.0), 200, ("Content-Type", "image/png")),
    ],
)
async def test_a_download_that_is_refused_once(
    slack: LoopbackSlack, session: aiohttp.ClientSession, plan: Plan, status: int, header: tuple[str, str] | None
) -> None:
    file = slack.add_file("a.png", PNG)
    plan(slack)
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        assert answer.status == status
        if header is not None:
            assert answer.headers[header[0]] == header[1]
    assert await fetched(session, slack, file) == (200, "image/png", PNG)


async def test_a_download_that_breaks_off(slack: LoopbackSlack, session: aiohttp.ClientSession) -> None:
    file = slack.add_file("a.png", PNG)
    # More than once: the client asks again by itself when a connection closes without an answer.
    slack.faults.reset("get_file", times=2)
    with pytest.raises(aiohttp.ClientError):
        await fetched(session, slack, file)
    slack.faults.cut_short(after=9)
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        assert answer.content_length == len(PNG)
        assert await answer.content.readexactly(9) == PNG[:9]
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert (await fetched(session, slack, file))[2] == PNG


async def test_a_download_that_falls_silent_and_one_that_never_ends(
    slack: LoopbackSlack, session: aiohttp.ClientSession
) -> None:
    file = slack.add_file("a.png", PNG)
    slack.faults.stall(after=9)
    impatient = aiohttp.ClientTimeout(sock_read=0.05)
    with pytest.raises(TimeoutError):
        async with session.get(file.url_private_download, headers=bearer(slack), timeout=impatient) as answer:
            await answer.read()
    slack.faults.never_end()
    async with session.get(file.url_private_download, headers=bearer(slack)) as answer:
        assert answer.content_length is None
        assert (await answer.content.readexactly(3_000_000))[: len(PNG)] == PNG


async def test_a_redirect_to_another_host(slack: LoopbackSlack, session: aiohttp.ClientSession) -> None:
    file = slack.add_file("a.png", PNG)
    slack.faults.redirect(slack.elsewhere.put("a.png", b"theirs"))
    assert (await fetched(session, slack, file))[2] == b"theirs", "a careless bot follows"
    assert [visit.authorised for visit in slack.elsewhere.visits] == [False]
    slack.faults.redirect(file.url_private_download, times=2)
    async with session.get(file.url_private_download, headers=bearer(slack), allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, file.url_private_download)
    async with session.get(f"{slack.elsewhere.url}/nothing") as answer:
        assert answer.status == 404


async def test_slack_down_for_a_day(
    slack: LoopbackSlack, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = slack.add_file("a.png", PNG)
    slack.faults.down()
    for _ in range(3):
        clock.forward(8 * 3600)
        assert (await fetched(session, slack, file))[0] == 503
        with pytest.raises(SlackApiError):
            await client.files_info(file=file.id)
    slack.faults.up()
    assert (await fetched(session, slack, file))[2] == PNG
    slack.faults.never_end()
    slack.faults.clear()
    assert (await fetched(session, slack, file))[2] == PNG
