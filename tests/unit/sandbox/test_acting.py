"""People type commands, press buttons and choose; the bot opens views and answers."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import ClientRefuses, LoopbackSlack, SlackPerson
from tests.unit.sandbox.conftest import Clock, TinyBot
from tests.unit.sandbox.making import actions, ask, button, modal, option, plain, section, typed


def opening(client: AsyncWebClient, *blocks: dict[str, Any], **more: object) -> Any:
    async def handle(payload: dict[str, Any]) -> None:
        await client.views_open(trigger_id=payload["trigger_id"], view=modal(*blocks, **more))

    return handle


async def test_a_command_opens_a_view(bot: TinyBot, client: AsyncWebClient, tess: SlackPerson) -> None:
    bot.handler = opening(client, typed("what"), private_metadata="case 7")
    done = await tess.command("/report-incident", "a & b <c>")
    assert (done.status, done.body, done.failed) == (200, "", False)
    assert done.latency > 0
    assert done.opened is tess.view
    assert tess.view is not None
    assert (tess.view.title, tess.view.submit_label, tess.view.callback_id) == ("A form", "Send", "form")
    assert tess.view.private_metadata == "case 7"
    seen = bot.seen[0]
    assert bot.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert (seen["command"], seen["text"], seen["user_id"]) == ("/report-incident", "a & b <c>", tess.id)
    assert (seen["channel_name"], seen["is_enterprise_install"]) == ("directmessage", "false")
    assert {"team_id", "trigger_id", "response_url", "api_app_id", "user_name"} <= set(seen)


async def test_an_answer_to_a_command_is_for_the_person_only(
    slack: LoopbackSlack, bot: TinyBot, tess: SlackPerson
) -> None:
    staff = slack.add_channel("staff", [tess])

    async def words(_: object) -> str:
        return "Use /help"

    async def rich(_: object) -> dict[str, Any]:
        return {"response_type": "in_channel", "text": "seen by all", "blocks": [section("seen by all")]}

    async def wrong(_: object) -> dict[str, Any]:
        return {"blocks": [section("")]}

    bot.handler = words
    await tess.command("/x", channel=staff)
    assert [m.text for m in tess.ephemerals] == ["Use /help"]
    bot.handler = rich
    await tess.command("/x", channel="staff")
    assert [m.text for m in slack.channel_messages(staff)] == ["seen by all"]
    bot.handler = wrong
    assert (await tess.command("/x", channel="staff")).failed
    assert "json-pointer:/blocks/0/text/text" in slack.violations[0]


async def test_a_trigger_lasts_three_seconds_and_once(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, clock: Clock, tess: SlackPerson
) -> None:
    done = await tess.shortcut("report_incident")
    assert bot.seen[0]["type"] == "shortcut"
    assert "response_url" not in bot.seen[0]
    clock.forward(3.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=done.trigger_id, view=modal(typed("what")))
    again = await tess.shortcut("report_incident")
    clock.forward(2.9)
    await client.views_open(trigger_id=again.trigger_id, view=modal(typed("what")))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=again.trigger_id, view=modal(typed("what")))
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="1.2.3", view=modal(typed("what")))
    assert again.opened is tess.view
    assert [v.split(": ")[1] for v in slack.violations] == [
        "expired_trigger_id",
        "exchanged_trigger_id",
        "invalid_trigger_id",
    ]


async def test_no_ack_in_time_or_no_200_is_an_error_to_the_person(
    slack: LoopbackSlack, bot: TinyBot, tess: SlackPerson
) -> None:
    async def sleepy(_: object) -> None:
        await asyncio.sleep(0.04)

    async def broken(_: object) -> int:
        return 500

    slack.delivery.ack_seconds = 0.02
    bot.handler = sleepy
    late = await tess.command("/x")
    assert (late.failed, late.timed_out, late.status) == (True, True, 0)
    slack.delivery.ack_seconds = 3
    bot.handler = broken
    failed = await tess.command("/x")
    assert (failed.failed, failed.timed_out, failed.status) == (True, False, 500)
    slack.deliver_to("http://127.0.0.1:9/slack/events")
    assert (await tess.command("/x")).failed


async def test_a_press_tells_the_bot_what_was_pressed(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    blocks = [section("Well?"), actions(button("yes", "Yes", "7", style="primary"), button("no", "No", "7"))]
    await client.chat_postMessage(channel=tess.id, text="Well?", blocks=blocks)
    done = await tess.press(tess.last_message, "yes")
    seen = bot.seen[0]
    (action,) = seen["actions"]
    assert (action["action_id"], action["value"], action["block_id"], action["type"]) == (
        "yes",
        "7",
        "acts",
        "button",
    )
    assert seen["container"]["message_ts"] == seen["message"]["ts"] == tess.last_message.ts
    assert seen["channel"]["id"] == tess.last_message.channel
    assert seen["user"]["id"] == tess.id
    assert done.response_url == seen["response_url"]
    await tess.press(tess.last_message, "no", value="8")
    assert bot.seen[1]["actions"][0]["value"] == "8", "forged"
    with pytest.raises(AssertionError, match=r"yes \(button\)"):
        await tess.press(tess.last_message, "maybe")
    assert slack.violations == []


async def test_an_old_screen_still_has_the_old_button(bot: TinyBot, client: AsyncWebClient, tess: SlackPerson) -> None:
    sent = await client.chat_postMessage(channel=tess.id, text="?", blocks=[actions(button("yes", "Yes", "7"))])
    old = tess.last_message.snapshot()
    await client.chat_update(channel=sent["channel"], ts=sent["ts"], text="Decided", blocks=[])
    with pytest.raises(AssertionError, match="no element"):
        await tess.press(tess.last_message, "yes")
    await tess.press(old, "yes")
    assert bot.seen[0]["actions"][0]["value"] == "7"


@pytest.mark.usefixtures("bot")
async def test_a_response_url_takes_five_posts_in_thirty_minutes(
    slack: LoopbackSlack, client: AsyncWebClient, clock: Clock, tess: SlackPerson
) -> None:
    await client.chat_postMessage(channel=tess.id, text="?", blocks=[actions(button("yes", "Yes"))])
    url = (await tess.press(tess.last_message, "yes")).response_url
    other = (await tess.press(tess.last_message, "yes")).response_url
    async with aiohttp.ClientSession() as session:

        async def post(where: str, **body: object) -> tuple[int, str]:
            async with session.post(where, json=body) as answer:
                return answer.status, await answer.text()

        assert await post(url, text="Thank you", replace_original=True) == (200, "ok")
        assert tess.last_message.text == "Thank you"
        assert tess.last_message.buttons == {}
        for number in range(4):
            assert (await post(url, text=f"note {number}"))[0] == 200
        assert [m.text for m in tess.ephemerals] == ["note 0", "note 1", "note 2", "note 3"]
        status, text = await post(url, text="too many")
        assert status == 404
        assert "used_url" in text
        assert (await post(other, blocks=[{"type": "nonsense"}]))[0] == 400
        clock.forward(1801)
        status, text = await post(other, text="too late")
        assert "expired_url" in text
    assert [v.split()[1] for v in slack.violations] == ["used_url", "invalid_blocks", "expired_url"]


async def test_an_ephemeral_can_be_pressed_replaced_and_removed(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    staff = slack.add_channel("staff", [tess])
    await client.chat_postEphemeral(channel=staff, user=tess.id, text="?", blocks=[actions(button("yes", "Yes"))])
    done = await tess.press(tess.ephemerals[0], "yes")
    assert bot.seen[0]["container"]["is_ephemeral"] is True
    assert "message" not in bot.seen[0]
    async with aiohttp.ClientSession() as session:
        async with session.post(done.response_url, json={"text": "ok", "replace_original": True}):
            assert tess.ephemerals[0].text == "ok"
        async with session.post(done.response_url, json={"delete_original": True}):
            assert tess.ephemerals == []


async def test_choosing_tells_the_bot_only_where_slack_would(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    menu = {"type": "static_select", "options": [option("new"), option("existing")]}
    bot.handler = opening(
        client,
        ask("kind", menu, dispatch_action=True),
        ask("site", menu),
        actions({"type": "overflow", "action_id": "more", "options": [option("delete")]}),
    )
    await tess.shortcut("open")
    assert tess.view is not None
    bot.handler = None
    await tess.choose(tess.view, "kind_in", "Existing")
    action = bot.seen[1]["actions"][0]
    assert action["selected_option"]["value"] == "existing", "by the words on it, too"
    state = bot.seen[1]["view"]["state"]["values"]
    assert state["kind"]["kind_in"]["selected_option"]["value"] == "existing"
    assert state["site"]["site_in"]["selected_option"] is None
    assert tess.view.fields["kind"].value == "existing"
    with pytest.raises(AssertionError, match="dispatch_action"):
        await tess.choose(tess.view, "site_in", "new")
    with pytest.raises(ClientRefuses, match="does not offer"):
        await tess.choose(tess.view, "kind_in", "other")
    await tess.choose(tess.view, "more", "delete")
    assert bot.seen[2]["actions"][0]["type"] == "overflow"
    assert slack.violations == []


async def test_suggestions_come_from_the_bot_within_limits(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    bot.handler = opening(
        client, ask("account", {"type": "multi_external_select", "min_query_length": 1, "max_selected_items": 2})
    )
    await tess.shortcut("open")
    view = tess.view
    assert view is not None
    answer: dict[str, Any] = {"options": [option("a1", "Astor News"), option("a2", "Astor Sport")]}

    async def offer(payload: dict[str, Any]) -> dict[str, Any]:
        assert (payload["type"], payload["value"]) == ("block_suggestion", "ast")
        assert (payload["action_id"], payload["block_id"]) == ("account_in", "account")
        assert payload["view"]["id"] == view.id
        return answer

    bot.handler = offer
    assert await tess.suggest(view, "account_in", "") == []
    assert [o.label for o in await tess.suggest(view, "account_in", "ast")] == ["Astor News", "Astor Sport"]
    with pytest.raises(ClientRefuses, match="does not offer"):
        await tess.submit(view, {"account": ["a3"]})
    with pytest.raises(ClientRefuses, match="at most 2"):
        await tess.submit(view, {"account": ["a1", "a2", "a2"]})
    bot.handler = None
    await tess.submit(view, {"account": ["Astor Sport"]})
    values = bot.seen[-1]["view"]["state"]["values"]["account"]["account_in"]
    assert [o["value"] for o in values["selected_options"]] == ["a2"]
    assert slack.violations == []


async def test_slack_asks_for_options_from_the_third_character_on(
    bot: TinyBot, client: AsyncWebClient, tess: SlackPerson
) -> None:
    bot.handler = opening(client, ask("account", {"type": "external_select"}))
    await tess.shortcut("open")
    assert tess.view is not None

    async def offer(_: object) -> dict[str, Any]:
        return {"options": [option("a1")]}

    bot.handler = offer
    assert await tess.suggest(tess.view, "account_in", "as") == []
    assert [o.value for o in await tess.suggest(tess.view, "account_in", "ast")] == ["a1"]


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [option(str(number)) for number in range(101)]},
        {"options": [option("x" * 151)]},
        {"options": [option("x", "y" * 76)]},
        {"options": [{"text": {"type": "mrkdwn", "text": "y"}, "value": "x"}]},
        {"choices": []},
        {"option_groups": [{"label": plain("g"), "options": []}]},
    ],
)
async def test_suggestions_beyond_limits_are_refused(
    slack: LoopbackSlack, bot: TinyBot, client: AsyncWebClient, tess: SlackPerson, answer: dict[str, Any]
) -> None:
    bot.handler = opening(client, ask("account", {"type": "external_select", "min_query_length": 0}))
    await tess.shortcut("open")
    assert tess.view is not None

    async def offer(_: object) -> dict[str, Any]:
        return answer

    bot.handler = offer
    with pytest.raises(AssertionError, match="no options"):
        await tess.suggest(tess.view, "account_in", "")
    assert len(slack.violations) == 1


async def test_until_waits_for_what_the_bot_does_later(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    async def later() -> None:
        await asyncio.sleep(0.01)
        await client.chat_postMessage(channel=tess.id, text="here")

    task = asyncio.create_task(later())
    await slack.until(lambda: tess.messages)
    await task
    with pytest.raises(AssertionError, match="did not come true"):
        await slack.until(lambda: len(tess.messages) > 1, seconds=0.01)
