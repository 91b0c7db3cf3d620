"""Nothing that a person typed is lost, and each refusal says what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.world import PEOPLE, Platform, World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    DETAILS,
    PUPIL_FOLLOWED_ME,
    answer,
    asked,
    begin,
    file,
    goes_to,
    press,
    screen,
    shown,
    take,
    texts,
)

ODD = {
    "emoji": "😀👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿 said 🤬",
    "right to left": "\u202eevil\u202c שלום مرحبا \u200f",
    "zero width": "O\u200bl\u200di\ufeffe",
    "mentions": "<!channel> <!here> @everyone <@U012345> <#C012345> &lt;!channel&gt;",
    "links and mark-up": "https://x.example/?a=1&b=<2> <https://x.example|click> *bold* _it_ `code` ~no~ :smile:",
    "html": "<script>alert('x')</script> & \"quotes\" \\ \t tab",
    "lines": "one\n\n\ntwo\r\nthree\n> quoted\n```\nfenced\n```",
}


@pytest.mark.parametrize("what", ODD)
async def test_what_was_typed_is_kept_to_the_character_and_does_nothing(school: World, what: str) -> None:
    text = ODD[what]
    one_line = text.replace("\n", " ")
    reference = await file(school, "tess", what_happened=text, where=one_line, why=one_line)
    await take(school, "hana", reference)
    view = screen(school, "hana")
    assert await school.people["hana"].quoted() == [text, one_line, one_line]
    assert view.live == []
    for name in ("tess", "hana", "priya"):
        assert all(message.live == [] for message in school.cards(name))


@pytest.mark.parametrize("length", [2999, 3000, 3001, 20_000])
async def test_long_text_after_the_command_waits_in_the_form_and_arrives_whole(school: World, length: int) -> None:
    text = ("Zoë said: “no”. " * 2000)[: length - 1] + "."
    typed = await school.people["tess"].command("/report-incident", text)
    assert text[:10] not in typed.said, "what was typed after the command is not echoed"
    assert "What you typed is kept for the next screen" in shown(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    if length > 3000:
        assert f"the other {length - 3000:,} characters are kept and sent with it" in shown(school, "tess")
    await answer(school, "tess", source="saw_it")
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    assert await school.people["hana"].quoted() == [text]


@pytest.mark.parametrize("length", [3001, 20_000])
async def test_a_field_that_is_longer_than_slack_lets_people_type_arrives_whole(school: World, length: int) -> None:
    text = "é" * length
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    details = {**DETAILS, "what_happened": text}
    sent = await school.people["tess"].submit(screen(school, "tess"), details, force=True)
    assert (sent.status, sent.failed, dict(sent.errors)) == (200, False, {})
    assert ": received" in shown(school, "tess") or ", received" in shown(school, "tess")
    await school.settle()
    await take(school, "hana", school.reference("hana"))
    assert await school.people["hana"].quoted() == [text]


async def test_a_time_ahead_of_now_is_explained_and_the_form_keeps_what_was_typed(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    refused = await answer(school, "tess", **DETAILS, date="2026-11-17", time="10:21")
    assert "still to come" in refused.errors["time"]
    assert screen(school, "tess").fields["what_happened"].value == DETAILS["what_happened"]
    await school.settle()
    assert asked(school) == set()
    sent = await answer(school, "tess", time="10:19")
    assert sent.errors == {}
    await school.settle()
    assert asked(school) == {"hana", "priya"}


async def test_a_time_that_the_clock_change_skipped_is_explained(tmp_path: Path, platform: Platform) -> None:
    school = await World.open(tmp_path, platform=platform, now=datetime(2026, 3, 30, 9, 0, tzinfo=UTC))
    try:
        await begin(school, "tess")
        await answer(school, "tess", **PUPIL_FOLLOWED_ME)
        refused = await answer(school, "tess", **DETAILS, date="2026-03-29", time="01:30")
        assert "the clocks went forward" in refused.errors["time"]
        assert (await answer(school, "tess", date="2026-03-29", time="02:30")).errors == {}
    finally:
        await school.close()


@pytest.mark.parametrize(("date", "time"), [("2026-02-31", "10:00"), ("0000-00-00", "99:99"), ("today", "now")])
async def test_a_day_that_does_not_exist_is_explained(school: World, date: str, time: str) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    details = {**DETAILS, "date": date, "time": time}
    refused = await school.people["tess"].submit(screen(school, "tess"), details, force=True)
    assert "Pick the date and time again" in refused.errors["time"]


@pytest.mark.parametrize("nothing", ["   ", "\u200b\u200d\u2060", "\n\t\n", "\u3164"])
async def test_text_that_nobody_can_see_is_not_an_answer(school: World, nothing: str) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    refused = await answer(school, "tess", source="saw_it", what_happened=nothing)
    assert "Write what happened" in refused.errors["what_happened"]


async def test_a_corrected_form_is_taken_once(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert (await answer(school, "tess", source="saw_it", what_happened="\u200b")).errors
    assert not (await answer(school, "tess", source="saw_it", what_happened="He asked to follow me.")).errors
    await school.settle()
    assert len(school.cards("hana")) == 1


async def test_a_colleague_has_to_be_named_so_that_it_can_be_kept_from_them(school: World) -> None:
    await begin(school, "tess")
    refused = await answer(school, "tess", kind="something_else", concerns="colleague", danger="no", imagery="no")
    assert "Choose who" in refused.errors["colleague"]
    offered = await school.people["tess"].suggest(screen(school, "tess"), "colleague", "carl")
    refused = await answer(school, "tess", concerns="pupil", colleague=offered[0].value)
    assert "You named a colleague" in refused.errors["colleague"]
    await school.people["tess"].suggest(screen(school, "tess"), "colleague", "")
    await answer(school, "tess", concerns="colleague", colleague="unlisted")
    assert "Goes to Hana Hughes" in shown(school, "tess")


async def test_back_and_forth_keeps_everything(school: World) -> None:
    await begin(school, "tess", "He sent it at night.")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    school.people["tess"].fill_in(screen(school, "tess"), {"where": "@ollie9b", "source": "was_told"})
    await school.people["tess"].press(screen(school, "tess"), "report.back")
    assert screen(school, "tess").fields["kind"].value == "friend_request"
    await answer(school, "tess", concerns="parent")
    second = screen(school, "tess").fields
    assert second["what_happened"].value == "He sent it at night."
    assert second["where"].value == "@ollie9b"
    assert second["source"].value == "was_told"
    assert goes_to("Hana Hughes") in shown(school, "tess")


async def test_a_report_begun_and_closed_waits_and_can_be_thrown_away(school: World) -> None:
    await begin(school, "tess", "Something about a post.")
    await school.people["tess"].close(screen(school, "tess"))
    await school.people["tess"].command("/staffroom")
    await school.people["tess"].press(screen(school, "tess"), "report.resume")
    assert "You began this report at 10:20 and have not sent it" in shown(school, "tess")
    await school.people["tess"].press(screen(school, "tess"), "report.afresh")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert screen(school, "tess").fields["what_happened"].value in (None, "")


async def test_who_must_not_see_it_is_shown_above_send_and_the_dsl_is_never_switched_off(school: World) -> None:
    tess = school.people["tess"]
    await begin(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    ids = {one.label: one.value for one in await tess.suggest(screen(school, "tess"), "must_not_see", "")}
    await tess.choose(screen(school, "tess"), "must_not_see", [ids["Hana Hughes"], ids["Priya Shah"]])
    seen = shown(school, "tess")
    assert goes_to("David Dean and Priya Shah", but="Hana Hughes") in seen
    assert "Priya Shah may still see it, as DSL." in seen
    await answer(school, "tess", **DETAILS)
    await school.settle()
    assert asked(school) == {"david", "priya"}
    assert texts(school, "hana") == ""


async def test_somebody_alerted_first_and_left_out_afterwards_reads_what_a_hand_over_reads(school: World) -> None:
    tess = school.people["tess"]
    await begin(school, "tess")
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    await school.settle()
    ids = {one.label: one.value for one in await tess.suggest(screen(school, "tess"), "must_not_see", "")}
    await tess.choose(screen(school, "tess"), "must_not_see", [ids["Leo Lane"]])
    assert ": alerted Priya Shah and Leo Lane." in shown(school, "tess")
    assert goes_to("Priya Shah", but="Leo Lane") in shown(school, "tess")
    await answer(school, "tess", **DETAILS)
    await school.settle()
    left_out = texts(school, "leo")
    assert asked(school) == {"priya"}

    reference = school.reference("priya")
    await press(school, "priya", reference, "case.pass_on")
    await answer(school, "priya", why="too_close", words="")
    await school.settle()
    assert texts(school, "priya") == left_out
    assert "with someone else now. Nothing more for you to do." in left_out


async def test_a_form_sent_after_its_case_has_moved_on_gives_the_words_back(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "hana", reference)
    await press(school, "hana", reference, "case.record")
    school.write_people(PEOPLE.replace("headteacher,01632 960101", ",01632 960101", 1))
    await school.restart()
    sent = await answer(school, "hana", note="Rang the mother at noon.")
    assert sent.status == 200
    assert "isn't open to you" in shown(school, "hana")
    assert await school.people["hana"].quoted() == ["Rang the mother at noon."]


async def test_with_the_dsl_away_a_deputy_cannot_be_switched_off_either(tmp_path: Path, platform: Platform) -> None:
    on_leave = PEOPLE.replace("dsl,01632 960104,,", "dsl,01632 960104,2026-11-16,2026-11-20")
    school = await World.open(tmp_path, platform=platform, people=on_leave)
    try:
        tess = school.people["tess"]
        await begin(school, "tess")
        await answer(school, "tess", **A_CHILD_TOLD_ME)
        ids = {one.label: one.value for one in await tess.suggest(screen(school, "tess"), "must_not_see", "")}
        await tess.choose(screen(school, "tess"), "must_not_see", [ids["Leo Lane"]])
        assert "Leo Lane may still see it, as DSL." in shown(school, "tess")
        await answer(school, "tess", **DETAILS)
        await school.settle()
        assert asked(school) == {"leo"}
    finally:
        await school.close()


async def test_the_head_stays_left_out_when_they_stop_being_the_head(school: World) -> None:
    reference = await file(school, "tess", ABOUT_THE_HEAD)
    acting = PEOPLE.replace("headteacher,01632 960101", ",01632 960101", 1).replace(
        "deputy-headteacher;slt,01632 960102", "headteacher,01632 960102"
    )
    school.write_people(acting)
    await school.restart()
    await school.later(hours=5)
    assert texts(school, "hana") == texts(school, "david") == ""
    assert asked(school) == {"carol", "victor"}
    await take(school, "carol", reference)
