"""People of one school on two platforms: one report, one person, whatever they hold in their hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.sandbox.players import Player
from bot.sandbox.world import PEOPLE, Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    card,
    file,
    screen,
    shown,
)
from tests.stories.acting import press as press_card


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[World]:
    """Everybody has an account on both platforms, and acts on Slack unless the story says otherwise."""
    world = await World.open(tmp_path, platform="both")
    yield world
    await world.close()
    assert world.violations == []


def texts(player: Player) -> str:
    """What stands in the person's chat on this platform."""
    return "\n---\n".join(card.text for card in player.cards)


def takes(player: Player) -> bool:
    """Whether the person is asked to take something here."""
    return any("case.take" in card.buttons for card in player.cards)


def pieces(world: World, name: str) -> tuple[Player, Player]:
    """The person on Slack, and the same person on Teams."""
    return world.slack_people[name], world.teams_people[name]


async def test_filed_on_teams_taken_on_slack_and_every_card_follows(tmp_path: Path) -> None:
    only: dict[str, Platform] = {"tess": "teams", "priya": "slack", "hana": "teams"}
    world = await World.open(tmp_path, platform="both", only=only)
    try:
        reference = await file(world, "tess", what_happened="Ollie in 9B asked to follow me.")
        await press_card(world, "priya", reference, "case.take")
        assert "Ollie in 9B asked to follow me." in shown(world, "priya")
        assert "Picked up by Priya Shah" in texts(world.people["tess"])
        assert "Priya Shah has had it" in texts(world.people["hana"])
        assert not takes(world.people["hana"])
    finally:
        await world.close()
    assert world.violations == []


async def test_filed_on_slack_taken_on_teams(both: World) -> None:
    reference = await file(both, "tess", A_CHILD_TOLD_ME)
    both.people["priya"] = both.teams_people["priya"]
    await press_card(both, "priya", reference, "case.take")
    for player in pieces(both, "priya"):
        assert "You have had it" in texts(player)
        assert len(player.cards) == 1
    for player in pieces(both, "leo"):
        assert "Priya Shah has had it" in texts(player)


async def test_two_people_on_two_platforms_take_it_at_once_and_one_has_it(both: World) -> None:
    reference = await file(both, "tess", A_CHILD_TOLD_ME)
    priya, leo = both.slack_people["priya"], both.teams_people["leo"]
    await asyncio.gather(
        priya.press(card(both, "priya", reference), "case.take"), leo.press(leo.cards[-1], "case.take")
    )
    await both.settle()
    holders = [player.name for player in (priya, leo) if "You have had it" in texts(player)]
    assert len(holders) == 1
    loser = leo if holders == ["Priya Shah"] else priya
    screen = loser.screen
    assert screen is not None
    assert "Already dealt with" in screen.text
    assert f"{holders[0]} has had it" in texts(loser)


async def test_one_person_takes_it_in_both_hands_and_has_it_once(both: World) -> None:
    await file(both, "tess", A_CHILD_TOLD_ME)
    slack, teams = pieces(both, "priya")
    await asyncio.gather(*(player.press(player.cards[-1], "case.take") for player in (slack, teams)))
    await both.settle()
    assert "You have had it" in texts(slack)
    assert "You have had it" in texts(teams)


async def test_urgent_alerts_ring_on_both_and_others_where_somebody_acted_last(both: World) -> None:
    await file(both, "tess", A_CHILD_TOLD_ME)
    for player in pieces(both, "priya"):
        assert takes(player)
        assert player.notifications == ["Staffroom needs you"]
    await both.teams_people["hana"].command("/staffroom")
    await both.slack_people["sam"].command("/staffroom")
    await file(both, "tess")
    slack, teams = pieces(both, "hana")
    assert (takes(slack), takes(teams)) == (False, True)
    await both.restart()
    await both.later(hours=6)
    assert (takes(slack), takes(teams)) == (False, True), "where somebody was seen survives a restart"


async def test_somebody_chooses_where_staffroom_writes_to_them(both: World) -> None:
    slack, teams = pieces(both, "hana")
    await slack.command("/staffroom")
    assert slack.screen is not None
    assert "Everything else comes where you were last: Slack." in slack.screen.text
    await slack.press(slack.screen, "home.prefer", value="teams")
    assert "What is urgent comes on Slack and Microsoft Teams. Everything else comes on Microsoft Teams." in (
        slack.screen.text
    )
    await file(both, "tess")
    assert (takes(slack), takes(teams)) == (False, True)
    await teams.command("/staffroom")
    assert teams.screen is not None
    await teams.press(teams.screen, "home.prefer", value="last")
    await slack.command("/staffroom")
    await file(both, "tess")
    assert (takes(slack), takes(teams)) == (True, True)
    await slack.press(slack.screen, "home.prefer", value="telegram")
    assert "Nothing was changed" in slack.screen.text


async def test_accounts_of_two_addresses_that_the_school_has_linked_are_one_person(tmp_path: Path) -> None:
    linked = PEOPLE.replace("leave_to\n", "leave_to,other_emails\n").replace(
        "960104,,", "960104,,,p.shah@trust.example"
    )
    world = await World.open(tmp_path, platform="both", people=linked, missing=("priya",))
    try:
        slack = await world.join("priya", "Priya Shah", "p.shah@trust.example", "slack")
        teams = await world.join("priya", "Priya Shah", "priya.shah@astor.example", "teams")
        await file(world, "tess", A_CHILD_TOLD_ME)
        assert takes(slack)
        assert takes(teams)
        await slack.press(slack.cards[-1], "case.take")
        await world.settle()
        assert "You have had it" in texts(teams)
        await begin(world, "carl")
        offered = await world.people["carl"].suggest(screen(world, "carl"), "colleague", "priya")
        await answer(world, "carl", **{**A_CHILD_TOLD_ME, "concerns": "colleague", "colleague": offered[0].value})
        await world.later(hours=8)
        for player in (slack, teams):
            assert len(player.cards) == 1, "what is about her is kept from both of her accounts"
    finally:
        await world.close()
    assert world.violations == []


async def test_every_ring_leaves_one_card_on_each_platform(both: World) -> None:
    await file(both, "tess", A_CHILD_TOLD_ME)
    await both.later(minutes=10)
    for player in pieces(both, "priya"):
        assert len(player.notifications) == 2
        assert len(player.cards) == 1


@pytest.mark.parametrize("trouble", ["slack", "teams"])
async def test_what_one_platform_refuses_is_not_repeated_on_the_other(both: World, trouble: Platform) -> None:
    if trouble == "slack":
        both.slack.faults.fail("chat.postMessage", times=6, status=503)
    else:
        both.teams.faults.fail("send", times=6, status=503)
    both.people["tess"] = both.teams_people["tess"] if trouble == "slack" else both.slack_people["tess"]
    await begin(both, "tess")
    await answer(both, "tess", **A_CHILD_TOLD_ME)
    await both.settle()
    for name in ("priya", "leo"):
        for player in pieces(both, name):
            assert player.notifications == ["Staffroom needs you"]
            assert len(player.cards) == 1
    async with both.running.database.reading() as uow:
        assert (await uow.counters())["duplicate_messages"] == 0


UNREACHED: tuple[Callable[[World], Player], ...] = (
    lambda world: world.slack_people["priya"],
    lambda world: world.teams_people["priya"],
)


@pytest.mark.parametrize("unreached", UNREACHED, ids=["slack", "teams"])
async def test_whoever_one_platform_reaches_is_reached(both: World, unreached: Callable[[World], Player]) -> None:
    unreached(both).unreachable()
    await file(both, "tess", {**PUPIL_FOLLOWED_ME})
    await file(both, "tess", A_CHILD_TOLD_ME)
    reached = [player for player in pieces(both, "priya") if player.person is not unreached(both).person]  # type: ignore[attr-defined]
    assert [len(player.cards) for player in reached] == [2]
    assert not takes(both.people["david"]), "nobody else need be asked in her place"


async def test_the_next_in_the_chain_is_asked_when_no_platform_reaches_somebody(both: World) -> None:
    for name in ("priya", "leo"):
        for player in pieces(both, name):
            player.unreachable()
    await file(both, "tess", A_CHILD_TOLD_ME)
    assert takes(both.people["david"])


async def test_exclusion_covers_both_accounts(both: World) -> None:
    reference = await file(both, "tess", ABOUT_THE_HEAD)
    await both.later(hours=5)
    for player in pieces(both, "hana"):
        assert player.seen == ""
    assert takes(both.people["carol"])
    await press_card(both, "carol", reference, "case.open")
    token = both.people["carol"].cards[-1].buttons["case.open"]
    await file(both, "carl")
    where = [player for player in pieces(both, "hana") if player.cards]
    assert where, "what is not about her she does get"
    for player in where:
        await player.press(player.cards[-1], "case.open", value=token)
        screen = player.screen
        assert screen is not None
        assert "isn't open to you" in screen.text


async def test_leaving_takes_the_card_away_on_both(both: World) -> None:
    await file(both, "tess", A_CHILD_TOLD_ME)
    both.write_people(both.people_file.read_text(encoding="utf-8").replace("dsl,01632 960104", ",01632 960104"))
    await both.restart()
    await both.settle()
    for player in pieces(both, "priya"):
        assert "with someone else now" in texts(player)
        assert not takes(player)


async def test_teams_is_given_up_and_everything_goes_on_on_slack(both: World) -> None:
    reference = await file(both, "tess", A_CHILD_TOLD_ME)
    await both.stop()
    both.platforms = ("slack",)
    await both.start()
    await press_card(both, "priya", reference, "case.take")
    assert "You have had it" in texts(both.slack_people["priya"])
    await both.later(hours=1)
    both.platforms = ("slack", "teams")
