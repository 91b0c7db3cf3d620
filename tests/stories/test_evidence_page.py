"""The page on which evidence is seen: one link, one press, one person, five minutes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.players import Attachment
from bot.sandbox.world import World
from storage.audit import verify
from tests.stories.acting import more, take, texts
from tests.stories.browsing import browser, opened
from tests.stories.files import file_with, picture, screenshot


def files_on(page: str) -> list[str]:
    """The files that the page shows or offers."""
    return re.findall(r"/evidence/file/[0-9a-f]{32}", page)


async def actions(school: World) -> list[str]:
    """What stands in the audit about evidence."""
    async with school.running.database.reading() as uow:
        return [row.action for row in await uow.audit_rows() if row.action.startswith("evidence-")]


async def test_the_originals_are_seen_unchanged_and_every_look_is_audited(school: World) -> None:
    original = picture()
    reference = await file_with(school, "tess", [Attachment("shot.png", original)])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with browser(school) as hers:
        status, page, headers = await hers.get(link)
        assert status == 200
        assert reference not in page.decode()
        assert "Show" in page.decode()
        assert headers["Cache-Control"] == "no-store"
        assert "script" not in headers["Content-Security-Policy"]
        status, shown = await hers.show(link)
        assert status == 200
        assert reference in shown
        assert "Priya Shah" in shown
        [file] = files_on(shown)
        status, content, headers = await hers.get(file)
        assert (status, content) == (200, original)
        assert headers["Content-Type"] == "image/png"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
    assert await actions(school) == ["evidence-opened", "evidence-viewed"]
    assert (await verify(school.running.database)).problems == ()


async def test_a_scanner_that_fetches_the_link_spends_nothing(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with browser(school) as scanner:
        for _ in range(3):
            assert (await scanner.get(link))[0] == 200
        async with scanner.session.head(scanner.at(link)) as answer:
            assert answer.status == 200
    assert await actions(school) == []
    async with browser(school) as hers:
        assert (await hers.show(link))[0] == 200


async def test_a_link_is_spent_once_and_opens_in_one_browser_only(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with browser(school) as hers, browser(school) as another:
        _, page = await hers.show(link)
        [file] = files_on(page)
        status, told = await another.show(link)
        assert status == 403
        assert "Press <strong>Open</strong>" in told
        assert (await another.get("/evidence"))[0] == 403
        assert (await another.get(file))[0] == 403
        assert (await hers.get(file))[0] == 200


async def test_who_hands_the_report_over_or_is_left_out_sees_nothing_more(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "hana", reference)
    link = await opened(school, "hana", reference)
    async with browser(school) as hers:
        _, page = await hers.show(link)
        [file] = files_on(page)
        later = await opened(school, "hana", reference)
        await more(school, "hana", reference, "pass_on", why="too_close")
        await school.settle()
        assert "with someone else now" in texts(school, "hana")
        assert (await hers.get("/evidence"))[0] == 403
        assert (await hers.get(file))[0] == 403
        assert (await hers.show(later))[0] == 403


async def test_five_minutes_and_no_more(tmp_path: Path) -> None:
    now = [datetime.now().astimezone()]
    world = await World.open(tmp_path, wall=lambda: now[0])
    try:
        reference = await file_with(world, "tess", [screenshot()])
        await take(world, "priya", reference)
        first, second = await opened(world, "priya", reference), await opened(world, "priya", reference)
        async with browser(world) as hers:
            assert (await hers.show(first))[0] == 200
            now[0] += timedelta(minutes=4, seconds=59)
            assert (await hers.get("/evidence"))[0] == 200
            now[0] += timedelta(seconds=2)
            assert (await hers.get("/evidence"))[0] == 403
            now[0] += timedelta(minutes=10)
            assert (await hers.show(second))[0] == 403
    finally:
        await world.close()


@pytest.mark.parametrize("wanted", ["x" * 43, "..%2f..%2fetc%2fpasswd", "file", "A" * 5000, "%00", "é"])
async def test_made_up_links_tell_nothing(school: World, wanted: str) -> None:
    async with browser(school) as stranger:
        assert (await stranger.show(f"/evidence/{wanted}"))[0] in {403, 404}
        assert (await stranger.get(f"/evidence/file/{wanted}"))[0] in {403, 404}
    assert await actions(school) == []


async def test_another_reports_file_is_not_shown(school: World) -> None:
    hers_to_see = await file_with(school, "tess", [screenshot()])
    kept_from_her = await file_with(
        school,
        "carl",
        [screenshot("b.png", "red")],
        {"kind": "hurtful_posts", "concerns": "headteacher", "danger": "no", "imagery": "no"},
    )
    await take(school, "hana", hers_to_see)
    await take(school, "carol", kept_from_her)
    async with browser(school) as carols, browser(school) as hanas:
        _, page = await carols.show(await opened(school, "carol", kept_from_her))
        [file] = files_on(page)
        await hanas.show(await opened(school, "hana", hers_to_see))
        assert (await hanas.get(file))[0] == 403


async def test_a_video_plays_in_pieces_and_mail_is_downloaded(school: World) -> None:
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 3000
    mail = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Tue, 17 Nov 2026 10:00:00 +0000\r\n\r\nHello."
    reference = await file_with(school, "tess", [Attachment("film.mp4", film), Attachment("mail.eml", mail)])
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        video, letter = dict.fromkeys(files_on(page))
        status, piece, headers = await hers.get(video, Range="bytes=300000-300009")
        assert (status, piece) == (206, film[300000:300010])
        assert headers["Content-Range"] == f"bytes 300000-300009/{len(film)}"
        status, content, headers = await hers.get(letter)
        assert (status, content) == (200, mail)
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["Content-Type"].startswith("message/rfc822")
