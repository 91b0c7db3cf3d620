"""Signatures, forgeries, redeliveries and the Events API."""

from __future__ import annotations

import json

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from tests.unit.sandbox.conftest import Clock, TinyBot


async def test_only_what_slack_signs_gets_in(slack: LoopbackSlack, bot: TinyBot, clock: Clock) -> None:
    body = b"command=%2Fx"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await slack.send_raw(body, form | slack.sign(body)))[0] == 200
    assert (await slack.send_raw(body, form | slack.sign(body, secret="guessed")))[0] == 401
    assert (await slack.send_raw(body + b"&x=1", form | slack.sign(body)))[0] == 401
    old = slack.sign(body, timestamp=int(clock()) - 301)
    assert (await slack.send_raw(body, form | old))[0] == 401
    assert (await slack.send_raw(body, form))[0] == 401
    assert len(bot.seen) == 1


async def test_the_signature_is_the_one_of_slacks_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    slack = LoopbackSlack(signing_secret="8f742231b10e8888abcd99yyyzzz85a5")
    assert slack.sign(body, 1531420618) == {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }


async def test_a_redelivery_is_the_same_body_signed_afresh(
    slack: LoopbackSlack, bot: TinyBot, clock: Clock, tess: SlackPerson
) -> None:
    first = await tess.command("/report-incident", "words")
    clock.forward(60)
    again = await slack.redeliver(first, retry_num=1)
    assert again.sent == first.sent
    assert bot.seen[0] == bot.seen[1]
    assert bot.headers[0]["X-Slack-Request-Timestamp"] != bot.headers[1]["X-Slack-Request-Timestamp"]
    assert "X-Slack-Retry-Num" not in bot.headers[0]
    assert bot.headers[1]["X-Slack-Retry-Num"] == "1"
    assert bot.headers[1]["X-Slack-Retry-Reason"] == "http_timeout"


async def test_events_are_retried_only_when_asked(slack: LoopbackSlack, bot: TinyBot) -> None:
    async def fail_twice(_: object) -> int | None:
        return 500 if len(bot.seen) <= 2 else None

    bot.handler = fail_twice
    once = await slack.send_event({"type": "team_join"})
    assert (once.failed, once.attempts) == (True, 1)
    bot.seen.clear()
    bot.headers.clear()
    slack.retry_events = True
    done = await slack.send_event({"type": "team_join"})
    assert (done.failed, done.attempts) == (False, 3)
    assert [h.get("X-Slack-Retry-Num") for h in bot.headers] == [None, "1", "2"]
    assert bot.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({event["event_id"] for event in bot.seen}) == 1
    assert bot.headers[0]["Content-Type"] == "application/json"


async def test_a_message_from_a_person_is_an_event(slack: LoopbackSlack, bot: TinyBot, tess: SlackPerson) -> None:
    file = slack.add_file("a.png", b"x", owner=tess)
    message = await tess.say("see this", files=[file])
    inner = bot.seen[0]["event"]
    assert (inner["type"], inner["channel_type"], inner["text"]) == ("message", "im", "see this")
    assert inner["files"][0]["id"] == file.id
    await tess.message_shortcut("keep", message)
    assert bot.seen[1]["type"] == "message_action"
    assert bot.seen[1]["message"]["text"] == "see this"


async def test_a_stranger_comes_from_another_team(slack: LoopbackSlack, bot: TinyBot) -> None:
    afar = slack.add_person("Ada Away", "ada@elsewhere.example", stranger=True)
    await afar.shortcut("report_incident")
    assert bot.seen[0]["user"]["team_id"] != slack.team_id
    assert bot.seen[0]["team"]["id"] == slack.team_id


async def test_any_payload_can_be_forged(slack: LoopbackSlack, bot: TinyBot, tess: SlackPerson) -> None:
    forged = {"type": "block_actions", "user": {"id": tess.id}, "actions": []}
    done = await slack.send_interactive(forged)
    assert done.status == 200
    assert bot.seen == [json.loads(json.dumps(forged))]
