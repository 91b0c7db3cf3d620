"""Somebody who may read reports finds one again; nobody finds what they may not read, nor that it is there."""

from __future__ import annotations

import pytest

from bot.sandbox.world import World
from handlers.find import NO_SUCH_DAY, NOTHING, SAY_SOMETHING
from tests.stories.acting import ABOUT_THE_HEAD, PUPIL_FOLLOWED_ME, answer, file, more, person, record, shown, take
from tests.stories.acting import screen as on_screen
from tests.stories.test_drills import run_drill

POSTS = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "no", "imagery": "no"}


async def find(school: World, name: str, words: str = "", **days: str) -> str:
    """The person opens home, presses Find a report, fills it in; what they read then, without the form itself."""
    await school.people[name].command("/staffroom")
    await school.people[name].press(on_screen(school, name), "find.start")
    done = await answer(school, name, words=words, **days)
    return "\n".join([*done.errors.values(), shown(school, name)])


async def test_the_dsl_finds_it_by_reference_words_and_a_pupils_name(school: World) -> None:
    reference = await file(
        school, "tess", POSTS, what_happened="Someone mocks Zoë O’Connor on Snapchat.", where="School bus"
    )
    other = await file(school, "tess", PUPIL_FOLLOWED_ME, what_happened="Oliver asked to follow me.")
    for words in (reference, reference.lower(), "zoe", "Zoë O'Connor", "SNAPCHAT mocks", "bus snapchat"):
        found = await find(school, "priya", words)
        assert f"{reference}, received" in found, words
        assert other not in found
    assert NOTHING in await find(school, "priya", "zoe instagram")
    assert NOTHING in await find(school, "priya", "snapch")
    await find(school, "priya", reference)
    await school.people["priya"].press(on_screen(school, "priya"), "case.open")
    assert "Someone mocks Zoë" in shown(school, "priya")


async def test_what_was_written_later_is_found_and_how_it_stands_is_said(school: World) -> None:
    reference = await file(school, "tess", POSTS, what_happened="Someone is mocked.")
    await take(school, "priya", reference)
    await record(school, "priya", reference, note="Rang Mrs Featherstonehaugh.", q_safe="At Bartholomew's home.")
    for words in ("featherstonehaugh", "bartholomew"):
        found = await find(school, "priya", words)
        assert reference in found
        assert "Priya Shah" in found


async def test_between_two_days(school: World) -> None:
    first = await file(school, "tess", POSTS, what_happened="Someone is mocked.")
    await school.later(days=3)
    second = await file(school, "tess", POSTS, what_happened="Someone is mocked again.")
    today = school.clock.now().date().isoformat()
    found = await find(school, "priya", "mocked")
    assert found.index(second) < found.index(first)
    found = await find(school, "priya", since=today)
    assert (second in found, first in found) == (True, False)
    found = await find(school, "priya", "mocked", until="2000-01-01")
    assert NOTHING in found
    assert SAY_SOMETHING in await find(school, "priya", " ")
    assert SAY_SOMETHING in await find(school, "priya", "the")


async def test_the_person_it_concerns_finds_nothing_and_reads_what_everybody_reads(school: World) -> None:
    reference = await file(school, "tess", ABOUT_THE_HEAD, what_happened="The kestrel posts are about her.")
    nothing = (await find(school, "hana", "nightjar")).replace("nightjar", "")
    for words in (reference, "kestrel", "Hana", "Hughes kestrel"):
        assert (await find(school, "hana", words)).replace(words, "") == nothing
    assert reference in await find(school, "carol", "kestrel")
    for name in ("priya", "sam"):
        assert reference not in (await find(school, name, "kestrel")).replace("kestrel", "")


async def test_a_colleagues_name_finds_it_for_whoever_has_it_alone(school: World) -> None:
    reference = await file(school, "tess", POSTS, what_happened="Carl Cole and somebody mock a pupil: heron.")
    assert reference in await find(school, "priya", "heron")
    for words in ("Carl", "Cole heron"):
        assert NOTHING in await find(school, "priya", words)
    await take(school, "priya", reference)
    assert reference in await find(school, "priya", "Carl Cole heron")
    assert NOTHING in await find(school, "hana", "Carl")
    await more(school, "priya", reference, "name")
    chosen = await person(school, "priya", "person", "Sam")
    await answer(school, "priya", person=chosen, why="The lapwing account is theirs.")
    await school.settle()
    holder = "priya" if reference in await find(school, "priya", "heron") else "hana"
    assert NOTHING in await find(school, holder, "lapwing")


async def test_whoever_holds_no_duty_is_not_offered_it(school: World) -> None:
    await school.people["tess"].command("/staffroom")
    assert "find.start" not in on_screen(school, "tess").buttons
    await school.people["priya"].command("/staffroom")
    assert "find.start" in on_screen(school, "priya").buttons


async def test_a_drill_is_not_found_nor_counted(school: World) -> None:
    drill = await run_drill(school)
    today = school.clock.now().date().isoformat()
    assert NOTHING in await find(school, "priya", drill)
    assert NOTHING in await find(school, "priya", since=today)
    reference = await file(school, "tess", POSTS, what_happened="Someone is mocked.")
    found = await find(school, "priya", since=today)
    assert (reference in found, drill in found) == (True, False)
    async with school.running.database.reading() as uow:
        rows = [row for row in await uow.audit_rows() if row.action == "searched"]
    assert [row.ids["hits"] for row in rows] == [0, 0, 1]


async def test_the_search_is_audited_without_its_words(school: World) -> None:
    await file(school, "tess", POSTS, what_happened="Someone mocks a wagtail.")
    await find(school, "priya", "wagtail")
    async with school.running.database.reading() as uow:
        rows = [row for row in await uow.audit_rows() if row.action == "searched"]
    assert [dict(row.ids) for row in rows] == [{"hits": 1}]


@pytest.mark.parametrize("day", ["2026-02-30"])
async def test_a_day_that_there_is_not(school: World, day: str) -> None:
    await school.people["priya"].command("/staffroom")
    await school.people["priya"].press(on_screen(school, "priya"), "find.start")
    done = await school.people["priya"].submit(on_screen(school, "priya"), {"since": day}, force=True)
    assert NO_SUCH_DAY in str(done.errors) or NO_SUCH_DAY in shown(school, "priya")


async def test_more_than_fits(school: World) -> None:
    for number in range(22):
        await file(school, "tess", PUPIL_FOLLOWED_ME, what_happened=f"Number {number} asked to follow me: bittern.")
    found = await find(school, "priya", "bittern")
    assert found.count(", received") == 20
    assert "2 more: narrow it down." in found
