"""A report reaches the right person, and stays with them until it is done."""

from __future__ import annotations

from bot.sandbox.world import World
from tests.stories.acting import (
    A_CHILD_TOLD_ME,
    ABOUT_THE_HEAD,
    PUPIL_FOLLOWED_ME,
    answer,
    asked,
    begin,
    card,
    everything_seen,
    file,
    finish,
    goes_to,
    press,
    rings,
    screen,
    shown,
    take,
    texts,
)


async def test_a_follow_request_goes_to_the_head_and_the_dsl_who_see_nothing_but_a_reference(school: World) -> None:
    await begin(school, "tess")
    assert "Danger now? Call 999 first." in shown(school, "tess")
    assert "Priya Shah, 01632 960104" in shown(school, "tess")
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert goes_to("Hana Hughes and Priya Shah") in shown(school, "tess")
    assert asked(school) == set()

    await answer(school, "tess", what_happened="Ollie in 9B asked to follow me on Instagram.", source="saw_it")
    assert "received 10:20. Sent to Hana Hughes and Priya Shah." in shown(school, "tess")
    await school.settle()

    assert asked(school) == {"hana", "priya"}
    assert school.people["hana"].notifications == ["Staffroom needs you"]
    for name in ("hana", "priya"):
        for word in ("Ollie", "9B", "Instagram", "Tess", "friend", "follow", "S3"):
            assert word not in texts(school, name)
    receipt = texts(school, "tess")
    assert "Sent to Hana Hughes and Priya Shah" in receipt
    assert "Astor 5.14, 6.3" in receipt
    assert "Priya Shah, 01632 960104" in receipt
    assert "Ollie" not in receipt


async def test_taking_it_opens_the_details_and_every_card_says_who_has_it(school: World) -> None:
    reference = await file(school, "tess", what_happened="Ollie in 9B asked to follow me.")
    school.clock.move_to(school.clock.now().replace(minute=31))

    await take(school, "priya", reference)

    assert "Ollie in 9B asked to follow me." in shown(school, "priya")
    assert "Tess Turner" in shown(school, "priya")
    assert "You have had it since 10:31" in texts(school, "priya")
    assert "Priya Shah has had it since 10:31" in texts(school, "hana")
    assert "case.take" not in card(school, "hana", reference).buttons
    assert "Picked up by Priya Shah, 10:31" in texts(school, "tess")
    assert asked(school) == set()


async def test_two_people_take_it_at_once_and_one_of_them_has_it(school: World) -> None:
    reference = await file(school, "tess")
    hers, theirs = card(school, "hana", reference).snapshot(), card(school, "priya", reference).snapshot()

    await school.people["hana"].press(hers, "case.take")
    await school.people["priya"].press(theirs, "case.take")

    assert "Hana Hughes has" in shown(school, "priya")
    assert "Nothing was changed" in shown(school, "priya")
    await school.settle()
    assert "You have had it" in texts(school, "hana")
    assert "Hana Hughes has had it" in texts(school, "priya")


async def test_the_whole_of_a_case(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "hana", reference)
    await press(school, "hana", reference, "case.record")
    await answer(school, "hana", note="Spoke to Ollie's mother.")
    await school.settle()

    await press(school, "tess", reference, "report.add")
    await answer(school, "tess", text="It happened again on Sunday.")
    await school.settle()
    assert "The reporter added something at 10:20" in texts(school, "hana")

    await press(school, "tess", reference, "report.correct")
    await answer(school, "tess", which="correct", text="It was 9C, not 9B.")
    await press(school, "tess", reference, "report.correct")
    await answer(school, "tess", which="withdraw", text="It was a misunderstanding.")
    await press(school, "tess", reference, "report.support")
    await answer(school, "tess")
    await school.settle()
    assert "The reporter asks to withdraw it" in texts(school, "hana")

    await press(school, "hana", reference, "case.open")
    seen = shown(school, "hana")
    for line in (
        "Spoke to Ollie's mother.",
        "It happened again on Sunday.",
        "It was 9C, not 9B.",
        "would like support",
    ):
        assert line in seen

    await finish(school, "hana", reference, note="Agreed with the family.")
    assert "Finished by Hana Hughes" in texts(school, "tess")
    assert "Agreed with the family." not in texts(school, "tess")
    assert "Finished by Hana Hughes" in texts(school, "priya")


async def test_an_urgent_answer_alerts_when_the_first_screen_is_sent(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **A_CHILD_TOLD_ME)
    await school.settle()

    assert asked(school) == {"priya", "leo"}
    assert ": alerted Priya Shah" in shown(school, "tess")
    assert "You have not said yet what happened" in texts(school, "tess")
    rung = rings(school, "priya")

    await answer(school, "tess", what_happened="He said he is afraid to go home.", source="was_told")
    await school.settle()
    assert rings(school, "priya") == rung
    assert "You have not said yet" not in texts(school, "tess")
    priya = school.cards("priya")
    assert len(priya) == 1
    await school.people["priya"].press(priya[0], "case.open")
    assert "He said he is afraid to go home." in shown(school, "priya")


async def test_imagery_goes_to_the_dsl_and_nobody_is_asked_for_a_picture(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", kind="something_else", concerns="dont_know", danger="no", imagery="yes")
    guidance = shown(school, "tess")
    assert "Stop. Don't send it here." in guidance
    assert "Priya Shah, 01632 960104" in guidance
    assert all(field.kind != "file_input" for field in screen(school, "tess").fields.values())
    await school.settle()
    assert asked(school) == {"priya", "leo"}


async def test_a_report_about_the_head_goes_to_the_chair_and_the_head_learns_nothing(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **ABOUT_THE_HEAD)
    assert goes_to("Carol Chambers", but="Hana Hughes") in shown(school, "tess")
    await answer(school, "tess", what_happened="She posted about a pupil's family.", source="saw_it")
    await school.settle()
    assert asked(school) == {"carol"}

    await school.later(hours=5)
    assert everything_seen(school, "hana") == ""
    assert everything_seen(school, "david") == ""
    assert everything_seen(school, "sam") == ""

    await school.people["hana"].command("/staffroom")
    assert "Nothing waits for you" in shown(school, "hana")


async def test_a_report_about_a_colleague_goes_to_the_head_and_is_kept_from_them(school: World) -> None:
    await begin(school, "tess")
    view = screen(school, "tess")
    offered = await school.people["tess"].suggest(view, "colleague", "carl")
    carl = next(option.value for option in offered if option.label == "Carl Cole")
    await answer(school, "tess", kind="hurtful_posts", concerns="colleague", colleague=carl, danger="no", imagery="no")
    assert goes_to("Hana Hughes", but="Carl Cole") in shown(school, "tess")
    await answer(school, "tess", what_happened="He mocked a pupil in a public post.", source="saw_it")
    await school.settle()
    await school.later(hours=6)
    assert "hana" in asked(school)
    assert everything_seen(school, "carl") == ""
    assert everything_seen(school, "priya") == ""


async def test_passing_it_on_asks_the_next_and_being_too_close_ends_reading(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.pass_on")
    await answer(school, "priya", why="too_close", words="He is my nephew.")
    await school.settle()

    assert "with someone else now. Nothing more for you to do." in texts(school, "priya")
    assert card(school, "priya", reference).buttons == {}
    assert asked(school) == {"hana", "leo"}
    assert "We'll say when it's picked up" in texts(school, "tess")


async def test_staffroom_shows_what_waits_and_how_ones_reports_stand(school: World) -> None:
    reference = await file(school, "tess")
    await school.people["tess"].command("/staffroom")
    assert reference in shown(school, "tess")
    assert "Seen or been told about something on social media that worries you?" in shown(school, "tess")

    await school.people["hana"].command("/staffroom")
    assert f"{reference}: reply by" in shown(school, "hana")
    await school.people["hana"].press(screen(school, "hana"), "case.take")
    await school.settle()
    assert "You have had it since" in texts(school, "hana")


async def test_a_name_shared_only_with_whoever_takes_it(school: World) -> None:
    reference = await file(school, "tess", hide_name=True)
    await press(school, "hana", reference, "case.open")
    assert "Tess Turner" not in shown(school, "hana")
    await take(school, "priya", reference)
    assert "Tess Turner" in shown(school, "priya")
