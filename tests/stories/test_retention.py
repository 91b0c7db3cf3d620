"""A report reaches the end of its period years later: somebody decides, and what is erased is gone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.world import PEOPLE, Platform, World
from handlers.commands import SendErase, SendHold, form_token
from handlers.views import Notice
from policy.case import Case, RecordId
from policy.people import PersonId
from storage.audit import verify
from tests.stories.acting import (
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    card,
    everything_seen,
    file,
    finish,
    more,
    person,
    press,
    rings,
    screen,
    shown,
    take,
    texts,
)

DORA = "Dora Dent,dora.dent@astor.example,dpo,01632 960109,,\n"
SECRET = "An invented account asks to follow me."
YEARS = 365 * 6 + 14


@pytest.fixture
async def school(tmp_path: Path, database_url: str, platform: Platform) -> AsyncIterator[World]:
    """The invented school with a DPO, on either database and either platform."""
    world = await World.open(tmp_path, people=PEOPLE + DORA, database_url=database_url, platform=platform)
    yield world
    await world.close()
    assert world.violations == []


async def finished(school: World, triage: dict[str, str] | None = None) -> str:
    reference = await file(school, "tess", triage or PUPIL_FOLLOWED_ME, what_happened=SECRET)
    await take(school, "hana", reference)
    await finish(school, "hana", reference)
    return reference


async def years_later(school: World) -> None:
    """The period of what was finished is over; it is the middle of a school day."""
    await school.later(days=YEARS)


async def review(school: World, name: str, which: str, what: str, /, **answers: object) -> None:
    await school.people[name].command("/staffroom")
    await school.people[name].press(screen(school, name), "retention.review")
    done = await answer(school, name, reference=which, what=what)
    assert done.errors == {}, done.errors
    if answers:
        done = await answer(school, name, **answers)
        assert done.errors == {}, done.errors
    await school.settle()


async def stored(school: World, reference: str) -> Case | None:
    async with school.running.database.reading() as uow:
        return await uow.case_by_reference(reference)


async def audit_is_whole(school: World) -> bool:
    return (await verify(school.running.database)).whole


async def test_the_dpo_is_told_once_and_erases_it(school: World) -> None:
    reference = await finished(school)
    case = await stored(school, reference)
    assert case is not None
    await school.later(days=365 * 5)
    assert "end of their period" not in texts(school, "dora")
    before = texts(school, "dora")
    await school.later(days=379)
    assert "1 report has reached the end of its period." in texts(school, "dora")
    assert reference not in texts(school, "dora").replace(before, "")
    rung = rings(school, "dora")
    await school.restart()
    await school.settle()
    assert rings(school, "dora") == rung
    await review(school, "dora", reference, "erase", ground="period-over", reference=reference.lower())
    assert f"{reference} is erased." in shown(school, "dora")
    assert SECRET not in everything_seen(school, "dora")
    assert await stored(school, reference) is None
    assert "1 report" not in texts(school, "dora")
    for name in ("tess", "hana", "priya"):
        assert "It is not kept any more. Nothing more for you to do." in texts(school, name)
        assert "Finished by" not in texts(school, name)
        assert not card(school, name, reference).buttons
    assert await audit_is_whole(school)
    async with school.running.database.reading() as uow:
        rows = await uow.audit_rows(case.id)
        stone = await uow.tombstone(case.id)
        assert await uow.chronology(case.id) == ()
    assert [row.action for row in rows][-1] == "case-erased"
    assert {"case-received", "case-taken", "case-finished"} <= {row.action for row in rows}
    assert stone is not None
    assert (stone.reference, stone.process, stone.ground) == (reference, "P01", "period-over")


async def test_the_reference_has_to_be_typed_and_the_ground_to_be_true(school: World) -> None:
    reference = await finished(school)
    await school.later(days=2)
    await review(school, "dora", reference, "erase")
    refused = await answer(school, "dora", ground="request", reference="RRRRR")
    assert reference in refused.errors["reference"]
    await answer(school, "dora", ground="period-over", reference=reference)
    assert "Its period is not over. Nothing was changed." in shown(school, "dora")
    await review(school, "dora", reference, "erase", ground="request", reference=reference)
    assert await stored(school, reference) is None


async def test_what_was_written_today_is_erased_tomorrow(school: World) -> None:
    reference = await finished(school)
    await review(school, "dora", reference, "erase", ground="request", reference=reference)
    assert "less than a day ago" in shown(school, "dora")
    assert await stored(school, reference) is not None


async def test_kept_until_a_day_and_asked_again_then(school: World) -> None:
    reference = await finished(school)
    await years_later(school)
    until = (school.clock.now() + timedelta(days=400)).date()
    await review(school, "dora", reference, "keep", until=until.isoformat(), why="The family asked.")
    assert "1 report" not in texts(school, "dora")
    await school.later(days=390)
    assert "1 report" not in texts(school, "dora")
    await school.later(days=30)
    assert "1 report has reached" in texts(school, "dora")
    await press(school, "priya", reference, "case.open")
    assert "decided to keep it until" in shown(school, "priya")
    assert "The family asked." in shown(school, "priya")


async def test_under_legal_hold_nothing_is_erased(school: World) -> None:
    reference = await finished(school)
    await more(school, "hana", reference, "hold", why="The police asked.")
    await press(school, "priya", reference, "case.open")
    assert "by Hana Hughes" in shown(school, "priya")
    assert "Legal hold" in shown(school, "priya")
    await years_later(school)
    assert "1 report" not in texts(school, "dora")
    await school.people["dora"].command("/staffroom")
    await school.people["dora"].press(screen(school, "dora"), "retention.review")
    refused = await answer(school, "dora", reference=reference, what="erase")
    assert "legal hold" in refused.errors["reference"]
    await review(school, "dora", reference, "lift", why="The police are done.")
    await review(school, "dora", reference, "erase")
    old = screen(school, "dora")
    await more(school, "hana", reference, "hold", why="They are not.")
    await school.people["dora"].submit(old, {"ground": "period-over", "reference": reference})
    assert "It is under legal hold" in shown(school, "dora")
    assert await stored(school, reference) is not None


async def test_a_drill_has_no_period_and_nobody_erases_it(school: World) -> None:
    await school.people["priya"].command("/staffroom")
    await school.people["priya"].press(screen(school, "priya"), "drill.start")
    await answer(school, "priya", level="S1")
    await school.settle()
    reference = school.reference("priya")
    for _ in range(4):
        await school.later(minutes=15)
    await years_later(school)
    async with school.running.database.reading() as uow:
        (drill,) = await uow.drills(2)
    assert drill.reference == reference
    assert not drill.open
    assert (drill.retentions, drill.period_over) == (0, False)
    assert "end of its period" not in texts(school, "dora")
    async with school.running.database.reading() as uow:
        assert await uow.cases_at_an_end() == ()
    await school.people["dora"].command("/staffroom")
    await school.people["dora"].press(screen(school, "dora"), "retention.review")
    refused = await answer(school, "dora", reference=reference, what="erase")
    assert refused.errors["reference"] == "There is no report of this reference for you to decide about."
    dora = PersonId((await people(school))["dora"])
    token = form_token(drill.id, drill.turn, "f" * 32)
    answers = {"ground": "request", "reference": reference, "why": "It is in the way."}
    for command in (SendErase, SendHold):
        sent = command(actor=dora, key=command.__name__, token=token, answers=answers)
        reply = await school.running.handlers.handle(sent)
        assert isinstance(reply.view, Notice)
        assert reply.view.title == "Drill: this is a test"
    async with school.running.database.reading() as uow:
        assert await uow.drills(2) == (drill,)
        assert await uow.tombstone(drill.id) is None


async def test_a_digest_that_listed_it_names_it_no_more(school: World) -> None:
    reference = await file(school, "tess", PUPIL_FOLLOWED_ME, what_happened=SECRET)
    await school.later(days=1)
    assert any("Waiting for you" in one.text and reference in one.text for one in school.cards("david"))
    digest = next(one for one in school.cards("david") if "home.show" in one.buttons)
    await school.people["david"].press(digest, "case.open")
    await school.people["david"].press(screen(school, "david"), "case.take")
    await school.settle()
    await finish(school, "david", reference)
    await years_later(school)
    await review(school, "dora", reference, "erase", ground="period-over", reference=reference)
    for name in school.people:
        named = [one.text for one in school.cards(name) if reference in one.text and name != "dora"]
        assert all("It is not kept any more." in one for one in named), named


async def test_reopening_takes_the_end_back(school: World) -> None:
    reference = await finished(school)
    await school.later(days=365)
    await more(school, "hana", reference, "reopen", why="It began again.")
    await school.later(days=YEARS)
    assert "1 report" not in texts(school, "dora")
    await school.people["dora"].command("/staffroom")
    await school.people["dora"].press(screen(school, "dora"), "retention.review")
    refused = await answer(school, "dora", reference=reference, what="erase")
    assert "not finished" in refused.errors["reference"]


async def test_an_old_form_erases_nothing_once_it_is_reopened_nor_twice(school: World) -> None:
    reference = await finished(school)
    await years_later(school)
    await review(school, "dora", reference, "erase")
    old = screen(school, "dora")
    await more(school, "hana", reference, "reopen", why="It began again.")
    await school.people["dora"].submit(old, {"ground": "period-over", "reference": reference})
    assert "Nothing was changed" in shown(school, "dora")
    assert await stored(school, reference) is not None


async def test_erasing_twice_or_with_a_forged_token_changes_nothing(school: World) -> None:
    reference = await finished(school)
    case = await stored(school, reference)
    assert case is not None
    await years_later(school)
    dora = PersonId((await people(school))["dora"])
    token = form_token(case.id, case.turn, "f" * 32)
    answers = {"ground": "period-over", "reference": reference}

    async def send(token: str, key: str, who: PersonId = dora) -> str:
        reply = await school.running.handlers.handle(SendErase(actor=who, key=key, token=token, answers=answers))
        assert isinstance(reply.view, Notice)
        return reply.view.title

    assert await send("x" * 40, "1") == "Not open to you"
    assert await send(form_token(RecordId("a" * 32), 1, "f" * 32), "2") == "Not open to you"
    assert await send(form_token(case.id, case.turn + 1, "f" * 32), "3") == "Changed meanwhile"
    for name in ("hana", "priya", "tess"):
        assert await send(token, f"4 {name}", PersonId((await people(school))[name])) == "Not open to you"
    assert await stored(school, reference) is not None
    assert await send(token, "5") == "Erased"
    assert await send(token, "5") == "Erased", "a repetition is answered as the click was"
    assert await send(form_token(case.id, case.turn, "e" * 32), "6") == "Not open to you"
    assert await audit_is_whole(school)


async def test_the_dpo_whom_it_concerns_learns_nothing_and_decides_nothing(school: World) -> None:
    about = {"kind": "something_else", "concerns": "colleague", "danger": "no", "imagery": "no"}
    await begin(school, "tess")
    dora = await person(school, "tess", "colleague", "dora")
    await answer(school, "tess", **about, colleague=dora)
    await answer(school, "tess", **DETAILS)
    await school.settle()
    reference = school.reference("tess")
    await take(school, "hana", reference)
    await finish(school, "hana", reference, outcome="unfounded", q_threshold="No.", q_lado="Not needed.")
    await school.later(days=365 * 50 + 30)
    assert "end of its period" not in everything_seen(school, "dora")
    assert "1 report has reached the end of its period." in texts(school, "hana")
    await school.people["dora"].command("/staffroom")
    await school.people["dora"].press(screen(school, "dora"), "retention.review")
    refused = await answer(school, "dora", reference=reference, what="erase")
    unknown = await answer(school, "dora", reference="RRRRR", what="erase")
    assert refused.errors == unknown.errors
    await review(school, "hana", reference, "erase")
    await answer(school, "hana", ground="period-over", reference=reference)
    await school.settle()
    assert await stored(school, reference) is None
    assert reference not in texts(school, "dora")


async def test_whose_duty_it_is_not_cannot_look(school: World) -> None:
    await finished(school)
    await years_later(school)
    await school.people["tess"].command("/staffroom")
    assert "retention.review" not in screen(school, "tess").buttons
    asked = school.cards("dora")[-1].snapshot()
    assert "retention.review" in asked.buttons
    await school.people["tess"].press(asked, "retention.review")
    assert "Which report?" not in everything_seen(school, "tess")
    await school.people["dora"].press(asked, "retention.review")
    assert "Which report?" in shown(school, "dora")


async def test_the_dpo_gets_the_head_of_the_audit_once_a_day(school: World) -> None:
    await finished(school)
    school.clock.move(datetime(2026, 11, 18, 8, 14, tzinfo=UTC) - school.clock.now())
    await school.settle()
    assert "The audit" not in texts(school, "dora")
    await school.later(minutes=1)
    await school.restart()
    await school.settle()
    (sent,) = re.findall(r"--head (\d+):([0-9a-f]{64})", texts(school, "dora"))
    known = int(sent[0]), sent[1]
    assert (await verify(school.running.database, known)).whole
    other = await verify(school.running.database, (known[0], "0" * 64))
    assert "that row is another one now" in other.problems[0]
    cut = await verify(school.running.database, (known[0] + 1000, known[1]))
    assert "it ends before that" in cut.problems[0]
    assert "The audit" not in texts(school, "nina")
    await school.later(days=1)
    assert len(re.findall("--head", texts(school, "dora"))) == 2
    await school.later(days=5)
    assert len(re.findall("--head", texts(school, "dora"))) == 3


async def test_without_a_dpo_the_administrator_gets_it(school: World) -> None:
    school.write_people(PEOPLE)
    await school.restart()
    await school.later(days=1)
    assert "--head" in texts(school, "nina")


async def people(school: World) -> dict[str, str]:
    async with school.running.database.reading() as uow:
        return {one.name.split()[0].lower(): one.id for one in await uow.staff()}
