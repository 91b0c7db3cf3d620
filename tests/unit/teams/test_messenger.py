"""Cards in people's own chats: posted, edited, taken away, and what every trouble of Teams becomes."""

from __future__ import annotations

import pytest

from bot.teams.messenger import TeamsMessenger
from bot.teams.pace import MOST_CONVERSATIONS, Pace
from handlers.ports import DeliveryError, MessageGone, Messenger, RateLimited, Unreachable
from handlers.views import AccessEnded, Button, CaseAlert
from tests.unit.teams.conftest import Ours

ALERT = CaseAlert(
    reference="R7K4Q",
    reply_by="10:40",
    then="the next person is asked",
    phone=("Dee, 01234 567890",),
    buttons=(Button(action="case.take", label="I'll take it", token="a" * 32 + ":1", style="primary"),),
)
ENDED = AccessEnded(reference="R7K4Q", status="It is with someone else now.")


@pytest.fixture
async def messenger(ours: Ours) -> TeamsMessenger:
    await ours.ada.install()
    ours.teams.calls.clear()
    ours.ada.notifications.clear()
    return ours.adapter.messenger


async def test_a_card_is_posted_edited_and_taken_away(ours: Ours, messenger: TeamsMessenger) -> None:
    port: Messenger = messenger
    assert port.platform == "teams"
    reference = await port.post("Ada@School.Example", ALERT)
    message = ours.ada.last_message
    assert reference.message == message.id
    assert ours.ada.notifications == ["Staffroom needs you"]
    assert "Reply by 10:40" in ours.teams.visible_text(message)
    await port.edit(reference, ENDED)
    assert "someone else" in ours.teams.visible_text(message)
    assert message.buttons == {}
    await port.delete(reference)
    assert message.deleted
    await port.delete(reference)
    with pytest.raises(MessageGone):
        await port.edit(reference, ENDED)
    assert ours.ada.notifications == ["Staffroom needs you"]


@pytest.mark.parametrize("silent", [True, False])
async def test_the_phone_rings_unless_it_should_not(ours: Ours, messenger: TeamsMessenger, silent: bool) -> None:
    await messenger.post("ada@school.example", ALERT, silent=silent)
    [call] = ours.teams.calls
    assert call.arguments["channelData"]["notification"]["alert"] is not silent


async def test_whom_the_bot_never_met_cannot_be_reached(ours: Ours, messenger: TeamsMessenger) -> None:
    with pytest.raises(Unreachable):
        await messenger.post("ben@school.example", ALERT)
    assert ours.teams.calls == []


@pytest.mark.parametrize("trouble", ["installed", "blocked", "left"])
async def test_the_app_was_removed_or_blocked(ours: Ours, messenger: TeamsMessenger, trouble: str) -> None:
    reference = await messenger.post("ada@school.example", ALERT)
    setattr(ours.ada, trouble, trouble != "installed")
    with pytest.raises(Unreachable):
        await messenger.post("ada@school.example", ALERT)
    with pytest.raises(MessageGone):
        await messenger.edit(reference, ENDED)
    await messenger.delete(reference)


@pytest.mark.parametrize(("said", "waits"), [(7, 7.0), (None, 30.0)])
async def test_teams_asks_to_wait(ours: Ours, messenger: TeamsMessenger, said: int | None, waits: float) -> None:
    ours.teams.faults.rate_limit("send", retry_after=said)
    with pytest.raises(RateLimited) as limited:
        await messenger.post("ada@school.example", ALERT)
    assert limited.value.retry_after == waits


@pytest.mark.parametrize("status", [400, 412, 413, 500, 502, 503, 504])
async def test_other_troubles_are_tried_again(ours: Ours, messenger: TeamsMessenger, status: int) -> None:
    ours.teams.faults.fail("send", status=status, code="Ada wrote: this")
    with pytest.raises(DeliveryError) as failed:
        await messenger.post("ada@school.example", ALERT)
    assert type(failed.value) is DeliveryError
    assert str(failed.value) == f"http_{status}"


async def test_a_lost_connection(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.teams.faults.reset("send")
    with pytest.raises(DeliveryError) as failed:
        await messenger.post("ada@school.example", ALERT)
    assert type(failed.value) is DeliveryError
    await messenger.post("ada@school.example", ALERT)


async def test_a_token_that_is_not_taken_any_more(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.teams.expire_tokens()
    await messenger.post("ada@school.example", ALERT)
    await messenger.post("ada@school.example", ALERT)
    assert [one for one in ours.operations() if one in {"send", "token"}] == ["send", "token", "send", "send"]


async def test_no_token_is_taken_any_more(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.teams.faults.fail("send", times=2, status=401, code="Unauthorized")
    with pytest.raises(DeliveryError, match="Unauthorized"):
        await messenger.post("ada@school.example", ALERT)
    assert ours.operations().count("send") == 2, "tried with a new token once, and no more"


async def test_a_token_is_asked_for_once_and_again_before_it_ends(ours: Ours, messenger: TeamsMessenger) -> None:
    for _ in range(3):
        await messenger.post("ada@school.example", ALERT)
        ours.clock[0] += 10
    assert "token" not in ours.operations()
    ours.clock[0] += 3400
    await messenger.post("ada@school.example", ALERT)
    await messenger.post("ada@school.example", ALERT)
    assert ours.operations().count("token") <= 1


async def test_one_conversation_is_not_written_to_too_often(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.teams.faults.enforce_rates()
    ours.clock[0] += 2  # the greeting counts, too
    for _ in range(7):
        await messenger.post("ada@school.example", ALERT)
    with pytest.raises(RateLimited) as limited:
        await messenger.post("ada@school.example", ALERT)
    assert limited.value.retry_after == 1.0
    assert ours.operations() == ["send"] * 7


async def test_what_is_answered_and_taken_away_counts_and_does_not_wait(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.clock[0] += 60
    references = [await messenger.post("ada@school.example", ALERT) for _ in range(3)]
    for reference in references:
        await messenger.delete(reference)
    await ours.ada.say("hello")
    assert len(ours.ada.messages) == 2  # the greeting, and an answer
    with pytest.raises(RateLimited):
        await messenger.post("ada@school.example", ALERT)
    for _ in range(3):
        await messenger.delete(references[0])


def test_made_up_conversations_take_no_more_memory() -> None:
    now = [0.0]
    pace = Pace(monotonic=lambda: now[0])
    for number in range(MOST_CONVERSATIONS + 500):
        now[0] += 1
        pace.note(f"a:{number}")
        pace.take(f"b:{number}")
    assert len(pace._sent) == MOST_CONVERSATIONS


def test_the_limits_of_a_conversation() -> None:
    now = [0.0]
    pace = Pace(monotonic=lambda: now[0])
    taken: list[float] = []
    while now[0] < 3700:
        try:
            pace.take("a:1")
            taken.append(now[0])
        except RateLimited as limited:
            now[0] += limited.retry_after
    for most, within in ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0)):
        assert max(sum(at <= other < at + within for other in taken) for at in taken[::7]) == most


def test_the_limit_of_the_tenant() -> None:
    pace = Pace(monotonic=lambda: 5.0)
    for number in range(50):
        pace.take(f"a:{number}")
    with pytest.raises(RateLimited):
        pace.take("a:new")


async def test_a_card_is_never_posted_where_the_address_is_unsafe(ours: Ours, messenger: TeamsMessenger) -> None:
    ours.remembered.known["teams", "ben@school.example"] = ("a:1", "http://evil.example/")
    with pytest.raises(DeliveryError, match="foreign_service"):
        await messenger.post("ben@school.example", ALERT)
