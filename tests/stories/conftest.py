"""A school to play in: everything real but Slack's server and the people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.world import World


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[World]:
    """The invented school, on SQLite, on a Tuesday at 10:20; what the bot sent that Slack would refuse fails."""
    world = await World.open(tmp_path)
    yield world
    await world.close()
    assert world.slack.violations == []
