"""Nobody takes it: the next person is asked, through leave and cover, until somebody has it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.world import PEOPLE, Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    answer,
    asked,
    begin,
    card,
    file,
    rings,
    shown,
    take,
    texts,
)

DSL_ON_LEAVE = PEOPLE.replace("dsl,01632 960104,,", "dsl,01632 960104,2026-11-16,2026-11-20")


async def test_an_urgent_report_climbs_the_chain_and_the_last_step_repeats(school: World) -> None:
    reference = await file(school, "tess", A_CHILD_TOLD_ME)
    assert asked(school) == {"priya", "leo"}
    assert "10:30 on Tue 17 Nov" in texts(school, "priya")

    await school.later(minutes=9)
    assert rings(school, "priya") == 1
    await school.later(minutes=1)
    assert rings(school, "priya") == 2
    assert len(school.cards("priya")) == 1, "the new card takes the place of the old one"
    await school.later(minutes=10)
    assert asked(school) == {"priya", "leo", "david", "sam"}

    await school.later(minutes=10)
    assert "case.take" not in card(school, "carol", reference).buttons
    assert "Priya Shah, 01632 960104" in texts(school, "carol")
    for _ in range(3):
        await school.later(minutes=10)
    assert rings(school, "priya") == 7
    assert rings(school, "carol") == 4

    await take(school, "sam", reference)
    rung = {name: rings(school, name) for name in school.people}
    await school.later(hours=12)
    assert {name: rings(school, name) for name in school.people} == rung
    assert "Sam Slater has had it since" in texts(school, "david")
    assert "Nothing more for you to do." in texts(school, "carol")


async def test_the_dsl_on_leave_and_the_deputy_silent_with_a_restart_in_between(
    tmp_path: Path, platform: Platform
) -> None:
    school = await World.open(tmp_path, platform=platform, people=DSL_ON_LEAVE)
    try:
        reference = await file(school, "tess", A_CHILD_TOLD_ME)
        assert asked(school) == {"leo"}
        await school.stop()
        school.clock.move_to(datetime(2026, 11, 17, 10, 45, tzinfo=UTC))
        await school.start()
        await school.settle()
        assert rings(school, "leo") == 2, "two steps fell due meanwhile: the phone rings once for both"
        assert asked(school) == {"leo", "david", "sam"}
        await school.restart()
        await school.settle()
        assert rings(school, "leo") == 2, "and not once more for each start"
        assert texts(school, "carol") == ""
        await school.later(minutes=10)
        assert "Leo Lane, 01632 960105" in texts(school, "carol")
        assert texts(school, "priya") == ""
        await take(school, "david", reference)
        assert "You have had it" in texts(school, "david")
    finally:
        await school.close()


async def test_what_is_not_urgent_waits_for_the_school_day(school: World) -> None:
    await file(school, "tess")
    assert "15:30 on Tue 17 Nov" in texts(school, "hana")
    await school.later(hours=5, minutes=10)
    assert rings(school, "hana") == 2
    assert "08:15 on Wed 18 Nov" in texts(school, "hana")
    await school.later(hours=16)
    assert rings(school, "hana") == 2
    await school.later(minutes=45)
    assert asked(school) == {"hana", "priya"}
    for name in ("david", "leo"):
        assert rings(school, name) == 1
        assert "Reply by 08:15 on Thu 19 Nov" in texts(school, name), "it stands in the list of what waits for them"


async def test_a_report_about_the_head_that_the_chair_leaves_goes_on_to_the_vice_chair(school: World) -> None:
    reference = await file(school, "tess", ABOUT_THE_HEAD)
    await school.people["carol"].press(card(school, "carol", reference), "case.pass_on")
    await answer(school, "carol", why="busy", words="")
    await school.settle()
    assert asked(school) == {"victor"}
    await take(school, "victor", reference)
    assert "You have had it" in texts(school, "victor")
    assert texts(school, "hana") == ""


async def test_somebody_who_cannot_be_reached_is_passed_over_at_once(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, missing=("priya", "leo"))
    try:
        await file(school, "tess", A_CHILD_TOLD_ME)
        await school.settle()
        assert asked(school) == {"hana", "david"} or asked(school) == {"david"}
    finally:
        await school.close()


@pytest.mark.parametrize("leaver", ["left", "demoted"])
async def test_whoever_leaves_or_loses_the_duty_loses_the_case(school: World, leaver: str) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    row = "Priya Shah,priya.shah@astor.example,dsl,01632 960104,,\n"
    school.write_people(PEOPLE.replace(row, "" if leaver == "left" else row.replace("dsl", "")))
    await school.restart()
    await school.settle()
    assert "with someone else now" in texts(school, "priya")
    assert "hana" in asked(school)


async def test_an_urgent_alert_begun_and_never_finished_is_still_answered(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    await school.settle()
    await school.people["tess"].close()
    await school.later(minutes=30)
    assert asked(school) == {"priya", "leo", "david", "sam"}

    await school.people["tess"].command("/report-incident")
    assert ": alerted " in shown(school, "tess")


async def test_every_step_was_tried_and_everybody_reads_whom_to_phone(school: World) -> None:
    reference = await file(school, "tess", A_CHILD_TOLD_ME)
    await school.later(minutes=20)
    assert "everybody has been asked" not in texts(school, "tess")
    assert rings(school, "tess") == 1
    await school.later(minutes=10)
    assert "Nobody has answered yet, and everybody has been asked. Phone now: " in texts(school, "tess")
    for name in ("tess", "priya", "leo", "david", "sam", "carol"):
        assert "Priya Shah, 01632 960104" in texts(school, name), name
        assert "David Dean, 01632 960102" in texts(school, name), name
    assert rings(school, "tess") == 2
    await school.later(minutes=30)
    assert rings(school, "tess") == 2, "the reporter is told once"
    await take(school, "leo", reference)
    assert "Phone now" not in texts(school, "tess")


async def test_danger_now_is_999_on_every_screen_and_the_most_urgent_chain(school: World) -> None:
    await begin(school, "tess")
    assert "Danger now? Call 999 first." in shown(school, "tess")
    danger = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "yes", "imagery": "no"}
    await answer(school, "tess", **danger)
    assert "Danger now? Call 999 before you write anything." in shown(school, "tess")
    await school.settle()
    assert asked(school) == {"hana", "priya", "leo"}
    assert "Reply by 10:30 on Tue 17 Nov" in texts(school, "priya"), "ten minutes, as in S1"
