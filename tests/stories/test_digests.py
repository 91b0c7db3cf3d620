"""What is not urgent: one message at 08:15 and 15:30 on school days, whatever waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.profiles import shipped_profile_text
from bot.sandbox.players import Shown
from bot.sandbox.world import Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    KEEPS_THE_HEAD,
    PUPIL_FOLLOWED_ME,
    asked,
    card,
    file,
    rings,
    screen,
    texts,
)

YEAR = """
terms = [[2026-09-02, 2026-10-23], [2026-11-02, 2026-12-18], [2027-01-05, 2027-03-25], [2027-04-12, 2027-07-21]]
inset = [2026-11-02]
"""


def digests(school: World, name: str) -> Sequence[Shown]:
    """The messages that list what waits."""
    return [one for one in school.cards(name) if "home.show" in one.buttons]


def local(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    """A moment in UTC: in winter the school's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


async def until(school: World, moment: datetime) -> None:
    """It is that late."""
    school.clock.move_to(moment)
    await school.settle()


async def test_three_reports_that_fall_due_ring_once_and_their_cards_follow_silently(school: World) -> None:
    references = [await file(school, "tess") for _ in range(3)]
    assert rings(school, "hana") == 3, "the first alert of each report rings at once"
    await until(school, local(2026, 11, 17, 15, 30))
    assert rings(school, "hana") == 4
    [digest] = digests(school, "hana")
    for reference in references:
        assert f"Report {reference}. Reply by 08:15 on Wed 18 Nov." in digest.text
        assert "Reply by 08:15 on Wed 18 Nov" in card(school, "hana", reference).text
    assert set(school.people["hana"].notifications) == {"Staffroom needs you"}
    await until(school, local(2026, 11, 18, 8, 15))
    assert rings(school, "hana") == 5
    assert len(digests(school, "hana")) == 1, "the new one takes the place of the old one"
    assert rings(school, "david") == rings(school, "leo") == 1, "who is asked only now is rung once for all of them"
    await until(school, local(2026, 11, 18, 15, 30))
    assert rings(school, "hana") == 5, "the last step comes every morning"


async def test_somebody_who_was_asked_by_a_digest_alone_opens_and_takes_it(school: World) -> None:
    reference = await file(school, "tess")
    await until(school, local(2026, 11, 18, 8, 15))
    [digest] = digests(school, "david")
    await school.people["david"].press(digest, "case.open")
    assert "A pupil in Year 9 asked to follow me." in screen(school, "david").text
    await school.people["david"].press(screen(school, "david"), "case.take")
    await school.settle()
    assert "You have had it" in texts(school, "david")
    assert "case.finish" in school.cards("david")[-1].buttons
    for name in ("hana", "priya", "leo"):
        assert "Nothing in this list waits for you any more." in texts(school, name)
        assert f"Report {reference}. Reply by" not in texts(school, name)
    before = {name: rings(school, name) for name in school.people if name != KEEPS_THE_HEAD}
    await until(school, local(2026, 11, 19, 8, 15))
    assert {name: rings(school, name) for name in before} == before


async def test_the_digest_opens_staffroom(school: World) -> None:
    reference = await file(school, "tess")
    await until(school, local(2026, 11, 17, 15, 30))
    await school.people["hana"].press(digests(school, "hana")[0], "home.show")
    assert "Waiting for you" in screen(school, "hana").text
    assert reference in screen(school, "hana").text


async def test_a_digest_tells_nobody_of_a_report_about_themselves(school: World) -> None:
    about_hana = await file(school, "tess", {**PUPIL_FOLLOWED_ME, "concerns": "headteacher"})
    others = await file(school, "carl")
    await until(school, local(2026, 11, 17, 15, 30))
    seen = school.people["hana"].seen
    assert others in seen
    assert about_hana not in seen
    assert len(digests(school, "hana")) == 1
    assert "more" not in digests(school, "hana")[0].text


async def test_a_report_about_somebody_alone_brings_them_no_digest(school: World) -> None:
    await file(school, "tess", {**PUPIL_FOLLOWED_ME, "concerns": "headteacher"})
    for day in (17, 18, 19):
        await until(school, local(2026, 11, day, 15, 30))
    assert school.people["hana"].seen == ""


async def test_urgent_reports_ring_by_themselves_and_are_in_no_digest(school: World) -> None:
    urgent = await file(school, "tess", A_CHILD_TOLD_ME)
    await file(school, "carl")
    await until(school, local(2026, 11, 17, 15, 30))
    [digest] = digests(school, "priya")
    assert urgent not in digest.text


async def test_a_restart_and_hours_away_ring_once(school: World) -> None:
    for _ in range(2):
        await file(school, "tess")
    await until(school, local(2026, 11, 17, 15, 30))
    assert rings(school, "hana") == 3
    await school.restart()
    await school.settle()
    assert rings(school, "hana") == 3
    await school.stop()
    school.clock.move_to(local(2026, 11, 20, 10, 0))
    await school.start()
    await school.settle()
    assert rings(school, "hana") == 4, "whatever fell due while nobody was there comes as one"


async def test_whoever_cannot_be_reached_by_a_digest_has_others_asked_in_their_place(school: World) -> None:
    await file(school, "tess")
    for name in ("hana", "priya"):
        school.people[name].unreachable()
    await until(school, local(2026, 11, 17, 15, 30))
    assert {"david", "leo"} & asked(school), "at once, and not on the next school day"


async def test_two_workers_ring_once(either_school: World) -> None:
    school = either_school
    for _ in range(4):
        await file(school, "tess")
    school.clock.move_to(local(2026, 11, 17, 15, 30))
    handlers = school.running.handlers
    for _ in range(2):  # the worker of the school fires them, too
        due = await handlers.due()
        await asyncio.gather(*(handlers.fire(one) for one in (*due, *due)))
    await school.settle()
    assert rings(school, "hana") == rings(school, "priya") == 5


@pytest.fixture
async def year(tmp_path: Path, platform: Platform) -> AsyncIterator[World]:
    """The school with its own terms: half-term is the last week of October, its last day an INSET day."""
    text = shipped_profile_text("astor")
    start, end = text.index("terms = ["), text.index("closed = [")
    profile = tmp_path / "own.toml"
    profile.write_text(text[:start] + YEAR + text[end:], encoding="utf-8")
    world = await World.open(tmp_path, platform=platform, profile=str(profile), now=local(2026, 10, 23, 13, 0))
    yield world
    await world.close()
    assert world.violations == []


async def test_over_half_term_the_inset_day_and_the_clock_change_it_is_0815_in_school(year: World) -> None:
    await file(year, "tess")
    await until(year, local(2026, 10, 23, 14, 30))
    assert rings(year, "hana") == 2, "15:30 in summer time"
    # The clocks go back on Sunday 25 October; the 2nd is an INSET day, after a half-term of a week.
    assert "Reply by 08:15 on Fri 30 Oct" in digests(year, "hana")[0].text, "no more than a week without a word"
    await until(year, local(2026, 10, 30, 8, 14))
    assert rings(year, "hana") == 2
    await until(year, local(2026, 10, 30, 8, 15))
    assert rings(year, "hana") == 3
    assert "Reply by 08:15 on Mon 2 Nov" in digests(year, "hana")[0].text
    await until(year, local(2026, 11, 1, 12, 0))
    assert rings(year, "hana") == 3, "not at the weekend"
    await until(year, local(2026, 11, 2, 8, 15))
    assert rings(year, "hana") == 4, "staff are in on an INSET day"


async def test_when_the_clocks_go_forward_it_is_0815_in_school(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, now=local(2028, 3, 24, 16, 0))
    try:
        await file(school, "tess")
        assert "15:30 on Mon 27 Mar" in texts(school, "hana")
        await until(school, local(2028, 3, 27, 14, 29))
        assert rings(school, "hana") == 1
        await until(school, local(2028, 3, 27, 14, 30))
        assert rings(school, "hana") == 2, "15:30 in summer time is 14:30 UTC"
        await until(school, local(2028, 3, 28, 7, 15))
        assert rings(school, "hana") == 3
    finally:
        await school.close()
    assert school.violations == []
