"""Teams answers slowly, wrongly or not at all, or cannot reach somebody: nothing accepted is lost, nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.sandbox.loopback_teams import Message, TeamsPerson
from bot.sandbox.world import Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    asked,
    card,
    file,
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


GONE: dict[str, Callable[[TeamsPerson], None]] = {
    "removed": lambda person: setattr(person, "installed", False),
    "blocked": lambda person: setattr(person, "blocked", True),
    "left": lambda person: setattr(person, "left", True),
}


@pytest.mark.parametrize("how", GONE)
async def test_whoever_cannot_be_written_to_is_passed_over_at_once(school: World, how: str) -> None:
    for name in ("priya", "leo"):
        GONE[how](school.on_teams(name))
    await file(school, "tess", A_CHILD_TOLD_ME)
    assert asked(school) >= {"david"}, "nobody waits ten minutes for people who cannot be reached"
    assert "Sent to" in texts(school, "tess")
    assert "Priya" not in texts(school, "tess").partition("Sent to")[2].partition("\n")[0]


async def test_alerts_are_within_teams_limits_and_still_all_arrive(school: World) -> None:
    """The limits are enforced, and kept on our side: Teams never has to say that it was too often."""
    school.pace = timedelta(seconds=1)
    await school.restart()
    school.teams.faults.enforce_rates()
    for name in ("tess", "carl"):
        await file(school, name)
    await take(school, "hana", school.reference("hana"))
    assert len(school.people["hana"].notifications) == 2
    assert all(call.status != 429 for call in school.teams.calls)


async def test_after_an_hour_without_teams_everybody_is_told(school: World) -> None:
    reference = await file(school, "tess")
    school.teams.faults.fail("send", times=10_000, status=503)
    school.teams.faults.fail("update", times=10_000, status=503)
    done = await school.on_teams("hana").press(alert(school, "hana"), "I'll take it")
    assert done.card is not None, "taking it works without Teams taking cards"
    school.clock.move(timedelta(minutes=40))
    await school.restart()
    school.teams.faults.clear()
    await school.settle()
    assert "Hana Hughes has had it since 10:20" in card(school, "priya", reference).text
    assert "Picked up by Hana Hughes, 10:20" in texts(school, "tess")


@pytest.mark.parametrize("status", [429, 412, 500, 502, 504])
async def test_alerts_arrive_after_trouble(school: World, status: int) -> None:
    await school.people["tess"].command("/report-incident")
    if status == 429:
        school.teams.faults.rate_limit("send", times=2, retry_after=1)
    else:
        school.teams.faults.fail("send", times=3, status=status)
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    await school.settle()
    assert asked(school) == {"priya", "leo"}
    assert [len(school.cards(name)) for name in ("priya", "leo", "tess")] == [1, 1, 1]


async def test_a_lost_answer_may_ring_twice_and_the_copy_follows_once_it_is_pressed(school: World) -> None:
    await school.people["tess"].command("/report-incident")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    school.teams.faults.lose_answer("send", times=1)
    await answer(school, "tess", **DETAILS)
    await school.settle()
    [name] = [name for name in school.people if len(school.cards(name)) > 1]
    for copy in school.cards(name):
        await school.people[name].press(copy, "report.add" if name == "tess" else "case.open")
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    for copy in school.cards(name):
        assert "Hana Hughes" in copy.text or "You have had it" in copy.text
    async with school.running.database.reading() as uow:
        assert (await uow.counters())["duplicate_messages"] == 1
