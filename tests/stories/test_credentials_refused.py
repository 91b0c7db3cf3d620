"""A secret has expired, or was mistyped: the other platform goes on, and the administrator is told what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.sandbox.world import World
from policy.errors import SettingsError
from tests.stories.acting import PUPIL_FOLLOWED_ME, file, press, shown

WRONG = {
    "teams": {"TEAMS_CLIENT_SECRET": "expired-secret"},
    "slack": {"SLACK_BOT_TOKEN": "xoxb-expired-secret"},
}


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    """A school on both platforms."""
    world = await World.open(tmp_path, platform="both")
    yield world
    await world.close()


async def ready(world: World) -> tuple[int, str]:
    """What /readyz answers."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{world.running.server.url}/readyz") as answer,
    ):
        return answer.status, await answer.text()


async def restart(world: World, amended: dict[str, str]) -> list[str]:
    """The administrator changes settings and restarts; returns the errors in the log."""
    world.amended = amended
    with capture_logs() as logs:
        await world.restart()
    return [str(line["event"]) for line in logs if line["log_level"] == "error"]


async def test_teams_refuses_and_slack_is_served(both: World) -> None:
    assert await ready(both) == (200, "ready")
    [error] = await restart(both, WRONG["teams"])
    assert "Microsoft does not accept TEAMS_CLIENT_ID and TEAMS_CLIENT_SECRET (AADSTS7000215)" in error
    assert "Copy the secret's Value" in error
    assert "expired-secret" not in error
    status, text = await ready(both)
    assert (status, "Microsoft Teams" in text, "Slack" in text, "expired-secret" in text) == (503, True, False, False)
    await file(both, "tess", PUPIL_FOLLOWED_ME)
    reference = both.reference("hana")
    await press(both, "hana", reference, "case.open")
    assert "Reported by" in shown(both, "hana")


async def test_slack_refuses_and_teams_is_served(both: World) -> None:
    [error] = await restart(both, WRONG["slack"])
    assert "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)" in error
    status, text = await ready(both)
    assert (status, "Slack" in text, "Microsoft Teams" in text) == (503, True, False)
    both.people.update(both.teams_people)
    await file(both, "tess", PUPIL_FOLLOWED_ME)
    assert "case.take" in both.cards("hana")[-1].buttons


async def test_whoever_prefers_the_platform_that_refuses_is_written_to_on_the_other(both: World) -> None:
    await both.teams_people["hana"].command("/staffroom")
    await restart(both, WRONG["teams"])
    await file(both, "tess", PUPIL_FOLLOWED_ME)
    assert "case.take" in both.slack_people["hana"].cards[-1].buttons


@pytest.mark.parametrize("which", ["teams", "slack"])
async def test_the_only_platform_refuses(tmp_path: Path, which: str) -> None:
    world = await World.open(tmp_path, platform="teams" if which == "teams" else "slack")
    try:
        await world.stop()
        world.amended = WRONG[which]
        with pytest.raises(SettingsError, match="does not accept"):
            await world.start()
        assert world.staffroom is not None
    finally:
        await world.close()


async def test_the_log_says_once_a_minute_what_is_not_reached_and_what_was_refused(both: World) -> None:
    watch = both.running.watch
    await both.teams.send_raw(b"{}", {})
    await both.teams.send_raw(b"{}", {"Authorization": f"Bearer {both.teams.token(aud='another')}"})
    with capture_logs() as logs:
        assert await watch.look() == {}
    [line] = logs
    assert line["log_level"] == "warning"
    assert line["event"] == (
        "2 requests to /api/messages refused: no token (1); a token for another bot: compare TEAMS_CLIENT_ID (1)"
    )
    both.slack.faults.down()
    with capture_logs() as logs:
        assert list(await watch.look()) == ["Slack"]
        assert "not reached since 20" in (await watch.look())["Slack"]
    assert len(logs) == 1, "what has been said is not said again"
    assert (await ready(both))[0] == 200, "a platform that is away for a moment takes nothing from the other"
    both.slack.faults.up()
    with capture_logs() as logs:
        assert await watch.look() == {}
    assert [line["event"] for line in logs] == ["Slack is reached again"]


async def test_without_microsofts_keys_staffroom_is_not_ready_until_it_has_them(both: World) -> None:
    both.teams.faults.down()
    [error] = await restart(both, {})
    assert "Nothing from Teams can be accepted until it is reached" in error
    assert (await ready(both))[0] == 503
    both.teams.faults.up()
    assert await both.running.watch.look() == {}
    assert (await ready(both))[0] == 200
