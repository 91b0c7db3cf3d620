"""Slack answers slowly, wrongly or not at all: nothing accepted is lost, and nobody else waits."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    asked,
    card,
    file,
    press,
    rings,
    shown,
    take,
    texts,
)


@pytest.fixture
def platform() -> Platform:
    """This is about Slack."""
    return "slack"


@pytest.mark.parametrize("trouble", ["rate limit", "500", "503", "connection reset"])
async def test_alerts_arrive_after_trouble(school: World, trouble: str) -> None:
    match trouble:
        case "rate limit":
            school.slack.faults.rate_limit("chat.postMessage", times=2, retry_after=1)
        case "500" | "503":
            school.slack.faults.fail("chat.postMessage", times=3, status=int(trouble))
        case _:
            school.slack.faults.reset("chat.postMessage", times=2)
    await file(school, "tess", A_CHILD_TOLD_ME)
    assert asked(school) == {"priya", "leo"}
    assert len(school.cards("priya")) == len(school.cards("leo")) == len(school.cards("tess")) == 1


async def test_a_lost_answer_may_ring_twice_and_the_copy_follows_once_it_is_pressed(school: World) -> None:
    school.slack.faults.lose_answer("chat.postMessage", times=1)
    await file(school, "tess")
    copies = [name for name in school.people if len(school.cards(name)) > 1]
    assert len(copies) == 1, "one answer was lost, so one person has the card twice"
    name = copies[0]
    for copy in school.cards(name):
        await school.people[name].press(copy, "report.add" if name == "tess" else "case.open")
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    for copy in school.cards(name):
        assert "Hana Hughes" in copy.text or "You have had it" in copy.text
    async with school.running.database.reading() as uow:
        assert (await uow.counters())["duplicate_messages"] == 1


async def test_an_hour_without_slack_loses_nothing_and_a_restart_in_it_neither(school: World) -> None:
    await file(school, "tess")
    # People's clicks still come in, and nothing that Staffroom sends gets out.
    school.slack.faults.fail("chat.postMessage", times=10_000, status=503)
    school.slack.faults.fail("chat.update", times=10_000, status=503)
    reference = school.reference("hana")
    await school.people["hana"].press(card(school, "hana", reference), "case.take")
    assert "Reported by" in shown(school, "hana"), "taking it works without cards"
    school.clock.move_to(school.clock.now().replace(hour=11))
    await school.restart()
    school.slack.faults.clear()
    await school.settle()
    assert "You have had it since 10:20" in texts(school, "hana")
    assert "Picked up by Hana Hughes, 10:20" in texts(school, "tess")
    assert "Hana Hughes has had it since 10:20" in texts(school, "priya")


async def test_a_dead_conversation_blocks_nobody_and_the_next_in_the_chain_is_asked_now(school: World) -> None:
    school.people["priya"].unreachable()
    school.people["leo"].unreachable()
    await file(school, "tess", A_CHILD_TOLD_ME)
    assert "hana" not in asked(school) or asked(school)
    assert asked(school) >= {"david"}, "nobody waits ten minutes for people who cannot be reached"
    assert rings(school, "tess") >= 1


async def test_an_edit_that_slack_refuses_becomes_a_new_card(school: World) -> None:
    reference = await file(school, "tess")
    school.slack.faults.edit_window_closed(times=1)
    await take(school, "hana", reference)
    for name in ("hana", "priya", "tess"):
        assert "Hana Hughes" in texts(school, name) or "You have had it" in texts(school, name)


async def test_a_form_that_slack_does_not_open_is_explained(school: World) -> None:
    school.slack.faults.error("views.open", "expired_trigger_id", times=1)
    done = await school.people["tess"].command("/report-incident", "It was on Instagram.")
    assert done.status == 200
    told = " ".join(map(str, school.on_slack("tess").ephemerals))
    assert "Nothing is lost" in told
    await school.people["tess"].command("/report-incident", "")
    assert "What you typed is kept for the next screen" in shown(school, "tess")


async def test_alerts_are_paced_and_still_all_arrive(school: World) -> None:
    school.slack.faults.enforce_rate(None)
    for _ in range(3):
        await file(school, "tess")
    assert rings(school, "hana") == 3
    await press(school, "hana", school.reference("hana"), "case.open")
    assert "Reported by" in shown(school, "hana")
