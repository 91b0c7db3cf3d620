"""The pages that the manifests link to can be read by anybody, ask for nothing and load nothing."""

from __future__ import annotations

import re

import aiohttp
import pytest

from bot.web.about import PAGES
from bot.web.server import WebServer


async def _ready() -> str:
    return ""


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_can_be_read(path: str) -> None:
    server = WebServer("127.0.0.1", 0, ready=_ready)
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
    assert set(re.findall(r'(?:href|src|action)="([^"]*)"', text)) <= set(PAGES)
    assert not re.search(r"<(script|form|img|iframe)|confidential|anonym", text)


def test_whoever_is_in_a_hurry_reads_whom_to_tell() -> None:
    assert "Call 999 first" in PAGES["/"]
    assert "tell your DSL in person" in PAGES["/terms"]
    assert "Whoever\nruns the server could read everything" in PAGES["/privacy"]
