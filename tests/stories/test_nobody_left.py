"""When things go wrong around a report: nobody to reach, a holder who is away, a record that is damaged."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import aiohttp

from bot.sandbox.world import PEOPLE, Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    PUPIL_FOLLOWED_ME,
    answer,
    asked,
    begin,
    card,
    everything_seen,
    file,
    finish,
    press,
    rings,
    screen,
    shown,
    take,
    texts,
)


async def test_nobody_can_be_reached_and_the_reporter_is_told_whom_to_phone(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, missing=("carol", "victor", "priya", "leo"))
    try:
        await file(school, "tess", ABOUT_THE_HEAD)
        receipt = texts(school, "tess")
        assert "Nobody could be reached in chat. Phone now: " in receipt
        assert "Carol Chambers, 01632 960107" in receipt
        assert "Sent to nobody yet" in receipt
        assert rings(school, "tess") == 2, "their phone rings again for it"
        await school.join("carol", "Carol Chambers", "carol.chambers@astor.example")
        await school.later(hours=1)
        assert "carol" in asked(school), "whoever could not be reached is tried again with every step"
        assert everything_seen(school, "hana") == everything_seen(school, "david") == ""
    finally:
        await school.close()


async def test_the_governors_are_not_in_chat_and_the_dsl_is_the_last_resort(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, missing=("carol", "victor"))
    try:
        await file(school, "tess", ABOUT_THE_HEAD)
        assert asked(school) == {"priya"}
    finally:
        await school.close()


async def test_whoever_has_it_goes_on_leave_and_news_ring_the_others(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    school.write_people(PEOPLE.replace("dsl,01632 960104,,", "dsl,01632 960104,2026-11-16,2026-11-20"))
    await school.restart()
    rung = rings(school, "hana")
    await press(school, "tess", reference, "report.add")
    await answer(school, "tess", text="It happened again today.")
    await school.settle()
    assert rings(school, "hana") == rung + 1
    assert "The reporter added something" in texts(school, "hana")


async def test_the_reporter_names_whoever_has_it_and_they_lose_it(school: World) -> None:
    triage = {"kind": "hurtful_posts", "concerns": "dont_know", "danger": "no", "imagery": "no"}
    reference = await file(school, "tess", triage, what_happened="Someone mocks pupils online.")
    await take(school, "hana", reference)
    await finish(school, "hana", reference, note="Nothing in it.", q_nature="no")
    await press(school, "tess", reference, "report.correct")
    offered = await school.people["tess"].suggest(screen(school, "tess"), "person", "hana")
    refused = await answer(school, "tess", which="concerns", text="It was her account.")
    assert "Choose who" in refused.errors["person"]
    offered = await school.people["tess"].suggest(screen(school, "tess"), "person", "hana")
    await answer(school, "tess", person=offered[0].value)
    await school.settle()
    assert "with someone else now" in texts(school, "hana")
    assert "carol" in asked(school)
    await take(school, "carol", reference)
    assert "It was her account." in shown(school, "carol")
    assert "It was her account." not in everything_seen(school, "hana")


async def test_what_is_told_after_an_early_end_opens_the_report_again(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    await school.settle()
    reference = school.reference("priya")
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.finish")
    await answer(school, "priya", outcome="recorded", note="A false alarm, I think.")
    await answer(school, "tess", what_happened="He is hitting her now.", source="was_told")
    await school.settle()
    assert asked(school) == {"priya", "leo"}


async def test_whoever_was_asked_leaves_and_somebody_else_is_asked(school: World) -> None:
    triage = {**PUPIL_FOLLOWED_ME, "concerns": "parent"}
    await file(school, "tess", triage)
    assert asked(school) == {"hana"}
    row = "Hana Hughes,hana.hughes@astor.example,headteacher,01632 960101,,\n"
    school.write_people(PEOPLE.replace(row, ""))
    await school.restart()
    await school.settle()
    assert asked(school) == {"david"}
    assert "with someone else now" in texts(school, "hana")


async def test_a_new_address_lets_nobody_in_who_was_left_out(school: World) -> None:
    await begin(school, "tess")
    offered = await school.people["tess"].suggest(screen(school, "tess"), "colleague", "leo")
    await answer(school, "tess", **{**A_CHILD_TOLD_ME, "concerns": "colleague", "colleague": offered[0].value})
    await school.settle()
    school.write_people(PEOPLE.replace("leo.lane@astor.example", "l.lane@astor.example"))
    await school.join("leo2", "Leo Lane", "l.lane@astor.example")
    await school.restart()
    await school.later(minutes=40)
    assert everything_seen(school, "leo2") == everything_seen(school, "leo") == ""


async def test_whoever_is_named_as_left_out_does_not_read_that_they_are(school: World) -> None:
    tess = school.people["tess"]
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    ids = {one.label: one.value for one in await tess.suggest(screen(school, "tess"), "must_not_see", "")}
    await answer(
        school,
        "tess",
        what_happened="He asked to follow me.",
        source="saw_it",
        must_not_see=[ids["Priya Shah"], ids["Sam Slater"]],
        why="They are friends with the family.",
    )
    await school.settle()
    reference = school.reference("priya")
    await press(school, "priya", reference, "case.open")
    assert "friends with the family" not in shown(school, "priya")
    await press(school, "hana", reference, "case.open")
    assert "friends with the family" in shown(school, "hana")


async def test_a_damaged_record_silences_nobody_else(school: World, tmp_path: Path) -> None:
    await file(school, "tess", A_CHILD_TOLD_ME)
    with contextlib.closing(sqlite3.connect(tmp_path / "staffroom.db", isolation_level=None)) as database:
        ((body,),) = database.execute("select body from cases")
        database.execute("update cases set body = ?", (body[:-1] + bytes([body[-1] ^ 1]),))
    school.clock.move_to(school.clock.now().replace(minute=40))
    await school.people["carl"].command("/report-incident")
    await answer(school, "carl", **A_CHILD_TOLD_ME)
    await school.running.worker.work()
    await school.running.worker.work()
    assert rings(school, "leo") == 2
    await school.people["priya"].command("/staffroom")
    assert "reply by" in shown(school, "priya")


async def test_a_conversation_that_does_not_answer_holds_up_nobody_else(school: World) -> None:
    reference = await file(school, "tess")
    school.slack.faults.slow("chat.update", 3, times=1)
    school.teams.faults.slow("update", 3, times=1)
    await school.people["hana"].press(card(school, "hana", reference), "case.take")
    await asyncio.sleep(0.1)
    await school.people["carl"].command("/report-incident")
    await answer(school, "carl", **A_CHILD_TOLD_ME)
    async with asyncio.timeout(2):
        while rings(school, "leo") != 1:  # noqa: ASYNC110 - it is seen on a phone
            await asyncio.sleep(0.02)
    await school.settle()


async def test_ready_says_whether_work_is_done(school: World) -> None:
    async with aiohttp.ClientSession() as session:
        for path, text in (("healthz", "alive"), ("readyz", "ready")):
            async with session.get(f"{school.running.server.url}/{path}") as response:
                assert (response.status, await response.text()) == (200, text)
        async with session.get(f"{school.running.server.url}/nothing/of/that/name") as response:
            assert response.status == 404
