"""The pages that the manifests link to can be read by anybody, name the school, ask for nothing and load nothing."""

from __future__ import annotations

import re

import aiohttp
import pytest

from bot.web.about import PATHS, About, pages
from bot.web.server import WebServer

BOTH = pages("St Ann's & St John's", "dpo@astor.example", ("Slack", "Microsoft Teams"))


async def _ready() -> str:
    return ""


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_can_be_read(path: str) -> None:
    server = WebServer("127.0.0.1", 0, ready=_ready)
    server.add_site(About(BOTH).add_to)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{server.url}{path}?x=<script>") as response:
            text = await response.text()
            assert response.status == 200
            assert response.content_type == "text/html"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.cookies == {}
    finally:
        await server.stop()
    assert set(re.findall(r'(?:href|src|action)="([^"]*)"', text)) <= set(PATHS)
    assert not re.search(r"<(script|form|img|iframe)|confidential|anonym|[{}]school", text)
    assert "St Ann&#x27;s &amp; St John&#x27;s" in text


def test_whoever_is_in_a_hurry_reads_whom_to_tell() -> None:
    assert "Call 999 first" in BOTH["/"]
    assert "tell your DSL in person" in BOTH["/terms"]
    assert "Whoever\nruns the server could read everything" in BOTH["/privacy"]


def test_it_says_who_is_responsible_and_whom_to_ask() -> None:
    assert "it is the data controller. Questions: dpo@astor.example." in BOTH["/privacy"]
    nobody_named = pages("Astor", "", ("Slack",))["/privacy"]
    assert "Questions: the school's data protection officer" in nobody_named


@pytest.mark.parametrize(("used", "other"), [("Slack", "Teams"), ("Microsoft Teams", "Slack")])
def test_only_the_platforms_in_use_are_named(used: str, other: str) -> None:
    text = "".join(pages("Astor", "", (used,)).values())
    assert f"What staff type or are shown in {used} passes through that service" in text
    assert other not in text
    assert "in Slack or Microsoft Teams passes through these services" in BOTH["/privacy"]


def test_it_says_that_files_are_kept() -> None:
    assert "screenshots and other files" in BOTH["/privacy"]
