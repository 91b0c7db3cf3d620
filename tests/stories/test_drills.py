"""A drill: the real chain with a marked test report, and how long each person took."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.world import Platform, World
from handlers.commands import SendDrill, ShowDrill, StartDrill
from handlers.views import Notice
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    KEEPS_THE_HEAD,
    answer,
    asked,
    card,
    file,
    rings,
    screen,
    shown,
    take,
    texts,
)

PROJECT = Path(__file__).parents[2]
MARK = "Drill: this is a test."


async def run_drill(school: World, level: str = "S1") -> str:
    """The DSL presses the button on /staffroom, and sends the form. Returns the drill's reference."""
    await school.people["priya"].command("/staffroom")
    await school.people["priya"].press(screen(school, "priya"), "drill.start")
    await answer(school, "priya", level=level)
    assert MARK in shown(school, "priya")
    await school.settle()
    return school.reference("priya")


def waiting(school: World) -> set[str]:
    """Who is asked to acknowledge."""
    return {name for name in school.people if any("case.take" in one.buttons for one in school.cards(name))}


async def acknowledge(school: World, name: str) -> None:
    """I'll take it."""
    alert = next(one for one in school.cards(name) if "case.take" in one.buttons)
    await school.people[name].press(alert, "case.take")
    await school.settle()


async def read_times(school: World) -> str:
    """What the DSL reads when it is over."""
    await school.people["priya"].command("/staffroom")
    await school.people["priya"].press(screen(school, "priya"), "drill.show")
    return shown(school, "priya")


async def test_the_whole_chain_is_asked_and_every_acknowledgement_is_timed(school: World) -> None:
    reference = await run_drill(school)
    assert waiting(school) == {"priya", "leo"}, "whom a real report of this level would ask"
    await school.later(minutes=3)
    await acknowledge(school, "leo")
    assert "You have acknowledged it" in texts(school, "leo")
    rung = rings(school, "leo")
    await school.later(minutes=17)
    assert waiting(school) == {"priya", "david", "sam"}, "the chain goes on for all others"
    await school.later(minutes=2)
    await acknowledge(school, "sam")
    await school.later(minutes=8)
    assert MARK in texts(school, "carol")
    await acknowledge(school, "david")
    await school.later(minutes=10)
    assert rings(school, "leo") == rung, "who has acknowledged is left in peace"
    assert waiting(school) == set(), "it ends after the last step"
    for name in ("priya", "leo", "david", "sam", "carol"):
        for one in school.cards(name):
            assert MARK in one.text
    assert "It is over: 3 of 4 have acknowledged it." in texts(school, "priya")
    times = await read_times(school)
    for line in (
        f"{reference}: the S1 chain, begun 10:20 on Tue 17 Nov.",
        "Leo Lane: asked 10:20 on Tue 17 Nov, acknowledged after 3 min.",
        "Priya Shah: asked 10:20 on Tue 17 Nov, has not acknowledged.",
        "Sam Slater: asked 10:40 on Tue 17 Nov, acknowledged after 2 min.",
        "David Dean: asked 10:40 on Tue 17 Nov, acknowledged after 10 min.",
        "Carol Chambers: told whom to phone 10:50 on Tue 17 Nov.",
    ):
        assert line in times
    before = {name: rings(school, name) for name in school.people if name != KEEPS_THE_HEAD}
    await school.later(hours=30)
    assert {name: rings(school, name) for name in before} == before


async def test_a_drill_is_no_report_to_anybody(school: World) -> None:
    reference = await run_drill(school)
    for name in ("priya", "leo"):
        await school.people[name].command("/staffroom")
        assert "Nothing waits for you." in shown(school, name)
        assert "Your reports" not in shown(school, name)
    async with school.running.database.reading() as uow:
        assert await uow.open_cases() == ()
        assert (await uow.counters())["cases_open"] == 0
        assert await uow.case_by_reference(reference) is None
    real = await file(school, "tess", A_CHILD_TOLD_ME)
    assert MARK not in card(school, "leo", real).text
    assert asked(school) == {"priya", "leo"}, "a real report is asked beside it"
    await take(school, "leo", real)
    assert "A pupil in Year 9 asked to follow me." in shown(school, "leo")
    assert waiting(school) >= {"priya"}


async def test_nothing_can_be_hidden_in_a_drill(school: World) -> None:
    reference = await run_drill(school)
    token = card(school, "leo", reference).buttons["case.take"]
    drill = card(school, "leo", reference)
    real = await file(school, "tess", A_CHILD_TOLD_ME)
    await school.people["leo"].press(card(school, "leo", real), "case.pass_on", value=token)
    assert "Nothing can be written in a drill" in shown(school, "leo")
    await school.settle()
    alert = card(school, "leo", real)
    assert MARK not in alert.text, "whatever is made up, the card of a real report stays one"
    await school.people["leo"].press(drill, "case.take", value=alert.buttons["case.take"])
    await school.settle()
    assert "You have had it" in card(school, "leo", real).text
    assert MARK not in card(school, "leo", real).text


async def test_only_the_dsl_runs_drills_and_one_at_a_time(school: World) -> None:
    await school.people["leo"].command("/staffroom")
    assert "Run a drill" not in shown(school, "leo")
    reference = await run_drill(school)
    await school.people["priya"].command("/staffroom")
    await school.people["priya"].press(screen(school, "priya"), "drill.start")
    await answer(school, "priya", level="S2")
    assert f"{reference} is under way" in shown(school, "priya")
    await school.people["priya"].command("/staffroom")
    token = screen(school, "priya").buttons["drill.show"]
    handlers = school.running.handlers
    leo = await handlers.find_person("leo.lane@astor.example")
    assert leo is not None
    forged = (
        StartDrill(actor=leo, key="1", token="home"),
        ShowDrill(actor=leo, key="2", token=token),
        SendDrill(actor=leo, key="3", token="0" * 32, answers={"level": "S1"}),
    )
    for command in forged:
        reply = await handlers.handle(command)
        assert isinstance(reply.view, Notice)
        assert "The DSL runs drills." in reply.view.text


async def test_everybody_has_acknowledged_at_the_last_step_and_it_is_over(school: World) -> None:
    await run_drill(school)
    await school.later(minutes=30)
    for name in ("priya", "leo", "david", "sam"):
        await acknowledge(school, name)
    assert "It is over: 4 of 4 have acknowledged it." in texts(school, "priya")
    assert "It is over." in texts(school, "leo")
    assert rings(school, "priya") > 0


async def test_it_survives_a_restart_and_somebody_who_cannot_be_reached(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, missing=("leo",))
    try:
        await run_drill(school)
        await school.restart()
        await school.later(minutes=60)
        await school.settle()
        assert "could not be reached in chat" in await read_times(school)
    finally:
        await school.close()
    assert school.violations == []


async def test_an_administrator_begins_one_beside_the_staffroom_that_runs(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, now=datetime.now(UTC))
    try:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("STAFFROOM_", "SLACK_"))}
        done = [
            subprocess.run(  # noqa: ASYNC221 - the command of a real administrator; nothing else is to happen meanwhile
                [sys.executable, "-m", "bot.cli", "drill"],
                cwd=tmp_path,
                env={**clean, "PYTHONPATH": str(PROJECT), **school.settings},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            for _ in range(2)
        ]
        assert [one.returncode for one in done] == [0, 1], done
        assert "has begun" in done[0].stdout
        assert "is under way" in done[1].stdout
        await school.settle()
        assert waiting(school) == {"priya", "leo"}
        assert MARK in texts(school, "leo")
    finally:
        await school.close()
