"""Who is served, who is told kindly that they are not, and what Slack is asked about them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.loopback_slack import LoopbackSlack
from bot.slack import words
from bot.slack.adapter import SlackAdapter
from bot.slack.identity import KEPT, account_refused
from handlers.commands import ShowHome
from handlers.ports import Unreachable
from handlers.views import AccessEnded, Notice
from policy.errors import SettingsError
from tests.unit.slack.conftest import Ours, School, served, settings_of
from tests.unit.slack.test_commands import ada, triage

OURS = frozenset({"T0SCHOOL"})
USER = {"id": "U1", "team_id": "T0SCHOOL", "profile": {"email": "a@b.example"}}


def whispers(person: Any) -> str:
    return " ".join(message.text for message in person.ephemerals)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"is_bot": True}, words.NOT_A_PERSON),
        ({"id": "USLACKBOT"}, words.NOT_A_PERSON),
        ({"deleted": True}, words.UNKNOWN),
        ({"team_id": "T9"}, words.OTHER_WORKSPACE),
        ({"team_id": None}, words.OTHER_WORKSPACE),
        ({"is_stranger": True}, words.OTHER_WORKSPACE),
        ({"is_restricted": True}, words.GUEST),
        ({"is_ultra_restricted": True}, words.GUEST),
        ({"is_email_confirmed": False}, words.NO_EMAIL),
        ({"is_email_confirmed": True}, ""),
        ({"profile": {}}, words.NO_EMAIL),
        ({"profile": {"email": ["a@b.example"]}}, words.NO_EMAIL),
    ],
)
def test_which_accounts_are_served(changed: dict[str, object], told: str) -> None:
    assert account_refused({**USER, **changed}, "T0SCHOOL") == told


async def test_slack_is_asked_once_and_again_after_a_while(ours: Ours) -> None:
    person, identity = ada(ours), await ours.adapter.identity()
    assert await asyncio.gather(*(identity.person(person.id, OURS) for _ in range(20))) == ["p-ada"] * 20
    assert len(ours.slack.calls) == 1
    ours.clock[0] += KEPT - 1
    await identity.person(person.id, OURS)
    assert len(ours.slack.calls) == 1
    ours.clock[0] += 2
    await identity.person(person.id, OURS)
    assert len(ours.slack.calls) == 2


async def test_a_failure_is_not_kept_and_one_caller_giving_up_stops_nobody(ours: Ours) -> None:
    person, identity = ada(ours), await ours.adapter.identity()
    ours.slack.faults.error("users.info", "internal_error")
    with pytest.raises(SlackApiError):
        await identity.person(person.id, OURS)
    ours.slack.faults.slow("users.info", 0.2)
    first = asyncio.create_task(identity.person(person.id, OURS))
    second = asyncio.create_task(identity.person(person.id, OURS))
    await asyncio.sleep(0.05)
    first.cancel()
    assert await second == "p-ada"


async def test_a_change_of_the_account_counts_at_once(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(None)
    await person.command("/staffroom")
    ours.school.asked(ShowHome)
    person.guest = True
    event = await ours.slack.send_event({"type": "user_change", "user": {"id": person.id}})
    assert event.status == 200
    await person.command("/staffroom")
    assert whispers(person) == words.GUEST
    assert ours.school.commands == []


async def test_whoever_leaves_the_staff_list_is_out_at_once(ours: Ours) -> None:
    person = ada(ours)
    await person.command("/staffroom")
    del ours.school.people["ada@school.example"]
    await person.command("/staffroom")
    assert whispers(person) == words.UNKNOWN
    assert len(ours.school.commands) == 1


async def test_another_workspace_is_refused_before_slack_is_asked(ours: Ours) -> None:
    stranger = ours.slack.add_person("Eve", "ada@school.example", stranger=True)
    await stranger.command("/report-incident", "let me in")
    assert whispers(stranger) == words.OTHER_WORKSPACE
    assert (await stranger.shortcut("staffroom")).status == 200
    await ours.adapter.messenger.post("ben@school.example", AccessEnded(reference="R7K4Q", status="Done."))
    ours.slack.calls.clear()
    for payload in (
        {"type": "view_submission", "view": view_of("report.triage"), "trigger_id": "t"},
        {"type": "block_actions", "actions": [{"type": "button", "action_id": "case.take", "value": "x"}]},
        {"type": "block_suggestion", "action_id": "a", "value": "x"},
    ):
        sent = await ours.slack.send_interactive(
            {"trigger_id": "t", "user": {"id": stranger.id, "team_id": "T9"}, "team": {"id": "T0SCHOOL"}, **payload}
        )
        assert sent.status == 200
    assert ours.slack.calls == []
    assert ours.school.commands == []


def view_of(callback: str) -> dict[str, object]:
    return {"id": "V1", "type": "modal", "callback_id": callback, "blocks": [], "state": {"values": {}}}


async def test_a_guest_keeps_what_they_typed_and_is_told(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    ours.school.commands.clear()
    ours.school.people.clear()
    view = person.view
    assert view is not None
    sent = await person.submit(view, {"kind": "a", "words": "mine"})
    assert sent.errors == {"kind": words.UNKNOWN}
    assert view.fields["words"].value == "mine"
    assert await person.suggest(view, "colleague", "b") == []
    await person.press(view, "report.afresh")
    assert person.view is not None
    assert words.UNKNOWN in ours.slack.visible_text(person.view)
    assert ours.school.commands == []
    assert ours.school.searches == []


async def test_cards_go_to_nobody_who_is_not_served(ours: Ours) -> None:
    card = AccessEnded(reference="R7K4Q", status="Done.")
    ours.slack.add_person("Gus", "gus@school.example", guest=True)
    ours.slack.add_person("Eve", "eve@else.example", stranger=True)
    ours.slack.add_person("Del", "del@school.example", deleted=True)
    for email in ("gus@school.example", "eve@else.example", "del@school.example", "nobody@school.example"):
        with pytest.raises(Unreachable):
            await ours.adapter.messenger.post(email, card)


async def test_a_token_that_slack_refuses_stops_the_start(slack: LoopbackSlack, school: School) -> None:
    slack.faults.error("auth.test", "invalid_auth")
    adapter = SlackAdapter(settings_of(slack), school)
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        await adapter.start()
    await adapter.close()


async def test_the_school_starts_without_slack_and_goes_on_when_it_is_back(
    slack: LoopbackSlack, school: School
) -> None:
    slack.faults.down()
    adapter = SlackAdapter(settings_of(slack), school, limit=1.0)
    await adapter.start()
    runner, url = await served(adapter)
    slack.deliver_to(url)
    person = next(one for one in slack.people.values() if one.name == "Ada Lovelace")
    typed = await person.command("/staffroom")  # type: ignore[attr-defined] # people added here can act
    assert typed.status == 200
    assert whispers(person) == words.FAULT_COMMAND
    slack.faults.up()
    school.will_show(Notice(title="Hello", text="There."))
    await person.command("/staffroom")  # type: ignore[attr-defined]
    assert [view.title for view in person.views] == ["Hello"]
    await adapter.close()
    await runner.cleanup()
