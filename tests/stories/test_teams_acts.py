"""What people do on Teams that only Teams has: buttons that change their card, slash commands, edited messages."""

from __future__ import annotations

import asyncio
import json
import logging
import re

import pytest

from bot.sandbox.loopback_teams import Interaction, Message
from bot.sandbox.world import Platform, World
from bot.teams import words
from policy.case import CaseState
from tests.stories.acting import (
    ABOUT_THE_HEAD,
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    card,
    file,
    finish,
    press,
    screen,
    shown,
    state,
    take,
    texts,
)


@pytest.fixture
def platform() -> Platform:
    """This is about Teams."""
    return "teams"


def alert(school: World, name: str) -> Message:
    """The newest card in the person's chat, as their client has it."""
    return school.on_teams(name).messages[-1]


async def holders(school: World) -> dict[str, str]:
    """Who has which report, by reference and name; nothing where nobody has."""
    async with school.running.database.reading() as uow:
        staff = await uow.staff()
        return {one.reference: staff.name(one.holder) if one.holder else "" for one in await uow.open_cases()}


async def test_the_card_says_at_once_who_has_it_for_whoever_takes_it_and_for_the_others(school: World) -> None:
    reference = await file(school, "tess")
    mine = alert(school, "hana")
    done = await school.on_teams("hana").press(mine, "I'll take it")
    # In the answer to the press itself: before the worker has done anything.
    assert done.kind == "adaptiveCard/action"
    assert "You have had it since 10:20" in school.teams.visible_text(done.card or {})
    assert "I'll take it" not in mine.buttons
    # And on the others' screens nobody has to wait for a tick, nor to press anything.
    await school.teams.until(lambda: "Hana Hughes has had it since 10:20" in texts(school, "priya"))
    await school.teams.until(lambda: "Picked up by Hana Hughes, 10:20" in texts(school, "tess"))
    assert "case.take" not in card(school, "priya", reference).buttons


async def test_which_buttons_change_the_card_and_which_open_a_dialog(school: World) -> None:
    reference = await file(school, "tess")
    kinds = {name: one.type for name, one in alert(school, "hana").buttons.items()}
    assert kinds == {
        "I'll take it": "Action.Execute",
        "Open": "Action.Submit",
        "I shouldn't handle this": "Action.Submit",
    }
    await take(school, "hana", reference)
    kinds = {name: one.type for name, one in alert(school, "hana").buttons.items()}
    assert set(kinds.values()) == {"Action.Submit"}, "what asks or shows something opens a dialog"
    assert set(kinds) == {"Open", "Record what was done", "Finish", "I shouldn't handle this", "More…"}


async def test_finishing_and_passing_on_show_at_once_who_acted(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "hana", reference)
    await school.people["hana"].press(card(school, "hana", reference), "case.finish")
    await answer(school, "hana", outcome="dealt_with", note="Spoke to both families.")
    for name in ("hana", "priya", "tess"):
        await school.teams.until(lambda name=name: "Finished by Hana Hughes" in texts(school, name))  # type: ignore[misc]


async def test_two_take_it_at_once_and_one_is_told_who_has_it(school: World) -> None:
    await file(school, "tess")
    both = [(school.on_teams(name), alert(school, name)) for name in ("hana", "priya")]
    pressed = await asyncio.gather(*(person.press(message, "I'll take it") for person, message in both))
    await school.settle()
    [quicker] = [one for one in pressed if one.card is not None]
    [slower] = [one for one in pressed if one.card is None]
    winner = school.teams.people[quicker.person].name
    assert f"{winner} has" in slower.toast
    assert "Nothing was changed" in slower.toast
    assert list((await holders(school)).values()) == [winner]


async def forged(school: World, act: Interaction, **changes: object) -> Interaction:
    """The activity of an act, sent once more as somebody changed it."""
    return await school.teams.send_activity({**act.activity, "id": f"forged {len(school.teams.calls)}", **changes})


CARRIED = (
    {"conversationType": "groupChat", "isGroup": True, "id": "19:a-group@thread.v2"},
    {"conversationType": "channel", "isGroup": True, "id": "19:a-channel@thread.tacv2;messageid=1"},
    {"conversationType": "personal", "id": "19:hana_sam@unq.gbl.spaces"},
)


@pytest.mark.parametrize("place", CARRIED, ids=["group", "channel", "two people"])
async def test_a_card_carried_into_another_chat_takes_nothing_and_shows_nothing_there(
    school: World, place: dict[str, object]
) -> None:
    """The head forwards her alert, and presses it where it has come to."""
    await file(school, "tess", what_happened="Ollie in 9B asked to follow me.")
    hana = school.on_teams("hana")
    opened = await hana.press(alert(school, "hana"), "Open")
    before = await state(school)
    value = {"action": {"type": "Action.Execute", "verb": "case.take", "data": opened.activity["value"]["data"]}}
    value["action"]["data"] = {**opened.activity["value"]["data"], "action": "case.take"}
    conversation = {**place, "tenantId": school.teams.tenant_id}
    answered = await forged(school, opened, name="adaptiveCard/action", value=value, conversation=conversation)
    assert answered.body["value"] == words.UNKNOWN_BUTTON
    assert set((await holders(school)).values()) == {""}
    await school.settle()
    assert await state(school) == before


async def test_the_subject_of_a_report_learns_nothing_by_forging(school: World) -> None:
    """The head has seen the token of the report about her over the chair's shoulder."""
    await file(school, "carl")
    reference = await file(school, "tess", ABOUT_THE_HEAD, what_happened="SECRET-MARKER")
    token = card(school, "carol", reference).buttons["case.take"]
    record = token.partition(":")[0]
    own = alert(school, "hana")
    before = await state(school)
    heard = []
    hana = school.on_teams("hana")
    for made_up in (token, f"{record}:0", f"{record}:99", f"{'0' * 32}:1"):
        for action in ("I'll take it", "Open", "I shouldn't handle this"):
            done = await hana.press(own, action, data={**own.buttons[action].data, "token": made_up})
            heard.append(done.toast or school.teams.visible_text(done.opened))  # type: ignore[arg-type]
            assert done.card is None
    assert len({one.removeprefix("Not open to you. ").removeprefix("Not open to you\n") for one in heard}) == 1
    assert reference not in "".join(heard)
    await school.settle()
    assert await state(school) == before


async def test_a_demoted_approver_cannot_take_with_the_card_they_still_have(school: World) -> None:
    await file(school, "tess")
    people = school.people_file.read_text(encoding="utf-8")
    await school.stop()
    school.write_people(people.replace("hana.hughes@astor.example,headteacher", "hana.hughes@astor.example,"))
    old = alert(school, "hana").snapshot()
    await school.start()
    done = await school.on_teams("hana").press(old, "I'll take it")
    assert done.card is None
    assert "isn't open to you" in done.toast
    assert set((await holders(school)).values()) == {""}


async def test_the_same_activity_with_other_words_is_a_repetition_and_adds_nothing(school: World) -> None:
    said = await school.on_teams("tess").say("report-incident The first words.")
    await school.teams.send_activity({**said.activity, "text": "report-incident Words of somebody else."})
    await school.people["tess"].command("/report-incident")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert screen(school, "tess").fields["what_happened"].value == "The first words."


async def test_a_message_that_is_edited_or_deleted_afterwards_changes_nothing(school: World) -> None:
    tess = school.on_teams("tess")
    said = await tess.say("report-incident The first words.")
    assert said.message is not None
    before = len(tess.messages)
    await tess.edit(said.message, "report-incident Other words.")
    await tess.delete(said.message)
    assert len(tess.messages) == before, "nothing more is said"
    await tess.press(alert(school, "tess"), words.GO_ON)
    assert "What you typed is kept for the next screen" in shown(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert screen(school, "tess").fields["what_happened"].value == "The first words."


async def test_a_form_closed_half_way_is_a_sealed_draft(school: World) -> None:
    tess = school.people["tess"]
    await tess.command("/report-incident", "SECRET-MARKER one.")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    await tess.close()
    stored = b"".join(path.read_bytes() for path in sorted(school.folder.glob("staffroom.db*")))
    assert b"SECRET-MARKER" not in stored
    await school.restart()
    await tess.command("/staffroom")
    assert "A report that you began at 10:20" in shown(school, "tess")
    await tess.press(screen(school, "tess"), "report.resume")
    assert screen(school, "tess").fields["kind"].value == "friend_request"
    await answer(school, "tess")
    assert screen(school, "tess").fields["what_happened"].value == "SECRET-MARKER one."


async def test_in_a_channel_nothing_about_anybody_is_taken_shown_or_told(school: World) -> None:
    await file(school, "carl")
    tess, hana = school.on_teams("tess"), school.on_teams("hana")
    channel = school.teams.add_channel("Year 9", [tess, hana])
    before = len(school.teams.channel_messages(channel))
    # A slash command: only she and the bot see it, and its answer.
    await tess.slash("report-incident SECRET-MARKER", channel)
    # The message extension: a dialog that only she sees.
    await hana.compose_action("new_report", channel)
    assert "Report" in shown(school, "hana")
    assert len(school.teams.channel_messages(channel)) == before
    # A mention, which the others read.
    await tess.say("report-incident SECRET-MARKER", channel)
    public = [school.teams.visible_text(one) for one in school.teams.channel_messages(channel)]
    assert len(public) == before + 1, "her own message, and no answer"
    assert "SECRET-MARKER" not in school.people["hana"].seen
    await tess.press(school.teams.messages[max(school.teams.messages)], words.REPORT)
    assert "SECRET-MARKER" not in "".join(field.value for field in screen(school, "tess").fields.values())


async def test_nothing_that_people_write_and_no_token_is_ever_logged(
    school: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("", "aiohttp", "msal", "urllib3", "requests", "asyncio", "jwt"):
        caplog.set_level(logging.DEBUG, logger=name)
    reference = await file(school, "tess", what_happened="SECRET-MARKER", where="https://secret-marker.example")
    await school.people["tess"].command("/report-incident", "SECRET-MARKER two")
    await take(school, "hana", reference)
    await press(school, "hana", reference, "case.record")
    await answer(school, "hana", note="SECRET-MARKER three")
    school.teams.faults.fail("update", times=1, status=500, code="SECRET-MARKER x")
    await finish(school, "hana", reference, note="SECRET-MARKER four")
    school.teams.expire_tokens()
    await file(school, "carl", what_happened="SECRET-MARKER five")
    printed = capfd.readouterr()
    logged = f"{caplog.text}{printed.out}{printed.err}"
    assert "SECRET-MARKER" not in logged.upper()
    assert "astor.example" not in logged
    assert not re.search(r"eyJ[\w-]{10,}\.", logged), "a token"
    assert school.teams.client_secret not in logged


async def test_odd_activities_are_taken_in_one_s_stride(school: World) -> None:
    said = await school.on_teams("tess").say("hello")
    before = await state(school)
    odd: list[dict[str, object]] = [
        {"type": "typing"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "event", "name": "application/vnd.microsoft.meetingStart", "value": "x"},
        {"type": "\u202etxet"},
        {"type": "message", "text": ["report-incident"]},
        {"type": "message", "text": None, "value": [1]},
        {"type": "message", "text": "\u202e/REPORT-INCIDENT\u202c", "attachments": "x", "entities": {"a": 1}},
        {"type": "message", "text": "ｒeport-incident"},
        {"type": "message", "from": {"id": "29:" + "x" * 5000, "aadObjectId": "../../me"}},
        {"type": "message", "conversation": {"id": "a:" + "../" * 500, "conversationType": "personal"}},
        {"type": "installationUpdate", "action": {"add": 1}},
        {"type": "conversationUpdate", "membersAdded": "everybody"},
    ]
    for number, changes in enumerate(odd):
        sent = await school.teams.send_activity({**said.activity, "id": f"odd {number}", **changes})
        assert sent.status == 200, changes
        assert sent.latency < 3
    await school.settle()
    assert {name: texts(school, name) for name in school.people} == before
    school.teams.violations.clear()  # an id that was made up is looked up, and not found


async def test_a_report_is_filed_by_a_message_action_where_the_bot_is_no_member(school: World) -> None:
    tess, carl = school.on_teams("tess"), school.on_teams("carl")
    chat = school.teams.add_channel("Friends", [tess, carl], bot_is_member=False, group_chat=True)
    said = await carl.say("Look what Ollie wrote", chat, mention=False)
    assert said.message is not None
    await tess.message_action("report_message", said.message)
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert "Look what Ollie wrote" in str(screen(school, "tess").fields["what_happened"].value)
    await answer(school, "tess", source=DETAILS["source"])
    await school.settle()
    reference = school.reference("hana")
    await take(school, "hana", reference)
    assert "Look what Ollie wrote" in shown(school, "hana")
    assert school.teams.channel_messages(chat) == [said.message]
    async with school.running.database.reading() as uow:
        case = await uow.case_by_reference(reference)
    assert case is not None
    assert case.state is CaseState.TAKEN
    assert json.dumps(reference) not in str(said.activity)
