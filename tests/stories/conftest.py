"""A school to play in: everything real but Slack's server and the people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.world import World
from tests.databases import database_url, postgres

__all__ = ["database_url", "either_school", "postgres", "school"]


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[World]:
    """The invented school, on SQLite, on a Tuesday at 10:20; what the bot sent that Slack would refuse fails."""
    world = await World.open(tmp_path)
    yield world
    await world.close()
    assert world.slack.violations == []


@pytest.fixture
async def either_school(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The same school, once on SQLite and once on a real PostgreSQL: for the stories that a database can break."""
    world = await World.open(tmp_path, database_url=database_url)
    yield world
    await world.close()
    assert world.slack.violations == []
