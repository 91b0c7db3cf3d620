"""A school to play in: everything real but the platforms' servers and the people. Every story is played on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.world import BOTH, Platform, World
from tests.databases import database_url, postgres

__all__ = ["database_url", "either_school", "platform", "postgres", "school"]


@pytest.fixture(params=BOTH)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Where people are. A file about one platform's own protocol has a fixture of this name of its own."""
    found: Platform = request.param
    return found


@pytest.fixture
async def school(tmp_path: Path, platform: Platform) -> AsyncIterator[World]:
    """The invented school, on SQLite, on a Tuesday at 10:20; what the bot sent that a platform would refuse fails."""
    world = await World.open(tmp_path, platform=platform)
    yield world
    await world.close()
    assert world.violations == []


@pytest.fixture
async def either_school(tmp_path: Path, database_url: str, platform: Platform) -> AsyncIterator[World]:
    """The same school, once on SQLite and once on a real PostgreSQL: for the stories that a database can break."""
    world = await World.open(tmp_path, database_url=database_url, platform=platform)
    yield world
    await world.close()
    assert world.violations == []
