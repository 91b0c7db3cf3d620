"""What only Slack has of files: forms that carry them."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Platform, World
from policy.evidence import FileState
from tests.stories.acting import answer, begin, press, screen, shown, take
from tests.stories.files import screenshot
from tests.stories.test_evidence import IMAGERY, kept_of, receipt


@pytest.fixture
def platform() -> Platform:
    """This is about Slack."""
    return "slack"


async def test_a_forged_form_with_files_fetches_nothing_after_the_imagery_answer(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", kind="hurtful_posts", concerns="pupil", danger="no", imagery="no")
    await school.people["tess"].attach(screen(school, "tess"), "files", [screenshot()])
    await school.people["tess"].press(screen(school, "tess"), "report.back")
    await answer(school, "tess", **IMAGERY)
    calls = len(school.slack.calls)
    await answer(school, "tess", what_happened="A picture went round.", source="was_told")
    await school.settle()
    reference = school.reference("tess")
    [file] = await kept_of(school, reference)
    assert file.state is FileState.HELD
    assert not [call for call in list(school.slack.calls)[calls:] if "file" in call.method]
    assert "not fetched" in receipt(school, reference)
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.open")
    assert "never fetched" in shown(school, "priya")
    assert "See the evidence" not in shown(school, "priya")
