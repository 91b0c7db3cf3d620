"""Microsoft's own library reads every view, and draws it in a real browser; it has nothing to say against any."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.teams.render import Json
from tests.cards.browser import Browser, Theme, open_browser
from tests.cards.gallery import Shown
from tests.cards.outside import NotHere, packages

KNOWN = "validate: An Input.ChoiceSet must have at least one choice defined."
"""Said of the pickers, whose choices come as a name is typed: the library does not know that they may."""
LABEL = 45
"""Characters of a button that a phone can show; ours are far shorter."""
PHONE = 360
"""Pixels of a narrow phone."""


def read(cards: Sequence[Json]) -> list[list[str]]:
    """What the library says against each card, where there is Node."""
    try:
        library = packages() / "adaptivecards/dist/adaptivecards.min.js"
    except NotHere as error:
        pytest.skip(str(error))
    command = ("node", str(Path(__file__).with_name("read.cjs")), str(library))
    done = subprocess.run(command, input=json.dumps(cards), capture_output=True, text=True, timeout=60, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_the_library_reads_every_view(shown: list[Shown]) -> None:
    said = read([one.card for one in shown])
    assert len(said) == len(shown)
    for one, problems in zip(shown, said, strict=True):
        assert [problem for problem in problems if problem != KNOWN] == [], one.name


def test_what_the_library_says_is_heard() -> None:
    twice = {"type": "Input.Text", "id": "one"}
    unknown = {"type": "Nonsense"}
    bodies = ([twice] * 2, [unknown])
    first, second = read([{"type": "AdaptiveCard", "version": "1.5", "body": body} for body in bodies])
    assert any("Duplicate" in problem for problem in first)
    assert any("Nonsense" in problem for problem in second)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    try:
        async with open_browser() as opened:
            yield opened
    except NotHere as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_library_draws_every_view(browser: Browser, shown: list[Shown], theme: Theme) -> None:
    await browser.stage(theme)
    for one in shown:
        drawn = await browser.render(one.card, one.title, PHONE)
        assert [found for found in drawn.problems if found != KNOWN] == [], one.name
        assert drawn.live == [], f"{one.name}: what people type must do nothing"
        assert drawn.too_wide == [], f"{one.name} does not fit on a phone"
        assert [label for label in drawn.cut if len(label) < LABEL] == [], f"{one.name}: a button cannot be read"
        assert drawn.text.strip()


async def test_what_is_wrong_on_the_page_is_seen(browser: Browser) -> None:
    await browser.stage("light")
    drawn = await browser.render({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "Nonsense"}]})
    assert any("Nonsense" in problem for problem in drawn.problems)
    picture = {"type": "Image", "url": "data:image/gif;base64,R0lGODlhAQABAAAAACw="}
    columns = {"type": "ColumnSet", "columns": [{"type": "Column", "width": "400px", "items": [picture]}] * 2}
    labels = ["Add to the chronology", "Finish", "I shouldn't handle this"]
    row = {"type": "ActionSet", "actions": [{"type": "Action.Submit", "title": label} for label in labels]}
    drawn = await browser.render({"type": "AdaptiveCard", "version": "1.5", "body": [columns, row]}, width=PHONE)
    assert drawn.live
    assert drawn.too_wide
    assert "Finish" in drawn.cut
