"""Cards are posted, edited and taken away; what Slack answers becomes what the outbox can act on."""

from __future__ import annotations

import pytest

from bot.slack.failures import WRONG_TOKEN
from handlers.ports import DeliveryError, MessageGone, Messenger, NotLetIn, RateLimited, Unreachable
from handlers.views import AccessEnded, CaseCard
from storage.messages import MessageRef
from tests.unit.slack.conftest import Ours
from tests.unit.slack.test_commands import ada

CARD = CaseCard(reference="R7K4Q", status="You have it.", news="", buttons=())
ENDED = AccessEnded(reference="R7K4Q", status="It is with someone else now.")
ADA = "ada@school.example"


async def test_a_card_is_posted_edited_and_taken_away(ours: Ours) -> None:
    messenger: Messenger = ours.adapter.messenger
    where = await messenger.post(ADA, CARD, silent=True)
    assert where.platform == messenger.platform == "slack"
    message = ada(ours).last_message
    assert (message.channel, message.ts, message.text) == (where.conversation, where.message, "Staffroom: report R7K4Q")
    await messenger.edit(where, ENDED)
    assert "someone else" in ours.slack.visible_text(ada(ours).last_message)
    await messenger.delete(where)
    assert ada(ours).messages == []
    await messenger.delete(where)
    with pytest.raises(MessageGone):
        await messenger.edit(where, CARD)
    assert ours.slack.violations == []


async def test_the_conversation_is_looked_up_once(ours: Ours) -> None:
    for _ in range(3):
        await ours.adapter.messenger.post(ADA, CARD)
    assert len(ours.slack.calls) == 5


@pytest.mark.parametrize("method", ["users.lookupByEmail", "conversations.open", "chat.postMessage"])
@pytest.mark.parametrize("code", ["user_disabled", "cannot_dm_bot", "channel_not_found", "is_archived"])
async def test_somebody_who_cannot_be_reached(ours: Ours, method: str, code: str) -> None:
    ours.slack.faults.error(method, code)
    with pytest.raises(Unreachable, match=code):
        await ours.adapter.messenger.post(ADA, CARD)


async def test_a_remembered_conversation_that_died_is_opened_again(ours: Ours) -> None:
    await ours.adapter.messenger.post(ADA, CARD)
    ours.slack.faults.error("chat.postMessage", "channel_not_found")
    await ours.adapter.messenger.post(ADA, CARD)
    assert len(ada(ours).messages) == 2
    ours.slack.faults.error("chat.postMessage", "user_disabled")
    with pytest.raises(Unreachable):
        await ours.adapter.messenger.post(ADA, CARD)


async def test_slack_asks_to_wait(ours: Ours) -> None:
    ours.slack.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(RateLimited) as raised:
        await ours.adapter.messenger.post(ADA, CARD)
    assert raised.value.retry_after == 7
    ours.slack.faults.error("chat.postMessage", "ratelimited")
    with pytest.raises(RateLimited) as raised:
        await ours.adapter.messenger.post(ADA, CARD)
    assert raised.value.retry_after == 30


@pytest.mark.parametrize(
    "code", ["message_not_found", "edit_window_closed", "cant_update_message", "channel_not_found"]
)
async def test_an_edit_that_is_not_to_be(ours: Ours, code: str) -> None:
    where = await ours.adapter.messenger.post(ADA, CARD)
    ours.slack.faults.error("chat.update", code)
    with pytest.raises(MessageGone, match=code):
        await ours.adapter.messenger.edit(where, ENDED)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "invalid_auth", "account_inactive", "Odd <Code>"])
async def test_everything_else_is_tried_again(ours: Ours, code: str) -> None:
    ours.slack.faults.error("chat.postMessage", code)
    with pytest.raises(DeliveryError) as raised:
        await ours.adapter.messenger.post(ADA, CARD)
    assert type(raised.value) is (NotLetIn if code in WRONG_TOKEN else DeliveryError)
    assert str(raised.value) == (code if code.islower() else "http_200")
    assert raised.value.__suppress_context__


async def test_a_slack_that_is_down(ours: Ours) -> None:
    where = MessageRef(platform="slack", conversation="D1", message="1.0")
    ours.slack.faults.fail("chat.postMessage", status=502)
    with pytest.raises(DeliveryError, match="http_502"):
        await ours.adapter.messenger.post(ADA, CARD)
    ours.slack.faults.reset("chat.postMessage")
    with pytest.raises(DeliveryError, match="ServerDisconnected"):
        await ours.adapter.messenger.post(ADA, CARD)
    ours.slack.faults.revoke_token()
    with pytest.raises(DeliveryError, match="token_revoked"):
        await ours.adapter.messenger.delete(where)
    assert ada(ours).messages == []
