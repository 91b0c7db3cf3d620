"""Teams has a bad day, as the test asks."""

from __future__ import annotations

import time

import aiohttp
import pytest

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client
from tests.unit.loopback_teams.making import message


async def test_429_tells_how_long_to_wait_or_not(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    teams.faults.rate_limit("send", retry_after=7)
    teams.faults.rate_limit("send", retry_after=None)
    address = f"{teams.service_url}v3/conversations/{tess.conversation_id}/activities"
    headers = {"Authorization": f"Bearer {client.bearer}"}
    told = []
    for _ in range(3):
        async with client.session.post(address, json=message(text="once"), headers=headers) as answer:
            told.append((answer.status, answer.headers.get("Retry-After")))
    assert told == [(429, "7"), (429, None), (201, None)]
    assert len(tess.messages) == 1


async def test_server_errors_and_going_down(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    teams.faults.fail("send", status=502)
    teams.faults.fail("*", status=412, code="PreconditionFailed")
    statuses = [(await client.send(tess.conversation_id, message(text="x")))[0] for _ in range(3)]
    assert statuses == [502, 412, 201]
    teams.faults.down()
    assert (await client.send(tess.conversation_id, message(text="x")))[0] == 503
    assert (await client.login())[0] == 503
    teams.faults.up()
    assert (await client.login())[0] == 200
    assert teams.violations == []


async def test_a_lost_answer_has_sent_all_the_same(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    teams.faults.reset("send")
    with pytest.raises(aiohttp.ClientError):
        await client.send(tess.conversation_id, message(text="once"))
    assert (tess.messages, teams.calls[-1].status) == ([], 0)
    teams.faults.lose_answer("send")
    with pytest.raises(aiohttp.ClientError):
        await client.send(tess.conversation_id, message(text="once"))
    assert [m.text for m in tess.messages] == ["once"]
    assert teams.calls[-1].answer == {"id": tess.last_message.id}


async def test_slow_takes_its_time_and_clear_ends_it(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    teams.faults.slow("send", 0.03)
    started = time.perf_counter()
    assert (await client.send(tess.conversation_id, message(text="x")))[0] == 201
    assert time.perf_counter() - started >= 0.03
    teams.faults.down()
    teams.faults.fail("*", times=9)
    teams.faults.enforce_rates()
    teams.faults.clear()
    assert [(await client.send(tess.conversation_id, message(text="x")))[0] for _ in range(9)] == [201] * 9
