"""The DPO searches for what the school holds on somebody: references and whom to ask, never what was written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.world import PEOPLE, Platform, World
from tests.stories.acting import (
    ABOUT_THE_HEAD,
    DETAILS,
    answer,
    begin,
    card,
    file,
    finish,
    more,
    person,
    screen,
    shown,
    take,
)

WITH_A_DPO = PEOPLE + "Dora Dunn,dora.dunn@astor.example,dpo,,,\n"
ABOUT_A_COLLEAGUE = {"kind": "hurtful_posts", "concerns": "colleague", "danger": "no", "imagery": "no"}
NOTHING = "No report that you can be told of"


@pytest.fixture
async def school(tmp_path: Path, platform: Platform) -> AsyncIterator[World]:
    """The invented school, with a data protection officer."""
    world = await World.open(tmp_path, platform=platform, people=WITH_A_DPO)
    yield world
    await world.close()
    assert world.violations == []


async def search(school: World, *names: str) -> str:
    """The DPO searches; what they read."""
    dora = school.people["dora"]
    await dora.command("/staffroom")
    await dora.press(screen(school, "dora"), "rights.search")
    await answer(school, "dora", names="\n".join(names))
    said = shown(school, "dora")
    while dora.screen is not None:
        await dora.close()
    return said


async def searches(school: World) -> int:
    """How many searches the audit tells of."""
    async with school.running.database.reading() as uow:
        return len([row for row in await uow.audit_rows() if row.action == "subject-search"])


async def test_reports_that_name_somebody_are_listed_and_nothing_of_them(school: World) -> None:
    named = await file(school, "tess", what_happened="Olivia \u200bSMITH wrote that Ollie's shoes stink.")
    other = await file(school, "carl", what_happened="Somebody called Smithers follows me.")
    await take(school, "priya", named)
    said = await search(school, "olivia smith")
    assert f"{named}: open. Ask Priya Shah." in said
    assert "A person reads each report" in said
    assert "shoes" not in said
    assert other not in said
    assert NOTHING in await search(school, "smith wro")
    assert other in await search(school, "Nobody Else", "smithers")
    assert await searches(school) == 3


async def test_notes_and_finished_reports_are_searched_too(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    await more(school, "priya", reference, "note", text="Spoke to Zoë Young-Kaur.")
    await finish(school, "priya", reference)
    assert f"{reference}: finished" in await search(school, "Zoe\u0308 young-kaur")


async def test_staff_are_found_by_name_or_address_where_they_took_part(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    for name in ("Tess Turner", "tess.turner@astor.example", "Priya Shah"):
        assert reference in await search(school, name)
    assert NOTHING in await search(school, "Victor Vance")


async def test_what_is_about_the_dpo_is_never_found(school: World) -> None:
    await begin(school, "tess")
    dora = await person(school, "tess", "colleague", "Dora")
    await answer(school, "tess", **ABOUT_A_COLLEAGUE, colleague=dora)
    await answer(school, "tess", **DETAILS | {"what_happened": "Dora Dunn follows Olivia."})
    await school.settle()
    about_her = school.reference("tess")
    about_the_head = await file(school, "carl", ABOUT_THE_HEAD, what_happened="Olivia saw it.")
    said = await search(school, "Olivia", "Dora Dunn")
    assert about_her not in said
    assert about_the_head in said


async def test_nobody_else_searches(school: World) -> None:
    reference = await file(school, "tess")
    priya = school.people["priya"]
    await priya.command("/staffroom")
    assert "Subject access" not in shown(school, "priya")
    assert "rights.search" not in screen(school, "priya").buttons
    await priya.close()
    await priya.press(card(school, "priya", reference), "case.open")
    assert "Subject access" not in shown(school, "priya")


async def test_names_too_short_are_asked_for_again(school: World) -> None:
    await school.people["dora"].command("/staffroom")
    await school.people["dora"].press(screen(school, "dora"), "rights.search")
    for wrong in ("Al", "Olivia, Al", ",;\n,"):
        done = await answer(school, "dora", names=wrong)
        assert "3 letters" in str(done.errors) + shown(school, "dora")
