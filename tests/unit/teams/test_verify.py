"""Requests that are not from Teams, not for us, or not about our school change nothing and are told nothing."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.sandbox.loopback_teams import LoopbackTeams
from bot.teams.adapter import TeamsAdapter
from bot.teams.keys import AGAIN, STALE
from policy.errors import SettingsError
from tests.unit.teams.conftest import Ours, Remembered, School, served, settings_of

OTHER = "5b0e7d3a-0000-4000-8000-00000000e15e"

MOMENTS = {"exp", "nbf"}


async def an_activity(ours: Ours) -> dict[str, Any]:
    """A message as Teams sends it; it has been answered already."""
    activity = (await ours.ada.say("the child said")).activity
    ours.teams.calls.clear()
    return activity


async def sent(ours: Ours, body: bytes, token: str | None = "") -> tuple[int, str]:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token or ours.teams.token()}"
    return await ours.teams.send_raw(body, headers)


async def test_a_true_one_is_taken(ours: Ours) -> None:
    assert await sent(ours, json.dumps(await an_activity(ours)).encode()) == (200, "")
    assert ours.operations() == ["send"]


@pytest.mark.parametrize(
    "forged",
    [
        {"exp": None},
        {"exp": -301},
        {"exp": "soon"},
        {"nbf": 400},
        {"iss": "https://sts.windows.net/x/"},
        {"iss": None},
        {"aud": "another-bot"},
        {"aud": None},
        {"aud": ["2f4c3a10-0000-4000-8000-0000000000b0", "another"]},
        {"serviceurl": "https://evil.example/"},
        {"serviceurl": None},
        {"serviceurl": 7},
        {"alg": "none"},
        {"alg": "HS256"},
        {"signer": "nobody"},
        {"signer": "login"},
        {"kid": "unknown"},
    ],
)
async def test_a_forged_token(ours: Ours, forged: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    body = json.dumps(await an_activity(ours)).encode()
    caplog.clear()
    # Offsets are from now, not from when the tests were collected.
    whole = {name for name in MOMENTS & forged.keys() if isinstance(forged[name], int)}
    moments: dict[str, Any] = {name: int(time.time()) + forged[name] for name in whole}
    assert await sent(ours, body, ours.teams.token(**{**forged, **moments})) == (401, "")
    assert [operation for operation in ours.operations() if operation not in {"openid", "keys"}] == []
    assert "child" not in caplog.text


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Bearer a.b.c", "Bearer é.☃"])
async def test_no_token(ours: Ours, header: str | None) -> None:
    body = json.dumps(await an_activity(ours)).encode()
    headers = {"Authorization": header} if header is not None else {}
    assert await ours.teams.send_raw(body, headers) == (401, "")


@pytest.mark.parametrize("seconds", [-290, 290])
async def test_a_clock_that_differs_a_little(ours: Ours, seconds: int) -> None:
    body = json.dumps(await an_activity(ours)).encode()
    token = ours.teams.token(exp=int(time.time()) + 3000 + seconds, nbf=int(time.time()) + min(seconds, 290))
    assert (await sent(ours, body, token))[0] == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER}}, 403),
        (
            {"conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {"tenant": {"id": OTHER}}},
            403,
        ),
        ({"conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {}}, 403),
        ({"channelId": "webchat"}, 403),
        ({"serviceUrl": "https://evil.example/"}, 401),
        ({"serviceUrl": None}, 400),
        ({"from": None}, 400),
        ({"from": "29:1"}, 400),
        ({"conversation": []}, 400),
        ({"type": 7}, 400),
        ({"id": None}, 400),
        ({"type": "invoke", "name": None}, 400),
    ],
)
async def test_another_tenant_and_malformed_activities(ours: Ours, change: dict[str, Any], status: int) -> None:
    activity = await an_activity(ours)
    assert await sent(ours, json.dumps({**activity, **change}).encode()) == (status, "")
    assert ours.operations() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 100_000, b"9" * 10_000])
async def test_signed_but_no_activity(ours: Ours, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert await sent(ours, body) == (400, "")
    assert caplog.records == []


@pytest.mark.parametrize("says_so", [True, False])
async def test_too_large(ours: Ours, says_so: bool) -> None:
    body = b'{"a":"' + b"b" * 1024 * 1024 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {"Authorization": f"Bearer {ours.teams.token()}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            ours.teams.delivery.url, data=io.BytesIO(body) if says_so else pieces(), headers=headers
        ) as answer,
    ):
        assert answer.status == 413


async def test_new_keys_are_fetched_when_they_are_first_used(ours: Ours) -> None:
    body = json.dumps(await an_activity(ours)).encode()
    ours.teams.rotate_keys()
    ours.clock[0] += AGAIN
    assert (await sent(ours, body))[0] == 200
    assert ours.operations().count("keys") == 1


async def test_unknown_keys_do_not_make_us_ask_all_the_time(ours: Ours) -> None:
    body = json.dumps(await an_activity(ours)).encode()
    ours.clock[0] += AGAIN
    for number in range(20):
        assert (await sent(ours, body, ours.teams.token(kid=f"made up {number}")))[0] == 401
    assert ours.operations().count("keys") == 1


async def test_old_keys_are_fetched_again_off_the_way(ours: Ours) -> None:
    body = json.dumps(await an_activity(ours)).encode()
    ours.clock[0] += STALE + 1
    ours.teams.faults.slow("keys", 0.3)
    started = time.monotonic()
    assert (await sent(ours, body))[0] == 200
    assert time.monotonic() - started < 0.3
    await ours.teams.until(lambda: "keys" in ours.operations())


async def test_a_school_starts_without_microsoft(teams: LoopbackTeams) -> None:
    teams.faults.down()
    clock = [1000.0]
    adapter = TeamsAdapter(settings_of(teams), School(), Remembered(), monotonic=lambda: clock[0])
    runner, url = await served(adapter)
    teams.deliver_to(url)
    await adapter.start()
    trouble = adapter.standing.trouble
    assert trouble is not None
    assert trouble.kind == "deaf"
    assert trouble.said.endswith("Nothing from Teams can be accepted until it is reached.")
    person = teams.person_of("ada@school.example")
    body = json.dumps({"type": "message"}).encode()
    assert (await teams.send_raw(body, {"Authorization": f"Bearer {teams.token()}"}))[0] == 401
    teams.faults.up()
    clock[0] += AGAIN
    await teams.people[person.id].say("hello")  # type: ignore[attr-defined]
    assert any(message.sender == teams.bot_id for message in teams.messages.values())
    assert adapter.standing.trouble is None
    await adapter.close()
    await runner.cleanup()


async def test_a_wrong_secret_is_said_at_the_start(teams: LoopbackTeams) -> None:
    settings = replace(settings_of(teams), client_secret="wrong-secret")
    assert "wrong-secret" not in repr(settings)
    adapter = TeamsAdapter(settings, School(), Remembered())
    with pytest.raises(SettingsError, match="AADSTS7000215") as refused:
        await adapter.start()
    assert "wrong-secret" not in str(refused.value)
    await adapter.close()


async def test_refused_requests_are_counted_by_reason(ours: Ours) -> None:
    activity = await an_activity(ours)
    body = json.dumps(activity).encode()
    for _ in range(2):
        await sent(ours, body, ours.teams.token(aud="another-bot"))
    await sent(ours, body, None)
    await sent(ours, json.dumps({**activity, "channelId": "webchat"}).encode())
    await sent(ours, json.dumps({**activity, "conversation": {**activity["conversation"], "tenantId": OTHER}}).encode())
    assert ours.adapter.standing.take_turned_away() == {
        "a token for another bot: compare TEAMS_CLIENT_ID": 2,
        "no token": 1,
        "another channel than Teams (Test in Web Chat is one)": 1,
        "another tenant: compare TEAMS_TENANT_ID": 1,
    }
    assert ours.adapter.standing.take_turned_away().total() == 0
