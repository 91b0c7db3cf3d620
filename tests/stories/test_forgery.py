"""Forged, replayed, stale, forwarded and double clicks; strangers; bodies that are no requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.world import Platform, World
from storage.audit import verify
from tests.stories.acting import (
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    card,
    file,
    rings,
    screen,
    shown,
    state,
    take,
    texts,
)

FORM = "application/x-www-form-urlencoded"


async def test_the_same_click_delivered_again_does_nothing_more(school: World, platform: Platform) -> None:
    reference = await file(school, "tess")
    taken = await take(school, "hana", reference)
    await school.people["priya"].press(card(school, "priya", reference), "case.open")
    before = await state(school)
    again = await school.people["hana"].again(taken)
    assert again.status == 200
    await school.settle()
    assert await state(school) == before
    if platform == "slack":
        # The reply is given again, with a trigger that has served: Slack says so, and that is all.
        assert school.violations == ["views.open: exchanged_trigger_id"]
        school.slack.violations.clear()
    else:
        assert "You have had it" in str(again.act.body), "the same card again"


async def test_a_submission_delivered_again_or_pressed_twice_makes_one_report(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    form = screen(school, "tess").snapshot()
    sent = await answer(school, "tess", **DETAILS)
    assert (await school.people["tess"].again(sent)).status == 200
    await school.people["tess"].submit(form, dict(DETAILS), force=True)
    await school.settle()
    assert len(school.cards("hana")) == 1
    assert len(school.cards("tess")) == 1
    assert rings(school, "hana") == 1


async def test_a_report_sent_twice_with_other_words_loses_neither(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    form = screen(school, "tess").snapshot()
    await answer(school, "tess", **DETAILS)
    other = {**DETAILS, "what_happened": "And on my phone I wrote this."}
    await school.people["tess"].submit(form, other, force=True)
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    assert DETAILS["what_happened"] in shown(school, "hana")
    assert "And on my phone I wrote this." in shown(school, "hana")


async def test_a_click_on_an_old_copy_of_a_card_changes_nothing_and_says_who_acted(school: World) -> None:
    reference = await file(school, "tess")
    old = card(school, "hana", reference).snapshot()
    await take(school, "priya", reference)
    await school.people["hana"].press(old, "case.take")
    assert "Priya Shah has" in shown(school, "hana")
    assert "Nothing was changed" in shown(school, "hana")
    await school.people["hana"].press(old, "case.pass_on")
    assert "Nothing was changed" in shown(school, "hana")


@pytest.mark.parametrize("who", ["tess", "carl", "sam", "nina"])
async def test_a_forwarded_card_is_worth_nothing_to_anybody_else(school: World, who: str) -> None:
    reference = await file(school, "tess", what_happened="Ollie in 9B asked to follow me.")
    hers = card(school, "hana", reference)
    before = await state(school)
    for action in ("case.take", "case.open", "case.pass_on"):
        await school.people[who].press(hers, action)
        assert "isn't open to you" in shown(school, who)
        assert "Ollie" not in shown(school, who)
    await school.settle()
    assert await state(school) == before


@pytest.mark.parametrize(
    "value",
    ["", "0", ":", "x:1", f"{'0' * 32}:1", f"{'0' * 32}:99999999999", "../../etc/passwd", "' or 1=1 --", "é" * 500],
)
async def test_a_made_up_button_is_refused_like_any_other(school: World, value: str) -> None:
    reference = await file(school, "tess")
    before = await state(school)
    for action in ("case.take", "case.open"):
        done = await school.people["hana"].press(card(school, "hana", reference), action, value=value)
        assert done.status == 200
        assert "isn't open to you" in shown(school, "hana")
    await school.settle()
    assert await state(school) == before


async def test_somebody_demoted_loses_what_their_card_could_do(school: World) -> None:
    reference = await file(school, "tess")
    people = school.people_file.read_text(encoding="utf-8")
    await school.stop()
    school.write_people(people.replace("hana.hughes@astor.example,headteacher", "hana.hughes@astor.example,"))
    old = card(school, "hana", reference).snapshot()
    await school.start()
    for action in ("case.take", "case.open"):
        await school.people["hana"].press(old, action)
        assert "isn't open to you" in shown(school, "hana")
    await school.settle()
    assert "with someone else now" in texts(school, "hana")


async def test_every_refusal_is_in_the_audit_by_ids_alone(school: World) -> None:
    reference = await file(school, "tess", what_happened="SECRET-MARKER")
    await school.people["carl"].press(card(school, "hana", reference), "case.open")
    await school.people["hana"].press(card(school, "hana", reference), "case.open", value="f" * 32 + ":1")
    database = school.running.database
    async with database.reading() as uow:
        rows = [row for row in await uow.audit_rows() if row.action == "refused"]
    assert [dict(row.ids)["reason"] for row in rows] == ["not-a-reader", "no-such-record"]
    assert (await verify(database)).problems == ()


async def test_what_is_kept_is_unreadable_on_the_disk(school: World, tmp_path: Path) -> None:
    await file(school, "tess", what_happened="SECRET-MARKER happened", where="https://secret-marker.example")
    await school.stop()
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("staffroom.db*")))  # noqa: ASYNC240 - a test
    for word in (b"SECRET-MARKER", b"secret-marker", b"Hughes", b"astor.example", b"friend_request", b"01632"):
        assert word not in stored
    await school.start()
