"""The servers that are measured answer what is forged, refuse what is not signed, and never outlive the benchmark."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from bench.client import connect
from bench.forge_slack import slack
from bench.forge_teams import teams
from bench.load import REFERENCE, Crowd, Platform
from bench.servers import running
from bot.sandbox.world import PEOPLE
from storage.sealing import new_master_key

DUTIES = tuple(row.split(",")[1] for row in PEOPLE.splitlines()[1:])
CROWD = Crowd(("one@astor.example", "two@astor.example"), ("three@astor.example",), DUTIES)
PATIENCE = 30.0
KILLED = """
import asyncio, os, pathlib, signal
from bench.servers import running

async def main():
    async with running("bench.bare_slack", env={"SLACK_SIGNING_SECRET": "none"}, folder=pathlib.Path()) as server:
        print(server.url, flush=True)
        await asyncio.to_thread(input)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("make", [slack, teams])
async def test_what_is_forged_is_taken_as_new_and_what_is_not_signed_is_refused(
    make: Callable[[Crowd], Platform], tmp_path: Path
) -> None:
    platform = make(CROWD)
    people = tmp_path / "people.csv"
    names = (*CROWD.writers, *CROWD.readers)
    people.write_text(PEOPLE + "".join(f"{email.split('@')[0]} Example,{email},,,,\n" for email in names))
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(platform.sink)
        env = {
            "STAFFROOM_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'load.db'}",
            "STAFFROOM_SECRET_KEYS": new_master_key(),
            "STAFFROOM_PROFILE": "astor",
            "STAFFROOM_STAFF": str(people),
            "PORT": "0",
            **sink.env,
        }
        staffroom = await stack.enter_async_context(running("bench.staffroom", "0", env=env, folder=tmp_path))
        bare = await stack.enter_async_context(running(platform.module, env=sink.bare_env, folder=tmp_path))
        ours, theirs = await connect(staffroom.url), await connect(bare.url)
        stack.callback(ours.close)
        stack.callback(theirs.close)
        forge = platform.forge
        await forge.learn(staffroom.url)
        reports = [forge.report() for _ in range(3)]
        references = set()
        for report in reports:
            for request, check in (
                (forge.blank_form(), forge.is_blank_form),
                (forge.first_screen(report), forge.is_next_screen),
                (forge.second_screen(report), forge.is_received),
            ):
                status, body = await ours.ask(request)
                assert (status, check(body)) == (200, True), body
                assert (await theirs.ask(request))[0] == 200
            found = REFERENCE.search(body)
            assert found is not None
            references.add(found[1])
        assert len(references) == len(reports)
        forged = _with_another_signature(forge.blank_form())
        assert [(await server.ask(forged))[0] for server in (ours, theirs)] == [401, 401]


def _with_another_signature(request: bytes) -> bytes:
    """The request, with one character of its signature or token exchanged for another."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    signed = next(index for index, line in enumerate(lines) if line.startswith((b"X-Slack-Sig", b"Authorization")))
    line = lines[signed]
    lines[signed] = line[:-10] + (b"0" if line[-10:-9] == b"1" else b"1") + line[-9:]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def test_a_server_ends_when_the_benchmark_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    async with asyncio.timeout(PATIENCE):
        where = urlsplit((await parent.stdout.readline()).decode().strip())
        children = psutil.Process(parent.pid).children()
        assert len(children) == 1
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        parent.stdin.write(b"\n")
        assert await parent.wait() == -9
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(where.hostname, where.port)
