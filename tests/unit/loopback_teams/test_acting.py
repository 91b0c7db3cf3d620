"""People write, press and choose; the bot's answers change what they see."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.loopback_teams import ClientRefuses, LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, Json, TinyBot
from tests.unit.loopback_teams.making import (
    ask,
    card,
    choose,
    execute,
    message,
    opens_dialog,
    replaced,
    submit,
    words,
)

BUTTONS = [execute("Approve", "approve", case=7), submit("Later", case=7), opens_dialog("Reject", case=7)]


async def shown(client: Client, tess: TeamsPerson, *body: Json, actions: list[Json] | None = None) -> None:
    await client.send(tess.conversation_id, message(card(*body, actions=BUTTONS if actions is None else actions)))


async def test_typed_words_arrive_as_from_teams(teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson) -> None:
    done = await tess.say("report a post")
    assert (done.status, done.failed, done.attempts) == (200, False, 1)
    assert done.latency > 0
    seen = bot.seen[0]
    assert (seen["type"], seen["text"], seen["channelId"]) == ("message", "report a post", "msteams")
    assert seen["from"] == {"id": tess.id, "name": tess.name, "aadObjectId": tess.aad_object_id}
    assert seen["conversation"] == {
        "id": tess.conversation_id,
        "conversationType": "personal",
        "tenantId": teams.tenant_id,
    }
    assert seen["recipient"]["id"] == f"28:{teams.client_id}"
    assert seen["channelData"] == {"tenant": {"id": teams.tenant_id}}
    assert seen["timestamp"] == "2026-09-21T14:13:20.000Z"
    assert seen["entities"][0]["type"] == "clientInfo"
    assert bot.headers[0]["Content-Type"] == "application/json; charset=utf-8"
    assert [m.text for m in tess.chat] == ["report a post"]
    assert tess.messages == []


async def test_in_a_channel_the_bot_hears_what_mentions_it(
    teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson
) -> None:
    staff = teams.add_channel("staff", [tess])
    await tess.say("hello all", channel="staff", mention=False)
    assert bot.seen == []
    await tess.say("help", channel=staff)
    seen = bot.seen[0]
    assert seen["text"] == "<at>Staffroom</at> help"
    assert seen["conversation"]["conversationType"] == "channel"
    assert seen["conversation"]["id"].startswith(f"{staff};messageid=")
    assert seen["channelData"]["channel"] == {"id": staff}
    await tess.slash("report", staff)
    assert bot.seen[1]["recipient"]["isTargeted"] is True
    assert [m.text for m in teams.channel_messages(staff)] == ["hello all", "help"]
    with pytest.raises(ClientRefuses):
        await tess.slash("report", tess.conversation_id)
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    with pytest.raises(ClientRefuses):
        await sam.say("hello", channel=staff)


async def test_another_organisation_brings_its_own_tenant(teams: LoopbackTeams, bot: TinyBot) -> None:
    visitor = teams.add_person("Vera Visitor", "vera@elsewhere.example", federated=True)
    await visitor.say("hello")
    assert bot.seen[0]["channelData"]["tenant"]["id"] == visitor.tenant_id
    assert bot.seen[0]["conversation"]["tenantId"] == visitor.tenant_id
    shared = teams.add_channel("shared", [visitor])
    await visitor.say("hello", channel=shared)
    assert bot.seen[1]["channelData"]["tenant"]["id"] == visitor.tenant_id
    assert bot.seen[1]["conversation"]["tenantId"] == teams.tenant_id


async def test_installing_editing_joining(teams: LoopbackTeams, bot: TinyBot) -> None:
    new = teams.add_person("Nell New", "nell@astor.example", installed=False)
    with pytest.raises(ClientRefuses):
        await new.say("hello")
    await new.install()
    staff = teams.add_channel("staff")
    await teams.join(staff, new)
    said = (await new.say("one")).message
    assert said is not None
    await new.edit(said, "two")
    await new.delete(said)
    await teams.leave(staff, new)
    await new.uninstall()
    kinds = [(seen["type"], seen.get("action") or seen["channelData"].get("eventType", "")) for seen in bot.seen]
    assert kinds == [
        ("conversationUpdate", ""),
        ("installationUpdate", "add"),
        ("conversationUpdate", "teamMemberAdded"),
        ("message", ""),
        ("messageUpdate", "editMessage"),
        ("messageDelete", "softDeleteMessage"),
        ("conversationUpdate", "teamMemberRemoved"),
        ("installationUpdate", "remove"),
    ]
    assert bot.seen[0]["membersAdded"] == [{"id": teams.bot_id}]
    assert (bot.seen[4]["id"], bot.seen[4]["text"]) == (said.id, "two")


async def test_execute_replaces_the_card(teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    await shown(client, tess, ask("Text", "note"))
    bot.answers(replaced(card(words("Approved"))))
    old = tess.last_message.snapshot()
    done = await tess.press(tess.last_message, "Approve", {"note": "fine"})
    seen = bot.seen[0]
    assert (seen["type"], seen["name"], seen["replyToId"]) == ("invoke", "adaptiveCard/action", old.id)
    assert seen["value"] == {
        "action": {
            "type": "Action.Execute",
            "title": "Approve",
            "verb": "approve",
            "data": {"case": 7, "note": "fine"},
        },
        "trigger": "manual",
    }
    assert (done.failed, teams.visible_text(tess.last_message)) == (False, "Approved")
    await tess.press(old, "approve", data={"case": 8}, values={"note": "again"})
    assert bot.seen[1]["value"]["action"]["data"] == {"case": 8, "note": "again"}
    with pytest.raises(AssertionError, match="no action 'Approve'"):
        await tess.press(tess.last_message, "Approve")
    assert teams.violations == []


async def test_in_a_channel_the_new_card_is_for_one_person(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    staff = teams.add_channel("staff", [tess, sam])
    await client.send(staff, message(card(words("Well?"), actions=BUTTONS)))
    (post,) = teams.channel_messages(staff)
    bot.answers(replaced(card(words("Approved"))))
    await tess.press(post, "Approve")
    assert teams.visible_text(post.to(tess.id)) == "Approved"
    assert teams.visible_text(post.to(sam.id)).startswith("Well?")


async def test_refresh_gives_a_card_of_ones_own(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    refresh = {"action": execute("x", "look"), "userIds": [tess.id]}
    await client.send(tess.conversation_id, message(card(words("old"), refresh=refresh)))
    bot.answers(replaced(card(words("yours"))))
    assert await sam.refresh(tess.last_message) is None
    assert await tess.refresh(tess.last_message) is not None
    assert bot.seen[0]["value"]["trigger"] == "automatic"
    assert teams.visible_text(tess.last_message.to(tess.id)) == "yours"


@pytest.mark.parametrize(
    ("answer", "toast", "error", "failed", "blamed"),
    [
        ({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done"}, "Done", "", 0, 0),
        (
            {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": {"code": "x", "message": "No"}},
            *("", "No", 1, 0),
        ),
        ({"statusCode": 401, "type": "application/vnd.microsoft.activity.loginRequest", "value": {}}, "", "", 1, 0),
        (replaced(card({"type": "Marquee"})), "", "", 1, 1),
        (replaced(card(words("x")), status=201), "", "", 1, 1),
        (card(words("x")), "", "", 1, 1),
        (None, "", "", 1, 1),
        (202, "", "", 1, 1),
        (500, "", "", 1, 0),
    ],
)
async def test_other_answers_to_execute(
    teams: LoopbackTeams,
    bot: TinyBot,
    client: Client,
    tess: TeamsPerson,
    answer: object,
    toast: str,
    error: str,
    failed: bool,
    blamed: bool,
) -> None:
    await shown(client, tess, words("Well?"))
    bot.answers(answer)
    done = await tess.press(tess.last_message, "Approve")
    assert (done.toast, done.error, done.failed) == (toast, error, failed)
    assert tess.toasts == ([toast] if toast else [])
    assert bool(teams.violations) == bool(blamed)
    assert teams.visible_text(tess.last_message).startswith("Well?")


async def test_a_plain_submit_is_a_message_with_a_value(bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    talk = submit("Say", msteams={"type": "imBack", "value": "help"})
    back = {"type": "messageBack", "text": "chosen", "value": {"n": 1}}
    both = [submit("Later", case=7), talk, submit("Back", msteams=back)]
    await shown(client, tess, choose("who", "tess", "sam"), actions=both)
    await tess.press(tess.last_message, "Later", {"who": "Sam"})
    seen = bot.seen[0]
    assert (seen["type"], seen["value"], "text" in seen) == ("message", {"case": 7, "who": "sam"}, False)
    assert seen["replyToId"] == tess.last_message.id
    await tess.press(tess.last_message, "Say")
    assert (bot.seen[1]["text"], "value" in bot.seen[1]) == ("help", False)
    await tess.press(tess.last_message, "Back")
    assert (bot.seen[2]["text"], bot.seen[2]["value"]) == ("chosen", {"n": 1})


async def test_what_the_client_does_alone(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    actions: list[Json] = [
        {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]},
        {"type": "Action.OpenUrl", "title": "Read", "url": "https://astor.example"},
        submit("Off") | {"isEnabled": False},
    ]
    hidden = words("Details", id="more", isVisible=False)
    await shown(client, tess, words("Short"), hidden, actions=actions)
    assert teams.visible_text(tess.last_message).splitlines()[:1] == ["Short"]
    assert "Details" not in teams.visible_text(tess.last_message)
    await tess.press(tess.last_message, "More")
    assert "Details" in teams.visible_text(tess.last_message)
    await tess.press(tess.last_message, "Read")
    with pytest.raises(ClientRefuses):
        await tess.press(tess.last_message, "Off")
    assert tess.last_message.buttons["Read"].url == "https://astor.example"
    assert bot.seen == []


async def test_inputs_of_a_shown_card_go_with_its_own_button(bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    inner = card(ask("Text", "why"), actions=[submit("Send")])
    show = {"type": "Action.ShowCard", "title": "No", "card": inner}
    await shown(client, tess, ask("Text", "note"), actions=[submit("Yes"), show])
    await tess.press(tess.last_message, "Yes", {"note": "n", "why": "w"})
    await tess.press(tess.last_message, "Send")
    alone = submit("Alone") | {"associatedInputs": "none"}
    await shown(client, tess, ask("Text", "note"), actions=[alone])
    await tess.press(tess.last_message, "Alone", {"note": "n"})
    assert [seen["value"] for seen in bot.seen] == [{"note": "n"}, {"note": "n", "why": "w"}, {}]


async def test_no_answer_in_time_is_an_error_to_the_person(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    async def sleepy(_: object) -> None:
        await asyncio.sleep(0.04)

    await shown(client, tess)
    teams.delivery.invoke_seconds = 0.02
    bot.handler = sleepy
    late = await tess.press(tess.last_message, "Approve")
    assert (late.failed, late.timed_out, late.status) == (True, True, 0)
    assert not (await tess.say("messages may take longer")).failed
    teams.deliver_to("http://127.0.0.1:9/api/messages")
    assert (await tess.say("x")).failed


async def test_the_same_again_and_anything_else(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    await shown(client, tess)
    bot.answers(replaced(card(words("Approved"), actions=BUTTONS)))
    first = await tess.press(tess.last_message, "Approve")
    bot.answers(replaced(card(words("Already approved"))))
    again = await teams.redeliver(first)
    assert bot.seen[0] == bot.seen[1]
    assert again.card is not None
    assert teams.visible_text(again.card) == "Already approved"
    assert teams.visible_text(tess.last_message).startswith("Approved")
    bot.answers(None)
    assert (await teams.send_activity({"type": "event", "name": "x"})).status == 200
    assert await teams.send_raw(b"{}", {"Content-Type": "application/json"}) == (200, "")
    assert "Authorization" not in bot.headers[-1]
