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
        assert "Setup policies" in told.text
        await world.join("priya", "Priya Shah", "priya.shah@astor.example")
        await world.settle()
        assert await about(world, "Priya Shah") == []
    finally:
        await world.close()
