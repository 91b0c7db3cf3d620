"""The servers that are measured: each a process of its own, started here and stopped here."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from bench.client import connect

SECONDS = 60
"""Within which a server must listen."""
_URL = re.compile(rb"http://127\.0\.0\.1:\d+")
_SETTINGS = ("STAFFROOM_", "SLACK_", "TEAMS_", "CLIENT_", "TENANT_", "SERVICE_URL", "REQUESTS_CA_BUNDLE")
"""Names, or how they begin, of what Staffroom, the SDKs and msal take from the environment: only ours is to count."""
_REPOSITORY = Path(__file__).parent.parent


class ServerFailed(Exception):
    """A server did not start; the message is what it said last."""


class Server:
    """A server that runs. `started` is how many seconds passed from starting its process to its first answer."""

    def __init__(self, process: psutil.Process, url: str, started: float) -> None:
        self._process = process
        self.url = url
        self.started = started

    @property
    def resident(self) -> float:
        """Resident memory, in MB of a million bytes."""
        return float(self._process.memory_info().rss) / 1e6

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has had."""
        times = self._process.cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def running(
    module: str, *arguments: str, env: Mapping[str, str], folder: Path, ready: str = ""
) -> AsyncIterator[Server]:
    """The module as a process, once it listens and `ready`, a path, answers 200; ended on leaving.

    Raises:
        ServerFailed: it does not come up.
    """
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env=_environment(env),
        cwd=folder,
        # Never written to: that it ends tells the server that we have (bench/parent.py).
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said: deque[bytes] = deque(maxlen=20)
    reading: asyncio.Task[None] | None = None
    try:
        try:
            async with asyncio.timeout(SECONDS):
                url = await _listening(process, said)
                reading = asyncio.create_task(_read_on(process, said))
                if ready:
                    await _ready(url, ready)
        except (TimeoutError, OSError):
            raise ServerFailed(f"{module}: {_last_words(said)}") from None
        yield Server(psutil.Process(process.pid), url, time.perf_counter() - started)
    except Exception as error:
        error.add_note(f"What {module} said last: {_last_words(said)}")
        raise
    finally:
        await _end(process)
        if reading is not None:
            await reading


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith(_SETTINGS)}
    return {**ours, "PYTHONPATH": str(_REPOSITORY), **env}


async def _listening(process: asyncio.subprocess.Process, said: deque[bytes]) -> str:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said.append(line)
        found = _URL.search(line)
        if found:
            return found[0].decode()
    raise TimeoutError


async def _read_on(process: asyncio.subprocess.Process, said: deque[bytes]) -> None:
    # A pipe that nobody reads fills up, and then the server waits.
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said.append(line)


async def _ready(url: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    connection = await connect(url)
    try:
        while (await connection.ask(request))[0] != 200:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.005)
    finally:
        connection.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _last_words(said: deque[bytes]) -> str:
    return b"".join(said).decode("utf-8", "replace") or "it said nothing"
