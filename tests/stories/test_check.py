"""`staffroom check` asks the platforms whom they reach, before a report does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.check import Finding
from bot.examine import examine
from bot.sandbox.world import PEOPLE, World
from bot.settings import load_settings
from tests.stories.acting import PUPIL_FOLLOWED_ME, file

OTHER = "5b0e7d3a-0000-4000-8000-00000000e15e"


async def about(world: World, name: str) -> list[Finding]:
    """What check says about somebody's being reached."""
    return [one for one in await examine(load_settings(world.settings)) if name in one.text and "reached" in one.text]


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    """A school on both platforms; Leo is on Teams only, Nina on neither."""
    world = await World.open(tmp_path, platform="both", only={"leo": "teams"}, missing=("nina",))
    yield world
    await world.close()


async def test_it_lists_whom_no_platform_reaches(both: World) -> None:
    [told] = await about(both, "Nina North")
    assert told.level == "error"
    assert "cannot be reached on Slack or Microsoft Teams" in told.text
    for name in ("Leo Lane", "Priya Shah", "Tess Turner"):
        assert await about(both, name) == []


async def test_it_lists_who_could_lately_not_be_reached(both: World) -> None:
    both.teams_people["leo"].unreachable()
    both.slack_people["priya"].unreachable()
    both.teams_people["priya"].unreachable()
    await file(both, "tess", PUPIL_FOLLOWED_ME)
    [told] = await about(both, "Priya Shah")
    assert "Priya Shah (dsl) could not be reached at" in told.text
    assert told.level == "warning"


async def test_somebody_without_the_app_is_listed_until_they_have_it(tmp_path: Path) -> None:
    world = await World.open(tmp_path, platform="teams", people=PEOPLE, missing=("priya",))
    try:
        [told] = await about(world, "Priya Shah")
        assert "Manage apps, Staffroom, Users and groups, Installs" in told.text
        await world.join("priya", "Priya Shah", "priya.shah@astor.example")
        await world.settle()
        assert await about(world, "Priya Shah") == []
    finally:
        await world.close()


async def everything(world: World, **amended: str) -> list[tuple[str, str]]:
    """All that check says, as pairs of level and text."""
    return [(one.level, one.text) for one in await examine(load_settings({**world.settings, **amended}))]


async def test_before_the_upload_one_line_says_that_nobody_has_the_app(tmp_path: Path) -> None:
    first_names = [row.split()[0].lower() for row in PEOPLE.splitlines()[1:]]
    world = await World.open(tmp_path, platform="teams", missing=first_names)
    try:
        told = await everything(world)
        assert [text for level, text in told if level == "error"] == []
        assert [text for _, text in told if "nobody has the app yet" in text] != []
        await world.join("tess", "Tess Turner", "tess.turner@astor.example")
        await world.settle()
        told = await everything(world)
        assert any(level == "error" and "Priya Shah (dsl) cannot be reached" in text for level, text in told)
    finally:
        await world.close()


async def test_a_platform_that_could_not_be_asked_is_said_not_to_have_been(both: World) -> None:
    both.slack.faults.down()
    [told] = await about(both, "Nina North")
    assert told.level == "warning"
    assert "cannot be reached on Microsoft Teams, and Slack could not be asked" in told.text
    assert await about(both, "Leo Lane") == []


@pytest.mark.parametrize(
    ("amended", "level", "says"),
    [
        ({"TEAMS_CLIENT_SECRET": "mistyped"}, "error", "Copy the secret's Value, not its ID"),
        ({"TEAMS_CLIENT_ID": OTHER}, "error", "There is no such app in this tenant"),
        ({"TEAMS_TENANT_ID": OTHER}, "error", "Microsoft knows no tenant with this TEAMS_TENANT_ID (AADSTS90002)"),
        ({"TEAMS_LOGIN_URL": "https://127.0.0.1:9"}, "warning", "127.0.0.1 cannot be reached"),
    ],
)
async def test_what_is_wrong_with_the_login_is_told_apart(
    both: World, amended: dict[str, str], level: str, says: str
) -> None:
    assert [one for one, text in await everything(both, **amended) if says in text] == [level]


async def test_something_that_answers_in_microsofts_place_is_told(both: World) -> None:
    both.teams.faults.down()
    [(level, text)] = [one for one in await everything(both) if "So the Teams settings were not checked" in one[1]]
    assert level == "warning"
    assert "answered, but not as Microsoft does: is there a web filter or proxy in between?" in text
