"""The bot calls the Web API with Slack's own client, and meets Slack's own answers."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.loopback_slack import LoopbackSlack, SlackPerson
from tests.unit.sandbox.making import actions, button, section


async def code_of(call: object) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call  # type: ignore[misc]
    return str(refused.value.response.get("error"))


async def test_the_bot_learns_who_it_is(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    me = await client.auth_test()
    assert (me["team_id"], me["user_id"], me["bot_id"]) == (slack.team_id, slack.bot_user_id, slack.bot_id)
    assert "chat:write" in me.headers["x-oauth-scopes"].split(",")
    assert (await client.team_info())["team"]["id"] == slack.team_id
    assert (await client.bots_info(bot=slack.bot_id))["bot"]["app_id"] == slack.app_id


async def test_people_are_found_and_described(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    tess = slack.add_person("Tess Teacher", "tess@astor.example")
    guest = slack.add_person("Gus Guest", "gus@sports.example", single_channel_guest=True)
    gone = slack.add_person("Olly Old", "olly@astor.example", deleted=True)
    afar = slack.add_person("Ada Away", "ada@elsewhere.example", stranger=True)
    found = (await client.users_lookupByEmail(email="TESS@astor.example"))["user"]
    assert found["id"] == tess.id
    assert found["profile"]["email"] == "tess@astor.example"
    assert (found["is_restricted"], found["is_bot"], found["deleted"]) == (False, False, False)
    assert (found["tz"], found["tz_offset"]) == ("Europe/London", 0)
    described = (await client.users_info(user=guest.id))["user"]
    assert (described["is_restricted"], described["is_ultra_restricted"]) == (True, True)
    assert (await client.users_info(user=gone.id))["user"]["deleted"] is True
    away = (await client.users_info(user=afar.id))["user"]
    assert away["is_stranger"]
    assert away["team_id"] != slack.team_id
    assert await code_of(client.users_info(user="U404")) == "user_not_found"
    assert await code_of(client.users_lookupByEmail(email="olly@astor.example")) == "users_not_found"
    ids: list[str] = []
    cursor = ""
    while True:
        page = await client.users_list(limit=2, cursor=cursor)
        ids += [member["id"] for member in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert ids == [slack.bot_user_id, tess.id, guest.id, gone.id]
    assert slack.violations == []


async def test_without_the_scope_no_address(slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson) -> None:
    slack.scopes.discard("users:read.email")
    assert "email" not in (await client.users_info(user=tess.id))["user"]["profile"]
    with pytest.raises(SlackApiError) as refused:
        await client.users_lookupByEmail(email=tess.email)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "users:read.email"
    assert slack.violations == ["users.lookupByEmail: missing_scope"]


async def test_a_message_is_posted_edited_and_deleted(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    channel = (await client.conversations_open(users=tess.id))["channel"]["id"]
    assert channel.startswith("D")
    blocks = [section("A *case* waits"), actions(button("decide", "Decide", "7", style="primary"))]
    posted = await client.chat_postMessage(channel=channel, text="A case waits", blocks=blocks)
    message = tess.last_message
    assert (message.ts, message.channel) == (posted["ts"], channel)
    assert posted["message"]["bot_id"] == slack.bot_id
    assert message.buttons["decide"].value == "7"
    assert message.buttons["decide"].style == "primary"
    assert tess.notifications == ["A case waits"]
    assert slack.visible_text(message) == "A *case* waits\n[Decide]"
    await client.chat_update(channel=channel, ts=message.ts, text="Still waits")
    assert message.edited
    assert message.buttons, "blocks which an edit does not give stay"
    await client.chat_update(channel=channel, ts=message.ts, text="Decided", blocks=[])
    assert message.buttons == {}
    assert tess.notifications == ["A case waits"], "an edit makes no phone buzz"
    link = (await client.chat_getPermalink(channel=channel, message_ts=message.ts))["permalink"]
    assert message.ts.replace(".", "") in link
    await client.chat_delete(channel=channel, ts=message.ts)
    assert tess.messages == []
    assert message.deleted
    assert slack.violations == []
    assert slack.calls[0].method == "conversations.open"
    assert all("token" not in call.arguments for call in slack.calls)


async def test_a_message_can_go_to_a_person_a_channel_or_one_pair_of_eyes(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    staff = slack.add_channel("staff", [tess])
    direct = await client.chat_postMessage(channel=tess.id, text="hello")
    assert direct["channel"].startswith("D")
    await client.chat_postMessage(channel="#staff", text="<!channel> hello all")
    assert [m.text for m in slack.channel_messages(staff)] == ["<!channel> hello all"]
    assert tess.notifications == ["hello", "<!channel> hello all"]
    await client.chat_postEphemeral(channel=staff, user=tess.id, text="only you")
    assert [m.text for m in tess.ephemerals] == ["only you"]
    info = (await client.conversations_info(channel=staff))["channel"]
    assert info["is_member"]
    assert (await client.conversations_members(channel=staff))["members"] == [tess.id, slack.bot_user_id]
    assert [c["name"] for c in (await client.conversations_list())["channels"]] == ["staff"]


async def test_who_cannot_be_written_to(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    gone = slack.add_person("Olly Old", "olly@astor.example", deleted=True)
    away = slack.add_person("Una Unreachable", "una@astor.example", reachable=False)
    robot = slack.add_person("Robo", "robo@astor.example", bot=True)
    quiet = slack.add_channel("quiet", bot_is_member=False)
    assert await code_of(client.conversations_open(users=gone.id)) == "user_disabled"
    assert await code_of(client.conversations_open(users=robot.id)) == "cannot_dm_bot"
    assert await code_of(client.conversations_open(users="U404")) == "user_not_found"
    opened = (await client.conversations_open(users=away.id))["channel"]["id"]
    assert await code_of(client.chat_postMessage(channel=opened, text="hi")) == "channel_not_found"
    away.post_error = "messages_tab_disabled"
    assert await code_of(client.chat_postMessage(channel=opened, text="hi")) == "messages_tab_disabled"
    assert await code_of(client.chat_postMessage(channel=quiet, text="hi")) == "not_in_channel"
    assert slack.violations == [], "meeting the world as it is, is no fault of the bot's"
    assert await code_of(client.chat_postMessage(channel="C404", text="hi")) == "channel_not_found"
    assert slack.violations == ["chat.postMessage: channel_not_found"]


async def test_only_own_messages_that_exist_can_be_edited(
    slack: LoopbackSlack, client: AsyncWebClient, tess: SlackPerson
) -> None:
    hers = await tess.say("my own words", tell=False)
    where = hers.channel
    assert await code_of(client.chat_update(channel=where, ts=hers.ts, text="x")) == "cant_update_message"
    assert await code_of(client.chat_delete(channel=where, ts=hers.ts)) == "cant_delete_message"
    assert await code_of(client.chat_update(channel=where, ts="1.2", text="x")) == "message_not_found"
    assert await code_of(client.chat_update(channel=tess.id, ts=hers.ts, text="x")) == "channel_not_found"
    assert len(slack.violations) == 4


async def test_tokens_and_unknown_methods(slack: LoopbackSlack, client: AsyncWebClient) -> None:
    forged = AsyncWebClient(token="xoxb-other", base_url=slack.api_url)
    assert await code_of(forged.auth_test()) == "invalid_auth"
    assert await code_of(client.api_call("chat.shout")) == "unknown_method"
    async with aiohttp.ClientSession() as session, session.post(slack.api_url + "auth.test") as bare:
        assert (await bare.json())["error"] == "not_authed"
    form = {"token": slack.bot_token, "users": "U404"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + "conversations.open", data=form) as posted,
    ):
        assert (await posted.json())["error"] == "user_not_found", "a token in the form is as good"
    slack.faults.revoke_token()
    assert await code_of(client.auth_test()) == "token_revoked"
    slack.faults.restore_token()
    assert (await client.auth_test())["ok"]
    assert slack.violations == [
        "auth.test: invalid_auth",
        "chat.shout: unknown_method",
        "auth.test: not_authed",
    ]
