"""What only Teams has of files: they come in the chat."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Platform, World
from policy.evidence import FileState
from tests.stories.acting import answer, begin, press, shown
from tests.stories.files import file_with, screenshot
from tests.stories.test_evidence import IMAGERY, kept_of


@pytest.fixture
def platform() -> Platform:
    """This is about Teams."""
    return "teams"


def texts_of_chat(school: World, name: str) -> str:
    """Everything that stands in the person's chat on Teams, answers included."""
    return "\n".join(school.teams.visible_text(message) for message in school.on_teams(name).messages)


async def test_files_in_the_chat_wait_until_somebody_says_what_they_are_for(school: World) -> None:
    tess = school.people["tess"]
    await tess.send_files([screenshot()])
    assert "Type report-incident first" in texts_of_chat(school, "tess")
    reference = await file_with(school, "tess", [])
    await press(school, "tess", reference, "files.done")
    await tess.send_files([screenshot()])
    assert "Which report is this for?" in texts_of_chat(school, "tess")
    assert await kept_of(school, reference) == ()
    question = school.teams_people["tess"].person.messages[-1]
    [title] = [place.thing["title"] for place in question.places() if place.is_action and place.shown]
    await school.teams_people["tess"].person.press(question, title)
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.KEPT


async def say_which(school: World, name: str) -> str:
    """The person presses the first report that the newest message in their chat offers; what they read then."""
    question = school.on_teams(name).messages[-1]
    [title, *_] = [place.thing["title"] for place in question.places() if place.is_action and place.shown]
    done = await school.on_teams(name).press(question, title)
    await school.settle()
    return f"{done.toast} {done.card} {school.teams.visible_text(done.opened) if done.opened else ''}"


def downloads(school: World) -> list[str]:
    """What was asked for of files."""
    return [call.operation for call in school.teams.calls if call.operation in {"get_file", "get_attachment"}]


async def test_pictures_that_come_one_by_one_are_all_kept(school: World) -> None:
    reference = await file_with(school, "tess", [])
    await press(school, "tess", reference, "files.done")
    for colour in ("red", "green", "blue"):
        await school.people["tess"].send_files([screenshot(f"{colour}.png", colour)])
    assert "Which report are these 3 files for?" in texts_of_chat(school, "tess")
    await say_which(school, "tess")
    assert [file.state for file in await kept_of(school, reference)] == [FileState.KEPT] * 3


@pytest.mark.parametrize("pasted", [False, True])
async def test_files_sent_despite_the_warning_are_ids_and_places_for_the_dsl(school: World, pasted: bool) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **IMAGERY)
    await answer(school, "tess", what_happened="A picture went round.", source="was_told")
    await school.settle()
    reference = school.reference("tess")
    rung = len(school.people["priya"].notifications)
    assert rung > 0
    await school.people["tess"].send_files([screenshot()], pasted=pasted)
    told = await say_which(school, "tess")
    [file] = await kept_of(school, reference)
    assert (file.state, downloads(school)) == (FileState.HELD, [])
    assert "Find the DSL" in told
    await school.people["tess"].send_files([screenshot("again.png", "red")], pasted=pasted)
    await say_which(school, "tess")
    assert len(await kept_of(school, reference)) == 2
    assert downloads(school) == []
    await press(school, "priya", reference, "case.open")
    assert "never fetched; it is at" in shown(school, "priya")


async def test_a_question_that_somebody_else_answers_fetches_nothing(school: World) -> None:
    reference = await file_with(school, "tess", [])
    other = await file_with(school, "carl", [])
    await press(school, "tess", reference, "files.done")
    await press(school, "carl", other, "files.done")
    await school.people["carl"].send_files([screenshot()])
    async with school.running.database.reading() as uow:
        case = await uow.case_by_reference(reference)
    assert case is not None
    question = school.on_teams("carl").messages[-1]
    [(title, data)] = [
        (place.thing["title"], place.thing["data"]) for place in question.places() if place.is_action and place.shown
    ]
    forged = {**data, "token": f"{case.id}:{case.turn}"}
    await school.on_teams("carl").press(question, title, data=forged)
    await school.settle()
    assert await kept_of(school, reference) == ()
    assert await kept_of(school, other) == ()
    assert downloads(school) == []


async def test_a_button_pressed_twice_keeps_each_file_once(school: World) -> None:
    reference = await file_with(school, "tess", [])
    await press(school, "tess", reference, "files.done")
    await school.people["tess"].send_files([screenshot()])
    question = school.on_teams("tess").messages[-1].snapshot()
    await say_which(school, "tess")
    [title] = [place.thing["title"] for place in question.places() if place.is_action and place.shown]
    await school.on_teams("tess").press(question, title)
    await school.settle()
    assert len(await kept_of(school, reference)) == 1


async def test_after_a_yes_nothing_goes_to_the_report_that_was_sent_files_for_before(school: World) -> None:
    other = await file_with(school, "tess", [screenshot()])
    before = len(downloads(school))
    await school.people["tess"].close()
    await begin(school, "tess")
    await answer(school, "tess", **IMAGERY)
    await school.people["tess"].send_files([screenshot("no.png", "black")])
    assert "If it may be imagery of someone under 18, choose" in texts_of_chat(school, "tess")
    assert "Find the DSL" in await say_which(school, "tess")
    assert len(await kept_of(school, other)) == 1
    [file] = await kept_of(school, school.reference("tess"))
    assert file.state is FileState.HELD
    assert len(downloads(school)) == before
