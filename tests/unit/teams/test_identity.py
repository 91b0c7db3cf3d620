"""Who is served, who is told kindly that they are not, and what Teams is asked about them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.teams import words
from bot.teams.identity import KEPT, account_refused
from handlers.commands import ShowHome, StartReport
from handlers.views import Notice
from tests.unit.teams.conftest import Ours

MEMBER = {
    "id": "29:1",
    "aadObjectId": "A-1",
    "tenantId": "T-1",
    "userRole": "user",
    "email": "A@b.example",
    "userPrincipalName": "a@b.example",
}
NOTICE = Notice(title="x", text="y")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"tenantId": "t-2"}, words.OTHER_TENANT),
        ({"tenantId": None}, words.OTHER_TENANT),
        ({"userRole": "guest"}, words.GUEST),
        ({"userRole": "anonymous"}, words.GUEST),
        ({"userRole": None}, ""),
        ({"userPrincipalName": "a_b.example#EXT#@school.example"}, words.GUEST),
        ({"aadObjectId": "A-2"}, words.NOT_A_PERSON),
        ({"aadObjectId": None}, words.NOT_A_PERSON),
        ({"aadObjectId": None, "objectId": "a-1"}, ""),
        ({"email": None}, ""),
        ({"email": ["a@b.example"], "userPrincipalName": "a"}, words.NO_EMAIL),
    ],
)
def test_which_accounts_are_served(changed: dict[str, object], told: str) -> None:
    assert account_refused({**MEMBER, **changed}, "a-1", "t-1") == told


async def home(ours: Ours, person: Any) -> None:
    await person.install()
    await person.say("staffroom")
    ours.school.will_show(NOTICE)
    if words.OPEN_HOME in person.last_message.buttons:
        await person.press(person.last_message, words.OPEN_HOME)


async def test_people_are_found_by_their_address_in_any_case(ours: Ours) -> None:
    await home(ours, ours.ben)
    assert ours.school.asked(ShowHome).actor == "p-ben"
    assert set(ours.remembered.known) == {("teams", "ben@school.example")}


async def test_teams_is_asked_once_and_again_after_a_while(ours: Ours) -> None:
    for _ in range(3):
        await ours.ada.say("hello")
    assert ours.operations().count("get_member") == 1
    ours.clock[0] += KEPT + 1
    await ours.ada.say("hello")
    assert ours.operations().count("get_member") == 2


async def test_who_leaves_the_staff_list_is_out_at_once(ours: Ours) -> None:
    await home(ours, ours.ada)
    ours.school.commands.clear()
    message = ours.ada.last_message
    ours.school.people.clear()
    await ours.ada.press(message, words.OPEN_HOME)
    assert ours.school.commands == []
    assert words.UNKNOWN in ours.teams.visible_text(ours.ada.dialogs[-1])
    await ours.ada.say("report-incident Sam")
    assert ours.ada.last_message.text == words.UNKNOWN


async def test_guests_and_strangers_are_refused_kindly_and_not_remembered(ours: Ours) -> None:
    guest = ours.teams.add_person("Gil", "ada@school.example", guest=True)
    stranger = ours.teams.add_person("Sam", "sam@school.example")
    for person, told in ((guest, words.GUEST), (stranger, words.UNKNOWN)):
        await person.install()
        assert person.messages == []
        await person.say("staffroom")
        assert person.last_message.text == told
    assert ours.remembered.known == {}
    assert ours.school.commands == []


async def test_somebody_of_another_organisation(ours: Ours) -> None:
    outsider = ours.teams.add_person("Fay", "ada@school.example", federated=True)
    channel = ours.teams.add_channel("Trust", [ours.ada, outsider])
    assert (await outsider.say("staffroom")).status == 403
    await outsider.say("report-incident x", channel)
    [told] = [message for message in ours.teams.messages.values() if message.targeted_to == outsider.id]
    assert told.text == words.OTHER_TENANT
    assert "get_member" not in ours.operations()
    await outsider.compose_action("new_report", channel)
    assert words.OTHER_TENANT in ours.teams.visible_text(outsider.dialogs[-1])
    assert ours.school.commands == []


async def test_whoever_claims_anothers_account(ours: Ours) -> None:
    activity = (await ours.ben.say("hello")).activity
    forged = {**activity, "from": {**activity["from"], "aadObjectId": ours.ada.aad_object_id}}
    await ours.teams.send_activity(forged)
    assert ours.ben.last_message.text == words.NOT_A_PERSON
    await ours.teams.send_activity({**activity, "from": {"id": "28:another-bot"}})
    assert ours.ben.last_message.text == words.NOT_A_PERSON


async def test_an_extension_where_the_bot_is_no_member(ours: Ours) -> None:
    channel = ours.teams.add_channel("Friends", [ours.ada, ours.ben], bot_is_member=False, group_chat=True)
    ours.school.will_show(NOTICE)
    await ours.ada.compose_action("new_report", channel)
    assert ours.school.asked(StartReport).actor == "p-ada"
    ours.ben.installed = False
    await ours.ben.compose_action("new_report", channel)
    assert words.NOT_ADDED in ours.teams.visible_text(ours.ben.dialogs[-1])
    assert ours.school.commands == []
    ours.ben.installed = True
    ours.school.will_show(NOTICE)
    await ours.ben.compose_action("new_report", channel)
    assert ours.school.asked(StartReport).actor == "p-ben"


async def test_a_store_that_fails_does_not_stand_in_the_way(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: str) -> None:
        raise RuntimeError("ada@school.example")

    monkeypatch.setattr(ours.remembered, "remember", broken)
    await home(ours, ours.ada)
    assert ours.school.asked(ShowHome).actor == "p-ada"
    monkeypatch.undo()
    await ours.ada.say("hello")
    assert ours.remembered.writes == 1
