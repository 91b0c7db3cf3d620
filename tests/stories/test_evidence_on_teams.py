"""What only Teams has of files: they come in the chat."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Platform, World
from policy.evidence import FileState
from tests.stories.acting import press
from tests.stories.files import file_with, screenshot
from tests.stories.test_evidence import kept_of


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
