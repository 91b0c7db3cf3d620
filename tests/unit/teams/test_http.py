"""Answers of Microsoft's: in as many pieces as they come, and no longer than they may be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.teams.failures import CallFailed
from bot.teams.http import MOST_BYTES, Http
from bot.teams.keys import SigningKeys

LONG = json.dumps({"keys": [{"kty": "RSA", "kid": str(number), "x5c": ["c" * 2000]} for number in range(300)]})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved":
            raise web.HTTPFound("https://evil.example/")
        if request.path == "/endless":
            return web.Response(body=b" " * (MOST_BYTES + 1))
        if request.path == "/deep":
            return web.Response(body=b"[" * 200_000)
        pieces = web.StreamResponse()
        await pieces.prepare(request)
        for start in range(0, len(LONG), 10_000):
            await pieces.write(LONG[start : start + 10_000].encode())
        return pieces

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    found = Http()
    yield found
    await found.close()


async def test_an_answer_in_pieces_is_read_to_its_end(http: Http, url: str) -> None:
    assert await http.call("GET", f"{url}/keys") == json.loads(LONG)


async def test_an_answer_that_does_not_end_is_left(http: Http, url: str) -> None:
    with pytest.raises(CallFailed, match="answer_too_long"):
        await http.call("GET", f"{url}/endless")


async def test_an_answer_that_is_no_json_is_nothing(http: Http, url: str) -> None:
    assert await http.call("GET", f"{url}/deep") is None


async def test_a_token_is_not_carried_on_to_where_an_answer_points(http: Http, url: str) -> None:
    with pytest.raises(CallFailed, match="http_302"):
        await http.call("POST", f"{url}/moved", token="t", body={})


async def test_keys_that_are_none_leave_those_that_are_known(http: Http, url: str) -> None:
    keys = SigningKeys(http, f"{url}/metadata")
    await keys.refresh()
    assert await keys.find("1") is None
