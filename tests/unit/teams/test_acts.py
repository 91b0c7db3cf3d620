"""Taking a report on its card: `Action.Execute`, re-authorised, answered with the card as it stands then."""

from __future__ import annotations

from typing import Any

import pytest

from bot.teams import words
from bot.teams.acts import executing
from bot.teams.render import CARDS
from handlers.commands import TakeCase
from handlers.ports import RateLimited
from handlers.views import Button, CaseAlert, CaseCard, Notice
from storage.messages import MessageRef
from tests.unit.teams.conftest import Ours

TOKEN = "a" * 32 + ":1"
TAKE = Button(action="case.take", label="I'll take it", token=TOKEN, style="primary")
OPEN = Button(action="case.open", label="Open", token=TOKEN)
PASS_ON = Button(action="case.pass_on", label="I shouldn't handle this", token=TOKEN)
ALERT = CaseAlert(reference="R7K4Q", reply_by="10:40", then="", phone=(), buttons=(TAKE, OPEN, PASS_ON))
HERS = CaseCard(reference="R7K4Q", status="You have had it since 10:31.", news="", buttons=(OPEN,))
HAS_IT = Notice(title="You have it", text="You have had it since 10:31.")


async def alerted(ours: Ours) -> None:
    await ours.ada.install()
    await ours.adapter.messenger.post("Ada@School.example", ALERT)
    ours.school.cards[TOKEN] = HERS


def test_taking_changes_the_card_and_all_else_opens_a_dialog() -> None:
    card = executing(CARDS[CaseAlert](ALERT).card)
    actions = [one for element in card["body"] if element["type"] == "ActionSet" for one in element["actions"]]
    assert [(one["type"], one["data"].get("msteams")) for one in actions] == [
        ("Action.Execute", None),
        ("Action.Submit", {"type": "task/fetch"}),
        ("Action.Submit", {"type": "task/fetch"}),
    ]
    assert actions[0]["data"] == {"action": "case.take", "token": TOKEN}


async def test_taking_shows_at_once_on_the_card_who_has_it(ours: Ours) -> None:
    await alerted(ours)
    message = ours.ada.last_message
    ours.school.will_show(HAS_IT)
    ours.teams.calls.clear()
    pressed = await ours.ada.press(message, "I'll take it")
    command = ours.school.asked(TakeCase)
    place = f"{ours.ada.conversation_id} {ours.teams.service_url}"
    assert command.seen_on == MessageRef(platform="teams", conversation=place, message=message.id)
    assert (command.actor, command.token, command.opens) == ("p-ada", TOKEN, False)
    assert pressed.activity["id"] in command.key
    assert "You have had it since 10:31." in ours.teams.visible_text(message)
    assert list(message.buttons) == ["Open"]
    assert ours.operations() == [], "the card is in the answer itself"
    assert ours.ada.dialog is None


async def test_a_refusal_is_said_and_the_card_is_not_touched(ours: Ours) -> None:
    await alerted(ours)
    before = ours.teams.visible_text(ours.ada.last_message)
    said = Notice(title="Already dealt with", text="Ben Okri has had it since 10:30. Nothing was changed.")
    ours.school.will_show(said, accepted=False)
    await ours.ada.press(ours.ada.last_message, "I'll take it")
    assert ours.ada.toasts == [f"{said.title}. {said.text}"]
    assert ours.teams.visible_text(ours.ada.last_message) == before


@pytest.mark.parametrize(
    ("changed", "carried"),
    [
        # A colleague forwards the card: into a group chat, or into a chat of two.
        ({"conversation": {"conversationType": "groupChat", "isGroup": True, "id": "19:x@thread.v2"}}, {}),
        ({"conversation": {"conversationType": "personal", "id": "19:ada_ben@unq.gbl.spaces"}}, {}),
        # A card that refreshes itself when somebody looks at it takes nothing.
        ({}, {"trigger": "automatic"}),
        # What an Execute may not do, and what is none.
        ({}, {"action": {"data": {"action": "case.open", "token": TOKEN}}}),
        ({}, {"action": {"data": {"action": "case.finish", "token": TOKEN}}}),
        ({}, {"action": {"verb": "case.take", "data": {"token": TOKEN}}}),
        ({}, {"action": {"data": {"action": ["case.take"], "token": TOKEN}}}),
        ({}, {"action": None}),
    ],
)
async def test_what_is_not_pressed_on_the_own_card_takes_nothing(
    ours: Ours, changed: dict[str, Any], carried: dict[str, Any]
) -> None:
    await alerted(ours)
    ours.school.will_show(HAS_IT)
    activity = (await ours.ada.press(ours.ada.last_message, "I'll take it")).activity
    ours.school.commands.clear()
    forged = {**activity, "id": "forged", "value": {**activity["value"], **carried}}
    for key, value in changed.items():
        forged[key] = {"tenantId": ours.teams.tenant_id, **value}
    answer = await ours.teams.send_activity(forged)
    assert answer.status == 200
    assert answer.body["value"] == words.UNKNOWN_BUTTON
    assert ours.school.commands == []


async def test_a_stranger_takes_nothing(ours: Ours) -> None:
    await alerted(ours)
    ours.school.people.clear()
    await ours.ada.press(ours.ada.last_message, "I'll take it")
    assert ours.ada.toasts == [words.UNKNOWN]
    assert ours.school.commands == []


@pytest.mark.parametrize(("trouble", "said"), [("fault", words.FAULT_CARD), ("slow", words.LATE_CARD)])
async def test_a_fault_is_said_and_tells_nothing(ours: Ours, trouble: str, said: str) -> None:
    await alerted(ours)
    if trouble == "fault":
        ours.school.fault = RuntimeError("Sam hit Ben")
    else:
        ours.school.slow = 30
    await ours.ada.press(ours.ada.last_message, "I'll take it")
    assert ours.ada.toasts == [said]


async def test_the_answer_is_there_also_where_the_conversation_has_to_wait(ours: Ours) -> None:
    await alerted(ours)
    ours.clock[0] += 60
    for _ in range(7):
        await ours.adapter.messenger.post("Ada@School.example", ALERT)
    with pytest.raises(RateLimited):
        await ours.adapter.messenger.post("Ada@School.example", ALERT)
    ours.school.will_show(HAS_IT)
    await ours.ada.press(ours.ada.last_message, "I'll take it")
    assert "You have had it" in ours.teams.visible_text(ours.ada.last_message)
