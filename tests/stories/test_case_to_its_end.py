"""Whoever has a case works it to its end: hands it over, finds out who it is about, answers, is reminded, finishes."""

from __future__ import annotations

from bot.sandbox.world import World
from tests.stories.acting import (
    PUPIL_FOLLOWED_ME,
    answer,
    asked,
    card,
    everything_seen,
    file,
    finish,
    more,
    person,
    press,
    record,
    rings,
    screen,
    shown,
    take,
    texts,
)

POSTS = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "no", "imagery": "no"}
BY_A_PARENT = {"kind": "something_else", "concerns": "parent", "danger": "no", "imagery": "no"}


async def held_by(school: World, name: str, triage: dict[str, str] | None = None) -> str:
    """A report that this person has taken."""
    reference = await file(school, "tess", triage or POSTS, what_happened="Someone mocks Ollie online.")
    await take(school, name, reference)
    return reference


async def named(school: World, by: str, reference: str, whom: str) -> None:
    """Whoever has it names somebody of the school."""
    await more(school, by, reference, "name")
    chosen = await person(school, by, "person", whom)
    await answer(school, by, person=chosen, why="The account is theirs.")
    await school.settle()


# --- hand over ---


async def test_the_head_hands_it_over_and_the_dsl_has_it_with_a_ring(school: World) -> None:
    reference = await held_by(school, "hana")
    rung, old = rings(school, "priya"), card(school, "hana", reference).snapshot()
    await more(school, "hana", reference, "hand_over", to=(await ids(school))["priya"], why="You know the family.")
    assert rings(school, "priya") == rung + 1
    assert "Hana Hughes handed it over to you." in texts(school, "priya")
    assert "case.record" in card(school, "priya", reference).buttons
    assert "Priya Shah has had it" in texts(school, "hana")
    assert "Picked up by Priya Shah" in texts(school, "tess")
    assert asked(school) == set()
    await school.people["hana"].press(old, "case.finish")
    assert "Nothing was changed" in shown(school, "hana")
    await press(school, "priya", reference, "case.open")
    assert "handed it over to Priya Shah" in shown(school, "priya")
    assert "You know the family." in shown(school, "priya")


async def test_only_those_who_may_read_it_are_offered(school: World) -> None:
    reference = await held_by(school, "hana")
    await more(school, "hana", reference, "hand_over")
    assert "Priya Shah, the DSL" in shown(school, "hana")
    for name in ("Sam Slater", "Carl Cole", "David Dean", "Hana Hughes"):
        assert name not in shown(school, "hana")
    refused = await school.people["hana"].submit(
        screen(school, "hana"), {"to": (await ids(school))["sam"], "why": "x"}, force=True
    )
    await school.settle()
    assert "Priya" not in texts(school, "sam")
    assert refused.errors or "Choose one" in shown(school, "hana")
    assert "You have had it" in texts(school, "hana")


# --- naming, and undoing it ---


async def test_the_head_is_named_late_and_learns_nothing(school: World) -> None:
    reference = await held_by(school, "priya")
    rung = {name: rings(school, name) for name in ("hana", "carol", "tess")}
    before = everything_seen(school, "hana")
    await named(school, "priya", reference, "Hana")
    assert "It is kept from Hana Hughes from now on." in shown(school, "priya")
    ended = texts(school, "hana")
    assert "It is with someone else now. Nothing more for you to do." in ended
    assert rings(school, "hana") == rung["hana"]
    assert rings(school, "tess") == rung["tess"]
    assert rings(school, "carol") == rung["carol"] + 1
    assert "Something about it changed" in texts(school, "carol")
    await press(school, "carol", reference, "case.open")
    assert "found out that it concerns Hana Hughes" in shown(school, "carol")
    assert "Hana" not in texts(school, "carol")
    new = everything_seen(school, "hana")[len(before) :]
    assert "Carol" not in new
    assert "account is theirs" not in new
    await school.people["hana"].command("/staffroom")
    assert reference not in shown(school, "hana")


async def test_losing_it_reads_as_any_other_end(school: World) -> None:
    reference = await held_by(school, "hana", BY_A_PARENT)
    await named(school, "hana", reference, "Hana")
    about_her = card(school, "hana", reference).text.replace(reference, "")
    assert asked(school) == {"carol"}
    other = await held_by(school, "hana", BY_A_PARENT)
    await more(school, "hana", other, "pass_on", why="too_close")
    assert card(school, "hana", other).text.replace(other, "") == about_her


async def test_it_is_undone_and_everybody_is_where_they_were(school: World) -> None:
    reference = await held_by(school, "priya")
    await named(school, "priya", reference, "Hana")
    rung = rings(school, "hana")
    await more(
        school, "priya", reference, "unname", person=(await ids(school))["hana"], why="It was somebody else's account."
    )
    assert rings(school, "hana") == rung
    await press(school, "priya", reference, "case.open")
    assert "found out that it does not concern Hana Hughes" in shown(school, "priya")
    await more(school, "priya", reference, "hand_over", to=(await ids(school))["hana"], why="Yours.")
    await press(school, "hana", reference, "case.open")
    seen = shown(school, "hana")
    assert "Someone mocks Ollie online." in seen
    assert "concern Hana" not in seen
    assert "concerns Hana" not in seen
    assert "account" not in seen


async def test_the_reporter_is_named_and_their_receipt_tells_nothing(school: World) -> None:
    reference = await held_by(school, "hana")
    await named(school, "hana", reference, "Tess")
    receipt = texts(school, "tess")
    assert "Don't speak to the person it concerns" not in receipt
    assert "Picked up by a colleague" in receipt
    await press(school, "hana", reference, "case.open")
    assert "A concern about a colleague" in shown(school, "hana")


# --- what the policy asks ---


async def test_answered_partly_and_again_and_finished_when_the_police_question_is(school: World) -> None:
    reference = await held_by(school, "hana")
    await press(school, "hana", reference, "case.open")
    assert "threatening, abusive, sexist, sexual or hateful? (needed to finish)" in shown(school, "hana")
    await record(school, "hana", reference, note="Rang the mother.", q_nature="yes", q_safe="At home.")
    assert "Needed before you finish" in shown(school, "hana")
    assert "Police: considered?" in shown(school, "hana")
    await record(school, "hana", reference, q_safe="At school, with the nurse.")
    await press(school, "hana", reference, "case.finish")
    refused = await answer(school, "hana", outcome="dealt_with", note="Posts are down.")
    assert "before it is finished" in refused.errors["q_police"]
    await answer(school, "hana", q_police="Considered, not asked: no offence.")
    await school.settle()
    assert "Finished by Hana Hughes" in texts(school, "tess")
    await press(school, "priya", reference, "case.open")
    seen = shown(school, "priya")
    for words in ("Rang the mother.", "At home.", "At school, with the nurse.", "Considered, not asked: no offence."):
        assert words in seen
    assert "Dealt with in school" in seen


async def test_nothing_to_record_is_said_beside_the_field(school: World) -> None:
    reference = await held_by(school, "hana")
    refused = await record(school, "hana", reference)
    assert "Answer something" in refused.errors["note"]


async def test_an_allegation_ends_in_one_of_five_ways_and_only_with_the_lado_question(school: World) -> None:
    triage = {**POSTS, "concerns": "headteacher"}
    reference = await held_by(school, "carol", triage)
    await press(school, "carol", reference, "case.finish")
    for word in ("Substantiated", "Unsubstantiated", "Unfounded", "False", "Malicious"):
        assert word in shown(school, "carol")
    refused = await answer(school, "carol", outcome="unfounded", note="Not her account.")
    assert {"q_threshold", "q_lado"} <= refused.errors.keys()
    await answer(school, "carol", q_threshold="No.", q_lado="Told on Tuesday: L-12.")
    await school.settle()
    assert "Finished by Carol Chambers" in texts(school, "tess")
    assert reference not in everything_seen(school, "hana")


# --- what is next, and the clocks ---


async def test_whoever_has_it_is_reminded_once_and_then_the_next_in_the_chain(school: World) -> None:
    reference = await held_by(school, "priya")
    await more(school, "priya", reference, "next", text="Ring Ollie's mother.", by="2026-11-18")
    await school.people["priya"].command("/staffroom")
    assert "Next: by 18 November 2026." in shown(school, "priya")
    rung = {name: rings(school, name) for name in ("priya", "hana")}
    await school.later(hours=22)
    assert rings(school, "priya") == rung["priya"] + 1
    assert "What you noted as next is due." in texts(school, "priya")
    assert "Ollie" not in texts(school, "priya")
    assert rings(school, "hana") == rung["hana"]
    await school.later(hours=24)
    assert rings(school, "priya") == rung["priya"] + 1
    assert rings(school, "hana") == rung["hana"] + 1
    assert "overdue" in texts(school, "hana")
    await press(school, "hana", reference, "case.open")
    assert "Ring Ollie's mother." in shown(school, "hana")
    await more(school, "priya", reference, "next", done=True)
    assert "due" not in texts(school, "priya")
    assert "overdue" not in texts(school, "hana")


async def test_a_day_that_has_passed_is_not_taken(school: World) -> None:
    reference = await held_by(school, "priya")
    refused = await more(school, "priya", reference, "next", text="Ring her.", by="2026-11-16")
    assert "passed" in refused.errors["by"]


async def test_finishing_cancels_the_reminder(school: World) -> None:
    reference = await held_by(school, "hana", PUPIL_FOLLOWED_ME)
    await more(school, "hana", reference, "next", text="Ring her.", by="2026-11-18")
    await finish(school, "hana", reference)
    rung = rings(school, "hana")
    await school.later(days=3)
    assert rings(school, "hana") == rung


async def test_the_lado_clock_rings_after_a_working_day_until_it_is_answered(school: World) -> None:
    reference = await held_by(school, "carol", {**POSTS, "concerns": "headteacher"})
    rung = rings(school, "carol")
    await school.later(hours=23)
    assert rings(school, "carol") == rung
    await school.later(hours=1)
    assert rings(school, "carol") == rung + 1
    assert "Something that the policy asks by now is still open." in texts(school, "carol")
    assert "LADO" not in texts(school, "carol")
    await school.later(days=1)
    assert rings(school, "carol") == rung + 2
    await record(school, "carol", reference, q_lado="Told today: L-12.")
    await school.later(days=2)
    assert rings(school, "carol") == rung + 2
    assert "still open" not in texts(school, "carol")


# --- links, imagery, reopening ---


async def test_two_reports_of_the_same_are_linked_and_neither_reporter_learns(school: World) -> None:
    first = await held_by(school, "hana")
    second = await file(school, "carl", POSTS, what_happened="They laugh at Ollie.")
    before = {name: texts(school, name) for name in ("tess", "carl")}
    await more(school, "hana", first, "link", reference=second.lower())
    assert "Linked" in shown(school, "hana") or second in shown(school, "hana")
    assert before == {name: texts(school, name) for name in ("tess", "carl")}
    await press(school, "priya", second, "case.open")
    assert f"Linked with: {first}" in " ".join(shown(school, "priya").split())
    assert f"linked it with {first}" in shown(school, "priya")
    await more(school, "hana", first, "unlink")
    assert second in shown(school, "hana")
    chosen = screen(school, "hana")
    assert "other" in chosen.fields


async def test_a_report_that_one_may_not_read_is_not_there_to_be_linked(school: World) -> None:
    about_her = await file(school, "carl", {**POSTS, "concerns": "headteacher"})
    first = await held_by(school, "hana")
    refused = await more(school, "hana", first, "link", reference=about_her)
    unknown = await answer(school, "hana", reference="99999")
    assert refused.errors == unknown.errors == {"reference": "You have no other report of this reference."}


async def test_who_reads_one_of_two_linked_reports_does_not_learn_of_the_other(school: World) -> None:
    for_the_head = await held_by(school, "hana", BY_A_PARENT)
    second = await file(school, "carl", POSTS, what_happened="They laugh at Ollie.")
    await more(school, "hana", for_the_head, "link", reference=second)
    await press(school, "priya", second, "case.open")
    assert "They laugh at Ollie." in shown(school, "priya")
    assert "inked" not in shown(school, "priya")
    assert for_the_head not in everything_seen(school, "priya")


async def test_imagery_marked_late_goes_to_the_dsl_at_once_with_the_guidance(school: World) -> None:
    reference = await held_by(school, "hana", BY_A_PARENT)
    rung = {name: rings(school, name) for name in ("priya", "leo")}
    await more(school, "hana", reference, "imagery", where="A group chat.")
    told = shown(school, "hana")
    assert "The DSL is alerted." in told
    assert "Don't look again" in told
    assert "Priya Shah, 01632 960104" in told
    assert asked(school) == {"priya", "leo"}
    for name in ("priya", "leo"):
        assert rings(school, name) == rung[name] + 1
    assert "It is with someone else now." in texts(school, "hana")
    assert "copy, screenshot, save, share or delete" in texts(school, "tess")
    await take(school, "leo", reference)
    assert "Imagery of someone under 18: Yes, or not sure: marked" in " ".join(shown(school, "leo").split())
    assert "A group chat." in shown(school, "leo")


async def test_a_finished_report_is_reopened_and_asked_about_anew(school: World) -> None:
    reference = await held_by(school, "hana")
    await finish(school, "hana", reference, q_nature="no")
    await more(school, "priya", reference, "reopen", why="It began again.")
    assert asked(school) == {"hana", "priya"}
    assert "Finished" not in texts(school, "tess")
    await take(school, "priya", reference)
    assert "It began again." in shown(school, "priya")
    assert "finished it: Dealt with in school" in shown(school, "priya")


async def ids(school: World) -> dict[str, str]:
    """What pickers carry for people, by first name."""
    async with school.running.database.reading() as uow:
        return {one.name.split()[0].lower(): one.id for one in await uow.staff()}
