"""A small HTTP client and the two kinds of load: closed loop (as fast as answers come) and open loop (by the clock).

It speaks just enough HTTP/1.1 for bytes that were made beforehand, on connections that stay open: an ordinary
client would cost more than the servers do, and the measurement would be of the client.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 10.0
"""Seconds after which an answer counts as lost. Slack itself gives up after three."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shot:
    """One request. `due` is when it was to be sent, `took` the seconds from then until its whole answer was there.

    In the closed loop a request is due when it is sent; in the open one it may be sent `late`. `status` is 0
    where there was no answer.
    """

    due: float
    took: float
    late: float
    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        found = _LENGTH.search(self._buffer, 0, end + 2)
        whole = end + 4 + (int(found[1]) if found else 0)
        if len(self._buffer) < whole:
            return
        answer, self._answer = self._answer, None
        status, body = int(self._buffer[9:12]), bytes(self._buffer[end + 4 : whole])
        del self._buffer[:whole]
        if not answer.done():
            answer.set_result((status, body))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own signature
        """Called by asyncio."""
        self.lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("closed"))

    def close(self) -> None:
        """Ends the connection."""
        self.lost = True
        if self._transport is not None:
            self._transport.close()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Sends the bytes; returns status and body.

        Raises:
            ConnectionError, TimeoutError: there was no answer.
        """
        if self._transport is None or self.lost:
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answer


async def connect(url: str) -> Connection:
    """A connection to the server at this address.

    Raises:
        OSError: nobody listens there.
    """
    where = urlsplit(url)
    assert where.hostname == "127.0.0.1", "the load stays on this machine"
    assert where.port is not None
    _, connection = await asyncio.get_running_loop().create_connection(Connection, where.hostname, where.port)
    return connection


@asynccontextmanager
async def _connections(url: str, count: int) -> AsyncIterator[list[Connection]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            connection = await connect(url)
            stack.callback(connection.close)
            made.append(connection)
        yield made


async def _shoot(connection: Connection, request: bytes, due: float) -> Shot:
    sent = time.perf_counter()
    try:
        status, body = await connection.ask(request)
    except (OSError, TimeoutError):
        status, body = 0, b""
        connection.close()
    return Shot(due, time.perf_counter() - due, sent - due, status, body)


async def closed_loop(url: str, requests: Iterable[bytes], connections: int) -> list[Shot]:
    """Sends all requests; each connection sends its next one as soon as it has its answer. In the order of requests."""
    numbered = enumerate(requests)
    shots: dict[int, Shot] = {}

    async def one(connection: Connection) -> None:
        for number, request in numbered:
            if connection.lost:
                connection = await connect(url)
            shots[number] = await _shoot(connection, request, time.perf_counter())

    async with _connections(url, connections) as made:
        await asyncio.gather(*(one(connection) for connection in made))
    return [shots[number] for number in sorted(shots)]


async def open_loop(url: str, requests: Sequence[bytes], rate: float, connections: int, *, seed: int = 1) -> list[Shot]:
    """Sends the requests at random moments, `rate` a second on average, whether or not answers have come.

    Where every connection is busy a request waits for one, and its waiting counts: latency is from the moment at
    which it was due. In the order of requests.
    """
    gaps = random.Random(seed)
    idle: asyncio.Queue[Connection] = asyncio.Queue()

    async def one(request: bytes, due: float) -> Shot:
        connection = await idle.get()
        if connection.lost:
            connection = await connect(url)
        try:
            return await _shoot(connection, request, due)
        finally:
            idle.put_nowait(connection)

    async with _connections(url, connections) as made:
        for connection in made:
            idle.put_nowait(connection)
        tasks = []
        start = time.perf_counter() + 0.05
        dues = itertools.accumulate((gaps.expovariate(rate) for _ in requests), initial=start)
        for request, due in zip(requests, dues, strict=False):
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(one(request, due)))
        return list(await asyncio.gather(*tasks))
