"""The page on which evidence is seen, attacked: by its readers, by others, by what files are called and hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.players import Attachment
from bot.sandbox.world import Platform, World
from policy.evidence import FileState
from storage.tables import passes
from tests.stories.acting import more, take
from tests.stories.browsing import browser, opened
from tests.stories.files import file_with, screenshot
from tests.stories.test_evidence import kept_of
from tests.stories.test_evidence_page import actions, files_on

FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
MEBIBYTE = bytes(1024 * 1024)


@pytest.fixture
def platform() -> Platform:
    """The page is the same, wherever the link stands."""
    return "teams"


NAMES = (
    '"><script>alert(1)</script>.png',
    "{{ 7*7 }}.png",
    "a\r\nSet-Cookie: x=1\r\n\r\n.png",
    "../../../etc/passwd",
    "javascript:alert(1).png",
    "é€\u202e\u200b.png",
    "x" * 400 + ".png",
    "CON.png",
)


async def test_names_are_words_and_nothing_else(school: World) -> None:
    colours = ("red", "green", "blue", "white", "black", "grey", "pink", "gold")
    files = [screenshot(name, colour) for name, colour in zip(NAMES, colours, strict=True)]
    reference = await file_with(school, "tess", files)
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        assert "<script" not in page
        assert "\u202e" not in page
        assert "Set-Cookie: x=1\n" not in page
        for each in dict.fromkeys(files_on(page)):
            status, _, headers = await hers.get(each)
            assert status == 200
            assert headers["Content-Type"] == "image/png"
            assert "Set-Cookie" not in headers
            said = headers["Content-Disposition"]
            assert said.isascii()
            assert not set(said.partition("''")[2]) & set('/\\"<>;\r\n ')


ACTIVE = {
    "drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg"),
    "page as a picture": (b"<html><script>alert(1)</script></html>", "a.png"),
}


@pytest.mark.parametrize("what", ACTIVE)
async def test_what_could_run_is_not_kept(school: World, what: str) -> None:
    content, name = ACTIVE[what]
    reference = await file_with(school, "tess", [Attachment(name, content)])
    [file] = await kept_of(school, reference)
    assert file.state is FileState.REFUSED


async def test_what_reads_like_a_page_is_downloaded_as_what_it_is(school: World) -> None:
    mail = (
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Tue, 17 Nov 2026 10:00:00 +0000\r\n"
        b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>"
    )
    reference = await file_with(school, "tess", [Attachment("mail.eml", mail)])
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        assert "alert(1)" not in page
        _, _, headers = await hers.get(files_on(page)[0])
        assert headers["Content-Disposition"].startswith("attachment;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]


RANGES = {
    "bytes=0-0": (206, slice(0, 1)),
    "bytes=-5": (206, slice(-5, None)),
    "bytes=10-": (206, slice(10, None)),
    "bytes=5-99999999": (206, slice(5, None)),
    "bytes=-99999999": (200, slice(None)),
    "bytes=-0": (200, slice(None)),
    "bytes=9-5": (200, slice(None)),
    "bytes=99999999-": (200, slice(None)),
    "bytes=0-1,3-4,6-7": (200, slice(None)),
    "bytes=٠-١": (200, slice(None)),
    "lines=1-2": (200, slice(None)),
    "bytes=" + "9" * 400 + "-": (200, slice(None)),
}


async def test_ranges_that_nobody_should_ask_for(school: World) -> None:
    film = FILM + bytes(range(256)) * 40
    reference = await file_with(school, "tess", [Attachment("film.mp4", film)])
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        [each, *_] = files_on(page)
        for asked, (status, part) in RANGES.items():
            got, content, headers = await hers.get(each, Range=asked)
            assert (got, content) == (status, film[part]), asked
            assert headers["Content-Length"] == str(len(content))
        async with hers.session.head(hers.at(each)) as answer:
            assert answer.status == 405, "no bytes of a file may follow where none are expected"
        assert (await hers.get("/evidence"))[0] == 200


async def test_two_presses_at_once_open_it_once(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with contextlib.AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(browser(school)) for _ in range(6)]
        got = await asyncio.gather(*(one.show(link) for one in browsers))
    assert sorted(status for status, _ in got) == [200] + [403] * 5
    assert await actions(school) == ["evidence-opened"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_sites_form_spends_nothing(school: World, site: str) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with browser(school) as hers:
        async with hers.session.post(hers.at(link), headers={"Sec-Fetch-Site": site}) as answer:
            assert answer.status == 404
            assert "Set-Cookie" not in answer.headers
        _, _, headers = await hers.get(link)
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        async with hers.session.post(hers.at(link), allow_redirects=False) as answer:
            assert answer.status == 303
            cookie = answer.headers["Set-Cookie"]
            assert all(one in cookie for one in ("HttpOnly", "SameSite=Strict", "Path=/evidence", "Max-Age=300"))
            assert answer.headers["Cache-Control"] == "no-store"


async def test_no_log_has_a_link_a_name_or_a_cookie(school: World, capsys: pytest.CaptureFixture[str]) -> None:
    reference = await file_with(school, "tess", [screenshot("Ollie Hughes.png")])
    await take(school, "priya", reference)
    link = await opened(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(link)
        await hers.get(files_on(page)[0])
        await hers.show(link)
        [cookie] = [one.value for one in hers.session.cookie_jar]
    said = "".join(capsys.readouterr())
    assert link.rpartition("/")[2] not in said
    assert cookie not in said
    assert "Ollie" not in said


async def test_very_many_links_are_forgotten(tmp_path: Path) -> None:
    now = [datetime.now().astimezone()]
    world = await World.open(tmp_path, platform="teams", wall=lambda: now[0])
    try:
        reference = await file_with(world, "tess", [screenshot()])
        await take(world, "priya", reference)
        for _ in range(20):
            link = await opened(world, "priya", reference)
        async with browser(world) as hers:
            await hers.show(link)
        now[0] += timedelta(minutes=11)
        await world.running.handlers.purge()
        async with world.running.database.reading() as uow:
            assert (await uow._read(passes.select())).all() == []
    finally:
        await world.close()


@contextlib.asynccontextmanager
async def slow_reader(url: str, cookie: str) -> AsyncIterator[asyncio.StreamReader]:
    """A browser that asks and does not read; how much it has read is up to the test."""
    host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**16)
    path = "/" + url.removeprefix("http://").partition("/")[2]
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()


async def test_who_loses_a_report_is_cut_off_in_the_middle_of_a_film(school: World) -> None:
    film = FILM + MEBIBYTE * 60
    reference = await file_with(school, "tess", [Attachment("film.mp4", film)])
    await take(school, "hana", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "hana", reference))
        [each, *_] = files_on(page)
        [cookie] = [f"{one.key}={one.value}" for one in hers.session.cookie_jar]
        async with slow_reader(hers.at(each), cookie) as reader:
            got = len(await reader.readexactly(65536))
            # Others are served meanwhile.
            async with hers.session.get(f"{school.running.server.url}/healthz") as answer:
                assert answer.status == 200
            await more(school, "hana", reference, "pass_on", why="too_close")
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(1024 * 1024):
                    got += len(piece)
        assert got < len(film), "it was sent to its end"


async def test_bytes_that_were_changed_in_the_store_are_not_shown(school: World) -> None:
    film = FILM + MEBIBYTE * 2
    reference = await file_with(school, "tess", [Attachment("film.mp4", film)])
    [kept] = (school.folder / "data" / "evidence").iterdir()
    whole = bytearray(kept.read_bytes())
    whole[-100] ^= 1
    kept.write_bytes(whole)
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        [each, *_] = files_on(page)
        with pytest.raises(aiohttp.ClientError):
            await hers.get(each)
        whole[100] ^= 1
        kept.write_bytes(whole)
        status, said, _ = await hers.get(each)
        assert status == 500
        assert b"changed or is gone" in said
