"""Slack has a bad day, as the test asks."""

from __future__ import annotations

import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from tests.unit.sandbox.conftest import Clock


async def test_429_tells_how_long_to_wait(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    slack.faults.rate_limit("auth.test", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as limited:
            await client.auth_test()
        assert limited.value.response.status_code == 429
        assert limited.value.response.headers["Retry-After"] == "7"
    assert (await client.auth_test())["ok"]
    assert slack.violations == []


async def test_server_errors_and_going_down(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    slack.faults.fail("auth.test", status=500)
    with pytest.raises(SlackApiError) as failed:
        await client.auth_test()
    assert failed.value.response.status_code == 500
    assert (await client.auth_test())["ok"]
    slack.faults.down()
    for _ in range(3):
        with pytest.raises(SlackApiError) as failed:
            await client.auth_test()
        assert failed.value.response.status_code == 503
    slack.faults.up()
    assert (await client.auth_test())["ok"]


async def test_a_reset_before_acting_posts_nothing(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    slack.faults.reset("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=tess.id, text="once")
    assert tess.messages == []
    assert slack.calls[-1].status == 0


async def test_a_lost_answer_has_posted_all_the_same(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=tess.id, text="once")
    assert [m.text for m in tess.messages] == ["once"]
    assert slack.calls[-1].answer["ok"] is True


async def test_slow_takes_its_time(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    slack.faults.slow("*", 0.03)
    started = time.perf_counter()
    await client.auth_test()
    assert time.perf_counter() - started >= 0.03


async def test_an_edit_window_closes(slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson) -> None:
    sent = await client.chat_postMessage(channel=tess.id, text="first")
    slack.faults.edit_window_closed()
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await client.chat_update(channel=sent["channel"], ts=sent["ts"], text="second")
    assert (tess.last_message.text, tess.last_message.edited) == ("first", False)
    await client.chat_update(channel=sent["channel"], ts=sent["ts"], text="third")
    assert tess.last_message.text == "third"


async def test_one_post_a_second_per_channel_when_enforced(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson, clock: Clock
) -> None:
    other = slack.add_person("Sam Staff", "sam@astor.example")
    slack.faults.enforce_rate(1)
    await client.chat_postMessage(channel=tess.id, text="one")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel=tess.id, text="two")
    await client.chat_postMessage(channel=other.id, text="another channel")
    clock.forward(1)
    await client.chat_postMessage(channel=tess.id, text="two")
    assert [m.text for m in tess.messages] == ["one", "two"]


async def test_clear_ends_every_fault(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    slack.faults.down()
    slack.faults.revoke_token()
    slack.faults.fail("*", times=9)
    slack.faults.clear()
    assert (await client.auth_test())["ok"]
