"""The load's own client: it reads answers to the end, keeps their order, and counts waiting from when it was due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bench.client import closed_loop, connect, open_loop


class Slow:
    """A server that echoes. "wait" is answered once `free` is set, "drop" never, "fail" with 500."""

    def __init__(self) -> None:
        self.url = ""
        self.waiting = asyncio.Event()
        self.free = asyncio.Event()
        self.seen: list[str] = []

    async def echo(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.seen.append(body)
        if body == "wait":
            self.waiting.set()
            await self.free.wait()
        if body == "drop" and request.transport is not None:
            request.transport.abort()
        return web.Response(text=body * 5000, status=500 if body == "fail" else 200)


@pytest.fixture
async def server() -> AsyncIterator[Slow]:
    slow = Slow()
    app = web.Application()
    app.router.add_post("/", slow.echo)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    slow.url = f"http://{host}:{port}"
    yield slow
    await runner.cleanup()


def request(body: str) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def test_answers_are_read_whole_and_come_in_the_order_of_the_requests(server: Slow) -> None:
    words = [f"w{number}" for number in range(30)]
    shots = await closed_loop(server.url, map(request, words), 4)
    assert [shot.body.decode() for shot in shots] == [word * 5000 for word in words]
    assert {shot.status for shot in shots} == {200}
    assert sorted(server.seen) == sorted(words)


async def test_a_connection_that_breaks_costs_one_request(server: Slow) -> None:
    shots = await closed_loop(server.url, map(request, ["a", "drop", "fail", "b"]), 1)
    assert [shot.status for shot in shots] == [200, 0, 500, 200]


async def test_in_the_open_loop_waiting_for_a_connection_counts(server: Slow) -> None:
    running = asyncio.create_task(open_loop(server.url, [request("wait"), request("next")], 1000, 1))
    await server.waiting.wait()
    server.free.set()
    first, second = await running
    assert second.due + second.late >= first.due + first.took, "sent once the connection was free"
    assert second.took >= second.late


async def test_the_load_does_not_leave_this_machine() -> None:
    with pytest.raises(AssertionError, match="this machine"):
        await connect("http://192.0.2.1:80")
