"""Dialogs open, are filled in as a client allows, and are submitted; message-extension commands open them too."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.sandbox.loopback_teams import ClientRefuses, LoopbackTeams, Option, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, Json, TinyBot
from tests.unit.loopback_teams.making import (
    ADAPTIVE,
    ask,
    attached,
    card,
    choose,
    dialog,
    execute,
    message,
    opens_dialog,
    replaced,
    submit,
    words,
)

FORM = card(
    ask("Text", "what", label="What happened?", isRequired=True, errorMessage="Say what", maxLength=20),
    choose("where", "facebook", "x", value="x"),
    choose("who", "tess", "sam", isMultiSelect=True, label="Who"),
    ask("Date", "day", min="2026-01-01"),
    ask("Time", "hour"),
    ask("Number", "many", max=5),
    ask("Toggle", "sure", title="I am sure", valueOn="yes", valueOff="no"),
    actions=[submit("Send", step=1), submit("Back", step=0) | {"associatedInputs": "none"}],
)


async def opened(bot: TinyBot, client: Client, tess: TeamsPerson, content: Json = FORM) -> None:
    """A message with a button that opens this dialog, and the button pressed."""
    await client.send(tess.conversation_id, message(card(ask("Text", "note"), actions=[opens_dialog("Open", case=7)])))
    bot.answers(dialog(content))
    await tess.press(tess.last_message, "Open", {"note": "n"})
    bot.seen.clear()


async def test_a_button_opens_a_dialog(bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    await client.send(tess.conversation_id, message(card(actions=[opens_dialog("Open", case=7)])))
    bot.answers(dialog(FORM, height="medium", width=500))
    done = await tess.press(tess.last_message, "Open")
    seen = bot.seen[0]
    assert (seen["name"], seen["replyToId"]) == ("task/fetch", tess.last_message.id)
    assert seen["value"] == {"data": {"msteams": {"type": "task/fetch"}, "case": 7}, "context": {"theme": "default"}}
    assert tess.dialog is not None
    assert done.opened is tess.dialog
    assert (tess.dialog.title, tess.dialog.height, tess.dialog.width) == ("A form", "medium", 500)
    field = tess.dialog.fields["what"]
    assert (field.label, field.required, field.error_message) == ("What happened?", True, "Say what")
    assert [option.label for option in tess.dialog.fields["where"].options] == ["Facebook", "X"]


async def test_what_is_filled_in_is_what_the_bot_gets(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    await opened(bot, client, tess)
    tess.fill_in({"What happened?": "A post"})
    bot.answers(None)
    values = {"who": ["Tess", "sam"], "day": date(2026, 5, 4), "hour": time(9, 5), "many": 3, "sure": True}
    done = await tess.submit(values)
    assert (bot.seen[0]["name"], done.failed, tess.dialog) == ("task/submit", False, None)
    assert bot.seen[0]["value"]["data"] == {
        "step": 1,
        "what": "A post",
        "where": "x",
        "who": "tess,sam",
        "day": "2026-05-04",
        "hour": "09:05",
        "many": 3,
        "sure": "yes",
    }
    assert teams.violations == []


async def test_what_is_empty_is_left_out_unless_told(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    await opened(bot, client, tess)
    bot.answers(dialog(FORM))
    await tess.submit({"what": "x"})
    assert bot.seen[0]["value"]["data"] == {"step": 1, "what": "x", "where": "x", "sure": "no"}
    teams.sends_empty_inputs = True
    await tess.submit({"what": "x"}, "Send")
    assert bot.seen[1]["value"]["data"]["who"] == ""
    await tess.submit(action="Back")
    assert bot.seen[2]["value"]["data"] == {"step": 0}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "Say what"),
        ({"what": "  "}, "Say what"),
        ({"what": "x" * 21}, "20 characters"),
        ({"what": "a\nb"}, "one line"),
        ({"where": "instagram"}, "does not offer 'instagram'"),
        ({"where": ["x", "facebook"]}, "only one"),
        ({"day": "2026-02-30"}, "no such day"),
        ({"day": "2025-12-31"}, "2026-01-01"),
        ({"hour": "25:00"}, "HH:MM"),
        ({"many": "few"}, "number"),
        ({"many": 6}, "not 6"),
        ({"sure": "perhaps"}, "on or off"),
    ],
)
async def test_what_the_client_refuses_is_not_sent(
    bot: TinyBot, client: Client, tess: TeamsPerson, values: dict[str, object], reason: str
) -> None:
    await opened(bot, client, tess)
    with pytest.raises(ClientRefuses, match=reason):
        await tess.submit(values)
    assert bot.seen == []
    await tess.submit(values, force=True)
    assert len(bot.seen) == 1


async def test_forged_and_outdated_submissions(bot: TinyBot, client: Client, tess: TeamsPerson) -> None:
    await opened(bot, client, tess)
    old = tess.dialog
    assert old is not None
    with pytest.raises(AssertionError, match="no input 'rank'"):
        await tess.submit({"rank": "head"})
    await tess.submit({"what": "x", "rank": "head"}, data={"step": 9}, force=True)
    assert bot.seen[0]["value"]["data"] == {"step": 9, "what": "x", "where": "x", "sure": "no", "rank": "head"}
    assert tess.dialog is not old
    with pytest.raises(ClientRefuses):
        await tess.submit({"what": "x"}, dialog=old)
    await tess.submit({"what": "x"}, dialog=old, force=True)
    tess.close()
    assert (tess.dialog, len(bot.seen), len(tess.dialogs)) == (None, 2, 3)
    with pytest.raises(ClientRefuses):
        tess.close()


async def test_continue_shows_another_and_message_a_toast(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    await opened(bot, client, tess)
    bot.answers(dialog(card(words("Are you sure?"), actions=[submit("Yes")]), title="Second"))
    await tess.submit({"what": "x"})
    assert tess.dialog is not None
    assert teams.visible_text(tess.dialog) == "Second\nAre you sure?\n[Yes]"
    bot.answers({"task": {"type": "message", "value": "Thank you"}})
    sent = await tess.submit()
    assert (sent.toast, tess.toasts) == ("Thank you", ["Thank you"])
    open_now: object = tess.dialog
    assert open_now is None
    bot.answers(dialog(FORM))
    again = await teams.redeliver(sent)
    assert again.opened is not None
    assert tess.dialog is None


@pytest.mark.parametrize(
    "answer",
    [
        {"task": {"type": "continue", "value": {"title": "x"}}},
        {"task": {"type": "continue", "value": {"card": FORM}}},
        dialog({"type": "AdaptiveCard"}),
        dialog(card(actions=[execute("x", "y")])),
        dialog(FORM, height="enormous"),
        {"task": {"type": "cancel"}},
        {"task": {"type": "message", "value": {}}},
        replaced(FORM),
        None,
        [1],
    ],
)
async def test_answers_that_teams_cannot_use(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson, answer: object
) -> None:
    await client.send(tess.conversation_id, message(card(actions=[opens_dialog("Open")])))
    bot.answers(answer)
    done = await tess.press(tess.last_message, "Open")
    assert (done.failed, tess.dialog) == (True, None)
    assert teams.violations
    assert all(violation.startswith("task/fetch: ") for violation in teams.violations)


async def test_a_command_on_a_message_and_in_the_compose_box(
    teams: LoopbackTeams, bot: TinyBot, tess: TeamsPerson
) -> None:
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    staff = teams.add_channel("staff", [tess, sam])
    said = (await sam.say("look at this", channel=staff, mention=False)).message
    assert said is not None
    bot.answers(dialog(FORM))
    await tess.message_action("report", said)
    value = bot.seen[0]["value"]
    assert (bot.seen[0]["name"], value["commandId"]) == ("composeExtension/fetchTask", "report")
    assert (value["commandContext"], value["messagePayload"]["id"]) == ("message", said.id)
    assert value["messagePayload"]["body"] == {"contentType": "html", "content": "<div>look at this</div>"}
    assert value["messagePayload"]["from"]["user"]["id"] == sam.aad_object_id
    bot.answers({"composeExtension": {"type": "message", "text": "Kept"}})
    await tess.submit({"what": "x"})
    assert (bot.seen[1]["name"], bot.seen[1]["value"]["commandId"]) == ("composeExtension/submitAction", "report")
    assert bot.seen[1]["value"]["messagePayload"]["id"] == said.id
    assert (tess.toasts, tess.dialog) == (["Kept"], None)
    bot.answers(dialog(FORM))
    await tess.compose_action("report")
    assert bot.seen[2]["value"]["commandContext"] == "compose"
    result = {"type": "result", "attachmentLayout": "list", "attachments": [attached(card(words("x")))]}
    bot.answers({"composeExtension": result})
    await tess.submit({"what": "x"})
    assert [each["contentType"] for each in tess.composed] == [ADAPTIVE]
    assert teams.violations == []


async def test_choices_that_come_from_the_bot(
    teams: LoopbackTeams, bot: TinyBot, client: Client, tess: TeamsPerson
) -> None:
    query = {"type": "Data.Query", "dataset": "accounts", "associatedInputs": "auto"}
    element = ask("ChoiceSet", "account", style="filtered", **{"choices.data": query})
    await opened(bot, client, tess, card(choose("where", "x", value="x"), element, actions=[submit("Send")]))
    with pytest.raises(ClientRefuses, match="call search"):
        await tess.submit({"account": "a1"})
    results = [{"title": f"Account {n}", "value": f"a{n}"} for n in range(20)]
    found = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.search.searchResponse",
        "value": {"results": results},
    }
    bot.answers(found)
    assert (await tess.search("account", "acc"))[1] == Option("Account 1", "a1")
    assert len(tess.last_interaction.options if tess.last_interaction else []) == 15
    assert (bot.seen[0]["name"], bot.seen[0]["value"]) == (
        "application/search",
        {"queryText": "acc", "queryOptions": {"skip": 0, "top": 15}, "dataset": "accounts", "data": {"where": "x"}},
    )
    bot.answers({"results": results})
    with pytest.raises(AssertionError, match="no choices"):
        await tess.search("account", "acc")
    assert len(teams.violations) == 1
    bot.answers(None)
    await tess.submit({"account": "Account 1"})
    assert bot.seen[-1]["value"]["data"] == {"where": "x", "account": "a1"}
