"""The connector's REST API, as a bot calls it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from bot.sandbox.loopback_teams import LoopbackTeams, TeamsPerson
from tests.unit.loopback_teams.conftest import Client, Clock, Json
from tests.unit.loopback_teams.making import card, message, words


async def test_a_personal_conversation_is_created_and_written_in(
    teams: LoopbackTeams, client: Client, tess: TeamsPerson
) -> None:
    for name in (tess.id, tess.aad_object_id):
        status, made = await client.create(name)
        assert (status, made) == (201, {"id": tess.conversation_id})
    status, sent = await client.send(tess.conversation_id, message(card(words("Good morning"))))
    assert (status, sent["id"]) == (201, tess.last_message.id)
    assert tess.notifications == ["News"]
    await client.send(tess.conversation_id, message(text="and again"))
    await client.send(tess.conversation_id, message(card(words("x")), summary=""))
    assert tess.notifications[1:] == ["and again", "Sent a card"]
    await client.send(tess.conversation_id, {"type": "typing"})
    assert len(tess.messages) == 3
    assert [call.operation for call in teams.calls] == ["create_conversation"] * 2 + ["send"] * 4
    assert teams.violations == []


async def test_a_message_is_changed_and_taken_back(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    _, sent = await client.send(tess.conversation_id, message(card(words("one"))))
    first = tess.last_message
    old = first.snapshot()
    assert (await client.update(tess.conversation_id, sent["id"], message(card(words("two")))))[0] == 200
    assert (teams.visible_text(first), first.edited) == ("two", True)
    assert teams.visible_text(old) == "one"
    assert tess.notifications == ["News"]
    place = f"conversations/{tess.conversation_id}/activities/{sent['id']}"
    assert (await client.call("DELETE", place))[0] == 200
    assert tess.messages == []
    for verb, body in (("PUT", message(text="three")), ("DELETE", None)):
        status, answer = await client.call(verb, place, body)
        assert (status, answer["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_who_cannot_be_reached(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    async def both() -> list[tuple[int, str]]:
        answers = [await client.create(tess.id), await client.send(tess.conversation_id, message(text="x"))]
        return [(status, body["error"]["code"]) for status, body in answers]

    tess.installed = False
    assert await both() == [(403, "ForbiddenOperationException"), (403, "BotNotInConversationRoster")]
    tess.installed, tess.blocked = True, True
    assert await both() == [(403, "ConversationBlockedByUser")] * 2
    tess.blocked, tess.left = False, True
    assert await both() == [(404, "MemberNotFoundInConversation"), (404, "ConversationNotFound")]
    assert (await client.create("29:nobody"))[0] == 404
    assert (await client.send("a:nowhere", message(text="x")))[1]["error"]["code"] == "ConversationNotFound"
    assert tess.messages == []
    assert teams.violations == []


async def test_another_tenant_is_out_of_reach(teams: LoopbackTeams, client: Client) -> None:
    visitor = teams.add_person("Vera Visitor", "vera@elsewhere.example", federated=True)
    assert visitor.tenant_id != teams.tenant_id
    assert (await client.create(visitor.id))[0] == 403


async def test_the_roster_tells_who_is_a_guest(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    guest = teams.add_person("Gail Guest", "gail@home.example", guest=True)
    visitor = teams.add_person("Vera Visitor", "vera@elsewhere.example", federated=True)
    staff = teams.add_channel("staff", [tess, guest, visitor])
    status, found = await client.call("GET", f"conversations/{quote(staff, safe='')}/members")
    assert (status, [member["userRole"] for member in found]) == (200, ["user", "guest", "user"])
    assert [member["tenantId"] for member in found][2] == visitor.tenant_id
    for name in (guest.id, guest.aad_object_id, quote(guest.user_principal_name, safe="")):
        _, one = await client.call("GET", f"conversations/{quote(staff, safe='')}/members/{name}")
        assert (one["email"], one["aadObjectId"]) == ("gail@home.example", guest.aad_object_id)
        assert one["userPrincipalName"] == "gail_home.example#EXT#@astor.onmicrosoft.example"
    status, paged = await client.call("GET", f"conversations/{staff}/pagedmembers")
    assert (status, len(paged["members"])) == (200, 3)
    guest.left = True
    assert (await client.call("GET", f"conversations/{staff}/members/{guest.id}"))[0] == 404
    assert (await client.call("GET", f"conversations/{tess.conversation_id}/members/{visitor.id}"))[0] == 404
    _, channels = await client.call("GET", f"teams/{teams.conversation(staff).team_id}/conversations")
    assert channels == {"conversations": [{"id": staff, "name": "staff"}]}


async def test_channels_threads_and_targeted_messages(teams: LoopbackTeams, client: Client, tess: TeamsPerson) -> None:
    staff = teams.add_channel("staff", [tess])
    data = {"channel": {"id": staff}, "tenant": {"id": teams.tenant_id}}
    status, made = await client.call(
        "POST", "conversations", {"channelData": data, "activity": message(text="A thread")}
    )
    assert (status, made["id"]) == (201, f"{staff};messageid={made['activityId']}")
    await client.send(made["id"], message(text="below it"))
    assert [m.reply_to for m in teams.channel_messages("staff")] == ["", made["activityId"]]
    private = message(text="for you") | {"recipient": {"id": tess.id}}
    await client.send(staff, private, "?isTargetedActivity=true")
    assert len(teams.channel_messages(staff)) == 2
    assert tess.notifications == ["for you"]
    assert (await client.send(tess.conversation_id, private, "?isTargetedActivity=true"))[0] == 400
    outside = teams.add_channel("outside", [tess], bot_is_member=False)
    assert (await client.send(outside, message(text="x")))[1]["error"]["code"] == "BotNotInConversationRoster"


@pytest.mark.parametrize(
    ("activity", "status"),
    [
        (message(card(words("x" * 29_000))), 413),
        (message(text="x" * 60_000), 413),
        (message(card({"type": "Marquee"})), 400),
        (message(), 400),
        ({"type": "event", "text": "x"}, 400),
        ({"type": "message", "attachments": [{}]}, 400),
    ],
    ids=["card", "text", "element", "empty", "type", "attachment"],
)
async def test_what_teams_refuses_is_a_violation(
    teams: LoopbackTeams, client: Client, tess: TeamsPerson, activity: Json, status: int
) -> None:
    assert (await client.send(tess.conversation_id, activity))[0] == status
    assert tess.messages == []
    assert len(teams.violations) == 1


async def test_a_card_above_the_budget_is_taken_and_noted(
    teams: LoopbackTeams, client: Client, tess: TeamsPerson
) -> None:
    assert (await client.send(tess.conversation_id, message(card(words("x" * 26_000)))))[0] == 201
    assert ["budget" in violation for violation in teams.violations] == [True]


async def test_somebody_elses_message_cannot_be_changed(client: Client, tess: TeamsPerson) -> None:
    said = (await tess.say("mine", tell=False)).message
    assert said is not None
    assert (await client.update(tess.conversation_id, said.id, message(text="yours")))[0] == 403
    assert said.text == "mine"


async def test_published_rates_per_conversation(
    teams: LoopbackTeams, client: Client, tess: TeamsPerson, clock: Clock
) -> None:
    sam = teams.add_person("Sam Staff", "sam@astor.example")
    teams.faults.enforce_rates()
    statuses = [(await client.send(tess.conversation_id, message(text=str(n))))[0] for n in range(8)]
    assert statuses == [201] * 7 + [429]
    assert (await client.send(sam.conversation_id, message(text="another")))[0] == 201
    clock.forward(1)
    assert (await client.send(tess.conversation_id, message(text="7")))[0] == 201
    # Eight in two seconds is the next limit.
    assert (await client.send(tess.conversation_id, message(text="8")))[0] == 429
    clock.forward(30)
    assert (await client.send(tess.conversation_id, message(text="8")))[0] == 201
    assert [m.text for m in tess.messages] == [str(n) for n in range(9)]
