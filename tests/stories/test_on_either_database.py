"""The main job on SQLite and on PostgreSQL, and two Staffrooms on one PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import build
from bot.sandbox.world import World
from bot.settings import load_settings
from storage.audit import verify
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    answer,
    asked,
    card,
    file,
    finish,
    press,
    rings,
    shown,
    take,
    texts,
)


async def test_filed_taken_worked_and_finished(either_school: World) -> None:
    school = either_school
    reference = await file(school, "tess", what_happened="Zoë 😀 \u202eevil")
    await take(school, "hana", reference)
    assert "Zoë 😀" in shown(school, "hana")
    await press(school, "tess", reference, "report.add")
    await answer(school, "tess", text="And again today.")
    await finish(school, "hana", reference)
    assert "Finished by Hana Hughes" in texts(school, "tess")
    assert (await verify(school.running.database)).problems == ()


async def test_nobody_takes_it_and_it_is_restarted(either_school: World) -> None:
    school = either_school
    await file(school, "tess", A_CHILD_TOLD_ME)
    await school.later(minutes=10)
    await school.restart()
    await school.later(minutes=10)
    assert asked(school) == {"priya", "leo", "david", "sam"}
    assert rings(school, "priya") == 3


async def test_the_head_learns_nothing(either_school: World) -> None:
    school = either_school
    await file(school, "tess", ABOUT_THE_HEAD)
    await school.later(hours=4)
    assert texts(school, "hana") == ""
    assert asked(school) == {"carol", "victor"}


async def test_two_take_it_at_the_same_moment_and_one_has_it(either_school: World) -> None:
    school = either_school
    reference = await file(school, "tess")
    hers, theirs = card(school, "hana", reference), card(school, "priya", reference)
    await asyncio.gather(
        school.people["hana"].press(hers, "case.take"), school.people["priya"].press(theirs, "case.take")
    )
    await school.settle()
    holders = [name for name in ("hana", "priya") if "You have had it" in texts(school, name)]
    assert len(holders) == 1
    other = ({"hana", "priya"} - set(holders)).pop()
    assert "Already dealt with" in shown(school, other)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_staffrooms_share_the_work_of_one_postgresql(either_school: World) -> None:
    school = either_school
    second = await build(load_settings(school.settings), clock=school.clock, pace=school.pace)
    await second.start()
    try:
        reference = await file(school, "tess", A_CHILD_TOLD_ME)
        school.clock.move(school.clock.now().replace(minute=40) - school.clock.now())
        await asyncio.gather(school.running.worker.drain(), second.worker.drain())
        assert rings(school, "priya") == 2, "each step fires once, whoever fires it"
        assert len(school.cards("priya")) == 1
        school.deliver_to(second)
        await take(school, "leo", reference)
        await asyncio.gather(school.running.worker.drain(), second.worker.drain())
        assert "You have had it" in texts(school, "leo")
    finally:
        await second.stop()
